from typing import Any

import pytest

from destination.errors import DefinitionError
from destination.workbench.lint import read_tracking_plan
from tests.workbench.lint.examples import GOAL, found, subscription


def track(key: str, properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"properties": properties, "context": {}, "traits": {}}}
    return {"key": key, "type": "TRACK", "version": 1, "jsonSchema": schema}


def listed(*keys: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {key: {"type": "string"} for key in keys}, **more}


ORDER = track("Order Completed", listed("label", "total"))
SIGN_UP = track("Signed Up", listed("plan"))


def plan_of(*rules: Any) -> Any:
    return read_tracking_plan({"data": {"rules": list(rules)}})


def goal(trigger: str, path: Any = "$.properties.label") -> Any:
    return subscription(trigger, mapping={**GOAL, "name": path if isinstance(path, dict) else {"@path": path}})


def reported(*subscriptions: Any, plan: Any) -> list[tuple[str, str]]:
    return [(item.code, item.message) for item in found(*subscriptions, plan=plan, select=["F", "E002"])]


ONE = 'type = "track" and event = "Order Completed"'
ALL = 'type = "track" and event != "Experiment Viewed"'


def test_a_planned_path_is_no_finding() -> None:
    assert reported(goal(ONE), plan=plan_of(ORDER, SIGN_UP)) == []


def test_a_path_that_no_taken_event_has_is_an_error() -> None:
    ((code, message),) = reported(goal(ONE, "$.properties.plan"), plan=plan_of(ORDER, SIGN_UP))
    assert code == "F003"
    assert "$.properties.plan" in message
    assert message.endswith(": Order Completed")


def test_a_path_that_some_taken_events_have_is_a_warning_that_names_the_others() -> None:
    ((code, message),) = reported(goal(ALL), plan=plan_of(ORDER, SIGN_UP))
    assert code == "F004"
    assert message.endswith(": Signed Up")


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"anyOf": [{"type": "object"}]},
        {"$ref": "#/x"},
        listed("other", patternProperties={"^l": {}}),
        {"type": "object", "properties": {"label": {}}, "additionalProperties": False},
    ],
)
def test_what_a_schema_leaves_open_is_no_finding(properties: Any) -> None:
    assert reported(goal(ONE), plan=plan_of(track("Order Completed", properties))) == []


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        (listed("other"), "$.properties.label"),
        (listed("other", additionalProperties=False), "$.properties.label"),
        (listed("label"), "$.properties.label.text"),
        ({"properties": {"list": {"type": "array", "items": listed("id")}}}, "$.properties.list[0].label"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "$.properties.label"),
    ],
)
def test_what_a_schema_rules_out_or_does_not_list_is_a_finding(properties: Any, path: str) -> None:
    assert [code for code, _ in reported(goal(ONE, path), plan=plan_of(track("Order Completed", properties)))] == [
        "F003"
    ]


@pytest.mark.parametrize(
    "path",
    [
        "$.event",
        "$.context.ip",
        "$.traits.email",
        "$.properties",
        "$.properties.list[0].id",
        "$.properties.list.length",
        "$.properties.id.length",
    ],
)
def test_paths_that_can_be(path: str) -> None:
    properties = {"properties": {"list": {"type": ["array", "null"], "items": listed("id")}, "id": {"type": "string"}}}
    assert reported(goal(ONE, path), plan=plan_of(track("Order Completed", properties))) == []


def test_one_branch_of_an_if_is_enough() -> None:
    def either(one: Any, other: Any) -> dict[str, Any]:
        return {"@if": {"exists": one, "then": one, "else": other}}

    plan = plan_of(ORDER)
    label, lost = {"@path": "$.properties.label"}, {"@path": "$.properties.lost"}
    assert reported(goal(ONE, either(lost, label)), plan=plan) == []
    assert reported(goal(ONE, either(lost, "none")), plan=plan) == []
    ((code, message),) = reported(goal(ONE, either(lost, {"@path": "$.properties.gone"})), plan=plan)
    assert code == "F003"
    assert "$.properties.lost or $.properties.gone" in message


def test_a_field_that_is_not_required_may_come_from_anywhere() -> None:
    mapping = {**GOAL, "agent": {"@path": "$.properties.lost"}}
    assert reported(subscription(ONE, mapping=mapping), plan=plan_of(ORDER)) == []


def test_a_rule_for_all_events_adds_to_each() -> None:
    common = {"type": "COMMON", "jsonSchema": {"properties": {"properties": listed("shared")}}}
    assert reported(goal(ONE, "$.properties.shared"), plan=plan_of(ORDER, common)) == []


def test_a_trigger_that_takes_no_planned_event_is_reported() -> None:
    ((code, _),) = reported(goal('type = "track" and event = "Odrer Completed"'), plan=plan_of(ORDER, SIGN_UP))
    assert code == "E002"


def test_versions_of_an_event_stand_beside_each_other() -> None:
    newer = track("Order Completed", listed("title"))
    assert [code for code, _ in reported(goal(ONE), plan=plan_of(ORDER, newer))] == ["F004"]


def test_the_older_form_is_read() -> None:
    schema = ORDER["jsonSchema"]
    plan = read_tracking_plan(
        {
            "name": "workspaces/x/tracking-plans/rs_1",
            "display_name": "Shop",
            "rules": {
                "global": {"properties": {"context": {}}},
                "identify": {"properties": {"traits": listed("email")}},
                "events": [{"name": "Order Completed", "version": 1, "rules": schema}],
            },
        }
    )
    assert [(event.type, event.name) for event in plan.events] == [("track", "Order Completed"), ("identify", "")]
    assert len(plan.common) == 1
    assert reported(goal(ONE), plan=plan) == []
    ((code, message),) = reported(goal('type = "identify"', "$.traits.phone"), plan=plan)
    assert (code, message.endswith(": identify")) == ("F003", True)


@pytest.mark.parametrize("wrapped", [[ORDER], {"rules": [ORDER]}, {"data": {"rules": [ORDER]}}, {"data": [ORDER]}])
def test_rules_are_found_where_they_stand(wrapped: Any) -> None:
    assert [event.name for event in read_tracking_plan(wrapped).events] == ["Order Completed"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "expected a tracking plan"),
        ({}, "expected a tracking plan"),
        ([5], "rule 0: expected an object with a `type`"),
        ([{"type": "TRACK"}], "rule 0: a rule of type TRACK has a `key`"),
        ([{"type": "OTHER", "key": "a"}], "rule 0: expected an object with a `type` of TRACK, PAGE"),
        ({"rules": {"events": [{}]}}, "event 0 of the plan: expected an object with a `name`"),
    ],
)
def test_what_is_no_plan_is_refused(value: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_tracking_plan(value)
