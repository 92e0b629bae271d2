"""How many steps are done."""

import io
import sys

import pytest

from destination.cli import steps as module
from destination.cli.output import Output
from destination.cli.steps import Steps


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_it_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with Steps(1200, "changes", Output()) as steps:
        for number, moment in ((1, 101.0), (2, 105.0), (3, 106.0), (1100, 110.0)):
            now[0] = moment
            steps.show(number, "1 not noticed")
    assert capsys.readouterr().err == (
        "destination: 2 of 1,200 changes, 1 not noticed\ndestination: 1,100 of 1,200 changes, 1 not noticed\n"
    )


def test_on_a_terminal_it_is_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "stderr", terminal)
    with Steps(4, "changes", Output()) as steps:
        steps.show(3, "1 not noticed")
    shown = terminal.getvalue()
    assert "3/4" in shown
    assert "changes, 1 not noticed" in shown
    assert shown.endswith("\x1b[2K")  # its line is cleared
