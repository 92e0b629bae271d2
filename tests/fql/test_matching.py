"""Which events match; every verdict was recorded from Segment's runtime."""

import math
from typing import Any

import pytest

from destination.errors import EngineTypeError
from destination.fql import compile_condition, compile_trigger, matches, parse_fql
from destination.values import MISSING


def leaf(operator: Any, value: Any = MISSING, **members: Any) -> dict[str, Any]:
    condition = {"type": "event-property", "name": "a", "operator": operator, **members}
    return {
        "type": "group",
        "operator": "and",
        "children": [condition | ({} if value is MISSING else {"value": value})],
    }


def verdicts(operator: Any, value: Any, *actual: Any) -> list[bool]:
    run = compile_condition(leaf(operator, value))
    return [run({"properties": {} if item is MISSING else {"a": item}}) for item in actual]


def test_equality_compares_with_text() -> None:
    assert verdicts("=", 5, 5, "5", True, MISSING) == [False, True, False, False]
    assert verdicts("!=", 5, 5, "5", None, MISSING) == [True, False, True, True]
    assert verdicts("=", True, True, "true") == [False, True]
    assert verdicts("=", None, None, "null") == [False, True]
    assert verdicts("=", MISSING, MISSING, "undefined") == [False, True]
    assert verdicts("=", ["a", {}], "a,[object Object]", ["a", {}]) == [True, False]


def test_numbers_are_compared_with_numbers_only() -> None:
    assert verdicts("number_equals", 5, 5, 5.0, "5", True, None) == [True, True, False, False, False]
    assert verdicts("number_equals", 1, True, 1) == [False, True]
    assert verdicts("number_not_equals", 5, 6, 5, "6", MISSING) == [True, False, False, False]
    assert verdicts("<", "0x10", 15, 16, "15") == [True, False, False]
    assert verdicts("<=", None, 0, 1) == [True, False]
    assert verdicts(">", [3], 4, 3) == [True, False]
    assert verdicts(">=", "", 0, -1) == [True, False]


def test_comparison_with_no_number() -> None:
    for operator in ("number_equals", "<", "<=", ">", ">="):
        assert verdicts(operator, math.nan, 0, 5) == verdicts(operator, "x", 0, 5) == [False, False]
    assert verdicts("number_not_equals", "x", 0, "x") == [True, False]


def test_large_integers_are_doubles_when_compared() -> None:
    assert verdicts("number_equals", 2**53, 2**53 + 1, 2**53, 2**53 + 2) == [True, True, False]
    assert verdicts(">", 2**53, 2**53 + 1, 2**53 + 2) == [False, True]
    assert verdicts("<", 5, 2**63, -(2**63)) == [False, True]


def test_text_operators_need_text() -> None:
    for operator in ("contains", "starts_with", "ends_with"):
        assert verdicts(operator, "a", "a", 5, None, MISSING, ["a"]) == [True, False, False, False, False]
        assert verdicts(f"not_{operator}", "a", "b", "a", 5, None, MISSING) == [True, False, False, False, False]
    assert verdicts("contains", 5, "x5y", "x") == [True, False]
    assert verdicts("starts_with", "ab", "abc", "xab") == [True, False]
    assert verdicts("ends_with", "ab", "xab", "abc") == [True, False]


def test_half_a_character_is_found_in_a_whole_one() -> None:
    assert verdicts("ends_with", "\udf89x", "🎉x", "x") == [True, False]
    assert verdicts("not_ends_with", "\udf89x", "🎉x", "x", 5) == [False, True, False]
    assert verdicts("contains", "\ud83c", "a🎉", "\ud83c", "a") == [True, True, False]


def test_exists_and_booleans() -> None:
    assert verdicts("exists", MISSING, 0, "", False, None, MISSING) == [True, True, True, False, False]
    assert verdicts("not_exists", MISSING, 0, None, MISSING) == [False, True, True]
    assert verdicts("is_true", MISSING, True, 1, "true") == [True, False, False]
    assert verdicts("is_false", MISSING, False, 0, MISSING) == [True, False, False]


@pytest.mark.parametrize("operator", ["", ".", "==", "toString", None, 5, ["="], {}, MISSING])
def test_unknown_operator_matches_nothing(operator: Any) -> None:
    assert verdicts(operator, "a", "a", MISSING) == [False, False]


@pytest.mark.parametrize("kind", ["", "type", "properties", None, 5, ["event"], {}, MISSING])
def test_unknown_type_matches_nothing_and_looks_nowhere(kind: Any) -> None:
    run = compile_condition(leaf("not_exists", type=kind))
    subjects: list[Any] = [{}, None, 5]
    assert [run(event) for event in subjects] == [False, False, False]


def test_every_type_of_condition_looks_in_its_place() -> None:
    event: dict[str, Any] = {
        "type": "1",
        "event": "2",
        "name": "3",
        "userId": "4",
        "properties": {"x": "5"},
        "traits": {"x": "6"},
        "context": {"x": "7"},
    }
    kinds = ["event-type", "event", "name", "userId", "event-property", "event-trait", "event-context"]
    for number, kind in enumerate(kinds, 1):
        assert matches(leaf("=", str(number), type=kind, name="x"), event)
        assert not matches(leaf("!=", str(number), type=kind, name="x"), event)


def test_path_goes_through_objects_lists_and_text() -> None:
    event: dict[str, Any] = {"properties": {"a": {"b": ["x", {"c": "y"}], "s": "h🎉"}, "a.b": "literal"}}
    found = {"a.b.0": "x", "a[b][1].c": "y", "a..b.length": 2, "a.s.length": 3, "a.s.1": "\ud83c"}
    for name, value in found.items():
        operator = "=" if isinstance(value, str) else "number_equals"
        assert matches(leaf(operator, value, name=name), event)
    assert matches(leaf("not_exists", name="a.b.length.x"), event)
    assert not matches(leaf("=", "literal", name="a.b"), event)


@pytest.mark.parametrize("value", [0, "", False, None])
def test_false_value_ends_a_path(value: Any) -> None:
    exists = value is not None
    for name in ("a", "a.b", "a.b.c"):
        assert matches(leaf("exists", name=name), {"properties": {"a": value}}) is exists
        assert matches(leaf("exists", name=name), {"properties": value}) is exists


def test_list_as_a_name_is_a_path() -> None:
    event = {"properties": {"a.b": {"5": "x"}}}
    assert matches(leaf("=", "x", name=["a.b", 5]), event)
    assert matches(leaf("exists", name=[]), event)


@pytest.mark.parametrize("name", [None, "", 0, False, MISSING])
def test_no_name_is_nowhere(name: Any) -> None:
    assert matches(leaf("not_exists", name=name), {"properties": {"": 1, "null": 1}})
    with pytest.raises(EngineTypeError):
        matches(leaf("not_exists", name=name), None)


@pytest.mark.parametrize("name", [".", "[]", "..", 5, True, {}, {"a": 1}])
def test_name_of_dots_is_an_engine_error(name: Any) -> None:
    with pytest.raises(EngineTypeError, match="not a path into the event"):
        matches(leaf("exists", name=name), {})


def test_reaching_an_undefined_child_is_an_engine_error() -> None:
    trigger = compile_trigger('event = "a" and ("b")')
    assert not trigger({"event": "z"})
    with pytest.raises(EngineTypeError, match="nothing was left of a group"):
        trigger({"event": "a"})
    either = compile_trigger('event = "a" or ("b")')
    assert either({"event": "a"})
    with pytest.raises(EngineTypeError):
        either({"event": "z"})


def test_events_that_are_no_objects() -> None:
    for source in ('type = "track"', 'type = "track" and event != "x"', 'type = "track" and event = "x"'):
        trigger = compile_trigger(source)
        assert [trigger(event) for event in (5, "x", True, [1], MISSING)] == [False] * 5
        with pytest.raises(EngineTypeError, match="null has no type"):
            trigger(None)
    missing = compile_trigger("properties.a = null")
    assert [missing(event) for event in (5, "x", True, [1], MISSING)] == [True, True, True, True, False]
    with pytest.raises(EngineTypeError, match="null has no properties"):
        missing(None)


def test_a_kind_of_dict_is_an_event() -> None:
    class Fancy(dict[str, Any]):
        pass

    event = Fancy(type="track", properties=Fancy(a=Fancy(b=1)))
    for source in ('type = "track"', "properties.a.b = 1", 'type = "track" and properties.a != null'):
        assert compile_trigger(source)(event)


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        ('type = "track"', {"type": "track"}, {"type": "page"}),
        ('type != "track"', {}, {"type": "track"}),
        ('type = "track" and event = "a"', {"type": "track", "event": "a"}, {"type": "track"}),
        ('type = "track" and event != "a"', {"type": "track"}, {"type": "track", "event": "a"}),
        ('type = "track" and userId != null', {"type": "track", "userId": 0}, {"type": "track"}),
        ('type = "track" and properties.a = 1', {"type": "track", "properties": {"a": 1}}, {"type": "track"}),
        ('type = "a" and event = "b" and name = "c"', {"type": "a", "event": "b", "name": "c"}, {"type": "a"}),
        ('type = "a" or event = "b" or name = "c"', {"name": "c"}, {"name": "b"}),
        ('(type = "a" or type = "b") and (event = "c" or event = "d")', {"type": "b", "event": "d"}, {"type": "b"}),
        ('type = "a" or (event = "c" and name = "d")', {"event": "c", "name": "d"}, {"event": "c", "name": "e"}),
    ],
)
def test_every_shape_of_trigger(source: str, yes: Any, no: Any) -> None:
    trigger = compile_trigger(source)
    assert (trigger(yes), trigger(no)) == (True, False)
    assert (matches(parse_fql(source), yes), matches(parse_fql(source).to_json(), no)) == (True, False)


def test_root_counts_as_a_group_whatever_its_type() -> None:
    child = {"type": "event", "operator": "=", "value": "a"}
    assert matches({"operator": "and", "children": [child]}, {"event": "a"})
    assert not matches(child, {"event": "a"})
    roots: list[Any] = ["x", 5, True, [], {}]
    assert [matches(root, {}) for root in roots] == [False] * 5
    with pytest.raises(EngineTypeError):
        matches(None, {})


def test_empty_groups() -> None:
    assert matches({"operator": "and", "children": []}, {})
    assert not matches({"operator": "or", "children": []}, {})
    assert not matches({"operator": "AND", "children": []}, {})
    assert not matches({"operator": "and", "children": []}, MISSING)


@pytest.mark.parametrize("children", [None, MISSING, "ab", {}, 5])
def test_group_without_a_list_is_an_engine_error(children: Any) -> None:
    root: dict[str, Any] = {"operator": "and"} | ({} if children is MISSING else {"children": children})
    with pytest.raises(EngineTypeError, match="no list of children"):
        matches(root, {})


def test_error_matches_nothing() -> None:
    child = {"type": "event", "operator": "=", "value": "a"}
    root = {"type": "group", "operator": "and", "children": [child]}
    assert not matches(parse_fql("type"), {})
    assert not matches(root | {"error": {}}, {"event": "a"})
    assert matches(root | {"error": 0}, {"event": "a"})


def test_deep_groups_need_no_recursion() -> None:
    root: dict[str, Any] = {"type": "event", "operator": "=", "value": "a"}
    other = {"type": "event", "operator": "=", "value": "b"}
    for depth in range(5000):
        operator = ("or", "and")[depth % 2]
        children = [root, other] if operator == "or" else [root, {"type": "group", "operator": "and", "children": []}]
        root = {"type": "group", "operator": operator, "children": children}
    run = compile_condition(root)
    assert (run({"event": "a"}), run({"event": "c"})) == (True, False)


def test_value_may_nest_deeply() -> None:
    value: Any = ["x"]
    for _ in range(20_000):
        value = [value]
    assert matches(leaf("=", value), {"properties": {"a": "x"}})
    assert matches(leaf("exists", name=[value]), {"properties": {"x": 1}})
