"""An explanation tells what a plan says, for every event and mapping."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from destination.fql import GroupCondition, generate_fql
from destination.runtime import Outcome
from destination.workbench.explain import SubscriptionExplanation, explain_event
from tests.fql import strategies as fql
from tests.mapping.strategies import EVENTS, JSON, KEYS, MAPPINGS, PARTS
from tests.mapping.test_properties import same
from tests.thorough import examples
from tests.workbench.explain.shop import FIELDS, shop

ALWAYS = "type != 5"
triggers = st.sampled_from([ALWAYS, 'type = "track"', "", "type = 'track'"]) | st.one_of(
    fql.soups, fql.round_trip_conditions.map(generate_fql)
)
mappings = st.fixed_dictionaries({"a": PARTS}, optional={key: PARTS for key in FIELDS if key != "a"}) | MAPPINGS
closed_objects = st.fixed_dictionaries(
    # Fields whose objects lose what they do not know, so that many other values come to nothing.
    {"a": st.just("x")},
    optional={
        "p": st.dictionaries(KEYS, PARTS, max_size=3) | JSON.map(lambda value: {"@literal": value}),
        "mapping": st.lists(st.dictionaries(KEYS, PARTS, max_size=3), max_size=2),
        "1": PARTS,
    },
)
events = st.builds(
    lambda one, other: {**other, **one}, EVENTS, fql.events.filter(lambda event: isinstance(event, dict))
)


def check(explained: SubscriptionExplanation, outcome: Outcome) -> None:
    assert explained.name == outcome.name
    assert explained.state == ("fails" if outcome.error else "matches" if outcome.matched else "does not match")
    assert explained.requests == outcome.requests
    assert explained.incomplete == outcome.incomplete
    assert same(explained.payload, outcome.payload)
    assert bool(explained.failures) == (outcome.error is not None or (explained.action == "nope" and outcome.matched))
    trigger = explained.trigger
    assert trigger is not None
    assert (trigger.tree is not None and trigger.tree.verdict is True) == outcome.matched
    assert trigger.tree is not None or trigger.error


@settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(triggers, st.sampled_from(["send", "send", "anything", "nope"]), mappings, events)
def test_explanation_equals_plan(trigger: str, action: str, mapping: Any, event: Any) -> None:
    instance = shop.instance(
        {},
        [
            {"subscribe": trigger, "partnerAction": action, "mapping": mapping},
            {"subscribe": ALWAYS, "partnerAction": "send", "mapping": mapping, "enabled": False},
            {"subscribe": ALWAYS, "partnerAction": action, "mapping": mapping},
        ],
    )
    explanation = explain_event(instance, event)
    first, disabled, last = explanation.subscriptions
    assert disabled.state == "disabled"
    for explained, outcome in zip((first, last), instance.plan(event), strict=True):
        check(explained, outcome)
    explanation.to_json()


@pytest.mark.parametrize("number", range(8))
def test_values_stand_where_the_explanation_says(number: int) -> None:
    """The numbers are fixed, for a failure must be one of the change that is tested."""
    try_many = settings(max_examples=examples(40), database=None, suppress_health_check=list(HealthCheck))
    seed(number)(try_many(given(mappings | closed_objects, events)(check_locations)))()


@pytest.mark.parametrize("name", ["y", "__proto__"])
def test_a_value_that_its_field_never_lets_differ_is_not_said_to_be_unused(name: str) -> None:
    mapping = {"a": False, "p": {"@path": "$.p"}}
    assert states_of(mapping, {"p": {name: ["", None]}}) == {"a": ["found"], "p": ["unknown"]}
    assert states_of({"a": False, "p": {"__proto__": ["", None]}}, {}) == {"a": ["found"], "p": ["unknown"]}


def states_of(mapping: Any, event: Any) -> dict[str, list[str]]:
    instance = shop.instance({}, [{"subscribe": ALWAYS, "partnerAction": "send", "mapping": mapping}])
    (explained,) = explain_event(instance, event).subscriptions
    return {field.name: [traced.state for traced in field.traced] for field in explained.fields}


def check_locations(mapping: Any, event: Any) -> None:
    instance = shop.instance({}, [{"subscribe": ALWAYS, "partnerAction": "send", "mapping": mapping}])
    (explained,) = explain_event(instance, event).subscriptions
    for field in explained.fields:
        for traced in field.traced:
            if traced.state == "found":  # this perform sends the payload as it is
                assert [(one.part, one.position) for one in traced.locations] == [("body", traced.position)]
            else:
                assert traced.state == "unknown"


@settings(max_examples=examples(100), deadline=None)
@given(fql.round_trip_conditions)
def test_a_trigger_that_is_read_as_written_is_not_said_to_be_read_otherwise(condition: GroupCondition) -> None:
    instance = shop.instance({}, [{"subscribe": generate_fql(condition), "partnerAction": "send"}])
    (explained,) = explain_event(instance, {}).subscriptions
    assert explained.trigger is not None
    assert not any(note.startswith("so it is read as") for note in explained.trigger.notes)
