"""Nesting beyond a limit is a clear error and never a RecursionError; what only passes through may nest as it likes."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import Action, DestinationDefinition, read_subscriptions
from destination.errors import DestinationError
from destination.fields import compile_fields, fields_to_json_schema, load_fields, remove_empty_values
from destination.fql import ErrorCondition, compile_trigger, generate_fql, matches, parse_fql
from destination.mapping import compile_mapping, extensions_used, transform_batch, validate_mapping
from destination.request import MockTransport
from destination.runtime import Instance
from tests.conformance.generators.absmartly import SETTINGS
from tests.thorough import rarely

DEPTHS = [150, 1_000, rarely(20_000)]
GOAL = {"subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": {"name": "goal"}}

Wrap = Callable[[Any], Any]


def nested(depth: int, wrap: Wrap, inner: Any = "x") -> Any:
    value = inner
    for _ in range(depth):
        value = wrap(value)
    return value


OBJECTS: dict[str, Wrap] = {
    "objects": lambda value: {"a": value},
    "lists": lambda value: [value],
    "both": lambda value: {"a": [value, 1], "b": None},
}


def survives(function: Callable[..., Any], *given: Any) -> Any:
    try:
        return function(*given)
    except DestinationError:
        return None


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("wrap", OBJECTS.values(), ids=list(OBJECTS))
def test_events_of_any_depth_end_in_an_outcome(wrap: Wrap, depth: int) -> None:
    deep = nested(depth, wrap)
    mapping = {
        "units": {"u": {"@path": "$.userId"}},
        "name": {"@template": "{{ properties }}"},
        "properties": {"@path": "$.properties"},
    }
    subscriptions = [{**GOAL, "mapping": mapping}, {**GOAL, "mapping": {**mapping, "name": "goal"}}]
    instance = absmartly.instance(SETTINGS, subscriptions, transport=MockTransport())
    for event in (
        {"type": "track", "userId": "u", "timestamp": "2023-01-01", "properties": deep},
        {"type": "track", "userId": deep, "timestamp": deep, "properties": {}, "event": deep, "context": deep},
    ):
        outcomes = [*instance.plan(event).outcomes, *asyncio.run(instance.on_event(event)).outcomes]
        assert all(one.error is None or isinstance(one.error, DestinationError) for one in outcomes)


DIRECTIVES: dict[str, Wrap] = {
    "@path": lambda value: {"@path": value},
    "@template": lambda value: {"@template": value},
    "@literal": lambda value: {"@literal": value},
    "@if": lambda value: {"@if": {"exists": value, "then": "x"}},
    "@case": lambda value: {"@case": {"operator": "upper", "value": value}},
    "@replace": lambda value: {"@replace": {"pattern": "a", "value": value}},
    "@merge": lambda value: {"@merge": {"direction": "left", "objects": [value]}},
    "@transform": lambda value: {"@transform": {"apply": {"a": value}, "mapping": {"a": {"@path": "$.a"}}}},
    "@flatten": lambda value: {"@flatten": {"separator": ".", "value": value}},
    "@json": lambda value: {"@json": {"mode": "encode", "value": value}},
    "@arrayPath": lambda value: {"@arrayPath": [value, {"a": {"@path": ""}}]},
    "@excludeWhenNull": lambda value: {"@excludeWhenNull": value},
    "@liquid": lambda value: {"@liquid": value},
    "@if then": lambda value: {"@if": {"exists": "x", "then": value}},
    "shape": lambda value: {"@arrayPath": ["$.a", {"a": value}]},
    "mapping": lambda value: {"@transform": {"apply": {"a": {"b": 1}}, "mapping": {"a": value}}},
    **OBJECTS,
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("wrap", DIRECTIVES.values(), ids=list(DIRECTIVES))
def test_mappings_of_any_depth_end_in_a_clear_error(wrap: Wrap, depth: int) -> None:
    shared = nested(depth, wrap, {"@path": "$.a"})
    mapping = {"v": shared}
    assert isinstance(validate_mapping(mapping), list)
    compiled = compile_mapping(mapping)
    event = {"a": {"b": 1}}
    for use in (compiled, compiled.trace):
        survives(use, event)
    survives(transform_batch, mapping, [event])
    survives(extensions_used, mapping)
    instance = absmartly.instance(SETTINGS, [{**GOAL, "mapping": mapping}], transport=MockTransport())
    [outcome] = instance.plan({"type": "track", "timestamp": "2023-01-01"}).outcomes
    assert isinstance(outcome.error, DestinationError)
    assert instance.problems


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", [name for name in DIRECTIVES if name.startswith("@") and " " not in name])
def test_directives_take_values_of_any_depth(name: str, depth: int) -> None:
    options = DIRECTIVES[name]({"@path": "$.deep"})[name]
    compiled = compile_mapping(
        {"v": {name: options}, "text": {"@liquid": "{{ deep }}{{ deep | json }}{{ deep | size }}"}}
    )
    for wrap in OBJECTS.values():
        event = {"deep": nested(depth, wrap)}
        survives(compiled, event)
        survives(compiled.trace, event)


def field(**more: Any) -> dict[str, Any]:
    return {"label": "L", "description": "", "type": "object", **more}


@pytest.mark.parametrize("depth", DEPTHS)
def test_fields_of_any_depth_end_in_a_clear_error(depth: int) -> None:
    deep = nested(depth, lambda inner: field(properties={"a": inner}), field(type="string"))
    payload = {"f": nested(depth, lambda inner: {"a": inner})}
    survives(load_fields, {"f": deep})
    schema = survives(fields_to_json_schema, {"f": deep})
    if schema is not None:
        survives(remove_empty_values, payload, schema, True)
    compiled = survives(compile_fields, {"f": deep})
    if compiled is not None:
        for use in (compiled.validate, compiled.clean_and_validate, compiled.trace):
            survives(use, payload)
    survives(lambda: Action(title="A", description="", perform=print, fields={"f": deep}))


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("wrap", OBJECTS.values(), ids=list(OBJECTS))
@pytest.mark.parametrize("multiple", [True, False])
@pytest.mark.parametrize("kind", ["string", "number", "boolean", "datetime", "object"])
def test_payloads_of_any_depth_pass_or_end_in_a_clear_error(kind: str, multiple: bool, wrap: Wrap, depth: int) -> None:
    for required in (True, {"conditions": [{"fieldKey": "g", "operator": "is", "value": {"a": "x"}}]}):
        fields = {"f": field(type=kind, multiple=multiple, required=required), "g": field()}
        compiled = compile_fields(fields)
        payload = {"f": nested(depth, wrap), "g": nested(depth, wrap), "h": nested(depth, wrap)}
        for use in (compiled.validate, compiled.clean_and_validate, compiled.trace):
            survives(use, payload)


def triggers(depth: int) -> dict[str, str]:
    return {
        "open": "(" * depth,
        "closed": "(" * depth + 'type = "track"' + ")" * depth,
        "negated": "!" * depth + 'type = "track"',
        "negated groups": "!(" * depth + 'type = "track"' + ")" * depth,
        "chain": " and ".join(['type = "track"'] * min(depth, 4_000)),
        "groups": " or ".join(['(type = "track" and event = "a")'] * min(depth, 4_000)),
        "path": "properties" + ".a" * depth + " = 1",
        "functions": "contains(" * depth,
        "lists": "[" * depth,
    }


@pytest.mark.parametrize("depth", DEPTHS)
def test_triggers_of_any_depth_are_parsed(depth: int) -> None:
    event = {"type": "track", "properties": nested(depth, lambda value: {"a": value}, 1)}
    for text in triggers(depth).values():
        condition = parse_fql(text)
        survives(matches, condition, event)
        survives(compile_trigger(text), event)
        if not isinstance(condition, ErrorCondition):
            survives(generate_fql, condition)


@pytest.mark.parametrize("depth", DEPTHS)
def test_trees_of_any_depth_are_written_or_refused(depth: int) -> None:
    leaf = {"type": "event-type", "operator": "=", "value": "track"}
    survives(generate_fql, nested(depth, lambda one: {"type": "group", "operator": "and", "children": [one]}, leaf))
    survives(generate_fql, {**leaf, "value": nested(depth, OBJECTS["both"])})


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("wrap", OBJECTS.values(), ids=list(OBJECTS))
def test_settings_and_subscriptions_of_any_depth(wrap: Wrap, depth: int) -> None:
    deep = nested(depth, wrap)
    survives(absmartly.instance, {**SETTINGS, "apiKey": deep})
    survives(read_subscriptions, deep)
    survives(read_subscriptions, [{**GOAL, "name": "n", "subscribe": deep}])
    instance = absmartly.instance(SETTINGS, [{**GOAL, "subscribe": deep, "name": "n"}], transport=MockTransport())
    assert instance.problems
    assert instance.plan({"type": "track"}).outcomes[0].error is None


@pytest.mark.parametrize("depth", DEPTHS)
def test_payloads_of_any_depth_reach_a_perform_and_its_request(depth: int) -> None:
    def send(request: Any, data: Any) -> Any:
        return request("https://api.test/", method="post", json=dict(data.payload))

    fields = {"o": field(), "s": field(type="string")}
    action: Action[Any, Any] = Action(title="Send", description="", perform=send, fields=fields)
    definition: DestinationDefinition[Any] = DestinationDefinition(name="D", slug="d", actions={"send": action})
    mapping = {"o": {"@path": "$.properties"}, "s": {"@json": {"mode": "encode", "value": {"@path": "$.properties"}}}}
    subscription = {"subscribe": 'type = "track"', "partnerAction": "send", "mapping": mapping}
    instance = Instance(definition, {}, [subscription], transport=MockTransport())
    for wrap in OBJECTS.values():
        event = {"type": "track", "properties": {"p": nested(depth, wrap)}}
        for outcome in (*instance.plan(event).outcomes, *asyncio.run(instance.on_event(event)).outcomes):
            assert outcome.error is None or isinstance(outcome.error, DestinationError)
