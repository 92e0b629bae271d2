import json
from typing import Any

import pytest

from destination.values import (
    MISSING,
    get_property,
    is_index,
    ordered,
    ordered_items,
    ordered_keys,
    read_json,
    spread,
    stringify,
)
from tests.values.recorded import VALUES


def test_properties_are_those_of_node() -> None:
    for value, key, expected in VALUES["properties"]:
        found = get_property(json.loads(value), key)
        assert (found is MISSING) == (expected is None), (value, key)
        if expected is not None:
            assert stringify(found) == expected


@pytest.mark.parametrize("key", ["0", "7", "10", "4294967294"])
def test_index_keys(key: str) -> None:
    assert is_index(key)


@pytest.mark.parametrize(
    "key", ["", "00", "01", "-1", "1.0", "1e3", "4294967295", "99999999999", "\u0661", "\u00b2", "a"]
)
def test_what_is_no_index(key: str) -> None:
    assert not is_index(key)


def test_index_keys_come_first_in_ascending_order() -> None:
    value = {"b": 1, "10": 2, "01": 3, "9": 4, "a": 5}
    assert list(ordered_keys(value)) == ["9", "10", "b", "01", "a"]
    assert list(ordered_items(value)) == [("9", 4), ("10", 2), ("b", 1), ("01", 3), ("a", 5)]


def test_other_keys_keep_their_order() -> None:
    value = {"b": 1, "a": 2, "\u00b2": 3}
    assert list(ordered_keys(value)) == ["b", "a", "\u00b2"]
    assert list(ordered_items(value)) == [("b", 1), ("a", 2), ("\u00b2", 3)]


def test_ordered_orders_at_every_depth_and_leaves_the_value_alone() -> None:
    inner = {"z": [{"2": 1, "1": 2}], "1": 3}
    value = {"b": inner, "0": MISSING}
    found = ordered(value)
    assert list(found) == ["0", "b"]
    assert list(found["b"]) == ["1", "z"]
    assert list(found["b"]["z"][0]) == ["1", "2"]
    assert list(value) == ["b", "0"]
    assert list(inner) == ["z", "1"]
    assert ordered(5) == 5


def test_ordered_goes_to_any_depth() -> None:
    value: Any = {"1": 1}
    for _ in range(5000):
        value = [{"a": value}]
    found = ordered(value)
    for _ in range(5000):
        found = found[0]["a"]
    assert found == {"1": 1}


def test_length_and_index_of_lists_and_strings() -> None:
    assert get_property(["a", "b"], "length") == 2
    assert get_property(["a", "b"], "1") == "b"
    assert get_property(["a", "b"], "2") is MISSING
    assert get_property(["a", "b"], "01") is MISSING
    assert get_property("x\U0001f389", "length") == 3
    assert get_property("x\U0001f389", "1") == "\ud83c"
    assert get_property("x\U0001f389", "3") is MISSING
    assert get_property("x", "y") is MISSING


def test_an_object_has_its_own_length_only() -> None:
    assert get_property({"a": 1}, "length") is MISSING
    assert get_property({"length": 7}, "length") == 7


@pytest.mark.parametrize("value", [None, MISSING, True, 5, 1.5])
def test_scalars_have_no_properties(value: object) -> None:
    assert get_property(value, "length") is MISSING


@pytest.mark.parametrize("key", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_inherited_properties_are_missing(key: str) -> None:
    assert get_property({}, key) is MISSING
    assert get_property({key: 1}, key) == 1


def test_proto_is_a_key_like_any_other_in_json() -> None:
    assert read_json('{"__proto__": {"a": 1}}') == {"__proto__": {"a": 1}}


def test_spread_copies_and_numbers() -> None:
    value = {"a": [1]}
    found = spread(value)
    assert found == value
    assert found is not value
    assert spread("x\U0001f389") == {"0": "x", "1": "\ud83c", "2": "\udf89"}
    assert spread([5, None]) == {"0": 5, "1": None}
    assert spread(None) == spread(True) == spread(7) == spread(MISSING) == {}
