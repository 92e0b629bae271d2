"""Files that cannot even be looked at, and files that a command must not replace."""

from pathlib import Path

import pytest

from destination.cli.files import check_writable, is_there
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
