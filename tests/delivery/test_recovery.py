"""The command with a ledger: interrupted, out of room, resumed."""

import json
import os
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from tests.cli.conftest import Invoke, goal_names, track, write_events, write_settings
from tests.cli.conftest import invoke as invoke  # noqa: PLC0414  a fixture
from tests.delivery.faulty import FaultyCollector
from tests.delivery.test_kill import ledger_rows, prepare, start
from tests.kit import PATIENCE_S
from tests.thorough import some


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


@pytest.mark.thorough
def test_a_ledger_that_cannot_be_written_stops_the_run_and_what_is_unrecorded_is_named(tmp_path: Path) -> None:
    with FaultyCollector(delay_s=0.002) as collector:
        prepare(tmp_path, collector, 10_000)
        process = start(tmp_path, "--batch-size", "20", "--concurrency", "4", preexec_fn=_limit_files)
        output, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 3
        summary = json.loads(output)
        sent = set(collector.taken)
        assert 0 < len(sent) < 10_000
        assert "events.ndjson.ledger: cannot be written" in summary["stopped"]
        unrecorded = {f"m{place.removeprefix('line ')}" for place in summary["unrecorded"]}
        recorded = {f"m{position}" for position, *_ in ledger_rows(tmp_path)}
        assert unrecorded
        assert recorded | unrecorded == sent
        assert len(unrecorded) <= 80
        assert b"Traceback" not in errors
        again = start(tmp_path, "--resume")
        again.communicate(timeout=PATIENCE_S)
        assert again.returncode == 0
        assert len(collector.taken) == 10_000
        twice = {event for event, count in collector.taken.items() if count > 1}
        assert twice <= unrecorded
    assert len(ledger_rows(tmp_path)) == 10_000


@pytest.mark.thorough
def test_people_are_told_what_is_unrecorded_and_how_to_go_on(tmp_path: Path) -> None:
    with FaultyCollector() as collector:
        prepare(tmp_path, collector, 10_000)
        process = start(tmp_path, "--batch-size", "20", "--concurrency", "4", form=(), preexec_fn=_limit_files)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert b"what became of these is not written down: line " in errors
    assert b"To go on: the same command with --resume; events.ndjson.ledger knows what is done." in output


@pytest.mark.parametrize("workers", some(["1", "2"]))
def test_ctrl_c_drains_and_resume_sends_the_rest_once(tmp_path: Path, workers: str) -> None:
    with FaultyCollector(delay_s=0.02) as collector:
        prepare(tmp_path, collector, 6_000)
        process = start(tmp_path, "--batch-size", "10", "--concurrency", "4", "--workers", workers)
        while collector.requests < 30:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 128 + signal.SIGINT, errors
        assert json.loads(output)["subscriptions"][0]["sent"] == len(collector.taken) < 6_000
        again = start(tmp_path, "--workers", workers, "--resume")
        output, errors = again.communicate(timeout=PATIENCE_S)
        assert again.returncode == 0, errors
        assert len(collector.taken) == 6_000
        assert set(collector.taken.values()) == {1}
    assert len(ledger_rows(tmp_path)) == 6_000


@pytest.mark.thorough
def test_a_worker_that_dies_ends_the_run(tmp_path: Path) -> None:
    with FaultyCollector(delay_s=0.05) as collector:
        prepare(tmp_path, collector, 20_000)
        process = start(tmp_path, "--batch-size", "10", "--concurrency", "4", "--workers", "2")
        while collector.requests < 10:
            assert process.poll() is None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        workers = [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
        os.kill(workers[0], signal.SIGKILL)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, errors
    assert json.loads(output)["stopped"] == "a worker ended unexpectedly"


# --- in this process -----------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_events(tmp_path / "events", *map(track, range(9)), b"oops"), tmp_path / "failed"


@pytest.mark.thorough
def test_workers_share_a_file_a_ledger_and_the_file_of_failed_events(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", *map(track, range(2_000)), b"oops", track(2_001, timestamp="soon"))
    with EmbeddedCollector() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        result = invoke("run", file, "-s", settings, "--workers", "3", "--errors", tmp_path / "failed", "--json")
        assert len(goal_names(collector)) == len(set(goal_names(collector))) == 2_000
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    assert (summary["events"], summary["unreadable"], summary["failed"]) == (2_001, 1, 2)
    assert "line 2001: not JSON" in result.stderr
    assert len((tmp_path / "failed").read_text().splitlines()) == 2


@pytest.mark.thorough
def test_the_embedded_collector_takes_the_events_of_workers(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", *map(track, range(600))), "--workers", "2", "--json")
    assert json.loads(result.stdout)["arrived"]["total"] == 600
    assert not (tmp_path / "events.ledger").exists()


def test_a_finished_run_resumed_sends_nothing(invoke: Invoke, files: tuple[Path, Path], tmp_path: Path) -> None:
    file, failed = files
    with EmbeddedCollector() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        assert invoke("run", file, "-s", settings, "--errors", failed).exit_code == 1
        before = failed.read_bytes()
        result = invoke("run", file, "-s", settings, "--errors", failed, "--resume")
        assert len(goal_names(collector)) == 9
        assert result.exit_code == 0
        assert "10 events had been settled before." in result.stdout
        assert failed.read_bytes() == before
        changed = write_events(tmp_path / "events", *map(track, range(10)))
        refused = invoke("run", changed, "-s", settings, "--resume")
        assert refused.exit_code == 2
        assert "belongs to another input" in refused.stderr
        assert len(goal_names(collector)) == 9


def test_what_failed_and_was_not_kept_is_sent_again_by_resume(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1), track(2, timestamp="soon"))
    with EmbeddedCollector() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        invoke("run", file, "-s", settings)
        summary = json.loads(invoke("run", file, "-s", settings, "--resume", "--json").stdout)
        assert goal_names(collector) == ["Goal 1"]
    assert (summary["skipped"], summary["failed"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--no-ledger", "--resume"], "--no-ledger does not go with"),
        (["--resume"], "there is no ledger of a run to continue"),
        (
            ["--ledger", "no/ledger"],
            "no/ledger: cannot be opened: no such file or directory; --ledger FILE has it else",
        ),
        (["--workers", "2", "--ordered-by", "userId"], "--ordered-by keeps the order within one process"),
    ],
)
def test_a_ledger_that_cannot_be_opened_stops_the_run_before_anything_is_sent(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[Any], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with EmbeddedCollector() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        result = invoke("run", write_events(tmp_path / "events", track(1)), "-s", settings, *arguments)
        assert collector.received == []
    assert result.exit_code == 2
    assert message in result.stderr


def test_standard_input_is_resumed_with_a_ledger_of_its_own(invoke: Invoke, tmp_path: Path) -> None:
    events = "\n".join(json.dumps(track(number)) for number in range(5))
    with EmbeddedCollector() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        assert "--resume needs the ledger" in invoke("run", "-", "-s", settings, "--resume", stdin=events).stderr
        ledger = tmp_path / "ledger"
        invoke("run", "-", "-s", settings, "--ledger", ledger, stdin=events)
        invoke("run", "-", "-s", settings, "--ledger", ledger, "--resume", stdin=events + "\n" + json.dumps(track(5)))
        assert goal_names(collector) == [f"Goal {number}" for number in range(6)]
        other = "\n".join(json.dumps(track(number)) for number in range(3, 9))
        result = invoke("run", "-", "-s", settings, "--ledger", ledger, "--resume", stdin=other)
        assert result.exit_code == 3
        assert "line 1: is not the event that the ledger has there" in result.stderr
        assert len(collector.received) == 6


def test_wrong_credentials_stop_the_run(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABSMARTLY_API_KEY", "wrong-key-1234")
    with EmbeddedCollector() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        file = write_events(tmp_path / "events", *map(track, range(5_000)))
        result = invoke("run", file, "-s", settings, "--no-batch", "--concurrency", "5")
    assert result.exit_code == 1
    assert "the partner refuses the credentials" in result.stderr
    assert "--resume" in result.stdout
    assert "wrong-key-1234" not in result.output
