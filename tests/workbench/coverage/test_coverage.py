"""Which points events reach."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.mapping import array_path, if_exists, liquid_template, path, template
from destination.workbench.coverage import Coverage, SubscriptionCoverage
from destination.workbench.coverage.subscription import _key
from tests.mapping.strategies import EVENTS, MAPPINGS
from tests.thorough import examples

TRACK = 'type = "track"'


def subscription(mapping: Any, trigger: str = TRACK, **more: Any) -> Subscription:
    return Subscription(name="S", subscribe=trigger, partner_action="x", mapping=mapping, **more)


def reached(mapping: Any, *events: dict[str, Any], trigger: str = TRACK) -> dict[str, int]:
    item = SubscriptionCoverage(subscription(mapping, trigger), "S")
    for event in events:
        item.take({"type": "track", **event})
    return {str(point): item.count(point) for point in item.points if item.count(point)}


def test_a_condition_that_is_not_asked_is_not_reached() -> None:
    trigger = 'type = "track" and event = "a"'
    assert reached({}, {"type": "page", "event": "a"}, {"event": "b"}, trigger=trigger) == {
        f"subscribe {trigger}: not matched": 2,
        'subscribe/0 type = "track": true': 1,
        'subscribe/0 type = "track": false': 1,
        'subscribe/1 event = "a": false': 1,
    }


def test_only_events_that_match_reach_the_mapping() -> None:
    found = reached({"a": path("$.a")}, {"a": 1}, {"type": "page", "a": 1}, {"a": None})
    assert (found["mapping/a @path: value"], found["mapping/a @path: nothing"]) == (1, 1)


def test_both_branches_are_told_apart_in_every_form_of_if() -> None:
    there, gone = {"a": 1}, {"a": None}
    for then, else_ in ((path("$.a"), "none"), (path("$.b"), "none"), ("yes", None), (path("$.a"), None)):
        mapping = {"x": if_exists(path("$.a"), then=then, else_=else_)}
        assert "mapping/x @if: else" not in reached(mapping, there)
        assert reached(mapping, there, there)["mapping/x @if: then"] == 2
        assert "mapping/x @if: then" not in reached(mapping, gone)
        assert reached(mapping, gone)["mapping/x @if: else"] == 1


def test_placeholders_are_filled_or_empty() -> None:
    found = reached({"x": template("{{ a }}{{ b.a }}")}, {"a": 0, "b": {"a": None}})
    assert {point: count for point, count in found.items() if "{{" in point} == {
        "mapping/x {{ a }}: filled": 1,
        "mapping/x {{ b.a }}: empty": 1,
    }


def test_branches_of_a_liquid_template_are_told_apart() -> None:
    mapping = {"x": liquid_template("{% if a %}{{ b | upcase }}{% else %}{{ c }}{% endif %}")}
    found = reached(mapping, {"a": True}, {"a": True, "b": "x"})
    assert {point.removeprefix("mapping/x "): count for point, count in found.items() if "{" in point} == {
        "{% a %}: true": 2,
        "{{ b | upcase }}: rendered": 2,
        "{{ a }}: filled": 2,
        "{{ b }}: filled": 1,
        "{{ b }}: empty": 1,
        "{{ c }}: empty": 2,
    }


def test_items_count_each() -> None:
    mapping = {"x": array_path("$.list", {"id": path("$.id")})}
    found = reached(mapping, {"list": [{"id": 1}, {"id": 2}, {}]})
    assert found["mapping/x/@arrayPath/1/id @path: value"] == 2
    assert found["mapping/x/@arrayPath/1/id @path: nothing"] == 1


def test_a_mapping_that_fails_has_reached_what_came_before() -> None:
    item = SubscriptionCoverage(subscription({"a": path("$.a"), "b": path(path("$.n")), "c": path("$.c")}), "S")
    item.take({"type": "track", "a": 1, "n": {}})
    found = [str(point) for point in item.points if item.count(point)]
    assert found[1:] == ["mapping/a @path: value", "mapping/b/@path @path: value"]
    assert (item.matched, item.failed) == (1, 1)


def test_what_is_no_event_reaches_nothing_of_a_mapping() -> None:
    item = SubscriptionCoverage(subscription({"a": path("$.a")}, "properties.a = null or type = null"), "S")
    for event in (None, 5, "text", ["list"]):
        item.take(event)
    assert (item.matched, item.failed) == (3, 3)
    assert not [point for point in item.points if point.path[0] == "mapping" and item.count(point)]


def test_disabled_subscriptions_have_no_points() -> None:
    assert Coverage([subscription({}, enabled=False)]).total == 0


def test_what_two_coverages_saw_adds_up() -> None:
    one, other = (SubscriptionCoverage(subscription({"a": template("{{a}}")}), "S") for _ in range(2))
    one.take({"type": "track", "a": 1})
    other.take({"type": "track"})
    other.take({"type": "page"})
    one.add(json.loads(json.dumps(other.to_data())))
    assert one.reached == one.total == 5
    assert one.matched == 2


CORPUS: list[dict[str, Any]] = [
    {"type": "track", "event": "A", "userId": "u", "properties": {"a": 1}, "context": {"library": {"name": "x"}}},
    {"type": "track", "anonymousId": "n"},
    {
        "type": "track",
        "event": "Experiment Viewed",
        "properties": {"exposure": {"a": 1}},
        "context": {"library": {"name": "x"}},
    },
    {"type": "track", "event": "Experiment Viewed", "userId": "u", "anonymousId": "n"},
    *(
        {**event, "type": kind}
        for kind in ("page", "screen")
        for event in (
            {"name": "Home", "userId": "u", "properties": {"a": 1}, "context": {"library": {"name": "x"}}},
            {"anonymousId": "n"},
        )
    ),
]


def test_a_small_corpus_reaches_everything_of_the_presets() -> None:
    coverage = Coverage(absmartly.preset_subscriptions())
    for event in CORPUS:
        coverage.take(event)
    assert [str(point) for item in coverage.subscriptions for point in item.missed] == []
    assert (coverage.percent, coverage.events) == (100.0, len(CORPUS))


def test_the_json_holds_no_value_of_an_event() -> None:
    coverage = Coverage(absmartly.preset_subscriptions())
    for line in Path("examples/events.ndjson").read_text(encoding="utf-8").splitlines():
        coverage.take(json.loads(line))
    coverage.take({"type": "track", "userId": "s3cr3t-user", "event": "s3cr3t", "mails": {"ada@example.org": 1}})
    text = json.dumps(coverage.to_json())
    assert "$.mails.*" in text
    assert "s3cr3t" not in text
    assert "ada@" not in text


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    MAPPINGS,
    st.lists(st.tuples(EVENTS, st.sampled_from([{}, {"properties": {"a": 1}}, {"type": "track", "properties": 0}]))),
    st.sampled_from(
        [TRACK, 'type != "x" and properties.a = null', "properties.a = 1", "properties.a != null or a = 1"]
    ),
)
def test_what_events_reach_can_be_reached(mapping: Any, events: list[Any], trigger: str) -> None:
    whole = {"m": mapping, "a": path("$.properties.a"), "t": template("{{type}}{{ properties.a }}")}
    item = SubscriptionCoverage(subscription(whole, trigger), "S")
    for event, more in events:
        item.take({**event, **more} if isinstance(event, dict) else event)
    known = {_key(point) for point in item.points}
    # Of a template that another directive gives the placeholders are not known before an event comes.
    unknown = {key for key in item._counts if key not in known and key[2] not in ("filled", "empty")}
    assert not unknown
    assert item.reached <= item.total
