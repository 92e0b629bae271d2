"""Files of events as people have them, read by every command that takes events."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from tests.cli.conftest import Invoke, goal_names, track, write_events


def _batch(path: Path, *events: Any, **more: Any) -> Path:
    path.write_text(json.dumps({"batch": list(events), **more}, indent=2))
    return path


def test_run_sends_the_events_of_a_batch_and_resumes_one_by_one(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    lines = [{"batch": [track(1), track(2), track(3)]}, track(4), {"sent": 1}]
    file = write_events(tmp_path / "events.ndjson", *lines)
    failed = tmp_path / "failed.ndjson"
    result = invoke("run", file, "--settings", settings, "--errors", failed, "--json")
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    assert (summary["events"], summary["unreadable"]) == (4, 1)
    assert "line 3: not an event: it has no type, and no list of events" in result.stderr
    again = invoke("run", file, "--settings", settings, "--resume", "--json")
    assert json.loads(again.stdout)["skipped"] == 5
    assert goal_names(collector) == ["Goal 1", "Goal 2", "Goal 3", "Goal 4"]


def test_a_dry_run_counts_what_is_not_an_event_as_failed(invoke: Invoke) -> None:
    result = invoke("run", "-", "--dry-run", stdin='{"event": "Order Completed"}\n')
    assert result.exit_code == 1
    assert "line 1: not an event: it has no type" in result.stderr
    assert "1 read, 1 would fail" in result.stderr


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_one_event_is_taken_out_of_a_file_by_its_message_id(invoke: Invoke, tmp_path: Path, command: str) -> None:
    file = _batch(tmp_path / "batch.json", track(1), track(2), track(3))
    result = invoke(command, file, "--message-id", "m2")
    assert result.exit_code == 0
    assert "Goal 2" in result.stdout
    assert "Goal 1" not in result.stdout
    missing = invoke(command, file, "--message-id", "m9")
    assert missing.exit_code == 2
    assert missing.stderr.endswith(f"destination: {file}: none of its 3 events has the messageId 'm9'\n")
    several = invoke(command, file)
    assert several.exit_code == 2
    assert (
        f"destination: {file}: holds more than one event; choose one with --message-id ID, or use: destination run"
        in several.stderr
    )


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_the_only_event_of_a_batch_needs_no_message_id(invoke: Invoke, tmp_path: Path, command: str) -> None:
    file = _batch(tmp_path / "batch.json", track(1))
    assert "Goal 1" in invoke(command, file).stdout
    assert invoke(command, "-", stdin='{"batch": []}').stderr.endswith("destination: standard input: holds no event\n")


def test_diff_and_coverage_read_the_events_of_a_batch(invoke: Invoke, tmp_path: Path) -> None:
    file = _batch(tmp_path / "batch.json", track(1), track(2))
    mappings = tmp_path / "mappings.json"
    mappings.write_text(invoke("show", "actions-absmartly", "--variants").stdout)
    diff = json.loads(invoke("diff", mappings, mappings, "--events", file, "--json").stdout)
    assert diff["events"] == 2
    assert json.loads(invoke("coverage", "--events", file, "--json").stdout)["events"] == 2
