"""Files that cannot even be looked at, and files that a command must not replace."""

import contextlib
import os
import threading
from pathlib import Path

import pytest

from destination.definition.given.files import check_writable, is_there, read_whole
from destination.usage_problem import UsageProblem
from tests.cli.conftest import Invoke, track, write_events

TOO_LONG = "x" * 5000


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return write_events(tmp_path / "events.ndjson", track(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", TOO_LONG), f"{TOO_LONG}: cannot be read"),
        (("plan", TOO_LONG), f"{TOO_LONG}: cannot be read"),
        (("diff", TOO_LONG, "presets", "--events", "{events}"), f"{TOO_LONG}: cannot be read"),
        (("diff", "presets", "presets", "--events", TOO_LONG), f"--events {TOO_LONG}: cannot be read"),
        (
            ("diff", "presets", "presets", "--events", "{events}", "--html", TOO_LONG),
            f"--html {TOO_LONG}: cannot be written",
        ),
        (("coverage", "--events", TOO_LONG), f"{TOO_LONG}: cannot be read"),
        (("coverage", "--events", "{events}", "--html", TOO_LONG), f"--html {TOO_LONG}: cannot be written"),
        (("run", TOO_LONG), f"{TOO_LONG}: cannot be read"),
        (("run", TOO_LONG, "--workers", "2"), "--workers takes a file"),
        (("run", "{events}", "--errors", TOO_LONG), f"--errors {TOO_LONG}: cannot be written"),
        (("run", "{events}", "--ledger", TOO_LONG), f"{TOO_LONG}: cannot be opened"),
        (("run", "{events}", "--ledger", TOO_LONG, "--resume"), f"{TOO_LONG}: cannot be opened"),
        (("run", "{events}", "--report", TOO_LONG), f"--report {TOO_LONG}: cannot be written"),
    ],
)
def test_a_path_that_the_system_refuses_is_named(
    invoke: Invoke, events: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke(*(argument.format(events=events) for argument in arguments))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"destination: {message}")


def test_what_cannot_be_looked_at_is_not_there(events: Path) -> None:
    assert not any(is_there(path) for path in (Path(TOO_LONG), Path("a\0b")))
    assert is_there(events)


def test_nothing_is_left_of_the_try_whether_a_file_can_be_written(events: Path) -> None:
    before = events.read_text()
    page = events.parent / "page.html"
    check_writable("--html", page)
    check_writable("--html", events)
    assert not page.exists()
    assert events.read_text() == before


_READ_WHOLE = [
    ("plan", "{event}", "-m", "FILE"),
    ("plan", "{event}", "-s", "FILE"),
    ("plan", "FILE"),
    ("explain", "FILE"),
    ("run", "{events}", "--dry-run", "-m", "FILE"),
    ("validate", "-m", "FILE"),
    ("lint", "-m", "FILE"),
    ("lint", "--tracking-plan", "FILE"),
    ("diff", "FILE", "presets", "--events", "{events}"),
    ("diff", "presets", "FILE", "--events", "{events}"),
    ("coverage", "--events", "{events}", "-m", "FILE"),
    ("mutate", "-m", "FILE", "--events", "{events}"),
    ("check-auth", "-s", "FILE"),
    ("migrate", "classic", "FILE"),
]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
@pytest.mark.parametrize("arguments", _READ_WHOLE, ids=" ".join)
def test_a_file_without_end_is_refused_at_a_stated_size(
    arguments: tuple[str, ...], device: str, invoke: Invoke, events: Path
) -> None:
    words = {"FILE": device, "{events}": events, "{event}": events}
    result = invoke(*(words.get(word, word) for word in arguments))
    assert result.exit_code == 2
    assert device in result.stderr
    assert "is larger than 67,108,864 bytes" in result.stderr or "is too long for one event" in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_without_end_is_refused_at_a_stated_size(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb") as file:
            while True:
                file.write(b"[" * 1_000_000)

    writer = threading.Thread(target=write)
    writer.start()
    with pytest.raises(UsageProblem, match="is larger than 67,108,864 bytes; give a smaller file"):
        read_whole(pipe)
    writer.join()


def test_the_largest_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("destination.definition.given.files.MAX_FILE_BYTES", 5)
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_whole(file) == b"12345"
    file.write_bytes(b"123456")
    with pytest.raises(UsageProblem, match="is larger than 5 bytes"):
        read_whole(file)
