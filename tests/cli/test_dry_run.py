import json
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from destination.catalog.absmartly import EmbeddedCollector
from tests.cli.conftest import Invoke, track, write_events

EXAMPLES = Path(__file__).parents[2] / "examples"


def _lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def _of_interest(line: dict[str, Any]) -> dict[str, Any]:
    """A line without the subscriptions that did nothing."""
    took = [item for item in line["subscriptions"] if item["matched"] or item["error"]]
    return {**line, "subscriptions": took}


@pytest.mark.parametrize("name", ["events.ndjson", "bad-events.ndjson"])
def test_the_examples_come_to_what_they_came_to(invoke: Invoke, name: str, snapshot: SnapshotAssertion) -> None:
    result = invoke("run", EXAMPLES / name, "--dry-run")
    lines = _lines(result.stdout)
    assert all(len(line["subscriptions"]) == 4 for line in lines if "at" not in line)
    assert result.exit_code == (0 if name == "events.ndjson" else 1)
    assert [_of_interest(line) for line in lines] == snapshot


def test_every_good_example_succeeds_and_every_preset_takes_some(invoke: Invoke) -> None:
    lines = _lines(invoke("run", EXAMPLES / "events.ndjson", "--dry-run").stdout)
    assert len(lines) >= 30
    matched = [{item["name"] for item in line["subscriptions"] if item["matched"]} for line in lines]
    assert set().union(*matched) == {"Track Calls", "Page Calls", "Screen Calls", "Exposures (Verbatim)"}
    assert sum(not names for names in matched) >= 3
    assert not any(item["error"] for line in lines for item in line["subscriptions"])


def test_every_bad_example_fails_with_a_reason(invoke: Invoke, tmp_path: Path) -> None:
    """Some of them only at the collector, so they are sent."""
    failed = tmp_path / "failed"
    result = invoke("run", EXAMPLES / "bad-events.ndjson", "--errors", failed, "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == 1
    assert summary["arrived"]["total"] == 0
    assert summary["failed"] == summary["events"] + summary["unreadable"]
    letters = _lines(failed.read_text())
    assert len(letters) == summary["failed"]
    assert all(failure["error"] for letter in letters for failure in letter["failures"])


def test_a_line_tells_what_each_subscription_would_do(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", track(1)), "--dry-run")
    (line,) = _lines(result.stdout)
    assert line["messageId"] == "m1"
    taken, *others = line["subscriptions"]
    assert list(taken) == ["name", "matched", "payload", "requests", "error"]
    assert (taken["name"], taken["matched"], taken["error"]) == ("Track Calls", True, None)
    assert taken["payload"]["name"] == "Goal 1"
    (request,) = taken["requests"]
    assert list(request) == ["method", "url", "headers", "body"]
    assert request["headers"]["x-api-key"] == "<redacted>"
    assert [(item["matched"], item["payload"], item["requests"]) for item in others] == [(False, None, [])] * 3
    assert "placeholders are used: collectorEndpoint = https://collector-endpoint.invalid" in result.stderr
    assert "dry run: 1 read, 0 would fail; nothing was sent" in result.stderr


def test_settings_show_in_it_but_for_the_secrets(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    key = "embedded-collector-key"
    file = write_events(tmp_path / "events", track(1, event=f"has {key}", properties={key: [key]}))
    result = invoke("run", file, "-s", settings, "--dry-run")
    assert collector.endpoint in result.stdout
    assert '"name":"has <redacted>"' in result.stdout
    assert '"<redacted>":["<redacted>"]' in result.stdout
    assert "stand in" not in result.stderr
    assert collector.received == []


def test_lines_that_are_no_events_have_a_line_too(invoke: Invoke) -> None:
    result = invoke("run", "-", "--dry-run", stdin=b'{"type":"track"\n[]\n')
    assert result.exit_code == 1
    assert [(line["messageId"], line["at"], line["subscriptions"]) for line in _lines(result.stdout)] == [
        (None, "line 1", []),
        (None, "line 2", []),
    ]
    assert "destination: line 2: an event is a JSON object, but this is an array" in result.stderr


def test_what_would_fail_may_be_kept(invoke: Invoke, tmp_path: Path) -> None:
    failed = tmp_path / "failed"
    file = write_events(tmp_path / "events", track(1), track(2, timestamp=None))
    assert invoke("run", file, "--dry-run", "--errors", failed).exit_code == 1
    (letter,) = _lines(failed.read_text())
    assert letter["event"]["messageId"] == "m2"
    result = invoke("run", failed, "--dry-run")
    (line,) = _lines(result.stdout)
    assert [item["name"] for item in line["subscriptions"]] == ["Track Calls"]


def test_a_subscription_that_is_gone_is_named(invoke: Invoke) -> None:
    letter = {"deadLetter": 1, "failures": [{"subscription": "Gone", "error": "x"}], "event": track(1)}
    result = invoke("run", "-", "--dry-run", stdin=json.dumps(letter))
    assert result.exit_code == 1
    (line,) = _lines(result.stdout)
    assert line["subscriptions"] == []
    assert line["error"] == "there is no enabled subscription 'Gone' (any more)"


def test_an_input_that_breaks_off_is_told(invoke: Invoke) -> None:
    result = invoke("run", "-", "--dry-run", stdin=b"[" + json.dumps(track(1)).encode())
    assert result.exit_code == 1
    assert "the JSON array is not closed" in result.stderr


def test_a_payload_that_nests_too_deeply_is_told(invoke: Invoke) -> None:
    nested = b'{"a":' * 3_000 + b"1" + b"}" * 3_000
    event = json.dumps(track(1, properties="HERE")).encode().replace(b'"HERE"', nested)
    result = invoke("run", "-", "--dry-run", stdin=event)
    assert result.exit_code == 1
    assert "nested too deeply" in result.stdout
