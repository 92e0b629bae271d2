"""Strategies for Segment's events, and for events around a trigger."""

import sys
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from destination.errors import DefinitionError
from destination.fql import Trigger, Witness, compile_trigger, generate_fql, satisfy
from destination.testing.strategies import EVENT_TYPES, events_matching, events_not_matching, segment_events
from tests.fql.strategies import round_trip_conditions
from tests.thorough import examples

QUICK = settings(max_examples=examples(60), derandomize=True, database=None, suppress_health_check=list(HealthCheck))
TRIGGERS = (
    'type = "track" and event != "Experiment Viewed"',
    'type = "identify" or type = "group"',
    'properties.price >= 10 or traits.plan = "pro" or contains(context.ip, "10.")',
    'type = "page" and name = "Home" and userId != null',
    'event = "a" or event = "b" or (type = "screen" and properties.products.length > 1)',
    '!contains(properties.plan, "free") and match(event, "Order*")',
)


@QUICK
@given(st.sampled_from(EVENT_TYPES).flatmap(segment_events))
def test_events_are_valid_by_the_spec(event: dict[str, Any]) -> None:
    assert event["type"] in EVENT_TYPES
    assert isinstance(event["messageId"], str)
    assert event.get("userId") or event.get("anonymousId")
    moments = [datetime.fromisoformat(event[key]) for key in ("timestamp", "sentAt", "receivedAt")]
    assert moments == sorted(moments)
    if event["type"] == "track":
        assert event["event"]
    if event["type"] == "group":
        assert event["groupId"]
    if event["type"] == "alias":
        assert event["previousId"]
        assert event["userId"]
    for key in ("properties", "traits", "context"):
        assert isinstance(event.get(key, {}), dict)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_a_type_gives_events_of_that_type_alone(kind: str) -> None:
    @seed(1)
    @settings(QUICK, max_examples=10)
    @given(segment_events(kind))
    def check(event: dict[str, Any]) -> None:
        assert event["type"] == kind

    check()


def test_a_type_that_is_none_is_told() -> None:
    with pytest.raises(DefinitionError, match="'tracks'"):
        segment_events("tracks")
    with pytest.raises(DefinitionError, match="an empty list"):
        segment_events([])


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_events_do_what_their_name_says(trigger: str) -> None:
    compiled = compile_trigger(trigger)
    matching, others = events_matching(trigger), events_not_matching(compiled)

    @settings(QUICK, max_examples=examples(40))
    @given(matching, others)
    def check(inside: dict[str, Any], outside: dict[str, Any]) -> None:
        assert compiled(inside)
        assert not compiled(outside)

    check()


@settings(QUICK, max_examples=examples(80))
@given(st.data(), round_trip_conditions)
def test_every_drawn_event_was_checked_whatever_the_trigger(data: st.DataObject, condition: Any) -> None:
    trigger = Trigger(generate_fql(condition), condition)
    assume(isinstance(satisfy(trigger), Witness))
    assume(isinstance(satisfy(refused=[trigger]), Witness))
    assert trigger(data.draw(events_matching(trigger)))
    assert not trigger(data.draw(events_not_matching(trigger)))


def drawn(strategy: Any, count: int = 100) -> list[dict[str, Any]]:
    """Events of a strategy, the same in each run."""
    events: list[dict[str, Any]] = []

    @settings(QUICK, max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def collect(event: dict[str, Any]) -> None:
        events.append(event)

    collect()
    return events


@pytest.mark.thorough
def test_every_alternative_of_a_trigger_is_drawn() -> None:
    found = set()
    for event in drawn(events_matching('event = "a" or traits.plan = "pro" or properties.price > 100000')):
        plan, price = event.get("traits", {}).get("plan"), event.get("properties", {}).get("price", 0)
        found.add((event.get("event") == "a", plan == "pro", price > 100_000))
    assert {(True, False, False), (False, True, False), (False, False, True)} <= found


@pytest.mark.thorough
def test_what_no_condition_reads_is_arbitrary() -> None:
    events = drawn(events_matching('type = "track" and properties.price > 5'))
    assert any("ip" in event["context"] and len(event["properties"]) > 2 for event in events)
    assert any("userId" not in event for event in events)
    assert len({event["event"] for event in events}) > 5


@pytest.mark.thorough
def test_events_on_the_boundary_are_drawn() -> None:
    assert any(event["properties"]["price"] == 6 for event in drawn(events_matching("properties.price > 5")))
    outside = drawn(events_not_matching('type = "track" and properties.price > 5'))
    assert any(event["type"] == "track" and event["properties"].get("price") == 5 for event in outside)


def test_a_drawn_event_can_be_changed() -> None:
    """What is drawn shares nothing with what is drawn later."""
    strategy = events_matching('type = "track" and properties.plan = "pro"')

    for event in drawn(strategy, 40):
        assert event["properties"]["plan"] == "pro"
        event["properties"]["plan"] = "spoilt"
    assert all(event["properties"]["plan"] == "pro" for event in drawn(strategy, 40))


def test_a_trigger_that_nothing_matches_is_an_error_with_the_proof() -> None:
    with pytest.raises(DefinitionError, match=r"no event matches .*: no event passes .*price > 5 and .*price < 3"):
        events_matching("properties.price > 5 and properties.price < 3")


def test_a_trigger_that_everything_matches_is_an_error_with_the_proof() -> None:
    with pytest.raises(DefinitionError, match=r'every event matches type = "a" or type != "a": '):
        events_not_matching('type = "a" or type != "a"')


def test_a_trigger_that_cannot_be_parsed_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="cannot be parsed: Value token is missing"):
        events_matching("type")


def test_without_hypothesis_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "hypothesis"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs hypothesis: pip install 'hypothesis>=6.115'"):
        segment_events()
