import json
from typing import Any

import pytest

from destination.workbench.tracking_plan import read_tracking_plan
from destination.workbench.tracking_plan.check import EventCheck


def rule(name: str | None, schema: Any = True, kind: str = "TRACK", **more: Any) -> dict[str, Any]:
    return {"key": name, "type": kind, "jsonSchema": schema, **more}


def properties(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"properties": {"type": "object", "properties": members}}}


ORDER = rule("Order", properties(total={"type": "number"}, items={"type": "array", "items": {"type": "string"}}))


def order(**members: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Order", "messageId": "m-1", "properties": members}


def checked(rules: list[Any], *events: Any, samples: int = 3) -> EventCheck:
    check = EventCheck(read_tracking_plan(rules), samples)
    for number, event in enumerate(events, 1):
        check.take(event, f"line {number}")
    return check


def violations(check: EventCheck) -> list[tuple[str, str, str, int]]:
    return [(one.rule, one.path, one.message, one.events) for one in check.violations]


def test_violations_are_counted_by_rule_path_and_kind() -> None:
    check = checked([ORDER], order(total=1), order(total="1"), order(total=None), order(items=["a", 1, 2]))
    assert violations(check) == [
        ("Order", "$.properties.total", 'the value is not of type "number"', 2),
        ("Order", "$.properties.items[*]", 'the value is not of type "string"', 1),
    ]
    assert (check.events, check.conforming, check.violating) == (4, 1, 3)
    (one,) = [found for found in check.rules if found.events]
    assert (one.title, one.events, one.violating) == ("Order", 4, 3)


def test_samples_name_line_message_and_value_and_are_few() -> None:
    check = checked([ORDER], *[order(total="x" * 500) for _ in range(5)], samples=2)
    (one,) = check.violations
    assert [(sample.label, sample.message_id) for sample in one.samples] == [("line 1", "m-1"), ("line 2", "m-1")]
    assert one.samples[0].found == f'"{"x" * 58}…'


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"enum": ["a", "b"]}, "c", 'the value is not one of "a" or "b"'),
        ({"const": 1}, 2, "1 was expected"),
        ({"pattern": "^a"}, "b", 'the value does not match "^a"'),
        ({"type": "string", "format": "date-time"}, "yesterday", 'the value is not a "date-time"'),
        ({"minimum": 3}, 1, "the value is less than the minimum of 3"),
        ({"type": ["string", "null"]}, 1, 'the value is not of types "null", "string"'),
    ],
)
def test_messages_do_not_hold_the_value_so_that_they_can_be_counted(schema: Any, value: Any, message: str) -> None:
    ((_, path, found, _),) = violations(checked([rule("Order", properties(a=schema))], order(a=value)))
    assert (path, found) == ("$.properties.a", message)


def test_a_rule_is_found_by_name_and_names_that_the_plan_lacks_are_counted() -> None:
    events: list[Any] = [{"type": "track", "event": name} for name in ("Order", "Odrer", "Odrer", "Other")]
    check = checked([ORDER], *events, {"type": "track"})
    assert {name: (one.events, one.closest) for name, one in check.unplanned.items()} == {
        "Odrer": (2, "Order"),
        "Other": (1, "Order"),
        "": (1, ""),
    }
    assert (check.conforming, check.unplanned_events, check.violating) == (1, 4, 0)


def test_types_without_rules_are_not_checked() -> None:
    events = [{"type": "page"}, {"type": "page"}, {"type": "identify"}, {"type": 5}]
    check = checked([ORDER], *events)
    assert check.not_covered == {"page": 2, "identify": 1, "": 1}
    assert (check.conforming, check.violating, check.unplanned_events) == (0, 0, 0)


def test_other_types_are_checked_by_the_rules_of_their_type() -> None:
    traits = {"properties": {"traits": {"required": ["email"]}}}
    named = rule("Home", properties(section={"type": "string"}), "PAGE")
    check = checked(
        [rule(None, traits, "IDENTIFY"), named, rule(None, True, "PAGE")],
        {"type": "identify", "traits": {}},
        {"type": "page", "name": "Home", "properties": {"section": 1}},
        {"type": "page", "name": "Other", "properties": {"section": 1}},
    )
    assert [found[:2] for found in violations(check)] == [
        ("identify", "$.traits"),
        ("page Home", "$.properties.section"),
    ]
    assert check.conforming == 1


def test_rules_for_all_events_apply_to_every_event() -> None:
    common = rule(None, {"required": ["messageId"]}, "COMMON")
    check = checked([ORDER, common], {"type": "track", "event": "Order"}, {"type": "page"}, order())
    assert violations(check) == [("common", "$", '"messageId" is a required property', 2)]
    assert (check.conforming, check.violating) == (1, 2)


@pytest.mark.parametrize(
    ("version", "title"),
    [(None, "Order (version 1)"), (2, "Order (version 2)"), ("2", "Order (version 2)"), (1, "Order (version 1)")],
)
def test_an_event_names_the_version_of_its_rule(version: Any, title: str) -> None:
    rules = [rule("Order", False, version=number) for number in (3, 2, 1)]
    context = {} if version is None else {"protocols": {"event_version": version}}
    check = checked(rules, {**order(), "context": context})
    assert [found[0] for found in violations(check)] == [title]


def test_the_oldest_version_counts_where_there_is_no_first() -> None:
    rules = [rule("Order", False, version=number) for number in (3, 2)]
    assert [found[0] for found in violations(checked(rules, order()))] == ["Order (version 2)"]


def test_a_version_that_the_plan_lacks_is_not_planned() -> None:
    check = checked([ORDER], {**order(), "context": {"protocols": {"event_version": 4}}})
    assert list(check.unplanned) == ["Order (version 4)"]


@pytest.mark.parametrize("context", [None, [], {"protocols": None}, {"protocols": []}])
def test_an_odd_context_names_no_version(context: Any) -> None:
    assert checked([ORDER], {**order(total=1), "context": context}).conforming == 1


@pytest.mark.parametrize(
    ("draft", "items", "valid"),
    [
        (None, [{"type": "string"}], False),
        ("http://json-schema.org/draft-07/schema#", [{"type": "string"}], False),
        ("http://json-schema.org/draft-04/schema#", [{"type": "string"}], False),
        ("https://example.test/schema", [{"type": "string"}], False),
    ],
)
def test_a_rule_is_read_in_its_draft_or_in_draft_7(draft: str | None, items: Any, valid: bool) -> None:
    schema = properties(a={"type": "array", "items": items}) | ({"$schema": draft} if draft else {})
    check = checked([rule("Order", schema)], order(a=[5]))
    assert [one.problem for one in check.rules] == [""]
    assert (check.violating == 0) is valid


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "none"},
        {"properties": []},
        {"$ref": "#/definitions/lost"},
        {"$ref": "http://localhost:9/schema.json"},
        {"$ref": "file:///etc/hostname"},
        {"pattern": "(?!x"},
        {"required": True},
    ],
)
def test_a_schema_that_is_not_valid_or_leads_elsewhere_is_a_problem_of_its_rule(schema: Any) -> None:
    check = checked([rule("Order", schema), rule("Other", False)], order(), {"type": "track", "event": "Other"})
    assert [bool(one.problem) for one in check.rules] == [True, False]
    assert [found[0] for found in violations(check)] == ["Other"]
    assert (check.conforming, check.unchecked, check.violating, check.unplanned_events) == (0, 1, 1, 0)


def test_odd_values_are_checked_like_any_other() -> None:
    deep: Any = {}
    for _ in range(1_500):
        deep = {"a": deep}
    value: Any
    for value in ("\ud800", 2**63, 1e300, deep, [[]] * 9):
        check = checked([ORDER], order(total=value))
        assert check.conforming + check.violating == 1
        json.dumps(check.to_json())


def test_what_is_kept_does_not_grow_with_the_events() -> None:
    closed = properties(a={})
    closed["properties"]["properties"]["additionalProperties"] = False
    check = EventCheck(read_tracking_plan([rule("Order", closed)]))
    for number in range(700):
        check.take(order(**{f"key {number}": 1}), "line")
        check.take({"type": "track", "event": f"Name {number}"}, "line")
        check.take({"type": f"type {number}"}, "line")
    assert len(check.violations) == len(check.unplanned) == 500
    assert len(check.not_covered) == 501
    assert check.more == 400
    assert (check.violating, check.unplanned_events) == (700, 700)


def test_json_has_all_counts() -> None:
    found = checked([ORDER], order(total="1"), {"type": "track", "event": "Odrer"}, {"type": "page"}).to_json()
    assert {key: found[key] for key in ("events", "conforming", "violating", "unplanned", "notCovered")} == {
        "events": 3,
        "conforming": 0,
        "violating": 1,
        "unplanned": 1,
        "notCovered": {"page": 1},
    }
    assert found["violations"][0]["samples"] == [{"record": "line 1", "messageId": "m-1", "found": '"1"'}]
    assert found["unplannedEvents"][0]["closest"] == "Order"
    assert found["rules"][0] == {
        "rule": "Order",
        "type": "track",
        "event": "Order",
        "version": 1,
        "events": 1,
        "violating": 1,
        "problem": None,
    }


def test_long_texts_are_cut() -> None:
    long = "x" * 100_000
    closed = properties(a={})
    closed["properties"]["properties"]["additionalProperties"] = False
    check = checked(
        [rule("Order", closed)],
        {**order(**{long: 1}), "messageId": long},
        {"type": "track", "event": long, "messageId": long},
        {"type": long},
    )
    assert len(json.dumps(check.to_json())) < 3_000


def test_what_is_forbidden_altogether_has_a_sentence_of_its_own() -> None:
    ((_, path, message, _),) = violations(checked([rule("Order", properties(a=False))], order(a=1)))
    assert (path, message) == ("$.properties.a", "the plan does not allow any value here")
