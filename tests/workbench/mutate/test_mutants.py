"""Which mutants there are, and which of them cannot be noticed."""

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.mapping import if_exists, path, replace, template
from destination.request import MockTransport
from destination.runtime import Destination
from destination.workbench.mutate import Corpus, Mutant, find_mutants
from tests.fql.strategies import events
from tests.thorough import examples

DEMO: Destination[Any] = Destination(name="Demo", slug="demo", actions={})


def subscription(trigger: str, mapping: Any, **more: Any) -> Subscription:
    return Subscription(name="S", subscribe=trigger, partner_action="x", mapping=mapping, **more)


def equivalent(trigger: str, mapping: Any) -> dict[str, str]:
    found = find_mutants([subscription(trigger, mapping)], {}).equivalent
    return {f"{'/'.join(mutant.path)}: {mutant.change}": reason for mutant, reason in found}


def test_every_mutant_is_another_and_disabled_subscriptions_have_none() -> None:
    given = [subscription('type = "page"', {"a": path("$.a")}), subscription('type = "page"', {"a": 1}, enabled=False)]
    found = find_mutants(given, {})
    changed = [mutant.applied(given) for mutant in found.tried]
    assert len({repr(each) for each in changed}) == len(changed)
    assert all(each != tuple(given) for each in changed)
    assert {mutant.index for mutant in found.tried} == {0}


def test_no_mutant_is_an_invalid_mapping() -> None:
    given = [subscription('type = "page"', {"a": replace(path("$.a"), "0123456789", "9876543210")})]
    assert not [mutant for mutant in find_mutants(given, {}).tried if "pattern" in mutant.change]


@pytest.mark.parametrize("before", range(0, 130, 7))
def test_a_change_is_masked_before_it_is_shortened(before: int) -> None:
    secret = "sk_live_0123456789_abcdefghijklmnopqrstuvwxyz"
    literal = f"{'x' * before}{secret}{'y' * (130 - before)}"
    given = [
        subscription('type = "page"', {"a": literal, "list": [literal], "b": if_exists(path("$.b"), then=literal)})
    ]
    changes = [mutant.change for mutant in find_mutants(given, {}, mask=lambda text: text.replace(secret, "***")).tried]
    parts = {secret[start : start + 8] for start in range(len(secret) - 7)}
    assert not [change for change in changes if any(part in change for part in parts)]
    assert sum("***" in change or "…" in change for change in changes) >= 4


def test_a_long_value_is_shortened_in_the_middle_on_both_sides_of_a_change() -> None:
    literal = "begins" + "x" * 200 + "ends"
    (change,) = [
        mutant.change
        for mutant in find_mutants([subscription('type = "page"', {"a": literal})], {}).tried
        if " becomes " in mutant.change and mutant.part == "mapping"
    ]
    before, after = change.split(" becomes ")
    assert before.startswith('"beginsxxx')
    assert before.endswith('xxxends"')
    assert after.endswith('xxxends_"')
    assert (len(before), len(after)) == (80, 80)


def test_a_sample_is_the_same_for_the_same_seed_and_says_what_it_leaves_out() -> None:
    given = absmartly.preset_subscriptions()
    first, again, other = (find_mutants(given, {}, limit=10, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.tried != other.tried
    assert len(first.tried) + first.left_out == len(find_mutants(given, {}).tried)


def test_of_a_mapping_that_is_not_valid_only_the_rest_is_changed() -> None:
    deep: Any = {"@path": "$.a"}
    for _ in range(3000):
        deep = {"a": deep}
    for mapping in ({"a": {"@path": 5}}, deep):
        found = find_mutants([subscription('type = "page"', mapping)], {}).tried
        assert {mutant.part for mutant in found} == {"subscription", "trigger"}


def test_triggers_that_match_the_same_events_are_equivalent() -> None:
    assert equivalent('type = "page" and type != "track"', {}) == {
        'subscribe/1: type != "track" becomes type != "track_"': "both triggers match the same events",
        'subscribe/1: type != "track" is left out': "both triggers match the same events",
    }


def test_of_a_subscription_that_matches_nothing_nothing_can_be_noticed() -> None:
    found = equivalent('type = "page" and type = "track"', {"a": 1})
    assert found["mapping/a: 1 becomes 2"] == "its trigger matches no event"
    assert found[": the subscription is taken out"] == "its trigger matches no event"


def test_a_branch_that_no_event_takes_is_equivalent() -> None:
    mapping = {"a": if_exists(path("$.userId"), then=path("$.userId"), else_=template("{{ anonymousId }}"))}
    found = equivalent('type = "page" and userId != null', mapping)
    assert set(found) == {
        "mapping/a/@if/else: {{ anonymousId }} becomes {{ anonymousId_ }}",
        "mapping/a/@if/else: {{ anonymousId }} is left out",
        'mapping/a/@if/else: the default {"@template": "{{ anonymousId }}"} is left out',
    }
    assert set(found.values()) == {"no event that matches the trigger takes this branch"}
    assert equivalent('type = "page"', mapping) == {}


def test_what_gives_the_same_without_any_event_is_equivalent() -> None:
    found = equivalent('type = "page"', {"a": replace("abc", "b", "x")})
    assert "mapping/a/@replace/global: global: the default becomes false" in found
    assert 'mapping/a/@replace/pattern: pattern: "b" becomes "b_"' not in found


def test_a_key_that_is_no_field_of_the_action_is_equivalent() -> None:
    given = [Subscription(name="S", subscribe='type = "page"', partner_action="trackGoal", mapping={"colour": "red"})]
    found = find_mutants(given, absmartly.actions)
    assert {reason for mutant, reason in found.equivalent if mutant.part == "mapping"} == {
        "the action has no field 'colour'"
    }
    assert not [mutant for mutant in found.tried if mutant.part == "mapping"]


MAPPING = {
    "a": if_exists(path("$.userId"), then=replace(path("$.userId"), "a", "b"), else_=path("$.name")),
    "b": {"c": template("{{ properties.a }}"), "d": replace("track", "t", "a")},
    "e": if_exists(path("$.properties"), then=path("$.properties.a"), else_="none"),
}
TRIGGERS = (
    'type = "track" and userId != null',
    'type = "track" and type != "page" and name = null',
    'properties.a = null and type = "track"',
    'userId != null or userId = "a"',
)


@lru_cache
def equivalents(trigger: str) -> list[Mutant]:
    return [mutant for mutant, _ in find_mutants([subscription(trigger, MAPPING)], {}).equivalent]


@settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(TRIGGERS), st.lists(events, max_size=8))
def test_no_event_notices_what_is_called_equivalent(trigger: str, corpus_events: list[Any]) -> None:
    given = [subscription(trigger, MAPPING)]
    found = equivalents(trigger)
    assert found
    corpus = Corpus(DEMO.instance({}, given, transport=MockTransport()), found, [0])
    for event in corpus_events:
        corpus.take({"type": "track", **event} if isinstance(event, dict) else {"type": "track"})
    assert corpus.noticed == []


def noticed(mapping: Any, *corpus_events: dict[str, Any], trigger: str = 'type = "page"') -> list[str]:
    given = [subscription(trigger, mapping)]
    found = find_mutants(given, {})
    corpus = Corpus(DEMO.instance({}, given, transport=MockTransport()), found.tried, [0])
    for event in corpus_events:
        corpus.take(event)
    assert corpus.left == len(found.tried) - len(corpus.noticed)
    return [mutant.change for mutant in corpus.noticed]


def test_events_notice_what_makes_another_payload() -> None:
    mapping = {"a": path("$.a"), "b": path("$.b")}
    assert noticed(mapping, {"type": "page", "a": 1}) == [
        "the subscription is taken out",
        'type = "page" becomes type != "page"',
        'type = "page" becomes type = "page_"',
        'the key "a" is left out',
        "$.a becomes $.a_",
    ]


def test_events_that_fail_notice_another_failure() -> None:
    found = noticed({"a": path(path("$.a"))}, {"type": "page", "a": 5})
    assert "$.a becomes $.a_" in found


def test_what_is_never_the_same_notices_nothing() -> None:
    mapping = {"a": {"@liquid": "{{ 'now' | date: '%N' }}{{ x }}"}, "b": "c"}
    found = noticed({**mapping, "r": {"@liquid": "{{ l | sample: 9 | join }}"}}, {"type": "page", "l": list(range(9))})
    assert '"c" becomes "c_"' not in found


def test_a_mutant_knows_its_diff() -> None:
    given = subscription('type = "page"', {"a": {"b": path("$.b")}, "c": 1})
    mutant = Mutant(0, "S", "mapping", ("mapping", "c"), "1 becomes 2", {**given.mapping, "c": 2})
    assert [line for line in mutant.diff(given) if line.startswith(("+", "-"))] == ['-    "c": 1', '+    "c": 2']
