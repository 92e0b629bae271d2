"""Coverage counts exactly what the traces of all events say."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.fql import Trigger
from destination.mapping import array_path, jsonpath, path, template, transformed
from destination.workbench.coverage import Coverage, SubscriptionCoverage, event_paths, shapes
from destination.workbench.coverage.reads import EventReads
from destination.workbench.coverage.subscription import _TriggerCounter
from tests.benchmarks.events import make_events, make_shop_events
from tests.benchmarks.mappings import DEEP_MAPPING
from tests.fql.strategies import events as typed_events
from tests.fql.strategies import loose_conditions
from tests.mapping.strategies import EVENTS, MAPPINGS
from tests.thorough import examples
from tests.workbench.coverage.traced import TracedCoverage, TracedSubscription, counts_of

TRACK = 'type = "track"'


def subscription(mapping: Any, trigger: str = TRACK) -> Subscription:
    return Subscription(name="S", subscribe=trigger, partner_action="x", mapping=mapping)


def assert_equal(subscriptions: Iterable[Subscription], events: Iterable[Any], destination: str | None = None) -> None:
    subscriptions = list(subscriptions)
    counted, traced = Coverage(subscriptions, destination), TracedCoverage(subscriptions, destination)
    for event in events:
        counted.take(event)
        traced.take(event)
    assert counted.events == traced.events
    for ours, theirs in zip(counted.subscriptions, traced.subscriptions, strict=True):
        assert (ours.matched, ours.failed) == (theirs.matched, theirs.failed)
        assert counts_of(ours) == counts_of(theirs)
        assert [ours.count(point) for point in ours.points] == [theirs.count(point) for point in theirs.points]
    assert counted.paths.types == traced.types
    assert [list(paths.seen) for paths in counted.paths.types.values()] == [
        list(paths.seen) for paths in traced.types.values()
    ]


TRIGGERS = st.sampled_from(
    [
        TRACK,
        "",
        "type",
        'type = "track" and properties.a = 1 or event != "a"',
        '(type = "track" or properties.p.0 != null) and (context.a.b contains "a" or traits.p.length > 0)',
        "properties.1 exists and !(name is_true)",
        'type = "track" and properties.\\. = 1',
    ]
)


@settings(max_examples=examples(150), suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(MAPPINGS, TRIGGERS), min_size=1, max_size=3), st.lists(EVENTS, max_size=6))
def test_any_mappings_reach_what_their_traces_say(pairs: list[tuple[Any, str]], events: list[Any]) -> None:
    typed = [{**event, "type": "track"} if isinstance(event, dict) else event for event in events]
    assert_equal([subscription(mapping, trigger) for mapping, trigger in pairs], typed + typed + events)


@settings(max_examples=examples(100), suppress_health_check=list(HealthCheck))
@given(loose_conditions, st.lists(typed_events, max_size=6))
def test_any_conditions_reach_what_their_traces_say(condition: Any, events: list[Any]) -> None:
    """Also those that fail with a TypeError halfway."""
    trigger = Trigger("any", condition)
    traced, counted = TracedSubscription(subscription({}), "S"), SubscriptionCoverage(subscription({}), "S")
    traced.trigger, counted._trigger = trigger, _TriggerCounter(trigger, EventReads())
    for event in events:
        traced.traced(event)
        counted.take(event)
    assert counts_of(counted) == counts_of(traced)
    assert counted.matched == traced.matched


def test_real_events_reach_what_their_traces_say() -> None:
    events = make_events(300)
    assert_equal(
        absmartly.preset_subscriptions(), [*events, *make_shop_events(20, 5), {"integrations": {"All": False}}]
    )
    shop = subscription(DEEP_MAPPING)
    assert_equal([shop], [*make_shop_events(20, 7), *events[:50]])


NESTED = {
    "list": array_path("$.list", {"id": path("$.sku"), "tag": path("$.tags.0"), "n": path("$.tags.length")}),
    "inner": array_path("$.list", {"tags": array_path("$.tags", {"t": path("$.t")})}),
    "first": path("$.list.0.sku"),
    "odd": path("$.list.²"),
    "third": path("$.list[2].tags[1].t"),
    "size": path("$.list.length"),
    "found": transformed({"a": path("$.list"), "b": path("$.by")}, {"x": path("$.a.0.sku"), "y": path("$.b")}),
    "any": jsonpath("$.by.*"),
    "named": path(template("{{which}}.0")),
    "text": template("{{list.1.sku}} and {{by.length}}"),
}

ITEMS = st.sampled_from(
    [
        {"sku": 1},
        {"sku": None, "tags": ["t"]},
        {"tags": [{"t": 1}, {"t": 2}]},
        {"tags": {"0": 1}},
        [1, {"sku": 2}],
        5,
        {},
    ]
)
NESTING = st.fixed_dictionaries(
    {"type": st.just("track")},
    optional={
        "list": st.lists(ITEMS, max_size=3) | ITEMS,
        "by": st.sampled_from([{"ada@example.org": [1]}, {"4915112345678": {"n": []}}, {"4915112345679": {}}, [], {}]),
        "which": st.sampled_from(["list", "by", ""]),
    },
)


@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(st.lists(NESTING, min_size=1, max_size=12))
def test_lists_and_keys_that_are_data_are_read_as_their_traces_say(events: list[Any]) -> None:
    each = [subscription({name: value}) for name, value in NESTED.items()]
    assert_equal(each, events)
    assert_equal([subscription(NESTED, 'type = "track" and list.1.sku exists')], events)


def test_events_deeper_than_is_looked_into() -> None:
    deep: Any = {"a": [1]}
    for number in range(60):
        deep = {"a": deep} if number % 2 else {"a": deep, "b": [{"a": number}]}
    long = {"x": path("$." + ".".join("a" * 45)), "y": path("$.a"), "z": path("$.b.0.a")}
    assert_equal(
        [subscription(long)], [{"type": "track", **deep}, {"type": "track", **deep["a"]}, {"type": "track"}] * 2
    )


def test_more_paths_and_types_than_are_counted() -> None:
    events = [{"type": f"t{number % 30}", f"k{number}": 1, "a": {f"k{number % 9}": 1}} for number in range(300)]
    wide = [
        {"type": "track", **{f"k{number}": {"n": start} for number in range(start, start + 400)}} for start in (0, 9)
    ]
    assert_equal([subscription({"x": path("$.k3"), "y": path("$.a")})], [*events, *wide, *events, *wide, *wide])


def test_forgetting_shapes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_MAX_SIZE", 60)
    monkeypatch.setattr(event_paths, "_MAX_KEPT", 25)
    assert_equal(absmartly.preset_subscriptions(), make_events(200))
