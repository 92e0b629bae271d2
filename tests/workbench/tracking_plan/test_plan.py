import json
from typing import Any

import pytest

from destination.errors import DefinitionError
from destination.workbench.tracking_plan import Presence, read_tracking_plan

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"properties": {"properties": {"label": {"type": "string"}}}},
}
ORDER = {"key": "Order Completed", "type": "TRACK", "version": 1, "jsonSchema": SCHEMA}


@pytest.mark.parametrize(
    "wrapped", [[ORDER], {"rules": [ORDER]}, {"data": {"rules": [ORDER]}}, {"data": [ORDER]}, [{"rules": [ORDER]}]]
)
def test_rules_are_found_in_each_form_of_an_answer(wrapped: Any) -> None:
    plan = read_tracking_plan(wrapped)
    assert [event.name for event in plan.events] == ["Order Completed"]
    assert plan.remarks == ()


@pytest.mark.parametrize(
    ("rule", "remark"),
    [
        ({"type": "TRACK", "key": None}, "rule 1 is left out: a rule of type TRACK needs a `key`, but this is null"),
        ({"type": "TRACK"}, "rule 1 is left out: a rule of type TRACK needs a `key`, but this is null"),
        ({"type": "OTHER", "key": "a"}, "rule 1 is left out: expected an object with a `type` of TRACK, PAGE"),
        (5, "rule 1 is left out: expected an object"),
        (None, "rule 1 is left out: expected an object"),
    ],
)
def test_a_rule_that_cannot_be_used_is_a_remark_and_the_others_are_used(rule: Any, remark: str) -> None:
    plan = read_tracking_plan([ORDER, rule, {**ORDER, "key": "Signed Up"}])
    assert plan.names == ("Order Completed", "Signed Up")
    (found,) = plan.remarks
    assert found.startswith(remark)


def test_an_older_plan_keeps_its_other_events() -> None:
    plan = read_tracking_plan({"rules": {"events": [{}, {"name": "A", "rules": SCHEMA}, 5]}})
    assert plan.names == ("A",)
    assert [remark[:8] for remark in plan.remarks] == ["event 0 ", "event 2 "]


@pytest.mark.parametrize("key", ["jsonSchema", "json_schema"])
@pytest.mark.parametrize("write", [dict, json.dumps])
def test_a_schema_may_be_text_and_have_terraforms_name(key: str, write: Any) -> None:
    plan = read_tracking_plan([{"key": "A", "type": "TRACK", key: write(SCHEMA)}])
    assert plan.remarks == ()
    assert plan.presence(plan.events[0], ("properties", "lost")) is Presence.UNPLANNED
    assert plan.presence(plan.events[0], ("properties", "label")) is Presence.PLANNED


def test_a_schema_of_the_older_form_may_be_text_too() -> None:
    plan = read_tracking_plan({"rules": {"events": [{"name": "A", "rules": json.dumps(SCHEMA)}]}})
    assert plan.presence(plan.events[0], ("properties", "lost")) is Presence.UNPLANNED


@pytest.mark.parametrize(
    ("schema", "remark"),
    [
        ("{", "rule 0 (A) allows anything: its schema is text that is not valid JSON"),
        (None, "rule 0 (A) allows anything: it has no schema"),
        ("null", "rule 0 (A) allows anything: it has no schema"),
        (5, "rule 0 (A) allows anything: its schema is not an object, but number"),
        ([], "rule 0 (A) allows anything: its schema is not an object, but array"),
    ],
)
def test_a_schema_that_cannot_be_used_allows_anything_and_is_a_remark(schema: Any, remark: str) -> None:
    plan = read_tracking_plan([{"key": "A", "type": "TRACK", "jsonSchema": schema}])
    (found,) = plan.remarks
    assert found.startswith(remark)
    assert plan.presence(plan.events[0], ("properties", "lost")).is_possible


@pytest.mark.parametrize(
    "page",
    [
        {"data": {"rules": [ORDER], "pagination": {"current": "MA==", "next": "Mg=="}}},
        {"rules": [ORDER], "pagination": {"next": "Mg=="}},
        {"data": [ORDER], "pagination": {"next": "Mg=="}},
        {"data": {"trackingPlan": {"rules": [ORDER]}, "pagination": {"next": "Mg=="}}},
    ],
)
def test_a_next_page_is_a_remark(page: Any) -> None:
    (remark,) = read_tracking_plan(page).remarks
    assert "the plan is incomplete" in remark
    last = {"data": {"rules": [{**ORDER, "key": "B"}], "pagination": {"current": "Mg==", "totalEntries": 2}}}
    whole = read_tracking_plan([page, last])
    assert (whole.names, whole.remarks) == (("Order Completed", "B"), ())


def test_remarks_of_several_pages_name_the_page() -> None:
    (remark,) = read_tracking_plan([{"rules": [ORDER]}, {"rules": [5]}]).remarks
    assert remark.startswith("page 2: rule 0 is left out")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "expected a tracking plan"),
        ({}, "expected a tracking plan"),
        ([], "the tracking plan has no rules"),
        ([5], "rule 0 is left out: expected an object with a `type`"),
        ([{"type": "TRACK"}], "rule 0 is left out: a rule of type TRACK needs a `key`"),
        ([{"type": "OTHER", "key": "a"}], "rule 0 is left out: expected an object with a `type` of TRACK, PAGE"),
        ({"rules": {"events": [{}]}}, "event 0 of the plan is left out: expected an object with a `name`"),
    ],
)
def test_a_plan_without_any_rule_that_can_be_used_is_refused(value: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_tracking_plan(value)
