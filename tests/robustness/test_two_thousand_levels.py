"""An event of 2,000 levels goes everywhere an event goes; one of more fails with a sentence."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from destination import MockTransport
from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.delivery import ByteInput, EventSource
from destination.mapping import compile_mapping
from destination.server import create_tester
from destination.values import read_json, to_string, write_json
from tests.cli.conftest import (  # noqa: F401
    Invoke,
    collector,
    invoke,
    settings,
    track,
    write_events,
    write_settings,
)
from tests.conformance.generators.absmartly import SETTINGS
from tests.thorough import rarely, some

LEVELS = 1_999  # below the event's own
SENTENCE = "nested too deeply: an event may have 2,000 levels of objects and lists"


def deep(levels: int, leaf: Any = 1) -> dict[str, Any]:
    """An object of so many levels."""
    value: Any = leaf
    for _ in range(levels):
        value = {"a": value}
    return value  # type: ignore[no-any-return]


def depth(value: Any) -> int:
    count = 0
    while isinstance(value, dict):
        value = value.get("a")
        count += 1
    return count


def event(levels: int = LEVELS, **more: Any) -> dict[str, Any]:
    return track(1, properties=deep(levels, more.pop("leaf", 1)), **more)


# --- in Python -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaf", some([1, 1.0, "\ud800", [], {"1": None}]))
@pytest.mark.parametrize("way", ["plan", "on_event", "on_batch"])
def test_an_instance_sends_it(way: str, leaf: Any) -> None:
    transport = MockTransport()
    instance = absmartly.instance(SETTINGS, transport=transport)
    given = event(leaf=leaf)
    if way == "plan":
        outcomes, sent = instance.plan(given).matched, instance.plan(given).requests
    elif way == "on_event":
        outcomes, sent = asyncio.run(instance.on_event(given)).matched, transport.requests
    else:
        result = asyncio.run(instance.on_batch([given, given]))
        outcomes, sent = [one.outcomes[0] for one in result], transport.requests
    assert [one.error for one in outcomes] == [None] * len(outcomes)
    body = sent[0].json()
    [goal] = (body["requests"][0] if way == "on_batch" else body)["goals"]
    assert depth(goal["properties"]) == LEVELS + isinstance(leaf, dict)


def test_an_instance_refuses_more() -> None:
    instance = absmartly.instance(SETTINGS, transport=MockTransport())
    for result in (instance.plan(event(3_000)), asyncio.run(instance.on_event(event(3_000)))):
        assert SENTENCE in str(result.matched[0].error)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"@path": "$."}, deep(LEVELS)),
        ({"@path": "$.a"}, deep(LEVELS - 1)),
        ({"@literal": deep(50)}, deep(50)),
        ({"@template": "{{a}}"}, "[object Object]"),
        ({"@template": "{{list}}"}, "1"),
        ({"@json": {"mode": "encode", "value": {"@path": "$.a"}}}, write_json(deep(LEVELS - 1)).decode()),
        ({"@json": {"mode": "decode", "value": {"@path": "$.text"}}}, deep(2_000)),
        ({"@merge": {"objects": [{"@path": "$.a"}, {"b": 1}], "direction": "right"}}, {**deep(LEVELS - 1), "b": 1}),
        ({"@flatten": {"value": {"@path": "$.a"}, "separator": "."}}, {".".join("a" * (LEVELS - 1)): 1}),
        ({"@if": {"exists": {"@path": "$.a"}, "then": {"@path": "$.a"}}}, deep(LEVELS - 1)),
        ({"@arrayPath": ["$.list", {"x": {"@path": "$."}}]}, None),
        (
            {"@transform": {"apply": {"b": {"@path": "$.a"}}, "mapping": {"c": {"@path": "$.b"}}}},
            {"c": deep(LEVELS - 1)},
        ),
        ({"@excludeWhenNull": {"@path": "$.a"}}, deep(LEVELS - 1)),
        ({"@liquid": "{{ a | json }}"}, write_json(deep(LEVELS - 1)).decode()),
        ({"@jsonpath": "$.a"}, [deep(LEVELS - 1)]),
        ({"@jinja": "{{ a | tojson }}"}, None),
    ],
    ids=str.split(
        "path path_a literal template text encode decode merge flatten if array transform exclude liquid query jinja"
    ),
)
def test_every_directive_takes_it(mapping: Any, expected: Any) -> None:
    nested_list: Any = 1
    for _ in range(LEVELS):
        nested_list = [nested_list]
    given = {**deep(LEVELS), "list": nested_list, "text": '{"a":' * 2_000 + "1" + "}" * 2_000}
    compiled = compile_mapping({"x": mapping})
    payload = compiled(given)
    if expected is not None and mapping != {"@path": "$."}:
        assert write_json(payload["x"]) == write_json(expected)
    assert write_json(payload)
    assert write_json(compiled.trace(given)[0]) == write_json(payload)
    assert to_string(nested_list) == "1"


def raw_event(levels: int) -> bytes:
    """The event as JSON, written by hand: more levels than can be written."""
    text = b'{"a":' * levels + b"1" + b"}" * levels
    return write_json(track(1, properties="HERE")).replace(b'"HERE"', text)


# --- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["lines", "array"])
def test_files_hold_it(form: str, tmp_path: Path) -> None:
    file = tmp_path / "events"
    lines = [write_json(event()), raw_event(3_000), write_json(track(2))]
    file.write_bytes(b"\n".join(lines) if form == "lines" else b"[" + b",".join(lines) + b"]")
    with ByteInput.open(file) as data:
        first, second, third = list(EventSource(data))
        assert write_json(first.event) == raw_event(LEVELS)
        assert second.event is None
        assert SENTENCE in str(second.error)
        assert third.event == track(2)


@pytest.mark.parametrize("levels", [LEVELS, 3_000])
@pytest.mark.parametrize(
    "command",
    [
        "run --dry-run EVENTS",
        "run -s SETTINGS EVENTS --no-ledger",
        "run -s SETTINGS EVENTS --no-batch --report PAGE",
        "run -s REFUSED EVENTS --errors ERRORS --no-ledger --retry-for 0 --report PAGE",
        "plan EVENT",
        "plan EVENT --json",
        rarely("explain EVENT"),
        rarely("explain EVENT --json"),
        "coverage --events EVENTS -m MAPPINGS --html PAGE",
        "diff MAPPINGS OTHERS --events EVENTS --html PAGE",
        "diff MAPPINGS OTHERS --events EVENTS --json",
        "mutate -m MAPPINGS --events EVENTS",
    ],
)
def test_every_command_takes_it(
    command: str,
    levels: int,
    invoke: Invoke,  # noqa: F811
    settings: Path,  # noqa: F811
    collector: EmbeddedCollector,  # noqa: F811
    tmp_path: Path,
) -> None:
    goal = absmartly.preset_subscriptions()[0].to_json()
    other = {
        **goal,
        "mapping": {**goal["mapping"], "name": {"@path": "$.userId"}, "properties": {"x": {"@path": "$.properties"}}},
    }
    files = {name: tmp_path / name.lower() for name in ("EVENT", "MAPPINGS", "OTHERS", "ERRORS", "PAGE")}
    files["EVENT"].write_bytes(raw_event(levels))
    files["MAPPINGS"].write_text(json.dumps([goal]))
    files["OTHERS"].write_text(json.dumps([other]))
    files["EVENTS"] = write_events(tmp_path / "events.ndjson", raw_event(levels))
    files["SETTINGS"] = settings
    files["REFUSED"] = write_settings(tmp_path / "refused.toml", "http://127.0.0.1:1/v1")
    result = invoke(*(files.get(word, word) for word in command.split()))
    taken = levels == LEVELS
    assert (SENTENCE in result.output or "levels" in result.output) is not taken
    assert "cannot be shown" not in result.output
    if "-s SETTINGS" in command and taken:
        [received] = collector.received
        assert depth(received["event"]["goals"][0]["properties"]) == LEVELS
    if "ERRORS" in command:
        [letter] = map(read_json, files["ERRORS"].read_bytes().splitlines())
        assert ("event" in letter) is taken
        again = invoke("run", files["ERRORS"], "-s", settings, "--no-ledger")
        assert again.exit_code == (0 if taken else 1)
        assert len(collector.received) == taken


# --- the tester ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("levels", "status"), [(LEVELS, 200), (3_000, 400)])
async def test_the_tester_takes_it(levels: int, status: int) -> None:
    app = httpx.ASGITransport(create_tester(absmartly, transport=MockTransport()))
    body = write_json({"payload": event(), "settings": SETTINGS})
    body = body.replace(write_json(deep(LEVELS)), b'{"a":' * levels + b"1" + b"}" * levels)
    async with httpx.AsyncClient(transport=app, base_url="http://localhost:3000") as client:
        answer = await client.post("/trackGoal", content=body)
    assert answer.status_code == status
    if status == 200:
        [exchange] = read_json(answer.content)
        assert depth(read_json(exchange["request"]["body"])["goals"][0]["properties"]) == LEVELS
    else:
        assert SENTENCE in answer.json()["error"]
