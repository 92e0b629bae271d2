import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke, track


def test_an_event_is_shown_with_what_it_would_send(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(track(1), indent=2))
    result = invoke("plan", file)
    assert result.exit_code == 0
    assert result.stdout.startswith("track Goal 1 (messageId m1)\n\nTrack Calls: matches\npayload\n")
    assert "PUT https://collector-endpoint.invalid/context" in result.stdout
    assert "x-api-key: <redacted>" in result.stdout
    assert "Page Calls: does not match" in result.stdout


def test_json_is_one_line_of_a_dry_run(invoke: Invoke, settings: Path) -> None:
    event = json.dumps(track(1))
    result = invoke("plan", "-", "-s", settings, "--json", stdin=event)
    assert json.loads(result.stdout) == json.loads(invoke("run", "-", "-s", settings, "--dry-run", stdin=event).stdout)


def test_what_fails_is_shown_and_is_status_1(invoke: Invoke) -> None:
    result = invoke("plan", "-", stdin=json.dumps(track(1, timestamp=None)))
    assert result.exit_code == 1
    assert "Track Calls: fails\n  Field `timestamp` of the event is missing." in result.stdout


def test_an_event_may_be_gzipped_and_have_halves_of_characters(invoke: Invoke) -> None:
    event = json.dumps(track(1, event="\ud800 é")).encode()
    result = invoke("plan", "-", stdin=gzip.compress(event))
    assert result.exit_code == 0
    assert "\\ud800" in result.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"nope", "standard input: not JSON: "),
        (b"", "standard input: not JSON: it is empty"),
        (b"[]", "standard input: holds no event"),
        (b"[{}]", "standard input: not an event: it has no type, and no list of events under batch, items, data or"),
        (
            b'{"type":1}\r\n{"type":2}',
            "standard input: holds more than one event; choose one with --message-id ID, or use: destination run -",
        ),
        (b'{"a":1} \n\n {"b":2}', "standard input: holds more than one event"),
        (b'{"event":"\xfc"}', "standard input: not JSON: not UTF-8 text, from byte 11 on; save it as UTF-8"),
        (b"5", "standard input: an event is a JSON object, but this is a number"),
        (gzip.compress(b"{}" * 50)[:-9], "standard input: the gzip data end too early"),
        (b" " * (33 * 1024 * 1024), "standard input: is too long for one event"),
    ],
)
def test_what_is_not_one_event_is_named(invoke: Invoke, content: bytes, message: str) -> None:
    result = invoke("plan", "-", stdin=content)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"destination: {message}")


def test_a_missing_file_is_named(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("plan", tmp_path / "missing")
    assert result.exit_code == 2
    assert "there is no such file" in result.stderr


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_payload_that_nests_too_deeply_is_told(invoke: Invoke, option: list[str]) -> None:
    nested = b'{"a":' * 3_000 + b"1" + b"}" * 3_000
    event = json.dumps(track(1, properties="HERE")).encode().replace(b'"HERE"', nested)
    result = invoke("plan", "-", *option, stdin=event)
    assert result.exit_code in (1, 2)
    assert "nested too deeply" in result.output


@pytest.mark.parametrize("command", [("plan",), ("run", "--dry-run")])
def test_what_an_outcome_does_not_show_is_noted(invoke: Invoke, tmp_path: Path, command: tuple[str, ...]) -> None:
    """The reference gives no result at all for an action that is not there."""
    file = tmp_path / "mappings.json"
    given = {"name": "A", "subscribe": 'type = "track"', "partnerAction": "nope", "mapping": {}}
    file.write_text(json.dumps([given, {**given, "name": "B", "partnerAction": "trackGoal", "subscribe": "type ~ 1"}]))
    result = invoke(*command, "-", "--mappings", file, stdin=json.dumps(track(1)))
    assert result.exit_code == 0
    notes = result.stderr.splitlines()
    assert f"destination: {file}: A: partnerAction: there is no action 'nope'" in notes[1]
    assert f"destination: {file}: B: subscribe: Invalid subscription" in notes[2]


def test_an_id_that_is_no_text_is_none(invoke: Invoke) -> None:
    assert invoke("plan", "-", stdin='{"type": null, "messageId": {"a": 1}}').stdout.startswith(
        "event (messageId none)\n"
    )
