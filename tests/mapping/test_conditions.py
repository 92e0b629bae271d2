"""`@if` and `@excludeWhenNull`: recorded from Segment's runtime."""

from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping import transform
from destination.values import MISSING


def value(directive: Any, event: dict[str, Any]) -> Any:
    return transform({"v": directive}, event).get("v", MISSING)


def branch(key: str, found: Any) -> Any:
    options = {key: {"@path": "$.a"}, "then": "then", "else": "else"}
    return value({"@if": options}, {} if found is MISSING else {"a": found})


@pytest.mark.parametrize("found", [0, "", False, [], {}, "x", 5, True])
def test_whatever_is_not_null_exists(found: Any) -> None:
    assert branch("exists", found) == "then"


@pytest.mark.parametrize("found", [None, MISSING])
def test_null_and_undefined_do_not_exist(found: Any) -> None:
    assert branch("exists", found) == "else"
    assert branch("blank", found) == "else"


@pytest.mark.parametrize("found", [0, 0.0, False, "", [], [""], [[]], [None], [[None]]])
def test_blank_is_javascripts_loose_equality(found: Any) -> None:
    assert branch("blank", found) == "else"


@pytest.mark.parametrize("found", [" ", [0], [" "], {}, 1, True, "0", [None, None]])
def test_what_is_not_blank(found: Any) -> None:
    assert branch("blank", found) == "then"


@pytest.mark.parametrize("falsy", ["", 0, False, None])
def test_falsy_else_is_dropped(falsy: Any) -> None:
    assert value({"@if": {"exists": {"@path": "$.a"}, "then": 1, "else": falsy}}, {}) is MISSING


@pytest.mark.parametrize("falsy", ["", 0, False, None])
def test_falsy_then_is_kept(falsy: Any) -> None:
    assert value({"@if": {"exists": {"@path": "$.a"}, "then": falsy, "else": 1}}, {"a": 1}) == falsy


def test_a_literal_keeps_a_falsy_else() -> None:
    assert value({"@if": {"exists": {"@path": "$.a"}, "else": {"@literal": ""}}}, {}) == ""


def test_missing_branches_give_nothing() -> None:
    assert value({"@if": {"exists": {"@path": "$.a"}}}, {}) is MISSING
    assert value({"@if": {"exists": {"@path": "$.a"}}}, {"a": 1}) is MISSING


def test_exists_counts_where_both_are_given() -> None:
    both = {"exists": False, "blank": {"@path": "$.a"}, "then": "then", "else": "else"}
    assert value({"@if": both}, {"a": ""}) == "then"  # false is not null
    assert value({"@if": {**both, "exists": None}}, {"a": "x"}) == "else"


@pytest.mark.parametrize("options", [{}, {"exists": ""}, {"exists": 0, "blank": False}, {"then": 1}, {"exists": None}])
def test_a_condition_is_needed(options: dict[str, Any]) -> None:
    with pytest.raises(MappingError, match=r'^@if requires an "exists" key or a "blank" key$'):
        transform({"v": {"@if": options}}, {})


def test_if_of_no_object_fails() -> None:
    with pytest.raises(MappingError, match=r'^@if requires an object with an "exists" key$'):
        transform({"v": [{"@if": 5}]}, {})


def test_branches_are_resolved_only_when_they_count() -> None:
    bad: Any = [{"@case": {}}]
    assert value({"@if": {"exists": {"@path": "$.a"}, "then": bad, "else": "fine"}}, {}) == "fine"


def test_the_same_path_as_condition_and_branch() -> None:
    agent = {"@if": {"exists": {"@path": "$.a"}, "then": {"@path": "$.a"}, "else": "none"}}
    assert value(agent, {"a": 0}) == 0
    assert value(agent, {"a": None}) == "none"
    assert value({"@if": {"exists": {"@path": "$.a"}, "then": {"@path": "$.a"}}}, {"a": None}) is MISSING


def test_conditions_nest() -> None:
    inner = {"@if": {"exists": {"@path": "$.b"}, "then": {"x": {"@path": "$.b"}}, "else": "c"}}
    outer = {"@if": {"exists": {"@path": "$.a"}, "then": "a", "else": inner}}
    assert [value(outer, event) for event in ({"a": 1}, {"b": 2}, {})] == ["a", {"x": 2}, "c"]


EXCLUDE = {"@excludeWhenNull": {"@path": "$.a"}}


@pytest.mark.parametrize("found", [None, MISSING])
def test_null_becomes_nothing(found: Any) -> None:
    assert value(EXCLUDE, {} if found is MISSING else {"a": found}) is MISSING


@pytest.mark.parametrize("found", [0, "", False, [], {}, "x"])
def test_other_values_stay(found: Any) -> None:
    assert value(EXCLUDE, {"a": found}) == found


def test_nulls_in_lists_stay() -> None:
    found = {"a": None, "b": [None, {"c": None}], "d": {"e": None}}
    assert value(EXCLUDE, {"a": found}) == {"b": [None, {"c": None}], "d": {}}
    assert value(EXCLUDE, {"a": [None]}) == [None]


def test_exclude_when_null_takes_an_object_of_directives() -> None:
    mapping = {"@excludeWhenNull": {"x": {"@path": "$.a"}, "y": None, "z": {"@path": "$.no"}}}
    assert value(mapping, {"a": 1}) == {"x": 1}


def test_encoded_json_lacks_what_was_excluded() -> None:
    assert value({"@json": {"mode": "encode", "value": EXCLUDE}}, {"a": {"b": None, "__proto__": 1}}) == "{}"
