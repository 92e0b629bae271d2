from typing import Any

import pytest

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
        listed("other", patternProperties={"(?<label>x)": {}}),
        listed("other", additionalProperties=True),
        listed("other", additionalProperties={"type": "string"}),
        listed("other", unevaluatedProperties={"type": "string"}),
        listed("other", required=["label"]),
        {"type": "object", "required": ["other"]},
        {"type": "object", "propertyNames": {"maxLength": 9}},
        listed("other", dependentSchemas={"other": listed("label")}),
        listed("other", dependencies={"other": listed("label")}),
        listed("other", dependencies={"other": ["label"]}),
        listed("other", dependentRequired={"other": ["label"]}),
        listed("other", **{"if": {"required": ["other"]}, "then": listed("label")}),
        listed("other", **{"if": {"required": ["other"]}, "else": {"required": ["label"]}}),
        listed("other", allOf=[listed("more"), listed("label")]),
        listed("other", anyOf=[{"required": ["other"]}, {"required": ["label"]}]),
        listed("other", oneOf=[listed("more"), listed("more", additionalProperties={})]),
        {"anyOf": [{"type": "null"}, listed("label")]},
        {"anyOf": [{"type": "null"}, {"type": "object"}]},
        {"$ref": "https://elsewhere.test/schema.json"},
        {"enum": [{"label": "a"}, {"other": "b"}]},
        True,
        None,
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
        (listed("other", allOf=[listed("more")]), "$.properties.label"),
        ({"allOf": [listed("more"), {"additionalProperties": False}]}, "$.properties.label"),
        ({"anyOf": [listed("more"), listed("other")]}, "$.properties.label"),
        (listed("other", patternProperties={"^x": {}}), "$.properties.label"),
        ({"properties": {"list": {"type": "array"}}}, "$.properties.list.label"),
        ({"properties": {"list": {"type": "array", "items": [listed("id")]}}}, "$.properties.list[0].label"),
        ({"properties": {"one": {"type": "number"}}}, "$.properties.one.length"),
        ({"properties": {"label": False}}, "$.properties.label"),
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


def test_a_reference_inside_of_the_rule_is_followed() -> None:
    schema = {
        "definitions": {"order": listed("label"), "again": {"$ref": "#/definitions/again"}},
        "properties": {"properties": {"$ref": "#/definitions/order"}},
    }
    plan = plan_of({"key": "Order Completed", "type": "TRACK", "jsonSchema": schema})
    assert reported(goal(ONE), plan=plan) == []
    assert [code for code, _ in reported(goal(ONE, "$.properties.lost"), plan=plan)] == ["F003"]
    schema["properties"]["properties"] = {"$ref": "#/definitions/again"}
    assert reported(goal(ONE, "$.properties.lost"), plan=plan_of({**plan_rule(schema)})) == []


def plan_rule(schema: Any, **more: Any) -> dict[str, Any]:
    return {"key": "Order Completed", "type": "TRACK", "jsonSchema": schema, **more}


@pytest.mark.parametrize("closed", [False, True])
def test_sdks_fill_in_context_so_no_rule_closes_it(closed: bool) -> None:
    more = {"additionalProperties": False} if closed else {}
    app = {"type": "object", "properties": {"version": {"type": "string"}}, **more}
    context = {"type": "object", "properties": {"app": app}, **more}
    plan = plan_of(plan_rule({"properties": {"context": context, "properties": listed("label")}}))
    for path in ("$.context.ip", "$.context.app.name", "$.context.device.id", "$.context.app.version"):
        assert reported(goal(ONE, path), plan=plan) == []
    assert [code for code, _ in reported(goal(ONE, "$.context.app.version.major"), plan=plan)] == ["F003"]


def test_sdks_fill_in_properties_of_page_calls() -> None:
    page = {"type": "PAGE", "key": None, "jsonSchema": {"properties": {"properties": listed("section")}}}
    for path in ("$.properties.url", "$.properties.title", "$.properties.section"):
        assert reported(goal('type = "page"', path), plan=plan_of(page)) == []
    assert [code for code, _ in reported(goal('type = "page"', "$.properties.lost"), plan=plan_of(page))] == ["F003"]


def test_an_event_that_is_closed_at_its_root_still_has_segments_own_members() -> None:
    schema = {"properties": {"properties": listed("label")}, "additionalProperties": False}
    for path in ("$.userId", "$.event", "$.context.ip"):
        assert reported(goal(ONE, path), plan=plan_of(plan_rule(schema))) == []


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
    composed = {"type": "COMMON", "jsonSchema": {"allOf": [{"properties": {"properties": listed("shared")}}]}}
    assert reported(goal(ONE, "$.properties.shared"), plan=plan_of(ORDER, composed)) == []
    assert [code for code, _ in reported(goal(ONE, "$.properties.lost"), plan=plan_of(ORDER, composed))] == ["F003"]


def test_a_rule_of_the_event_may_be_put_together() -> None:
    parts = {"allOf": [ORDER["jsonSchema"], {"properties": {"properties": listed("more")}}]}
    assert reported(goal(ONE, "$.properties.more"), plan=plan_of(plan_rule(parts))) == []
    assert reported(goal(ONE, "$.properties.label"), plan=plan_of(plan_rule(parts))) == []


def test_a_trigger_that_matches_no_planned_event_is_reported() -> None:
    ((code, _),) = reported(goal('type = "track" and event = "Odrer Completed"'), plan=plan_of(ORDER, SIGN_UP))
    assert code == "E002"


@pytest.mark.parametrize(
    "trigger",
    [
        'type = "page"',
        'type = "identify" and traits.plan = "pro"',
        '(type = "track" and event = "Odrer Completed") or type = "page"',
        'event != "Order Completed" and type != "track"',
        'type = "alias"',
    ],
)
def test_a_type_of_call_that_the_plan_does_not_cover_is_no_error(trigger: str) -> None:
    assert reported(goal(trigger, "$.properties.lost"), plan=plan_of(ORDER)) == []


def test_events_of_a_type_that_the_plan_does_not_cover_may_have_any_path() -> None:
    ((code, message),) = reported(goal('type != "group"', "$.properties.lost"), plan=plan_of(ORDER))
    assert (code, message.endswith(": Order Completed")) == ("F004", True)


def test_a_name_without_a_type_is_compared_with_the_planned_names() -> None:
    ((code, _),) = reported(goal('event = "Odrer Completed"'), plan=plan_of(ORDER))
    assert code == "E002"


def test_a_plan_for_other_types_does_not_forbid_track_calls() -> None:
    identify = {"type": "IDENTIFY", "jsonSchema": {"properties": {"traits": listed("email")}}}
    assert reported(goal(ONE, "$.properties.lost"), plan=plan_of(identify)) == []


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
