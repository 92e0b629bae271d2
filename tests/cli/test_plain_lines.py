"""The lines of a dry run, written in parts: byte for byte those that are masked as a whole."""

import io
import json
import subprocess
import sys
from contextlib import AbstractContextManager, redirect_stdout
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination import Action, Authentication, Destination, RequestClient
from destination.catalog.absmartly import absmartly
from destination.cli.dry_run import PlainLines, outcomes_as_json, planned
from destination.cli.output import Output
from destination.delivery.record import Piece, Record
from destination.runtime import Instance
from destination.values import read_json, write_json
from destination.values.printable import printable_json
from tests.benchmarks.events import make_events
from tests.cli.conftest import track
from tests.robustness.arbitrary import spoiled, value

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "environment": "production"}
PATIENCE_S = 300


def _lines(instance: Instance[Any], event: Any) -> tuple[bytes | None, bytes | None]:
    """The line in parts, and the line as a whole; None where there is none."""
    outcomes, _ = planned(instance, Record("line", Piece(1, b'{"type":""}', True)), event)
    plain = PlainLines(instance.redactor, [item.unmatched for item in instance.subscriptions])
    lines = {plain.write(event, outcomes, None) for _ in range(2)}  # the second one finds some parts ready
    assert len(lines) == 1
    try:
        raw = instance.redactor.json(outcomes_as_json(event, instance.plan(event).outcomes, None, instance.redactor))
    except ValueError:
        return lines.pop(), None
    return lines.pop(), printable_json(raw) + b"\n"


@pytest.mark.parametrize(
    "secret", ["benchmark-key", "<apiKey>", "Order", "Acme", "$$$$", "matched", "context", "ä55&w0"]
)
def test_a_line_in_parts_is_that_of_the_whole(secret: str) -> None:
    instance = absmartly.instance({**SETTINGS, "apiKey": secret})
    examples = [read_json(line) for line in (EXAMPLES / "events.ndjson").read_bytes().splitlines()]
    plain = 0
    for event in [*make_events(200), *examples]:
        parts, whole = _lines(instance, event)
        assert parts in (None, whole)
        plain += parts is not None
    # `matched` is in every line, and `$$$$` has no part that can be searched for.
    assert plain == 0 if secret in ("$$$$", "matched") else plain > 0


def test_hostile_events_have_the_same_lines() -> None:
    draw = Random(11)
    instance = absmartly.instance({**SETTINGS, "apiKey": "__class__"})
    events = make_events(40)
    plain = 0
    for _ in range(1_500):
        event = spoiled(draw, draw.choice(events), draw.randrange(4))
        if not isinstance(event, dict):
            continue
        parts, whole = _lines(instance, event)
        assert parts in (None, whole)
        plain += parts is not None
    assert plain > 300


@pytest.mark.parametrize("levels", [200, 300, 998, 1_100, 1_990, 1_998, 2_100, 2_260])
def test_a_deep_event_has_the_same_line(levels: int) -> None:
    properties: Any = 1
    for _ in range(levels):
        properties = {"a": properties}
    instance = absmartly.instance({**SETTINGS, "apiKey": "benchmark-key"})
    parts, whole = _lines(instance, track(1, properties=properties))
    assert parts in (None, whole)


def _perform(request: RequestClient, data: Any) -> Any:
    key = data.settings["key"]
    return (
        request("https://me:s3cr3t@h.test/v1"),
        request(f"https://h.test/?key={key}", method="post", body='{"a": 1.0, "b":[]}', headers={"X-Key": key}),
        request("https://h.test/", method="post", body="a=1&b=\x9b"),
        request("https://h.test/ü", method="put", json={"b": 1.0, "1": [1e21, "\x7f"], **data.raw_data}),
    )


async def _perform_in_steps(request: RequestClient, data: Any) -> Any:
    await request("https://h.test/", method="post", json={"n": 2**70})
    return await request("https://h.test/two")


@pytest.mark.parametrize("perform", [_perform, _perform_in_steps])
@pytest.mark.parametrize("key", ["key-of-no-event", "s3cr3t", "value 1"])
def test_requests_of_every_kind_have_the_same_lines(perform: Any, key: str) -> None:
    declared = {"label": "Key", "description": "", "type": "password", "required": True}
    shop: Destination[Any] = Destination(
        name="Shop",
        slug="shop",
        authentication=Authentication(scheme="custom", fields={"key": declared}),
        actions={"send": Action(title="Send", description="", perform=perform)},
    )
    every = {"subscribe": 'type = "track"', "partnerAction": "send", "mapping": {"all": {"@path": "$.properties"}}}
    named = [{**every, "name": "One"}, {**every, "name": "Twö"}, {**every, "name": "No", "subscribe": "type = 5"}]
    instance = shop.instance({"key": key}, named)
    for properties in (
        {"a": "value 1"},
        {"a": 20.0, "2": None, "1": "x"},
        {"a": "\u202e"},
        {"a": "\ud83c"},
        {"a": 10**400},
    ):
        parts, whole = _lines(instance, {"type": "track", "messageId": "m", "properties": properties})
        assert parts in (None, whole)


@given(st.integers(0, 2**32).map(lambda seed: value(Random(seed), 4)))
def test_json_that_was_read_and_written_again_is_the_same(found: Any) -> None:
    """So the body of a request is shown without being read."""
    raw = write_json(found)
    assert write_json(read_json(raw)) == raw


# --- blocks ----------------------------------------------------------------------------------------------


class _Stream(io.TextIOWrapper):
    """Standard output that is no terminal, with what has reached it."""

    def __init__(self) -> None:
        self.reached = io.BytesIO()
        super().__init__(io.BufferedWriter(_Raw(self.reached), 1 << 16), "utf-8")


class _Raw(io.RawIOBase):
    def __init__(self, kept: io.BytesIO) -> None:
        self._kept = kept

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._kept.write(data)


def _to(stream: _Stream) -> AbstractContextManager[object]:
    """Not a fixture: pytest replaces standard output again before it calls the test."""
    return redirect_stdout(stream)


def test_lines_are_held_back_until_a_flush_and_in_order() -> None:
    output, stream = Output(), _Stream()
    with _to(stream):
        with output.in_blocks():
            output.json_line({"a": 1})
            output.plain_line(b"2\n")
            assert stream.reached.getvalue() == b""
            output.flush()
            assert stream.reached.getvalue() == b'{"a":1}\n2\n'
            output.json_line(3)
        assert stream.reached.getvalue() == b'{"a":1}\n2\n3\n'
        output.json_line(4)
        assert stream.reached.getvalue().endswith(b"4\n")


def test_a_remark_comes_behind_the_lines_before_it() -> None:
    output, stream = Output(), _Stream()
    with _to(stream), output.in_blocks():
        output.json_line(1)
        output.note("a remark")
        assert stream.reached.getvalue() == b"1\n"


def test_an_interrupt_loses_no_line() -> None:
    output, stream = Output(), _Stream()

    def interrupted() -> None:
        with output.in_blocks():
            output.json_line(1)
            raise KeyboardInterrupt

    with _to(stream), pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stream.reached.getvalue() == b"1\n"


def test_a_block_is_written_before_it_is_too_long() -> None:
    output, stream = Output(), _Stream()
    line = b"x" * 999 + b"\n"
    with _to(stream), output.in_blocks():
        for _ in range(66):
            output.plain_line(line)
        assert stream.reached.getvalue() == line * 65
        output.plain_line(b"y" * 200_000 + b"\n")
    assert stream.reached.getvalue() == line * 66 + b"y" * 200_000 + b"\n"


def test_each_line_of_a_slow_input_is_shown_at_once() -> None:
    command = [sys.executable, "-m", "destination", "run", "-", "--dry-run"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps(track(number)).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["messageId"] == f"m{number}"  # before the input goes on
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
