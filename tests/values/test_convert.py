import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values import (
    MISSING,
    add,
    compare,
    deep_equals,
    equals_blank,
    is_number,
    join_array,
    real_type_of,
    strict_equals,
    to_number,
    to_string,
    truthy,
    type_of,
)
from tests.values.recorded import VALUES, same_number

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_values_convert_as_in_node() -> None:
    for text, expected in VALUES["values"]:
        value = json.loads(text)
        assert to_string(value) == expected["string"], text
        assert equals_blank(value) is expected["blank"], text
        assert truthy(value) is expected["truthy"], text
        assert type_of(value) == expected["type"], text
        assert same_number(to_number(value), float(expected["number"])), text


def test_pairs_add_and_compare_as_in_node() -> None:
    for one, other, expected in VALUES["pairs"]:
        left, right = json.loads(one), json.loads(other)
        total, order = add(left, right), compare(left, right)
        if isinstance(expected["sum"], str):
            assert total == expected["sum"], (one, other)
        else:
            assert same_number(total, float(expected["sum"]["number"])), (one, other)
        assert (order < 0, order > 0) == (expected["below"], expected["above"]), (one, other)
        assert strict_equals(left, right) is expected["identical"], (one, other)


@pytest.mark.parametrize(
    ("value", "kind", "real"),
    [
        (MISSING, "undefined", "undefined"),
        (None, "object", "null"),
        (True, "boolean", "boolean"),
        (1, "number", "number"),
        (math.nan, "number", "number"),
        ("", "string", "string"),
        ([], "object", "array"),
        ({}, "object", "object"),
        (object(), "object", "object"),
    ],
)
def test_types(value: object, kind: str, real: str) -> None:
    assert type_of(value) == kind
    assert real_type_of(value) == real


def test_a_bool_is_no_number() -> None:
    assert is_number(1)
    assert is_number(1.5)
    assert not is_number(True)
    assert not is_number("1")


@pytest.mark.parametrize("value", [MISSING, None, False, 0, -0.0, math.nan, ""])
def test_falsy(value: object) -> None:
    assert truthy(value) is False


@pytest.mark.parametrize("value", [True, 1, -1, 0.1, math.inf, "0", " ", "false", [], {}, [0]])
def test_truthy(value: object) -> None:
    assert truthy(value) is True


@pytest.mark.parametrize("value", ["", 0, -0.0, False, [], [""], [[]], [[[]]], [None], [[None]]])
def test_equal_to_blank(value: object) -> None:
    assert equals_blank(value) is True


@pytest.mark.parametrize("value", [" ", "0", 1, True, [0], [[], []], {}, None, MISSING, math.nan])
def test_not_equal_to_blank(value: object) -> None:
    assert equals_blank(value) is False


def test_lists_print_their_items_with_commas() -> None:
    assert to_string([1, [2, [3, []], None], {}, "x", True, MISSING]) == "1,2,3,,,[object Object],x,true,"
    assert to_string([]) == ""
    assert to_string([[], []]) == ","
    assert to_string(["\ud83c", 1]) == "\ud83c,1"


def test_join_uses_the_separator_at_the_top_only() -> None:
    assert join_array([1, [2, 3], None], " - ") == "1 - 2,3 - "
    assert join_array(["\ud83c", "\udf89"], "") == "\U0001f389"


def test_lists_of_any_depth_become_text() -> None:
    value: Any = ["x"]
    for _ in range(5000):
        value = [value, 1]
    assert to_string(value) == "x" + ",1" * 5000
    assert math.isnan(to_number(value))
    assert equals_blank(value) is False


def test_scalars_become_text() -> None:
    values: list[Any] = ["a", True, False, None, MISSING, 1.0, {}]
    assert list(map(to_string, values)) == ["a", "true", "false", "null", "undefined", "1", "[object Object]"]


def test_bools_are_identical_to_themselves_only() -> None:
    assert strict_equals(True, True)
    assert not strict_equals(True, 1)
    assert not strict_equals(0, False)


def test_missing_is_identical_to_itself_only() -> None:
    assert strict_equals(MISSING, MISSING)
    assert not strict_equals(MISSING, None)
    assert not strict_equals(None, MISSING)
    assert strict_equals(None, None)


def test_lists_and_objects_are_identical_by_identity() -> None:
    value: list[int] = []
    assert strict_equals(value, value)
    assert not strict_equals(value, [])
    assert not strict_equals({}, {})
    assert not strict_equals("", [])


def test_nan_is_identical_to_nothing() -> None:
    assert not strict_equals(math.nan, math.nan)


def test_deep_equality_tells_bools_from_numbers() -> None:
    assert deep_equals({"a": [1, None, "x"], "b": {}}, {"b": {}, "a": [1.0, None, "x"]})
    assert not deep_equals({"a": True}, {"a": 1})
    assert not deep_equals({"a": 1}, {"b": 1})
    assert not deep_equals({"a": 1}, ["a"])
    assert not deep_equals([1], [1, 2])
    assert not deep_equals([1], {"0": 1})
    assert not deep_equals("1", 1)
    assert deep_equals([math.nan], [math.nan])
    assert not deep_equals([math.nan], [0])


@given(JSON_VALUES)
def test_a_value_deeply_equals_its_copy(value: Any) -> None:
    assert deep_equals(value, json.loads(json.dumps(value)))


def test_numbers_of_values() -> None:
    values: list[Any] = [None, True, False, 7, "0x10", "", [], [5], ["0b1"]]
    assert list(map(to_number, values)) == [0, 1, 0, 7, 16, 0, 0, 5, 1]
    no_numbers: list[Any] = [MISSING, {}, [1, 2], "x"]
    assert all(math.isnan(to_number(value)) for value in no_numbers)
    assert to_number(2**53 + 1) == 2**53


def test_addition_joins_where_one_side_is_text() -> None:
    assert add("5", 1000) == "51000"
    assert add(1, "x") == "1x"
    assert add([1, 2], 3) == "1,23"
    assert add({}, None) == "[object Object]null"
    assert add("\ud83c", "\udf89") == "\U0001f389"


def test_addition_of_numbers() -> None:
    assert add(None, 3) == 3
    assert add(True, True) == 2
    assert math.isnan(add(MISSING, 1))
    assert add(2**53 - 1, 2) == 2**53
    assert add(math.inf, 1) == math.inf


def test_texts_compare_by_code_units() -> None:
    assert compare("\U0001f389", "\uffff") < 0
    assert compare("\U0001f389", "\U0001f389") == 0
    assert compare("b", "a") > 0
    assert compare("10", "9") < 0
    assert compare("", "\U0001f389") < 0


def test_other_pairs_compare_as_numbers() -> None:
    assert compare("10", 9) > 0
    assert compare([2], "10") > 0
    assert compare("10", [2]) < 0
    assert compare(None, 0) == 0
    assert math.isnan(compare("x", 1))
    assert math.isnan(compare(1, MISSING))


@given(JSON_VALUES)
def test_any_value_has_text_number_truth(value: Any) -> None:
    assert isinstance(to_string(value), str)
    assert is_number(to_number(value))
    assert truthy(value) in (True, False)
    assert isinstance(equals_blank(value), bool)
