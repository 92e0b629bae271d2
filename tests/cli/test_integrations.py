"""Events whose `integrations` exclude the destination, and duplicates, in every command that is about events."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from tests.cli.conftest import Invoke, goal_names, track, write_events

NAME = "ABsmartly (Actions)"
OUT: dict[str, Any] = {"integrations": {"All": False}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One event that is sent, one that is opted out, one that is asked for by name."""
    wanted = {"integrations": {"All": False, NAME: {"region": "eu"}}}
    return write_events(tmp_path / "events.ndjson", track(1), track(2, **OUT), track(3, **wanted))


@pytest.fixture
def event(tmp_path: Path) -> Path:
    return write_events(tmp_path / "event.json", track(2, integrations={NAME: False}))


def test_run_does_not_send_what_is_opted_out(
    invoke: Invoke, file: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    result = invoke("run", file, "-s", settings, "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == 0
    assert goal_names(collector) == ["Goal 1", "Goal 3"]
    assert (summary["events"], summary["opted_out"], summary["unmatched"]) == (3, 1, 0)
    resumed = json.loads(invoke("run", file, "-s", settings, "--resume", "--json").stdout)
    assert (resumed["skipped"], resumed["opted_out"]) == (3, 0)


def test_people_are_told_how_many_are_opted_out(invoke: Invoke, file: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert "0 failed. 1 event is opted out by `integrations`." in invoke("run", file, "--report", page).stdout
    assert '<b id="opted-out">1</b>opted out' in page.read_text()


@pytest.mark.thorough
def test_workers_leave_out_what_is_opted_out(invoke: Invoke, file: Path) -> None:
    summary = json.loads(invoke("run", file, "--workers", "2", "--json").stdout)
    assert (summary["opted_out"], summary["arrived"]["total"]) == (1, 2)


def test_run_sends_everything_when_told_to(
    invoke: Invoke, file: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    invoke("run", file, "-s", settings, "--ignore-integrations")
    assert goal_names(collector) == ["Goal 1", "Goal 2", "Goal 3"]


def test_a_dry_run_matches_nothing_of_an_event_that_is_opted_out(invoke: Invoke, file: Path) -> None:
    result = invoke("run", file, "--dry-run")
    first, out, _ = map(json.loads, result.stdout.splitlines())
    assert "optedOut" not in first
    assert out["optedOut"] is True
    assert [(item["matched"], item["requests"]) for item in out["subscriptions"]] == [(False, [])] * 4
    assert "dry run: 3 read, 1 opted out, 0 would fail" in result.stderr
    ignored = invoke("run", file, "--dry-run", "--ignore-integrations")
    assert json.loads(ignored.stdout.splitlines()[1])["subscriptions"][0]["matched"] is True


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_one_event_that_is_opted_out_is_said_to_be(invoke: Invoke, event: Path, command: str) -> None:
    result = invoke(command, event)
    assert result.exit_code == 0
    assert f'opted out: its `integrations` have false under "{NAME}", so run does not send it' in result.stdout
    assert "PUT" not in result.stdout
    shown = json.loads(invoke(command, event, "--json").stdout)
    assert shown["optedOut"] is True
    assert not any(item.get("requests") for item in shown["subscriptions"])
    assert "PUT" in invoke(command, event, "--ignore-integrations").stdout
    assert "optedOut" not in json.loads(invoke(command, event, "--json", "--ignore-integrations").stdout)


def test_explain_shows_the_triggers_of_an_event_that_is_opted_out(invoke: Invoke, event: Path) -> None:
    shown = json.loads(invoke("explain", event, "--json").stdout)["subscriptions"]
    assert {item["state"] for item in shown} == {"opted out"}
    assert [item["trigger"]["tree"]["verdict"] for item in shown][:2] == [True, False]


def test_diff_compares_nothing_of_an_event_that_is_opted_out(invoke: Invoke, file: Path, tmp_path: Path) -> None:
    mappings = tmp_path / "none.json"
    mappings.write_text("[]")
    arguments = ("diff", "presets", mappings, "--events", file)
    report = json.loads(invoke(*arguments, "--json").stdout)
    assert (report["events"], report["optedOut"], report["changed"]) == (2, 1, 2)
    page = tmp_path / "page.html"
    assert "1 event opted out by `integrations` and not compared" in invoke(*arguments, "--html", page).stdout
    assert '<b id="opted-out">1</b>events opted out' in page.read_text()
    report = json.loads(invoke(*arguments, "--json", "--ignore-integrations").stdout)
    assert (report["events"], report["optedOut"], report["changed"]) == (3, 0, 3)


def test_diff_of_events_that_are_all_opted_out_says_so(invoke: Invoke, event: Path) -> None:
    result = invoke("diff", "presets", "presets", "--events", event)
    assert "1 event opted out by `integrations`" in result.stdout
    assert "holds no event" not in result.stderr


def test_coverage_counts_nothing_of_an_event_that_is_opted_out(invoke: Invoke, file: Path, tmp_path: Path) -> None:
    report = json.loads(invoke("coverage", "--events", file, "--json").stdout)
    assert (report["events"], report["optedOut"], report["subscriptions"][0]["matched"]) == (2, 1, 2)
    page = tmp_path / "page.html"
    assert "by 2 events; 1 more opted out" in invoke("coverage", "--events", file, "--html", page).stdout
    assert "1 more opted out" in page.read_text()
    report = json.loads(invoke("coverage", "--events", file, "--json", "--ignore-integrations").stdout)
    assert (report["events"], report["optedOut"], report["subscriptions"][0]["matched"]) == (3, 0, 3)


# --- duplicates ----------------------------------------------------------------------------------------------


def test_run_sends_a_message_id_once(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    file = write_events(tmp_path / "events", track(1), track(2), track(1), track(1))
    page = tmp_path / "page.html"
    result = invoke("run", file, "-s", settings, "--dedupe", "--report", page)
    assert goal_names(collector) == ["Goal 1", "Goal 2"]
    assert "0 failed. 2 events are duplicates." in result.stdout
    assert '<b id="duplicates">2</b>duplicates' in page.read_text()
    summary = json.loads(invoke("run", file, "-s", settings, "--dedupe", "--resume", "--json").stdout)
    assert (summary["skipped"], summary["duplicates"]) == (4, 0)
    assert len(collector.received) == 2


def test_a_dry_run_names_duplicates(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", track(1), track(1)), "--dry-run", "--dedupe")
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first.get("duplicate"), second["duplicate"]) == (None, True)
    assert not any(item["matched"] for item in second["subscriptions"])
    assert "2 read, 1 duplicate, 0 would fail" in result.stderr


def test_duplicates_are_found_within_one_process(invoke: Invoke, file: Path) -> None:
    result = invoke("run", file, "--dedupe", "--workers", "2")
    assert result.exit_code == 2
    assert result.stderr == ("destination: --dedupe finds duplicates within one process: leave out --workers\n")
