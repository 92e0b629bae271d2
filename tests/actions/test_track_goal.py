from collections.abc import Callable
from typing import Any

import pytest

from destination import MISSING, Outcome, PayloadValidationError
from tests.kit import MOMENT

Plan = Callable[..., Outcome]
Event = dict[str, Any]


def body_of(outcome: Outcome) -> Any:
    assert outcome.error is None, outcome.error
    [request] = outcome.requests
    return request.json()


def test_goal_is_put_to_the_context_of_the_collector(plan: Plan, goal_event: Event) -> None:
    [request] = plan("trackGoal", goal_event).requests
    assert (request.method, request.url) == ("PUT", "https://demo.absmartly.io/v1/context")
    assert dict(request.headers) == {
        "content-type": "application/json",
        "user-agent": "Segment (Actions)",
        "x-agent": "analytics.js",
        "x-api-key": "s3cr3t-key",
        "x-environment": "test",
    }
    assert request.json() == {
        "historic": True,
        "publishedAt": MOMENT,
        "units": [{"type": "anonymousId", "uid": "a-1"}, {"type": "userId", "uid": "u-1"}],
        "goals": [{"name": "Order Completed", "achievedAt": MOMENT, "properties": {"total": 9.5}}],
    }


def test_keys_of_the_body_come_in_the_order_of_segment(plan: Plan, goal_event: Event) -> None:
    [request] = plan("trackGoal", goal_event).requests
    assert request.body is not None
    assert request.body.startswith(b'{"historic":true,"publishedAt":1672531200000,"units":[')


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({"userId": "u"}, [{"type": "userId", "uid": "u"}]),
        ({"userId": 7, "seat": 1.5}, [{"type": "userId", "uid": "7"}, {"type": "seat", "uid": "1.5"}]),
        ({"big": 1e21}, [{"type": "big", "uid": "1e+21"}]),
        ({"b": "x", "1": "y"}, [{"type": "1", "uid": "y"}, {"type": "b", "uid": "x"}]),
        ({"blank": " \u00a0", "empty": "", "null": None, "flag": True, "list": [], "object": {}}, []),
        ({}, []),
    ],
)
def test_units_keep_non_blank_text_and_numbers(plan: Plan, goal_event: Event, units: Event, expected: Any) -> None:
    assert body_of(plan("trackGoal", goal_event, units=units))["units"] == expected


def test_event_without_ids_is_sent_with_no_units(plan: Plan, goal_event: Event) -> None:
    del goal_event["userId"], goal_event["anonymousId"]
    assert body_of(plan("trackGoal", goal_event))["units"] == []


@pytest.mark.parametrize(
    ("timestamp", "moment"),
    [
        ("2023-01-01", MOMENT),
        ("2023-02-30", 1_677_715_200_000),
        ("foo 12", 1_007_164_800_000),
        ("1/1/49", 2_493_072_000_000),
        (5, 5),
        (["2023-01-01"], MOMENT),
    ],
)
def test_timestamp_is_read_as_date_parse_reads_it(plan: Plan, goal_event: Event, timestamp: Any, moment: int) -> None:
    body = body_of(plan("trackGoal", {**goal_event, "timestamp": timestamp}))
    assert (body["publishedAt"], body["goals"][0]["achievedAt"]) == (moment, moment)


@pytest.mark.parametrize(
    "timestamp", [None, "", "garbage", "2023-13-01", "1672531200000", True, {}, [], MISSING, 10**400]
)
def test_event_without_readable_timestamp_fails(plan: Plan, goal_event: Event, timestamp: Any) -> None:
    event = {**goal_event, "timestamp": timestamp}
    if timestamp is MISSING:
        del event["timestamp"]
    outcome = plan("trackGoal", event)
    assert isinstance(outcome.error, PayloadValidationError)
    assert str(outcome.error).startswith("Field `timestamp` of the event ")
    assert outcome.requests == ()


@pytest.mark.parametrize(
    ("agent", "sent"), [("  my-sdk \ufeff", "my-sdk"), ("  ", "segment"), (None, "segment"), (7, "7"), (["x"], "x")]
)
def test_agent_is_trimmed_and_segment_when_blank(plan: Plan, goal_event: Event, agent: Any, sent: str) -> None:
    [request] = plan("trackGoal", goal_event, agent=agent).requests
    assert request.headers["x-agent"] == sent


def test_agent_of_an_event_without_library_is_segment(plan: Plan, goal_event: Event) -> None:
    del goal_event["context"]
    [request] = plan("trackGoal", goal_event).requests
    assert request.headers["x-agent"] == "segment"


def test_application_is_sent_trimmed_with_version_zero(plan: Plan, goal_event: Event) -> None:
    [request] = plan("trackGoal", goal_event, application=" shop ").requests
    assert (request.headers["x-application"], request.headers["x-application-version"]) == ("shop", "0")


@pytest.mark.parametrize("application", [" ", "", None])
def test_blank_application_sends_no_header(plan: Plan, goal_event: Event, application: Any) -> None:
    [request] = plan("trackGoal", goal_event, application=application).requests
    assert not {"x-application", "x-application-version"} & set(dict(request.headers))


@pytest.mark.parametrize(("name", "goal"), [(5, "5"), (True, "true"), (["one"], "one"), (" ", " "), ("日本", "日本")])
def test_goal_name_is_coerced_to_text(plan: Plan, goal_event: Event, name: Any, goal: str) -> None:
    assert body_of(plan("trackGoal", {**goal_event, "event": name}))["goals"][0]["name"] == goal


@pytest.mark.parametrize("name", ["", None, MISSING])
def test_goal_without_name_is_missing_the_required_field(plan: Plan, goal_event: Event, name: Any) -> None:
    event = {**goal_event, "event": name}
    if name is MISSING:
        del event["event"]
    assert str(plan("trackGoal", event).error) == "The root value is missing the required field 'name'."


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (None, "The root value is missing the required field 'properties'."),
        ("text", "Goal Properties must be an object but it was a string."),
        ([1, 2], "Goal Properties must be an object but it was an array."),
    ],
)
def test_properties_must_be_an_object(plan: Plan, goal_event: Event, properties: Any, message: str) -> None:
    assert str(plan("trackGoal", {**goal_event, "properties": properties}).error) == message


def test_event_is_not_changed(plan: Plan, goal_event: Event) -> None:
    goal_event["properties"] = {"nested": {"a": None, "b": ""}}
    before = repr(goal_event)
    plan("trackGoal", goal_event)
    assert repr(goal_event) == before


@pytest.mark.parametrize("agent", ["line\nbreak", "日本"])
def test_agent_that_no_header_can_hold_fails_the_event(plan: Plan, goal_event: Event, agent: str) -> None:
    outcome = plan("trackGoal", goal_event, agent=agent)
    assert isinstance(outcome.error, TypeError)
