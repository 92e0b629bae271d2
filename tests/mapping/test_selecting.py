"""`@path`, `@arrayPath`, `@literal`: recorded from Segment's runtime."""

from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping import transform
from destination.values import MISSING


def value(directive: Any, event: dict[str, Any]) -> Any:
    """What a directive gives; MISSING when its key is left out."""
    return transform({"v": directive}, event).get("v", MISSING)


def test_only_the_first_dollar_dot_goes() -> None:
    assert value({"@path": "x$.p"}, {"xp": 1}) == 1
    assert value({"@path": "$.$.a"}, {"$": {"a": 2}}) == 2


def test_a_path_may_be_a_directive() -> None:
    event = {"which": "b", "b": 7}
    assert value({"@path": {"@path": "$.which"}}, event) == 7
    assert value({"@path": {"@literal": "$.b"}}, event) == 7
    assert value({"@path": {"@template": "$.{{which}}"}}, event) == 7


@pytest.mark.parametrize(
    ("found", "kind"), [(None, "null"), (5, "number"), ([], "array"), ({}, "object"), (True, "boolean")]
)
def test_a_path_that_is_no_string_fails(found: Any, kind: str) -> None:
    with pytest.raises(MappingError, match=f"^@path: expected string, got {kind}$") as caught:
        transform({"v": {"@path": {"@path": "$.p"}}}, {"p": found})
    assert (caught.value.directive, caught.value.path) == ("@path", ("v", "@path"))


def test_a_path_that_is_undefined_fails() -> None:
    with pytest.raises(MappingError, match=r"^@path: expected string, got undefined$"):
        transform({"v": {"@path": {"@path": "$.p"}}}, {})


def test_directives_in_a_literal_are_live() -> None:
    assert value({"@literal": {"a": {"@path": "$.x"}, "b": [1, {"@path": "$.x"}]}}, {"x": 5}) == {"a": 5, "b": [1, 5]}


@pytest.mark.parametrize("literal", [None, 0, "", False, [], {}, "x", 1.5, [None]])
def test_a_literal_is_any_json(literal: Any) -> None:
    assert value({"@literal": literal}, {}) == literal


SHAPE = {"i": {"@path": "$.a"}}


def test_array_path_shapes_each_item() -> None:
    assert value({"@arrayPath": ["$.l", SHAPE]}, {"l": [{"a": 1}, {"b": 2}]}) == [{"i": 1}, {}]


def test_array_path_wraps_an_object() -> None:
    assert value({"@arrayPath": ["$.l", SHAPE]}, {"l": {"a": 1}}) == [{"i": 1}]


@pytest.mark.parametrize("shape", [{}, [], [SHAPE], 5, None, "x"])
def test_array_path_with_an_empty_shape(shape: Any) -> None:
    event = {"l": [{"a": 1}], "o": {"a": 2}}
    assert value({"@arrayPath": ["$.l", shape]}, event) == [{"a": 1}]
    assert value({"@arrayPath": ["$.o", shape]}, event) == {"a": 2}


def test_array_path_without_a_shape() -> None:
    assert value({"@arrayPath": ["$.l"]}, {"l": [1, {"a": 2}]}) == [1, {"a": 2}]


@pytest.mark.parametrize("root", ["text", 5, None, True])
def test_array_path_gives_a_root_that_is_no_list_as_it_is(root: Any) -> None:
    assert value({"@arrayPath": ["$.l", SHAPE]}, {"l": root}) == root


def test_array_path_of_nothing_is_nothing() -> None:
    assert value({"@arrayPath": ["$.l", SHAPE]}, {}) is MISSING


def test_array_path_items_that_are_no_objects() -> None:
    # recorded: a path read from null gives null, from a string undefined
    assert value({"@arrayPath": ["$.l", SHAPE]}, {"l": [None, "s", 5, 0, [7]]}) == [{"i": None}, {}, {}, {"i": 0}, {}]


def test_array_path_takes_a_directive_as_root_and_as_shape() -> None:
    event = {"l": {"@literal": 1}, "k": [{"a": 1}, {"a": 2}]}
    assert value({"@arrayPath": [{"@path": "$.k"}, {"@path": "$.a"}]}, event) == [1, 2]
    assert value({"@arrayPath": [{"@literal": [{"a": 3}]}, {"@path": "$.a"}]}, event) == [3]


def test_the_event_is_out_of_reach_inside_a_shape() -> None:
    assert value({"@arrayPath": ["$.l", {"u": {"@path": "$.userId"}}]}, {"userId": "u", "l": [{}]}) == [{}]


def test_undefined_items_of_a_shape_stay_in_the_list() -> None:
    found = value({"@arrayPath": ["$.l", {"@path": "$.a"}]}, {"l": [{"a": 1}, {}]})
    assert found == [1, MISSING]


def test_array_path_that_is_no_list_fails_where_validation_does_not_look() -> None:
    with pytest.raises(MappingError, match=r"^@arrayPath expected array, got string$"):
        transform({"v": [{"@arrayPath": "$.l"}]}, {})
    with pytest.raises(MappingError, match=r"^@path: expected string, got number$"):
        transform({"v": [{"@path": 5}]}, {})


def test_an_empty_array_path_in_a_list_resolves_to_nothing() -> None:
    assert transform({"v": [{"@arrayPath": []}]}, {}) == {"v": [MISSING]}
