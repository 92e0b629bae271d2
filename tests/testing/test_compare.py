from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination import MISSING
from destination.testing.compare import differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("expected", "found", "told"),
    [
        ({}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": None}, {}, ["/a: expected null, found nothing"]),
        (True, 1, ["/: expected true, found 1"]),
        (1, True, ["/: expected 1, found true"]),
        (0, False, ["/: expected 0, found false"]),
        ([1], [1, 2], ["/1: expected nothing, found 2"]),
        ([1, 2], [1], ["/1: expected 2, found nothing"]),
        ([{"a": 1}], [{"a": 1, "b": 2}], []),
        ({"a": 1}, [1], ['/: expected {"a":1}, found [1]']),
        ({"a/b": {"c~d": 1}}, {"a/b": {"c~d": 2}}, ["/a~1b/c~0d: expected 1, found 2"]),
        ({"exactly": {"a": 1}}, {"a": 1}, []),
        ({"exactly": {"a": 1}}, {"a": 1, "b": 2}, ["/b: expected nothing, found 2"]),
        ({"exactly": {"absent": True}}, {"absent": True}, []),
        ({"exactly": {"exactly": 1}}, {"exactly": 1}, []),
        ({"a": {"absent": True}}, {}, []),
        ({"a": {"absent": True}}, {"a": None}, ["/a: expected nothing, found null"]),
        ({"exactly": [], "more": 1}, {"exactly": [], "more": 1}, []),
        ({"a": ANY, "b": ANY}, {"a": True, "b": {}}, []),
        ("a" * 400, "b", [f'/: expected "{"a" * 299}… (402 characters), found "b"']),
    ],
)
def test_differences_are_told_by_path(expected: Any, found: Any, told: list[str]) -> None:
    assert [str(one) for one in differences(expected, found)] == told


@given(JSON)
def test_a_value_is_itself_as_a_whole(value: Any) -> None:
    assert differences(value, value, whole=True) == []
    assert differences({"exactly": value}, value) == []


@given(JSON, JSON)
def test_values_that_are_not_equal_differ_as_wholes(one: Any, other: Any) -> None:
    same = repr(one) == repr(other) or (one == other and not differences(one, other, whole=True))
    assert bool(differences(one, other, whole=True)) == (not same)


@given(JSON)
def test_nothing_is_no_value(value: Any) -> None:
    assert differences({"exactly": value}, MISSING) != []
