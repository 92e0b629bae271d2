"""Text from ASTs; every text was recorded from Segment's runtime."""

import math
from typing import Any

import pytest

from destination.errors import EngineTypeError, FQLSyntaxError
from destination.fql import Condition, GroupCondition, UnknownConditionError, generate_fql, parse_fql
from destination.values import MISSING


def text(**members: Any) -> str:
    return generate_fql({"type": "group", "operator": "and", "children": [members]})


def prop(operator: Any, value: Any = MISSING, name: Any = "a") -> str:
    members = {"type": "event-property", "name": name, "operator": operator, "value": value}
    return text(**{key: member for key, member in members.items() if member is not MISSING})


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("event-type", "type"),
        ("event", "event"),
        ("name", "name"),
        ("userId", "userId"),
        ("event-property", "properties.a"),
        ("event-trait", "traits.a"),
        ("event-context", "context.a"),
    ],
)
def test_fields(kind: str, field: str) -> None:
    assert text(type=kind, operator="=", value="x", name="a") == f'{field} = "x"'


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("=", "x", 'properties.a = "x"'),
        ("=", 5, "properties.a = 5"),
        ("!=", True, "properties.a != true"),
        ("!=", None, 'properties.a != "null"'),
        ("=", MISSING, 'properties.a = "undefined"'),
        ("contains", 5, "contains(properties.a, 5)"),
        ("contains", "x", 'contains(properties.a, "x")'),
        ("not_contains", ["x", 1], '!contains(properties.a, "x,1")'),
        ("starts_with", 5, 'match(properties.a, "5*")'),
        ("not_starts_with", "x", '!match(properties.a, "x*")'),
        ("ends_with", "x", 'match(properties.a, "*x")'),
        ("not_ends_with", MISSING, '!match(properties.a, "*undefined")'),
        ("exists", "x", "properties.a != null"),
        ("not_exists", "x", "properties.a = null"),
        ("is_true", "x", "properties.a = true"),
        ("is_false", "x", "properties.a = false"),
        ("<", "5", "properties.a < 5"),
        (">", MISSING, "properties.a > NaN"),
        ("<=", 1e21, "properties.a <= 1e+21"),
        (">=", None, "properties.a >= 0"),
        ("number_equals", 3.0, "properties.a = 3"),
        ("number_not_equals", math.nan, "properties.a != NaN"),
        (".", "or", 'properties.a . "or"'),
        (5, "x", 'properties.a 5 "x"'),
        (MISSING, "x", 'properties.a undefined "x"'),
        (["="], "x", 'properties.a = "x"'),
    ],
)
def test_operators(operator: Any, value: Any, expected: str) -> None:
    assert prop(operator, value) == expected


def test_name_is_escaped() -> None:
    assert prop("exists", name="first name_1-é") == "properties.first\\ name_1-\\é != null"
    assert prop("exists", name="🎉") == "properties.\\\ud83c\\\udf89 != null"
    assert [prop("exists", name=name) for name in (5, None, MISSING, ["a b"])] == [
        "properties.5 != null",
        "properties.null != null",
        "properties.undefined != null",
        "properties.a b != null",
    ]


def test_generate_does_not_escape_dots() -> None:
    assert generate_fql(parse_fql(r"properties.dot\.key = 1")) == "properties.dot.key = 1"


def test_generate_does_not_escape_quotes() -> None:
    assert prop("=", 'a"b') == 'properties.a = "a"b"'


def test_groups_are_joined_and_put_in_parentheses() -> None:
    a, b = Condition("event", "=", "a"), Condition("event", "=", "b")
    either = GroupCondition("or", (a, b))
    assert generate_fql(GroupCondition("and", (either, a, either))) == (
        '(event = "a" or event = "b") and event = "a" and (event = "a" or event = "b")'
    )
    assert generate_fql(GroupCondition("and", (GroupCondition("or", (a, either)), b))) == (
        '(event = "a" or (event = "a" or event = "b")) and event = "b"'
    )
    assert generate_fql(GroupCondition("xor", (a, b))) == 'event = "a" xor event = "b"'
    assert generate_fql({"children": [a, b]}) == 'event = "a" undefined event = "b"'
    assert generate_fql({"children": []}) == ""


def test_single_group_loses_its_parentheses() -> None:
    leaves = (Condition("event", "=", "a"), Condition("event", "=", "b"))
    assert generate_fql(GroupCondition("and", (GroupCondition("or", leaves),))) == 'event = "a" or event = "b"'
    call = GroupCondition("or", (Condition("event", "contains", "a"),))
    assert generate_fql(GroupCondition("and", (call,))) == '(contains(event, "a"))'


@pytest.mark.parametrize("child", [5, "x", [], {}, {"type": "properties"}, {"type": ["event"]}])
def test_unknown_type_of_condition(child: Any) -> None:
    with pytest.raises(UnknownConditionError) as caught:
        generate_fql({"operator": "and", "children": [child]})
    assert str(caught.value) == "Unknown condition type"


@pytest.mark.parametrize(
    "condition", [None, {}, 5, "ab", {"children": [None]}, {"children": "ab"}, {"children": [{"type": "group"}]}]
)
def test_broken_shapes_are_engine_errors(condition: Any) -> None:
    with pytest.raises(EngineTypeError):
        generate_fql(condition)


def test_error_is_raised_again() -> None:
    condition = parse_fql("type")
    with pytest.raises(FQLSyntaxError, match="Value token is missing"):
        generate_fql(condition)
    with pytest.raises(FQLSyntaxError, match="Value token is missing"):
        generate_fql(condition.to_json())


def test_deep_groups_need_no_recursion() -> None:
    root: dict[str, Any] = {"type": "event", "operator": "exists"}
    for _ in range(5000):
        root = {"type": "group", "operator": "and", "children": [root]}
    assert generate_fql(root) == "(" * 4999 + "event != null" + ")" * 4999
