"""How the command ends."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.cli import main
from destination.cli.output import Output
from destination.cli.problems import OutputClosedError, OutputFailedError
from destination.cli.process import open_missing_streams
from tests.cli.conftest import Invoke, track, write_events, write_settings


def test_main_ends_the_process_with_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("destination 0.")


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, 130), (OutputClosedError, 141)])
def test_interruptions_have_a_status_of_their_own(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], status: int
) -> None:
    def interrupted() -> list[str]:
        raise error

    monkeypatch.setattr("destination.definition.slugs", interrupted)
    result = invoke("list")
    assert result.exit_code == status
    assert result.output.strip() == ""


def test_a_closed_pipe_is_told_apart_from_other_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.BytesIO):
        def write(self, _text: object) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Closed(), write_through=True))
    with pytest.raises(OutputClosedError):
        Output().line("x")
    with pytest.raises(OutputClosedError):
        Output().json_line({})


def test_a_disk_that_is_full_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Full(io.BytesIO):
        def write(self, _text: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(Full(), write_through=True))
    with pytest.raises(OutputFailedError, match="no space left on device"):
        Output().line("x")
    with pytest.raises(OutputFailedError, match="no space left on device"):
        Output().json({})
    with pytest.raises(SystemExit) as ended:
        main(["list"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "destination: the output cannot be written: no space left on device\n"


def test_what_steers_a_terminal_is_written_out_in_messages(invoke: Invoke) -> None:
    assert invoke("explain", "\x1b[31mevent").stderr.endswith("destination: \\x1b[31mevent: there is no such file\n")


def test_a_process_without_streams_writes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as Python has it after `>&-`
    monkeypatch.setattr(sys, "stderr", kept := sys.stderr)
    open_missing_streams()
    with closing(sys.stdout):
        Output().line("x")
        Output().json({})
    assert sys.stderr is kept


def test_ctrl_c_ends_a_run_with_the_summary(invoke: Invoke, tmp_path: Path) -> None:
    class Interrupting(EmbeddedCollector):
        """Sends Ctrl-C to this process at the first event, and answers when that was taken note of."""

        def take(self, headers: dict[str, str], events: list[Any]) -> tuple[int, dict[str, Any]]:
            if not self.received:
                os.kill(os.getpid(), signal.SIGINT)
            return super().take(headers, events)

    with Interrupting() as collector:
        settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
        file = write_events(tmp_path / "events", *map(track, range(200)))
        result = invoke("run", file, "-s", settings, "--concurrency", "1", "--no-batch")
    assert threading.current_thread() is threading.main_thread()
    assert result.exit_code == 130
    assert "finishing what is under way" in result.stderr
    assert "stopped before the end of the input; read up to line" in result.stderr
    assert len(collector.received) < 200


def test_failures_that_cannot_be_written_down_are_named(
    invoke: Invoke, tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from destination.delivery import DeadLetters, RecordingError

    def full(_self: object, _record: object, _failures: object) -> None:
        raise RecordingError("failed: cannot be written: no space left on device")

    monkeypatch.setattr(DeadLetters, "add", full)
    file = write_events(tmp_path / "events", track(1, timestamp=None))
    result = invoke("run", file, "-s", settings, "--errors", tmp_path / "failed")
    assert result.exit_code == 3
    assert "no space left on device; read up to line 1" in result.stderr
    assert "what became of these is not written down: line 1" in result.stderr
    result = invoke("run", file, "-s", settings, "--errors", tmp_path / "failed", "--dry-run")
    assert result.exit_code == 1
    assert "no space left on device" in result.stderr


def test_an_async_perform_is_planned_up_to_its_first_answer(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from destination.definition import Action
    from destination.runtime import Destination

    async def perform(request: Any, _data: Any) -> Any:
        first = await request("https://x.test/one")
        return request(f"https://x.test/{first.data}")

    action: Action[Any, Any] = Action(title="A", description="", perform=perform)
    demo: Destination[Any] = Destination(name="Demo", slug="demo", actions={"a": action})
    monkeypatch.setattr("destination.runtime.given.find", lambda _slug: demo)
    mappings, event = tmp_path / "mappings.json", json.dumps(track(1))
    mappings.write_text(json.dumps([{"name": "A", "subscribe": 'type = "track"', "partnerAction": "a", "mapping": {}}]))
    shown = invoke("plan", "-", "-d", "demo", "-m", mappings, stdin=event).stdout
    assert "GET https://x.test/one" in shown
    assert shown.endswith("… and what follows from the answer\n")
    dry = invoke("run", "-", "-d", "demo", "-m", mappings, "--dry-run", stdin=event)
    assert json.loads(dry.stdout)["subscriptions"][0]["incomplete"] is True
    listed = invoke("show", "demo")
    assert listed.exit_code == 0
    assert "Settings" not in listed.stdout


# --- wrong options, help, completion -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "events", "--rate", "nan"], "--rate takes 0.001 or more, not 'nan'; see destination run --help"),
        (["run", "events", "--concurrency", "x"], "--concurrency takes a whole number, not 'x'; see destination run"),
        (["run", "events", "--timeout", "x"], "--timeout takes a number, not 'x'; see destination run --help"),
        (["serve-tester", "--port", "70000"], "--port takes 65,535 or less, not '70000'; see destination serve-tester"),
        (["coverage", "--fail-under", "101"], "--fail-under takes 100 or less, not '101'; see destination coverage"),
        (["lnt"], "No such command 'lnt'. Did you mean 'lint'?; see destination --help"),
        (["migrate"], "Missing command; see destination migrate --help"),
        (["migrate", "clasic"], "No such command 'clasic'. Did you mean 'classic'?; see destination migrate --help"),
        (
            ["run", "--keep-gone"],
            "No such option '--keep-gone'. Did you mean '--keep-going'?; see destination run --help",
        ),
        (["plan", "event.json", "--nope"], "No such option '--nope'; see destination plan --help"),
    ],
)
def test_a_wrong_option_is_named_with_what_it_takes(invoke: Invoke, arguments: list[str], message: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"destination: {message}")


def test_every_command_has_one_line_in_the_help_and_a_row_in_the_docs(invoke: Invoke) -> None:
    help_lines = invoke("--help").stdout.partition("Commands:\n")[2].splitlines()
    commands = [line.split()[0] for line in help_lines]
    assert {"run", "check-auth", "migrate"} <= set(commands)
    assert all(len(line) <= 80 and line.endswith(".") and not line.endswith("...") for line in help_lines)
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    rows = page.partition("| command | does |")[2].partition("\n\n")[0]
    assert [name for name in commands if f"`{name}" not in rows] == []


def test_completion_knows_the_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("_DESTINATION_COMPLETE", "bash_complete"), ("COMP_WORDS", "destination che")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 0
    assert capsys.readouterr().out.split() == ["plain,check-events", "plain,check-auth"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("pytest", "test", ["mutate", "--mappings", "m.json"]),
        ("pygal", "report", ["run", "events.ndjson", "--report", "report.html"]),
        ("starlette", "server", ["serve-tester"]),
        ("starlette", "server", ["studio"]),
    ],
)
def test_a_missing_extra_is_named_by_every_command(
    package: str, extra: str, arguments: list[str], tmp_path: Path, invoke: Invoke
) -> None:
    (tmp_path / "m.json").write_text(invoke("show", "actions-absmartly", "--variants").stdout)
    write_events(tmp_path / "events.ndjson", track(1))
    code = f"import sys; sys.modules['{package}'] = None; from destination.cli import main; main({arguments!r})"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, text=True)
    assert "Traceback" not in result.stderr
    assert result.returncode == 2
    assert f"pip install 'destination-actions[{extra}]'" in result.stderr


def test_the_server_package_names_its_extra() -> None:
    code = "import sys; sys.modules['starlette'] = None; import destination.server"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    message = "ModuleNotFoundError: destination.server needs starlette: pip install 'destination-actions[server]'"
    assert result.stderr.splitlines()[-1] == message
