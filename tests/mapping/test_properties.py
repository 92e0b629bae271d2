"""Laws that hold for every mapping and event."""

import copy
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination.errors import DestinationError, EngineTypeError, MappingValidationError
from destination.mapping import CompiledMapping, compile_mapping, validate_mapping
from destination.values import MISSING, deep_equals, get_property, truthy
from tests.mapping.strategies import EVENTS, JSON, MAPPINGS
from tests.thorough import examples

SETTINGS = settings(max_examples=examples(400), deadline=None, suppress_health_check=list(HealthCheck))


def outcome(run: Any, event: Any) -> tuple[str, Any]:
    """A payload, or the error's kind and message; anything but the project's errors gets through."""
    try:
        return "payload", run(event)
    except DestinationError as error:
        return type(error).__name__, str(error)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    if isinstance(left, dict):
        return (
            isinstance(right, dict) and list(left) == list(right) and all(same(left[key], right[key]) for key in left)
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    return deep_equals(left, right) if left is not MISSING else right is MISSING


def containers(value: Any) -> set[int]:
    found: set[int] = set()
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, (dict, list)):
            found.add(id(item))
            todo.extend(item.values() if isinstance(item, dict) else item)
    return found


@SETTINGS
@given(MAPPINGS, EVENTS | JSON)
def test_fast_equals_traced(mapping: Any, event: Any) -> None:
    compiled = compile_mapping(mapping)
    fast, traced = outcome(compiled, event), outcome(lambda event: compiled.trace(event)[0], event)
    assert fast[0] == traced[0]
    assert same(fast[1], traced[1])
    steps = compiled.steps(event)
    assert same(fast[1], steps.payload if steps.error is None else str(steps.error))


@SETTINGS
@given(MAPPINGS, EVENTS)
def test_mapping_and_event_are_never_changed(mapping: Any, event: Any) -> None:
    mapping_before, event_before = copy.deepcopy(mapping), copy.deepcopy(event)
    outcome(compile_mapping(mapping), event)
    assert same(mapping, mapping_before)
    assert same(event, event_before)


@SETTINGS
@given(MAPPINGS, EVENTS)
def test_a_payload_shares_nothing_with_event_mapping_or_the_next_payload(mapping: Any, event: Any) -> None:
    compiled = compile_mapping(mapping)
    first, second = outcome(compiled, event)[1], outcome(compiled, event)[1]
    assert same(first, second)
    assert containers(first).isdisjoint(containers(mapping) | containers(event) | containers(second))


@SETTINGS
@given(MAPPINGS, EVENTS)
def test_problems_are_what_every_event_fails_with(mapping: Any, event: Any) -> None:
    compiled = compile_mapping(mapping)
    messages = [str(problem) for problem in compiled.problems]
    assert messages == [str(problem) for problem in validate_mapping(mapping)]
    if messages:
        kind, message = outcome(compiled, event)
        assert kind in ("MappingValidationError", "MappingError", "EngineTypeError")
        assert message == "\n".join(messages)
    else:
        assert outcome(compiled, event)[0] not in (MappingValidationError.__name__, EngineTypeError.__name__) or (
            "@transform" in str(mapping)
        )


@SETTINGS
@given(MAPPINGS, st.lists(EVENTS, max_size=3))
def test_a_batch_is_its_events_one_by_one(mapping: Any, events: list[Any]) -> None:
    compiled = compile_mapping(mapping)
    one_by_one = [outcome(compiled, event) for event in events]
    kind, result = outcome(compiled.batch, events)
    failures = [item for item in one_by_one if item[0] != "payload"]
    if failures:
        assert (kind, result) == failures[0]
    elif kind == "payload":
        assert same(result, [payload for _, payload in one_by_one])
    else:
        assert compiled.problems


def look_up(event: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        event = get_property(event, key) if truthy(event) else event
    return event


def at(payload: Any, position: tuple[str | int, ...]) -> Any:
    for key in position:
        payload = payload[key] if not isinstance(payload, dict) else payload.get(key, MISSING)
    return payload


@SETTINGS
@given(MAPPINGS, EVENTS)
def test_a_trace_says_where_every_part_of_the_payload_comes_from(mapping: Any, event: Any) -> None:
    compiled: CompiledMapping = compile_mapping(mapping)
    try:
        payload, fields = compiled.trace(event)
    except DestinationError:
        return
    for field in fields:
        assert same(at(payload, field.position), field.value)
        assert all(same(look_up(event, read.keys), read.value) for read in field.reads if not read.derived)
    made = {field.position for field in fields}
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), payload)]
    while todo:
        position, value = todo.pop()
        if position in made:
            continue
        assert isinstance(value, (dict, list)), position
        assert value or any(longer[: len(position)] == position for longer in made), position
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        todo.extend(((*position, key), item) for key, item in entries)
