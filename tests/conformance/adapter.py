"""Every op as a function of plain JSON, on this project.

A function takes the `args` of a vector and gives the JSON value that the reference gives, `UNDEFINED` where that is
`undefined`, or raises the error whose message counts; several messages stand in the error's `errors`.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.fields import compile_fields, fields_to_json_schema
from destination.fql import ErrorCondition, compile_trigger, generate_fql, parse_fql
from destination.mapping import transform
from destination.request import MockTransport
from destination.values import MISSING, read_json, write_json
from tests.conformance import app_calls
from tests.conformance.batch_destination import on_batch

UNDEFINED = MISSING
"""What an op gives where the reference gives `undefined`."""


def _plain(value: Any) -> Any:
    """The value as JSON has it: `JSON.parse(JSON.stringify(value))`."""
    return UNDEFINED if value is MISSING else read_json(write_json(value))


def fql_parse(args: dict[str, Any]) -> Any:
    """`{fql}` to the AST; raises what keeps the text from being parsed."""
    condition = parse_fql(args["fql"])
    if isinstance(condition, ErrorCondition):
        raise condition.error
    return _plain(condition.to_json())


def fql_match(args: dict[str, Any]) -> Any:
    """`{fql, event}` to whether the trigger matches."""
    return compile_trigger(args["fql"])(args["event"])


def fql_generate(args: dict[str, Any]) -> Any:
    """`{ast}` to its text."""
    return generate_fql(args["ast"])


def mapping_transform(args: dict[str, Any]) -> Any:
    """`{mapping, event}` to the payload."""
    return _plain(transform(args["mapping"], args.get("event", {})))


def mapping_liquid(args: dict[str, Any]) -> Any:
    """`{template, event}` to `{"v": …}` with the rendered template."""
    return mapping_transform({"mapping": {"v": {"@liquid": args["template"]}}, "event": args.get("event", {})})


def fields_schema(args: dict[str, Any]) -> Any:
    """`{fields}` to their JSON Schema."""
    return _plain(fields_to_json_schema(args["fields"]))


def schema_validate(args: dict[str, Any]) -> Any:
    """`{fields, payload}` to the payload, cleaned, coerced and validated."""
    return _plain(compile_fields(args["fields"]).clean_and_validate(args["payload"]))


def action_payload(args: dict[str, Any]) -> Any:
    """`{fields, mapping, event}` to the payload that a perform sees; without fields there is no schema."""
    fields = args["fields"]
    compiled = compile_fields(fields) if fields else None  # first: fields that cannot be used fail before any event
    payload = transform(args["mapping"], args["event"])
    return _plain(compiled.clean_and_validate(payload) if compiled else payload)


def destination_on_event(args: dict[str, Any]) -> Any:
    """`{event, settings, subscriptions}` to ABsmartly's requests, each answered 200 `{}`, and the results."""
    return asyncio.run(_on_event(args))


async def _on_event(args: dict[str, Any]) -> Any:
    transport = MockTransport()
    instance = absmartly.instance(args["settings"], args["subscriptions"], transport=transport)
    results = (await instance.on_event(args["event"])).raise_for_errors().results
    requests = [
        {"method": one.method, "url": one.url, "headers": dict(one.headers.items()), "body": one.json()}
        for one in transport.requests
    ]
    return _plain({"requests": requests, "results": results})


def destination_on_batch(args: dict[str, Any]) -> Any:
    """`{events, settings, subscriptions, answer}` to the requests, each given that answer, and the results."""
    return _plain(asyncio.run(on_batch(args)))


def _in_json(function: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda args: _plain(function(args))


OPS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "fql.parse": fql_parse,
    "fql.match": fql_match,
    "fql.generate": fql_generate,
    "mapping.transform": mapping_transform,
    "mapping.liquid": mapping_liquid,
    "fields.schema": fields_schema,
    "schema.validate": schema_validate,
    "action.payload": action_payload,
    "destination.on_event": destination_on_event,
    "destination.on_batch": destination_on_batch,
    **{op: _in_json(function) for op, function in app_calls.OPS.items()},
}
