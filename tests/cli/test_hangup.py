"""A terminal that goes away, a standard error that nobody reads, and an input that changes while workers start."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.catalog.absmartly.collector import API_KEY
from destination.cli.output import Output
from destination.cli.process import UnfailingStream, ending_signals, is_repeated_hangup
from destination.cli.workers import WorkerPool
from destination.delivery import ByteInput, EventSource, InputError, Report
from tests.cli.conftest import Invoke, track, write_events, write_settings
from tests.cli.test_processes import HeldCollector
from tests.kit import PATIENCE_S
from tests.thorough import some


@pytest.fixture(autouse=True)
def as_on_a_terminal() -> Iterator[None]:
    """The tests themselves may run under nohup, which their processes would inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def held() -> Iterator[HeldCollector]:
    with HeldCollector() as collector:
        yield collector
        collector.opened.set()


def _start(folder: Path, *arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(
        # An answer that is held back must not run into the time limit, however slow the machine is.
        [sys.executable, "-m", "destination", "run", "--timeout", "300", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "ABSMARTLY_API_KEY": API_KEY},
        **given,
    )


def _under_way(held: HeldCollector, folder: Path, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
    """A run of ten events, three or more of which wait for their answers."""
    settings = write_settings(folder / "settings.toml", held.endpoint)
    file = write_events(folder / "events", *map(track, range(10)))
    one_by_one = ("--no-batch", "--errors", "failed", "--json")
    concurrency = () if "--concurrency" in arguments else ("--concurrency", "3")
    process = _start(folder, file, "-s", settings, *one_by_one, *concurrency, *arguments, **options)
    for _ in range(3):
        assert held.arrived.acquire(timeout=PATIENCE_S)
    return process


@pytest.mark.parametrize("workers", some(["1", "2"]))
def test_a_hangup_finishes_what_is_under_way(held: HeldCollector, tmp_path: Path, workers: str) -> None:
    settings = write_settings(tmp_path / "settings.toml", held.endpoint)
    file = write_events(tmp_path / "events", *map(track, range(2_000)))
    process = _start(tmp_path, file, "-s", settings, "--no-batch", "--concurrency", "4", "--workers", workers, "--json")
    for _ in range(4):
        assert held.arrived.acquire(timeout=PATIENCE_S)
    process.send_signal(signal.SIGHUP)
    assert process.stderr is not None
    assert b"finishing what is under way" in process.stderr.readline()
    process.send_signal(signal.SIGHUP)  # a shell and the system may each send one
    held.opened.set()
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 129
    summary = json.loads(output)
    assert summary["failed"] == 0
    assert summary["subscriptions"][0]["sent"] == len(held.received) >= 4
    assert summary["stopped"].startswith("stopped before the end of the input")


@pytest.mark.thorough
def test_a_second_signal_of_another_kind_gives_up_after_a_hangup(held: HeldCollector, tmp_path: Path) -> None:
    process = _under_way(held, tmp_path, "--no-ledger")
    assert process.stderr is not None
    process.send_signal(signal.SIGHUP)
    process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 129
    summary = json.loads(output)
    assert (summary["failed"], summary["deferred"]) == (0, 3)


@pytest.mark.parametrize("workers", some(["1", "2"]))
@pytest.mark.thorough
def test_nohup_is_left_alone(held: HeldCollector, tmp_path: Path, workers: str) -> None:
    process = _under_way(
        held,
        tmp_path,
        *("--workers", workers, "--concurrency", "6"),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    process.send_signal(signal.SIGHUP)
    held.opened.set()
    output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert b"finishing what is under way" not in errors
    assert json.loads(output)["subscriptions"][0]["sent"] == 10


@pytest.mark.thorough
def test_a_terminal_that_is_closed_ends_the_run_in_order(held: HeldCollector, tmp_path: Path) -> None:
    ours, theirs = os.openpty()

    def make_it_the_terminal() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = _under_way(held, tmp_path, start_new_session=True, preexec_fn=make_it_the_terminal, **streams)
    os.close(theirs)
    os.close(ours)
    held.opened.set()
    assert process.wait(PATIENCE_S) == 129
    # All that had been sent is written down.
    done = _start(tmp_path, "events", "-s", "settings.toml", "--no-batch", "--errors", "failed", "--json", "--resume")
    output, _ = done.communicate(timeout=PATIENCE_S)
    assert done.returncode == 0
    assert json.loads(output)["skipped"] >= 3
    assert len(held.received) == len({item["event"]["goals"][0]["name"] for item in held.received}) == 10


def test_a_hangup_is_noted_once() -> None:
    assert not is_repeated_hangup(signal.SIGTERM, [signal.SIGTERM])
    assert not is_repeated_hangup(signal.SIGHUP, [signal.SIGTERM])
    assert is_repeated_hangup(signal.SIGHUP, [signal.SIGTERM, signal.SIGHUP])


def test_a_hangup_that_is_ignored_ends_nothing() -> None:
    assert ending_signals() == [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert ending_signals() == [signal.SIGINT, signal.SIGTERM]
    finally:
        signal.signal(signal.SIGHUP, before)


# --- standard error ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", some(["1", "2"]))
@pytest.mark.thorough
def test_a_standard_error_that_nobody_reads_does_not_stop_a_run(
    held: HeldCollector, tmp_path: Path, workers: str
) -> None:
    settings = write_settings(tmp_path / "settings.toml", held.endpoint)
    bad = [b"oops"] * 5  # each of them is told on standard error
    file = write_events(tmp_path / "events", *bad, *map(track, range(600)), *bad)
    process = _start(tmp_path, file, "-s", settings, "--json", "--workers", workers)
    assert process.stderr is not None
    process.stderr.close()
    held.opened.set()
    assert process.stdout is not None
    summary = json.loads(process.stdout.read())
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 1
    assert (summary["subscriptions"][0]["sent"], summary["unreadable"], summary["stopped"]) == (600, 10, None)


@pytest.mark.parametrize("arguments", [("--dry-run",), ("no-such-option", "x")])
@pytest.mark.thorough
def test_the_exit_status_does_not_depend_on_who_reads_standard_error(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    write_events(tmp_path / "events", b"oops", track(1))
    expected = _start(tmp_path, "events", *arguments)
    expected.communicate(timeout=PATIENCE_S)
    process = _start(tmp_path, "events", *arguments)
    assert process.stderr is not None
    process.stderr.close()
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    assert process.wait(PATIENCE_S) == expected.returncode == (1 if arguments == ("--dry-run",) else 2)


class _Broken:
    """A stream that cannot be written, and has no file."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")

    def fileno(self) -> int:
        raise OSError("no file")

    encoding = "utf-8"


def test_remarks_go_nowhere_where_they_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    broken: Any = _Broken()
    stream = UnfailingStream(broken)
    assert stream.write("text") == 4
    stream.flush()
    assert stream.encoding == "utf-8"
    monkeypatch.setattr(sys, "stderr", broken)
    Output().note("nobody reads this")


@pytest.mark.thorough
def test_the_page_is_written_although_nobody_reads_the_summary(held: HeldCollector, tmp_path: Path) -> None:
    held.opened.set()
    settings = write_settings(tmp_path / "settings.toml", held.endpoint)
    write_events(tmp_path / "events", track(1))
    process = _start(tmp_path, "events", "-s", settings, "--report", "page.html")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.read()
    process.stderr.close()
    assert process.wait(PATIENCE_S) == 141
    assert '<b id="events">1</b>' in (tmp_path / "page.html").read_text()


# --- an input that changes while workers start ---------------------------------------------------------------


Change = Callable[[Path], None]


def _grow(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(json.dumps(track(9_999)).encode() + b"\n")


def _shrink(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _replace(file: Path) -> None:
    copy = file.with_name("copy")
    shutil.copy2(file, copy)
    copy.replace(file)


def _change(file: Path) -> None:
    os.utime(file, ns=(1, 1))


def _vanish(file: Path) -> None:
    file.unlink()


def _change_mappings(file: Path) -> None:
    mappings = {"name": "A", "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": {"name": "n"}}
    file.with_name("mappings.json").write_text(json.dumps([mappings]))


def _remove_settings(file: Path) -> None:
    file.with_name("settings.toml").unlink()


@pytest.mark.parametrize(
    ("change", "more", "said"),
    some([
        (_grow, [], "events: grew while the run started"),
        (_grow, ["--no-ledger"], "events: grew while the run started"),
        (_shrink, [], "events: became shorter while the run started"),
        (_replace, [], "events: was replaced while the run started"),
        (_change, [], "events: was changed while the run started"),
        (_vanish, [], "events: there is no such file"),
        (_change_mappings, [], "mappings.json: "),
        (_remove_settings, [], "settings.toml: there is no such settings file"),
    ]),
)  # fmt: skip
def test_what_changes_while_workers_start_is_one_line_and_nothing_is_sent(
    invoke: Invoke, collector: EmbeddedCollector, settings: Path, monkeypatch: pytest.MonkeyPatch,
    change: Change, more: list[str], said: str,
) -> None:  # fmt: skip
    folder = settings.parent
    monkeypatch.chdir(folder)
    write_events(folder / "events", *map(track, range(1_500)))
    (folder / "mappings.json").write_text("[]")
    begin = WorkerPool.run

    def changing(pool: WorkerPool, names: list[str]) -> Report:
        change(folder / "events")
        return begin(pool, names)

    monkeypatch.setattr(WorkerPool, "run", changing)
    given = ("events", "-s", "settings.toml", "-m", "mappings.json", "--workers", "2", "--errors", "failed")
    result = invoke("run", *given, *more)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert result.stderr.startswith(f"destination: {said}")
    assert result.stderr.endswith("; nothing was sent\n")
    assert collector.received == []
    assert not (folder / "failed").exists()


@pytest.mark.parametrize(("change", "message"), [(_grow, None), (_shrink, "events: became shorter while it was read")])
@pytest.mark.thorough
def test_a_worker_reads_what_the_file_held_when_the_run_began(
    tmp_path: Path, change: Change, message: str | None
) -> None:
    file = write_events(tmp_path / "events", *map(track, range(1_500)))
    with ByteInput.open(file) as first, ByteInput.open(file, expected=first.state) as data:
        change(file)
        records = iter(EventSource(data))
        if message is None:
            assert len(list(records)) == 1_500
            return
        with pytest.raises(InputError, match=message):
            list(records)
