"""Arbitrary JSON anywhere: a result or one of the project's own errors, always."""

import asyncio
import json
import os
from contextlib import suppress
from random import Random
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription, read_subscriptions
from destination.errors import DestinationError
from destination.fields import compile_fields, load_fields, remove_empty_values
from destination.fql import generate_fql, matches, parse_fql
from destination.mapping import compile_mapping, extensions_used, transform_batch, validate_mapping
from destination.request import MockTransport
from destination.values import read_json
from tests.conformance.adapter import OPS
from tests.conformance.generators.absmartly import SETTINGS
from tests.robustness.arbitrary import arguments, spoiled, value
from tests.thorough import examples

EXAMPLES = int(os.environ.get("ROBUSTNESS_EXAMPLES", "100"))
"""Inputs for each test."""

arbitrary = hypothesis.settings(
    max_examples=examples(EXAMPLES),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
randoms = st.randoms(use_true_random=False)


FAILED: Any = object()


def own_errors_only(function: Any, *given: Any) -> Any:
    """What the function gives, or `FAILED` where it raises an error of the project; any other error goes on."""
    try:
        return function(*given)
    except DestinationError:
        return FAILED


OPS_OF_JSON = (
    "action.payload",
    "destination.on_event",
    "fields.schema",
    "fql.generate",
    "fql.match",
    "fql.parse",
    "mapping.liquid",
    "mapping.transform",
    "schema.validate",
)
"""The ops whose arguments may be any JSON; the others drive test destinations, whose definitions are code."""


@pytest.mark.parametrize("op", OPS_OF_JSON)
@arbitrary
@given(draw=randoms)
def test_op_takes_any_json(op: str, draw: Random) -> None:
    own_errors_only(OPS[op], arguments(draw, op))


@arbitrary
@given(draw=randoms)
def test_instance_plans_and_sends_anything(draw: Random) -> None:
    drawn = arguments(draw, "destination.on_event")
    settings = SETTINGS if draw.random() < 0.8 else drawn["settings"]
    transport = MockTransport()
    instance = own_errors_only(lambda: absmartly.instance(settings, drawn["subscriptions"], transport=transport))
    if instance is FAILED:
        return
    assert all(one.message for one in (*instance.problems, *instance.warnings))
    planned = instance.plan(drawn["event"])
    result = asyncio.run(instance.on_event(drawn["event"]))
    for outcome in (*planned.outcomes, *result.outcomes):
        assert outcome.error is None or isinstance(outcome.error, DestinationError)
    sent = [request for outcome in result.outcomes for request in outcome.requests]
    assert [one.url for one in sent] == [one.url for outcome in planned.outcomes for one in outcome.requests]


@arbitrary
@given(draw=randoms)
def test_mapping_is_validated_traced_and_batched_whatever_it_is(draw: Random) -> None:
    drawn = arguments(draw, "mapping.transform")
    mapping, event = drawn["mapping"], drawn["event"]
    problems = validate_mapping(mapping)
    compiled = compile_mapping(mapping)
    assert list(compiled.problems) == problems
    payload = own_errors_only(compiled, event)
    traced = own_errors_only(compiled.trace, event)
    assert (payload is FAILED) == (traced is FAILED)
    own_errors_only(transform_batch, mapping, value(draw))
    own_errors_only(extensions_used, mapping)


@arbitrary
@given(draw=randoms)
def test_fields_are_loaded_compiled_and_traced_whatever_they_are(draw: Random) -> None:
    drawn = arguments(draw, "schema.validate")
    fields, payload = drawn["fields"], drawn["payload"]
    if isinstance(fields, dict):
        own_errors_only(load_fields, fields)
    own_errors_only(remove_empty_values, payload, value(draw))
    compiled = own_errors_only(compile_fields, fields)
    if compiled is FAILED:
        return
    for use in (compiled.validate, compiled.trace, compiled.clean_and_validate):
        own_errors_only(use, payload)
    own_errors_only(compiled.clean_and_validate, payload, False)


@arbitrary
@given(draw=randoms)
def test_triggers_and_their_trees_may_be_anything(draw: Random) -> None:
    condition = parse_fql(value(draw))
    own_errors_only(matches, condition, value(draw))
    own_errors_only(generate_fql, arguments(draw, "fql.generate")["ast"])


@arbitrary
@given(draw=randoms)
def test_stored_subscriptions_may_be_anything(draw: Random) -> None:
    stored = {"id": "1", "name": "n", "enabled": True, "trigger": 'type = "page"', "actionSlug": "trackGoal"}
    answer = {"data": {"subscriptions": [stored, {**stored, "settings": {"name": {"@path": "$.name"}}}]}}
    read = own_errors_only(read_subscriptions, spoiled(draw, answer, draw.randrange(6)))
    for subscription in read if read is not FAILED else []:
        own_errors_only(subscription.check)
        subscription.to_json()
    own_errors_only(Subscription.from_json, value(draw))


@arbitrary
@given(draw=randoms)
def test_text_of_any_json_is_read(draw: Random) -> None:
    text = json.dumps(value(draw))
    place = draw.randrange(len(text) + 1)
    for given_text in (text, text[:place], text[:place] + draw.choice('{}[]",:\\e0-.') + text[place:]):
        with suppress(ValueError):
            read_json(given_text)
