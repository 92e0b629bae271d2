"""What the example files promise: each preset and branch in one, nothing but failures in the other."""

from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.catalog.absmartly.collector import findings
from destination.event import NotAnEventError, as_event
from destination.runtime import Instance, Outcome
from destination.values import get_property, parse_date, read_json
from tests.kit import SETTINGS

_EXAMPLES = Path(__file__).parent.parent / "examples"
_GOOD = [read_json(line) for line in (_EXAMPLES / "events.ndjson").read_bytes().splitlines()]
_BAD_LINES = (_EXAMPLES / "bad-events.ndjson").read_bytes().splitlines()


@pytest.fixture(scope="module")
def instance() -> Instance[Any]:
    return absmartly.instance(SETTINGS)


@pytest.fixture(scope="module")
def matched(instance: Instance[Any]) -> list[tuple[dict[str, Any], Outcome]]:
    return [(event, outcome) for event in _GOOD for outcome in instance.plan(event).matched]


def _body(outcome: Outcome) -> dict[str, Any]:
    (request,) = outcome.requests
    assert request.body is not None
    body: dict[str, Any] = read_json(request.body)
    return body


def _event_of(line: bytes) -> dict[str, Any] | None:
    try:
        return as_event(read_json(line))
    except (ValueError, NotAnEventError):
        return None


def test_there_are_enough_events_and_each_is_one_of_its_own() -> None:
    assert len(_GOOD) >= 40
    assert len({event["messageId"] for event in _GOOD}) == len(_GOOD)
    assert {event["type"] for event in _GOOD} == {"track", "page", "screen", "identify", "group", "alias"}


def test_every_time_can_be_read() -> None:
    for event in _GOOD:
        for key in ("timestamp", "originalTimestamp", "sentAt", "receivedAt"):
            assert isinstance(parse_date(event[key]), int)


def test_every_preset_takes_several_and_some_match_nothing(
    instance: Instance[Any], matched: list[tuple[dict[str, Any], Outcome]]
) -> None:
    names = [outcome.name for _, outcome in matched]
    for name in ("Track Calls", "Page Calls", "Screen Calls", "Exposures (Verbatim)"):
        assert names.count(name) >= 4
    assert sum(not instance.plan(event).matched for event in _GOOD) >= 3


def test_every_event_that_matches_can_be_sent(matched: list[tuple[dict[str, Any], Outcome]]) -> None:
    for event, outcome in matched:
        assert outcome.error is None, event["messageId"]
        assert findings(_body(outcome)) == [], event["messageId"]


def test_every_branch_of_the_default_mappings_is_taken(matched: list[tuple[dict[str, Any], Outcome]]) -> None:
    for action in ("goals", "exposures"):
        agents = {
            (
                get_property(get_property(event.get("context"), "library"), "name"),
                outcome.requests[0].headers["x-agent"],
            )
            for event, outcome in matched
            if action in _body(outcome)
        }
        assert any(agent == library for library, agent in agents)
        assert any(agent == "segment" and not library for library, agent in agents)
    goals = [(event, _body(outcome)) for event, outcome in matched if "goals" in _body(outcome)]
    units = {tuple(unit["type"] for unit in body["units"]) for _, body in goals}
    assert units >= {("anonymousId", "userId"), ("anonymousId",), ("userId",)}
    named = {body["goals"][0]["name"] for event, body in goals if "name" not in event and "event" not in event}
    assert named == {"Page: ", "Screen: "}


def test_exposures_are_shifted_both_ways_and_not_at_all(matched: list[tuple[dict[str, Any], Outcome]]) -> None:
    offsets = set()
    for event, outcome in matched:
        if outcome.name == "Exposures (Verbatim)":
            before, after = event["properties"]["exposure"], _body(outcome)
            offset = after["exposures"][0]["exposedAt"] - before["exposures"][0]["exposedAt"]
            offsets.add((offset > 0) - (offset < 0))
            for one, other in zip(before.get("attributes", ()), after.get("attributes", ()), strict=True):
                assert other["setAt"] - one["setAt"] == offset
    assert offsets == {-1, 0, 1}


def test_no_bad_event_can_be_delivered(instance: Instance[Any]) -> None:
    events = [event for event in map(_event_of, _BAD_LINES) if event is not None]
    assert len(events) >= 40
    for event in events:
        assert event["messageId"].startswith("bad-")
        (outcome,) = instance.plan(event).matched
        if outcome.error is None:
            assert findings(_body(outcome)), event["messageId"]
        else:
            assert str(outcome.error), event["messageId"]


def test_some_bad_lines_are_no_event_at_all() -> None:
    assert sum(_event_of(line) is None for line in _BAD_LINES) >= 10
