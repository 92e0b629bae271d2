"""The file of failed events belongs to one run at a time, and what an earlier run wrote stays."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import DeadLetters, Failure, InputError, RecordingError
from destination.delivery.record import Piece, Record
from destination.private_files import lock_file
from tests.cli.conftest import Invoke, track, write_events
from tests.cli.conftest import collector as collector  # noqa: PLC0414  a fixture
from tests.cli.conftest import invoke as invoke  # noqa: PLC0414  a fixture
from tests.cli.conftest import settings as settings  # noqa: PLC0414  a fixture


def _add(letters: DeadLetters) -> None:
    letters.add(Record("line", Piece(1, b'{"type": "track"}', True)), [Failure(InputError("no"))])


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


_OTHER_PROCESS = """
import sys
from destination.delivery import DeadLetters, RecordingError
try:
    DeadLetters(sys.argv[1], append=True, shared=sys.argv[2] == "shared")
except RecordingError as error:
    print(error)
else:
    print("opened")
"""


def _opened_elsewhere(path: Path, how: str) -> str:
    command = [sys.executable, "-c", _OTHER_PROCESS, str(path), how]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.thorough
def test_no_other_run_writes_failed_events_to_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "failed"
    letters = DeadLetters(path)
    refused = f"{path}: another run is writing failed events there"
    assert _opened_elsewhere(path, "alone") == refused
    assert _opened_elsewhere(path, "shared") == refused
    letters.share()
    assert _opened_elsewhere(path, "shared") == "opened"
    assert _opened_elsewhere(path, "alone") == refused
    letters.close()
    assert _opened_elsewhere(path, "alone") == "opened"


def test_what_an_earlier_run_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "failed"
    first = DeadLetters(path)
    _add(first)
    first.close()
    before = path.read_bytes()
    with pytest.raises(RecordingError, match=r"holds failed events of an earlier run; .* --overwrite to replace them"):
        DeadLetters(path)
    assert path.read_bytes() == before
    second = DeadLetters(path, append=True)  # the refused one holds no lock
    _add(second)
    assert len(_lines(path)) == 2
    second.clear()
    _add(second)
    second.close()
    assert len(_lines(path)) == 1


def test_a_pipe_has_nothing_to_lose_and_is_not_locked() -> None:
    reading, writing = os.pipe()
    try:
        one = DeadLetters(f"/dev/fd/{writing}")
        other = DeadLetters(f"/dev/fd/{writing}")
        one.share()
        one.clear()
        _add(one)
        _add(other)
        one.close()
        other.close()
        assert os.read(reading, 1 << 16).count(b"\n") == 2
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("number", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_a_file_system_without_locks_is_used_without_them(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    import errno
    import fcntl

    def refuse(*_: Any) -> None:
        raise OSError(getattr(errno, number), "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert lock_file(0, exclusive=True)


# --- the command ---------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An event that is delivered, and one that fails."""
    return write_events(tmp_path / "events", track(1), track(2, timestamp="soon"))


def test_run_refuses_to_replace_failed_events_and_says_how_to(invoke: Invoke, file: Path, settings: Path) -> None:
    failed = file.parent / "failed"
    arguments = ("run", file, "-s", settings, "--errors", failed)
    assert invoke(*arguments).exit_code == 1
    before = failed.read_bytes()
    refused = invoke(*arguments)
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"destination: --errors {failed}: holds failed events of an earlier run; give another name, --resume to add to "
        "them, or --overwrite to replace them\n"
    )
    assert failed.read_bytes() == before
    # The refused run has touched nothing: the ledger still knows what is settled.
    assert "2 events had been settled before." in invoke(*arguments, "--resume").stdout
    assert failed.read_bytes() == before
    assert invoke(*arguments, "--overwrite").exit_code == 1
    assert len(_lines(failed)) == 1
    assert failed.read_bytes() != before  # it is of another run


def test_failed_events_stay_where_the_run_that_would_replace_them_is_refused(
    invoke: Invoke, file: Path, settings: Path
) -> None:
    failed = file.parent / "failed"
    failed.write_text("kept\n")
    Path(f"{file}.ledger").write_text("no database\n" * 100)
    result = invoke("run", file, "-s", settings, "--errors", failed, "--overwrite")
    assert result.exit_code == 2
    assert failed.read_text() == "kept\n"


def test_a_refused_run_leaves_no_empty_file_behind(invoke: Invoke, file: Path, settings: Path) -> None:
    failed = file.parent / "failed"
    Path(f"{file}.ledger").write_text("no database\n" * 100)
    assert invoke("run", file, "-s", settings, "--errors", failed).exit_code == 2
    assert not failed.exists()


def test_a_dry_run_keeps_failed_events_too(invoke: Invoke, file: Path) -> None:
    failed = file.parent / "failed"
    failed.write_text("kept\n")
    assert invoke("run", file, "--dry-run", "--errors", failed).exit_code == 2
    assert failed.read_text() == "kept\n"
    invoke("run", file, "--dry-run", "--errors", failed, "--overwrite")
    assert len(_lines(failed)) == 1


def test_a_file_that_another_run_is_writing_is_named(invoke: Invoke, file: Path, settings: Path) -> None:
    failed = file.parent / "failed"
    running = DeadLetters(failed)
    result = invoke("run", file, "-s", settings, "--errors", failed, "--overwrite")
    running.close()
    assert result.exit_code == 2
    assert result.stderr == f"destination: --errors {failed}: another run is writing failed events there\n"
    assert not Path(f"{file}.ledger").exists()


@pytest.mark.thorough
def test_workers_share_the_file(invoke: Invoke, file: Path, settings: Path) -> None:
    failed = file.parent / "failed"
    assert invoke("run", file, "-s", settings, "--errors", failed, "--workers", "2").exit_code == 1
    assert len(_lines(failed)) == 1


def test_overwrite_contradicts_resume(invoke: Invoke, file: Path) -> None:
    result = invoke("run", file, "--resume", "--overwrite")
    assert result.exit_code == 2
    assert result.stderr == (
        "destination: --overwrite removes the failed events that --resume adds to: give one of them\n"
    )


# --- a ledger that is finished -------------------------------------------------------------------------------


def test_a_run_over_a_finished_ledger_says_that_everything_is_sent_again(
    invoke: Invoke, tmp_path: Path, settings: Path
) -> None:
    file = write_events(tmp_path / "events", track(1))
    assert invoke("run", file, "-s", settings).stderr == ""
    again = invoke("run", file, "-s", settings)
    assert again.exit_code == 0
    assert again.stderr == (
        f"destination: {file}.ledger: the run of {file} in it has ended: everything is sent again; "
        "--resume would send only what is not settled\n"
    )
    assert "sent again" not in invoke("run", file, "-s", settings, "--resume").stderr
    other = write_events(tmp_path / "other", track(2))
    told = invoke("run", other, "-s", settings, "--ledger", f"{file}.ledger").stderr
    assert told.endswith(f"the run of {file} in it has ended: this run replaces it, and everything is sent\n")


def test_a_ledger_that_has_settled_nothing_is_replaced_without_a_word(
    invoke: Invoke, tmp_path: Path, settings: Path
) -> None:
    file = write_events(tmp_path / "events", {"type": "identify"})
    invoke("run", file, "-s", settings)
    assert invoke("run", file, "-s", settings).stderr == ""
