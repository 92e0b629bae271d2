"""Putting values into events and taking them away."""

from typing import Any

import pytest

from destination.mapping import compile_mapping
from destination.mapping.paths import join_path
from destination.testing.suite.draft import put, remove


@pytest.mark.parametrize(
    ("event", "keys", "result"),
    [
        ({}, ("event",), {"event": 1}),
        ({"a": {"b": 2}}, ("a", "c"), {"a": {"b": 2, "c": 1}}),
        ({"a": None}, ("a", "b"), {"a": {"b": 1}}),
        ({}, ("list", "1", "sku"), {"list": [None, {"sku": 1}]}),
        ({"list": ["x"]}, ("list", "0"), {"list": [1]}),
        ({"list": {"0": "x"}}, ("list", "0"), {"list": {"0": 1}}),
    ],
)
def test_a_value_is_put_where_the_path_finds_it(event: dict[str, Any], keys: tuple[str, ...], result: Any) -> None:
    assert put(event, keys, 1)
    assert event == result
    assert compile_mapping({"v": {"@path": join_path(keys)}})(event) == {"v": 1}


@pytest.mark.parametrize(
    ("event", "keys"),
    [
        ({"a": "text"}, ("a", "b")),
        ({"a": [1]}, ("a", "length")),
        ({"a": 5}, ("a", "b", "c")),
        ({}, ("a", "b", "900", "c", "__proto__")),
        ({"a": {"x": "text"}}, ("a", "x", "0", "length")),
        ({"list": []}, ("list", "1000")),
        ({}, ()),
    ],
)
def test_where_no_value_can_stand_nothing_changes(event: dict[str, Any], keys: tuple[str, ...]) -> None:
    before = repr(event)
    assert not put(event, keys, 1)
    assert repr(event) == before


@pytest.mark.parametrize(
    ("event", "keys", "result"),
    [
        ({"a": {"b": 1, "c": 2}}, ("a", "b"), {"a": {"c": 2}}),
        ({"a": [1, 2]}, ("a", "0"), {"a": [None, 2]}),
        ({"a": [1]}, ("a", "5"), {"a": [1]}),
        ({"a": "text"}, ("a", "length"), {"a": "text"}),
        ({}, ("a", "b", "c"), {}),
    ],
)
def test_what_is_taken_away_leaves_the_rest(event: dict[str, Any], keys: tuple[str, ...], result: Any) -> None:
    remove(event, keys)
    assert event == result
