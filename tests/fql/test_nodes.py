from typing import Any

import pytest

from destination.errors import DefinitionError
from destination.fql import Condition, ErrorCondition, GroupCondition, parse_fql
from destination.values import MISSING


def test_json_has_segments_shape() -> None:
    condition = parse_fql('(type = "track" or userId != null) and contains(traits.email, "@")')
    assert condition.to_json() == {
        "type": "group",
        "operator": "and",
        "children": [
            {
                "type": "group",
                "operator": "or",
                "children": [
                    {"type": "event-type", "operator": "=", "value": "track"},
                    {"type": "userId", "operator": "exists"},
                ],
            },
            {"type": "event-trait", "name": "email", "operator": "contains", "value": "@"},
        ],
    }
    assert GroupCondition.from_json(condition.to_json()) == condition


def test_nodes_are_values() -> None:
    condition = Condition("event", "=", "a")
    assert len({condition, Condition("event", "=", "a"), Condition("event", "=", "b")}) == 2
    assert (condition.name, GroupCondition("and", (condition, None)).type) == (MISSING, "group")


def test_error_condition_keeps_its_message() -> None:
    condition = parse_fql("type")
    assert condition.to_json() == {"error": {"message": "Value token is missing"}}
    assert str(ErrorCondition.from_json(condition.to_json()).error) == "Value token is missing"
    assert str(ErrorCondition.from_json({"error": "why"}).error) == "why"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "the root of a subscription is a group"),
        ({"type": "event", "operator": "=", "value": "a"}, "the root of a subscription is a group"),
        ({"type": "group", "operator": "and"}, "a group has a list of children"),
        ({"type": "group", "operator": 5, "children": []}, "a condition's operator is a string, but this is number"),
        ({"type": "group", "operator": "and", "children": ["x"]}, "a condition is an object, but this is string"),
        (
            {"type": "group", "operator": "and", "children": [{"type": "event"}]},
            "a condition's operator is a string, but this is undefined",
        ),
        (
            {"type": "group", "operator": "and", "children": [{"type": "event", "operator": "=", "value": []}]},
            "a condition's value is a plain value, but this is array",
        ),
        (
            {"type": "group", "operator": "and", "children": [{"type": "event", "operator": "=", "name": 5}]},
            "a condition's name is a string, but this is number",
        ),
    ],
)
def test_other_shapes_are_refused(data: Any, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        GroupCondition.from_json(data)
    assert str(caught.value) == message


@pytest.mark.parametrize("data", [None, {}, {"error": ""}, []])
def test_error_condition_needs_an_error(data: Any) -> None:
    with pytest.raises(DefinitionError):
        ErrorCondition.from_json(data)


def test_deep_groups_need_no_recursion() -> None:
    data: dict[str, Any] = {"type": "event", "operator": "=", "value": "a"}
    for _ in range(5000):
        data = {"type": "group", "operator": "and", "children": [data]}
    condition = GroupCondition.from_json(data)
    written = condition.to_json()
    depth = 0
    while "children" in written:
        written, depth = written["children"][0], depth + 1
    assert depth == 5000
