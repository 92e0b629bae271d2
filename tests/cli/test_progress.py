"""How far a command is: events of an input, and steps."""

import io
import sys

import pytest

from destination.cli import progress as module
from destination.cli.output import Output
from destination.cli.progress import Progress, StepProgress
from destination.delivery import ByteInput, Report


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _report(events: int) -> Report:
    report = Report(["A"])
    report.events = events
    report.subscriptions[0].sent = events - 1
    report.failed = 1
    return report


def test_elsewhere_it_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with Progress(ByteInput(io.BytesIO()), Output()) as progress:
        for moment in (101.0, 104.9, 105.0, 106.0, 110.0):
            now[0] = moment
            progress.update(_report(int(moment * 100)))
        progress.note("look")
    assert capsys.readouterr().err == (
        "destination: 10,500 events, 10,499 sent, 1 failed, 2,100/s\n"
        "destination: 11,000 events, 10,999 sent, 1 failed, 1,100/s\n"
        "destination: look\n"
    )


@pytest.mark.parametrize("size", [100, None])
def test_on_a_terminal_it_is_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch, size: int | None) -> None:
    terminal = _Terminal()
    now = [100.0]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    data = ByteInput(io.BytesIO(), size=size)
    with Progress(data, Output()) as progress:
        now[0] = 101.0
        data.bytes_read = 50
        progress.update(_report(500))
        progress.note("line 7: \x1b[31mnot JSON")
    shown = terminal.getvalue()
    assert "500 events, 499 sent, 1 failed, 500/s" in shown
    assert ("50%" in shown) == (size is not None)
    assert "destination: line 7: \\x1b[31mnot JSON" in shown
    assert shown.endswith("\x1b[2K")  # the bar's line is empty again


def test_steps_are_a_line_now_and_then_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with StepProgress(1200, "changes", Output()) as steps:
        for number, moment in ((1, 101.0), (2, 105.0), (3, 106.0), (1100, 110.0)):
            now[0] = moment
            steps.show(number, "1 not noticed")
    assert capsys.readouterr().err == (
        "destination: 2 of 1,200 changes, 1 not noticed\ndestination: 1,100 of 1,200 changes, 1 not noticed\n"
    )


def test_steps_are_a_bar_that_goes_away_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    with StepProgress(4, "changes", Output()) as steps:
        steps.show(3, "1 not noticed")
    shown = terminal.getvalue()
    assert "3/4" in shown
    assert "changes, 1 not noticed" in shown
    assert shown.endswith("\x1b[2K")  # its line is cleared
