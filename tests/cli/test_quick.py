"""Command lines that are read without typer."""

from contextlib import suppress
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from destination.cli import quick
from destination.cli.app import app, for_typer
from destination.cli.commands import COMMANDS, GROUPS
from destination.cli.parameters import Source
from destination.cli.quick import read_quickly

PLAIN = [
    "run events.ndjson",
    "run - -s settings.toml --send",
    "run events.ndjson --attempts 3 --rate 2.5 --errors=failed.ndjson --no-ledger",
    "run --concurrency=7 --batch-size 1 events.ndjson --linger-ms 0 --report page.html",
    "run events.ndjson -m a.json -m b.json --action x=trackGoal --action y=trackExposure",
    "plan event.json --message-id m1 --json",
    "plan - -m mappings.json",
    "explain event.json -n Goals",
    "validate",
    "validate a.json b.json -d actions-absmartly",
    "validate a.json --mappings b.json --no-config",
    "lint mappings.json --select T --select O001 --fail-on error --format sarif",
    "lint -v --fix mappings.json",
    "diff old.json new.json --events events.ndjson --allow Goals:name --samples 0",
    "coverage -e events.ndjson --fail-under 80.5",
    "check-events events.ndjson --tracking-plan plan.json",
    "convert a.json a.tf --overwrite",
    "show absmartly-classic --variants",
    "list --json",
    "new my_crm --auth oauth --batch",
    "config",
]
NOT_PLAIN = [
    "",
    "--version",
    "bogus",
    "run",
    "run --help",
    "run a b",
    "run a --attempts 0",
    "run a --attempts 1.5",
    "run a --attempts 1_0",
    "run a --rate .5",
    "run a --json=1",
    "run a --jso",
    "run a -ssettings.toml",
    "run a --errors",
    "run a --errors --json",
    "run a --errors x --errors y",
    "run -- a",
    "run a --concurrency 10001",
    "lint a --fail-on nothing",
    "lint a --settings=",
    "migrate classic settings.json",
]
PYPROJECT = '[tool.destination]\ndestination = "absmartly-classic"\nmappings = ["maps/*.json"]\nsettings = "s.toml"\n'


def _record(name: str, calls: list[Any]) -> Any:
    """Replaces what a command does; what it would be called with is kept."""
    loaded = COMMANDS[name].load()

    def call(*source: Source, **given: Any) -> int:
        calls.append((source, given))
        return 0

    call.__signature__ = signature(loaded)  # type: ignore[attr-defined]
    if hasattr(loaded, "takes_source"):
        call.takes_source = True  # type: ignore[attr-defined]
    return call


@pytest.mark.parametrize("configured", [False, True])
@pytest.mark.parametrize("line", PLAIN)
def test_what_is_read_quickly_is_what_typer_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, configured: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    if configured:
        (tmp_path / "pyproject.toml").write_text(PYPROJECT)

    name, *arguments = line.split()
    calls: list[Any] = []
    command = _record(name, calls)
    quickly = quick._call_of(command, name, arguments)
    assert quickly is not None
    quickly()
    by_typer = typer.Typer()
    by_typer.callback()(lambda: None)
    by_typer.command(name)(for_typer(command))
    result = CliRunner().invoke(by_typer, [name, *arguments])
    assert result.exit_code == 0, result.output
    assert calls[0] == calls[1]


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_typer(line: str) -> None:
    assert read_quickly(line.split()) is None


def test_completion_and_odd_characters_are_left_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_quickly(["plan", "event\udcff.json"]) is None
    monkeypatch.setenv("_DESTINATION_COMPLETE", "complete_bash")
    assert read_quickly(["list"]) is None


@pytest.mark.parametrize("columns", ["40", "80", "81", "95", "100", "200", "", "x"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_help_is_as_typer_draws_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str, option: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    call = read_quickly([option])
    assert call is not None
    with suppress(SystemExit):
        call()
    shown = capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        app([option])
    assert ended.value.code == 0
    assert shown == capsys.readouterr().out
    assert all(name in shown for name in (*COMMANDS, *GROUPS))
