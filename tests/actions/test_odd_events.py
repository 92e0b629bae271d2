"""Odd events in ABsmartly's batches: each has the outcome that it has alone, and the good ones go out."""

from random import Random
from typing import Any

import pytest

from destination import EngineTypeError, Event, Instance, MockTransport, Outcome, Request, Response
from destination.catalog.absmartly import absmartly
from destination.definition import Action
from destination.runtime import Destination
from tests.kit import SETTINGS
from tests.robustness.arbitrary import spoiled, value

_SUBSCRIPTIONS = [
    {
        "name": action,
        "subscribe": trigger,
        "partnerAction": action,
        "mapping": {**absmartly.actions[action].default_values(), **more},
    }
    for action, trigger, more in (
        ("trackGoal", 'type = "track"', {"application": {"@path": "$.context.app.name"}}),
        ("trackExposure", 'event = "Experiment Viewed"', {}),
        # A trigger and a mapping that fail on some events.
        (
            "trackGoal",
            'type != "page" and contains(properties.a, "b")',
            {"units": {"@flatten": {"value": {"@path": "$.properties"}, "separator": "."}}},
        ),
        (
            "trackGoal",
            'type = "track"',
            {"properties": {"@json": {"mode": "decode", "value": {"@path": "$.properties"}}}},
        ),
    )
]
_HUGE = 10**5000
_ODD_VALUES: list[Any] = [
    None, True, 0, -1, 1.5, _HUGE, float("nan"), "", " ", "text", "\ud800", "a\r\nb", "日本", [], [None], {}, {"a": {}},
    object(),
]  # fmt: skip


def answer(request: Request) -> Response:
    return Response(200, json={"ok": True, "errors": [], "warnings": []})


def instance() -> tuple[Instance[Any], MockTransport]:
    transport = MockTransport(answer)
    return absmartly.instance(SETTINGS, _SUBSCRIPTIONS, transport=transport), transport


def in_short(outcome: Outcome) -> tuple[Any, ...]:
    """What became of an event, for comparison."""
    error = outcome.error
    text = str(error).replace("the request's `json` cannot be written", "the event cannot be written as JSON")
    return outcome.name, outcome.matched, outcome.delivered, type(error), text


def sent_by(transport: MockTransport) -> list[str]:
    """The events that arrived, as text in no order."""
    bodies = [request.json() for request in transport.requests]
    return sorted(repr(event) for body in bodies for event in body.get("requests", [body]))


async def compare(events: list[Any]) -> list[list[tuple[Any, ...]]]:
    """Sends events alone and as a batch, and gives their outcomes, which are the same."""
    alone, singly = instance()
    expected = [[in_short(outcome) for outcome in (await alone.on_event(event)).outcomes] for event in events]
    together, batches = instance()
    result = await together.on_batch(events)
    assert [outcome.error for outcome in result.outcomes] == [None] * len(_SUBSCRIPTIONS)
    found = [[in_short(outcome) for outcome in event.outcomes] for event in result]
    for event, one, other in zip(events, found, expected, strict=True):
        assert one == other, event
    assert sent_by(batches) == sent_by(singly)
    return found


@pytest.mark.parametrize(
    "odd",
    [{"context": None}, {"context": {"personas": None}}, {"timestamp": None}, {"properties": None}],
    ids=lambda odd: next(iter(odd)),
)
async def test_an_odd_event_fails_alone(odd: dict[str, Any], goal_event: Event) -> None:
    found = await compare([goal_event, {**goal_event, **odd}, goal_event])
    assert [event[0][2] for event in found] == [True, False, True]


@pytest.mark.parametrize("odd", [None, "text", [], 5, True, {}], ids=repr)
async def test_what_is_no_event_fails_no_other(odd: Any, goal_event: Event) -> None:
    found = await compare([goal_event, odd, goal_event])
    assert [event[0][2] for event in found] == [True, False, True]


async def test_events_that_are_odd_in_one_field(goal_event: Event, exposure: dict[str, Any]) -> None:
    fields = ("type", "event", "userId", "anonymousId", "timestamp", "properties", "context", "traits")
    good: list[Event] = [goal_event, {**goal_event, "event": "Experiment Viewed", "properties": {"exposure": exposure}}]
    odd = [{**event, name: odd} for event in good for name in fields for odd in _ODD_VALUES]
    odd += [{**event, "properties": {"a": odd}} for event in good for odd in _ODD_VALUES]
    odd += [
        {**event, "context": {name: odd}} for event in good for name in ("library", "personas") for odd in _ODD_VALUES
    ]
    odd += [{**event, "context": {"library": {"name": odd}}} for event in good for odd in _ODD_VALUES]
    odd += [{**event, "context": {"app": {"name": odd}}} for event in good for odd in _ODD_VALUES]
    odd += [
        {**good[1], "properties": {"exposure": {**exposure, name: odd}}} for name in exposure for odd in _ODD_VALUES
    ]
    found = await compare([*good, *odd, *good])
    assert {event[0][2] for event in found} == {True, False}
    for event in (found[0], found[-2]):
        assert event[0][2]


@pytest.mark.parametrize("seed", range(40))
async def test_arbitrary_events_have_the_outcome_that_they_have_alone(
    seed: int, goal_event: Event, exposure: dict[str, Any]
) -> None:
    draw = Random(seed)
    seen = {**goal_event, "event": "Experiment Viewed", "properties": {"exposure": exposure}}
    odd = [spoiled(draw, draw.choice([goal_event, seen]), draw.randrange(1, 4)) for _ in range(30)]
    found = await compare([goal_event, *odd, value(draw), seen])
    assert (found[0][0][2], found[-1][1][2]) == (True, True)


def test_a_plan_shows_the_same() -> None:
    good = {"type": "track", "event": "g", "userId": "u", "timestamp": "2023-01-01", "properties": {}}
    planned, transport = instance()
    result = planned.plan_batch([good, {**good, "context": None}, None])  # type: ignore[list-item]
    assert [len(request.json()["requests"]) for request in result.outcomes[0].requests] == [1]
    assert isinstance(result.event(1).outcomes[0].error, EngineTypeError)
    assert transport.requests == []


async def test_where_segment_has_batches_an_odd_event_rejects_them_as_there() -> None:
    async def perform_batch(request: Any, data: Any) -> Any:
        return await request("https://h.test/", "post", json=[dict(payload) for payload in data.payload])

    action: Action[Any, Any] = Action(
        title="A", description="", perform=lambda request, data: request("https://h.test/"), perform_batch=perform_batch
    )
    demo: Destination[Any] = Destination(name="Demo", slug="demo", actions={"a": action})
    subscription = {"name": "A", "subscribe": 'type = "track"', "partnerAction": "a", "mapping": {}}
    async with demo.instance({}, [subscription], transport=MockTransport()) as made:
        result = await made.on_batch([{"type": "track"}, {"type": "track", "context": None}])
    assert [type(error) for error in result.errors] == [EngineTypeError]
