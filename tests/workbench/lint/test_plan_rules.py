from typing import Any

import pytest

from destination.workbench.lint import read_tracking_plan
from tests.workbench.lint.examples import found, subscription

PROPERTIES: dict[str, Any] = {
    "label": {"type": "string"},
    "total": {"type": "number"},
    "count": {"type": ["integer", "null"]},
    "vip": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "plan": {"type": "string", "enum": ["free", "pro"]},
    "version": {"const": 2},
    "size": {"anyOf": [{"type": "string"}, {"type": "number"}]},
    "address": {"type": "object", "properties": {"city": {"type": "string"}}},
    "anything": {},
}


def rule(name: str, properties: Any = None) -> dict[str, Any]:
    members = PROPERTIES if properties is None else properties
    schema = {"properties": {"properties": {"type": "object", "properties": members}}}
    return {"key": name, "type": "TRACK", "jsonSchema": schema}


PLAN = read_tracking_plan([rule("Order Completed"), rule("Signed Up", {"plan": {"type": "string"}})])
ORDER = 'type = "track" and event = "Order Completed" and '


def codes(trigger: str, plan: Any = PLAN) -> list[str]:
    return [finding.code for finding in found(subscription(trigger), plan=plan, select=["E"])]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('contains(properties.tags, "new")', "never true: in the tracking plan $.properties.tags is a list"),
        ('!contains(properties.tags, "new")', "never true"),
        ('properties.tags = "new"', "never true"),
        ("properties.label > 5", "never true: in the tracking plan $.properties.label is text"),
        ("properties.label = 5", "never true"),
        ("properties.label = true", "never true"),
        ('properties.vip = "true"', "never true: in the tracking plan $.properties.vip is a boolean"),
        ('properties.vip != "true"', "always true"),
        ("properties.vip = 1", "never true"),
        ('properties.total = "5"', "never true: in the tracking plan $.properties.total is a number"),
        ('properties.total != "5"', "always true"),
        ('match(properties.count, "1*")', "never true: in the tracking plan $.properties.count is an integer or null"),
        ('properties.address = "x"', "never true: in the tracking plan $.properties.address is an object"),
        ("properties.address.city > 1", "never true"),
        ("properties.size = true", "never true: in the tracking plan $.properties.size is a number or text"),
    ],
)
def test_a_condition_that_no_value_of_the_planned_type_passes(condition: str, words: str) -> None:
    (finding,) = found(subscription(ORDER + condition), plan=PLAN, select=["E"])
    assert finding.code == "E005"
    assert words in finding.message


@pytest.mark.parametrize(
    "condition",
    [
        'properties.tags[0] = "new"',
        "properties.tags.length > 1",
        'contains(properties.label, "x")',
        'properties.label != "x"',
        "properties.label = null",
        "properties.total = 5",
        "properties.total <= 5",
        "properties.count != 5",
        "properties.vip = true",
        "properties.vip = false",
        "properties.size > 5",
        'properties.size = "L"',
        'properties.plan = "pro"',
        'match(properties.plan, "p*")',
        "properties.version = 2",
        'properties.anything = "x"',
        "properties.anything.more > 3",
        'context.app.version = "1"',
        'traits.email = "a"',
        'userId = "u"',
    ],
)
def test_a_condition_that_fits_the_plan_is_no_finding(condition: str) -> None:
    assert codes(ORDER + condition) == []


@pytest.mark.parametrize(
    ("condition", "words", "remedy"),
    [
        (
            'properties.plan = "por"',
            'never true: the tracking plan allows for $.properties.plan only "free", "pro"',
            "'pro'",
        ),
        ('properties.plan != "gold"', "always true", "a value of the plan"),
        ('match(properties.plan, "g*")', "never true", "a value of the plan"),
        ("properties.version = 3", "never true", "a value of the plan"),
    ],
)
def test_a_value_that_the_plan_does_not_allow(condition: str, words: str, remedy: str) -> None:
    (finding,) = found(subscription(ORDER + condition), plan=PLAN, select=["E"])
    assert finding.code == "E006"
    assert words in finding.message
    assert remedy in finding.remedy


def test_a_path_that_no_planned_event_has_is_marked_in_the_trigger() -> None:
    (finding,) = found(subscription(ORDER + "properties.lable = 5"), plan=PLAN, select=["E"])
    assert finding.code == "E004"
    assert "no planned event that the trigger matches has $.properties.lable: Order Completed" in finding.message
    assert finding.span is not None
    assert finding.source[slice(*finding.span)] == "properties.lable = 5"


def test_one_planned_event_that_fits_is_enough() -> None:
    assert codes('type = "track" and properties.total > 5') == []
    assert codes('type = "track" and properties.plan = "gold"') == []
    assert codes('type = "track" and event = "Signed Up" and properties.total > 5') == ["E004"]


def test_a_type_that_the_plan_does_not_cover_may_have_any_value() -> None:
    assert codes("properties.label > 5") == []


def test_types_that_the_plan_does_not_cover_are_one_info() -> None:
    pages = [subscription('type = "page"', "Pages"), subscription('type = "screen"', "Screens")]
    (finding,) = [it for it in found(*pages, plan=PLAN, select=["E"]) if it.code.startswith("E")]
    assert (finding.code, finding.severity, finding.subscription) == ("E003", "info", None)
    assert "type page, screen" in finding.message
    assert finding.message.endswith(": Pages, Screens")


@pytest.mark.parametrize(
    "condition", ['event = "Odrer Completed"', 'event != "Odrer Completed"', 'match(event, "Zz*")']
)
def test_a_name_that_the_plan_lacks_is_reported_also_beside_one_that_it_has(condition: str) -> None:
    trigger = f'type = "track" and (event = "Signed Up" or {condition})'
    (finding,) = found(subscription(trigger), plan=PLAN, select=["E007"])
    assert condition in finding.message
    assert ("did you mean 'Order Completed'?" in finding.remedy) is ("Odrer" in condition)


@pytest.mark.parametrize("condition", ['contains(event, "Order")', 'event != "Signed Up"', 'match(event, "*Up")'])
def test_a_name_that_the_plan_has_is_no_finding(condition: str) -> None:
    assert codes(f'type = "track" and {condition}') == []


def test_rules_for_all_events_narrow_the_types_too() -> None:
    context = {"properties": {"context": {"properties": {"online": {"type": "boolean"}}}}}
    plan = read_tracking_plan([rule("Order Completed"), {"type": "COMMON", "jsonSchema": context}])
    assert codes(ORDER + 'context.online = "yes"', plan) == ["E005"]
    assert codes(ORDER + "context.online = true", plan) == []


def test_schemas_that_are_put_together_narrow_the_types() -> None:
    parts = {"allOf": [rule("A")["jsonSchema"], {"$ref": "#/definitions/more"}]}
    parts["definitions"] = {"more": rule("A", {"extra": {"enum": [1, 2]}})["jsonSchema"]}  # type: ignore[assignment]
    plan = read_tracking_plan([{"key": "Order Completed", "type": "TRACK", "jsonSchema": parts}])
    assert codes(ORDER + "properties.extra = 3", plan) == ["E006"]
    assert codes(ORDER + "properties.label > 3", plan) == ["E005"]
    assert codes(ORDER + "properties.extra = 2", plan) == []
