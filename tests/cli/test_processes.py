"""The command in processes of its own: signals, pipes, and what is imported."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.catalog.absmartly.collector import API_KEY
from tests.cli.conftest import track, write_events, write_settings
from tests.kit import PATIENCE_S
from tests.thorough import some


class HeldCollector(EmbeddedCollector):
    """Answers nothing until it is opened; `arrived` counts what waits."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = threading.Semaphore(0)
        self.opened = threading.Event()

    def take(self, headers: dict[str, str], events: list[Any]) -> tuple[int, dict[str, Any]]:
        self.arrived.release()
        self.opened.wait(PATIENCE_S)
        return super().take(headers, events)


@pytest.fixture
def held() -> Iterator[HeldCollector]:
    with HeldCollector() as collector:
        yield collector
        collector.opened.set()


def _start(folder: Path, *arguments: str | Path, **options: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "destination", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "ABSMARTLY_API_KEY": API_KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def _three_under_way(held: HeldCollector, folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """A run that waits for three answers and for more of its standard input."""
    settings = write_settings(folder / "settings.toml", held.endpoint)
    process = _start(
        folder,
        "run",
        "-",
        "-s",
        settings,
        "--concurrency",
        "3",
        "--no-batch",
        "--timeout",
        "300",
        "--json",
        *arguments,
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    for number in range(3):
        process.stdin.write(json.dumps(track(number)).encode() + b"\n")
    process.stdin.flush()
    for _ in range(3):
        assert held.arrived.acquire(timeout=PATIENCE_S)
    return process


def _read(stream: IO[bytes] | None) -> bytes:
    assert stream is not None
    return stream.read()


@pytest.mark.parametrize("number", some([signal.SIGINT, signal.SIGTERM]))
def test_a_signal_finishes_what_is_under_way(held: HeldCollector, tmp_path: Path, number: signal.Signals) -> None:
    process = _three_under_way(held, tmp_path)
    process.send_signal(number)
    assert process.stderr is not None
    assert b"finishing what is under way" in process.stderr.readline()
    held.opened.set()
    summary = json.loads(_read(process.stdout))
    with process:
        assert process.wait(PATIENCE_S) == 128 + number
    assert summary["subscriptions"][0] == {"name": "Track Calls", "matched": 3, "sent": 3, "failed": 0, "deferred": 0}
    assert summary["stopped"] == "stopped before the end of the input; read up to line 3"
    assert len(held.received) == 3


@pytest.mark.parametrize("way", ["--no-batch", "--batch-size=500"])
@pytest.mark.thorough
def test_a_hostile_mapping_does_not_keep_a_run_from_ending(
    collector: EmbeddedCollector, tmp_path: Path, way: str
) -> None:
    busy = {"@jinja": "goal {% for x in properties.a %}{% if x in properties.b %}y{% endif %}{% endfor %}"}
    mappings = tmp_path / "mappings.json"
    goal = {"name": "Busy", "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": {"name": busy}}
    mappings.write_text(json.dumps([{**goal, "name": f"Busy {number}"} for number in range(50)]))
    hostile = {"a": list(range(9_000)), "b": [f"other {number}" for number in range(9_000)]}
    file = write_events(tmp_path / "events", track(0), *(track(number, properties=hostile) for number in range(1, 400)))
    settings = write_settings(tmp_path / "settings.toml", collector.endpoint)
    process = _start(tmp_path, "run", file, "-s", settings, "-m", mappings, "--json", "--errors", "failed", way)
    errors = tmp_path / "failed"
    # The first event is not hostile: it has no units, and fails at once.
    while process.poll() is None and not (errors.exists() and errors.stat().st_size):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads(output)["events"] < 400


def test_a_second_ctrl_c_gives_up_what_is_under_way_and_keeps_it(held: HeldCollector, tmp_path: Path) -> None:
    process = _three_under_way(held, tmp_path, "--errors", "failed")
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    summary = json.loads(_read(process.stdout))
    with process:
        assert process.wait(PATIENCE_S) == 130
    assert (summary["failed"], summary["deferred"]) == (0, 3)
    letters = [json.loads(line) for line in (tmp_path / "failed").read_text().splitlines()]
    assert sorted(letter["event"]["messageId"] for letter in letters) == ["m0", "m1", "m2"]
    assert {letter["failures"][0]["subscription"] for letter in letters} == {"Track Calls"}


def test_a_reader_that_has_seen_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", *map(track, range(5_000)))
    process = _start(tmp_path, "run", file, "--dry-run")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b'{"messageId":"m0"')
    process.stdout.close()
    errors = _read(process.stderr)
    assert process.wait(PATIENCE_S) == 141
    assert b"Traceback" not in errors
    assert b"Broken" not in errors
    assert process.stderr is not None
    process.stderr.close()


def _finish(folder: Path, *arguments: str, **options: Any) -> tuple[int, str, str]:
    process = _start(folder, *arguments, **options)
    output, errors = process.communicate(timeout=PATIENCE_S)
    return process.returncode, output.decode(), errors.decode()


def test_the_command_is_installed_and_is_the_same(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("destination")
    shown = subprocess.run([command, "--version"], capture_output=True, check=True, text=True).stdout
    assert shown == _finish(tmp_path, "--version")[1]
    assert shown.startswith("destination 0.")


@pytest.mark.thorough
def test_packages_of_the_current_folder_hide_none_of_the_framework(tmp_path: Path) -> None:
    """`python -m` puts the current folder before all that is installed."""
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "__init__.py").touch()
    (tmp_path / "presets.py").touch()
    status, output, errors = _finish(tmp_path, "list")
    assert (status, errors) == (0, "")
    assert "actions-absmartly" in output


_HEAVY = ("pydantic", "httpx", "jinja2", "jsonpath_ng", "rich", "importlib.metadata")
_SENDING = ("asyncio", "ssl", "pyreqwest", "http.server", "sqlite3", "destination.delivery")
_WORKING = ("orjson", "dataclasses", "destination.definition", "destination.values")
_LINTING = ("difflib", "tempfile", "destination.workbench.tracking_plan", "destination.definition.formats.hcl")


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (["--help"], (*_HEAVY, *_SENDING, *_WORKING, "destination.cli.run", "destination.cli.configuration")),
        (["validate", "mappings.json"], (*_HEAVY, *_SENDING, "destination.definition.formats.hcl")),
        (["lint", "mappings.json", "--fail-on", "never"], (*_HEAVY, *_SENDING, *_LINTING)),
        (["plan", "event.json"], (*_HEAVY, "asyncio", "ssl", "pyreqwest", "http.server")),
        (["list"], (*_HEAVY[:-1], *_SENDING, "destination.cli.run", "destination.cli.configuration")),
        (["show", "actions-absmartly", "--json"], (*_HEAVY, *_SENDING)),
        (["run", "event.json"], _HEAVY),
    ],
)
def test_a_command_imports_nothing_that_it_does_not_use(
    tmp_path: Path, arguments: list[str], unused: tuple[str, ...]
) -> None:
    write_events(tmp_path / "event.json", track(1))
    mapping = {"name": {"@path": "$.event"}, "units": {"userId": {"@path": "$.userId"}}, "properties": {}}
    (tmp_path / "mappings.json").write_text(
        json.dumps([{"name": "Goals", "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": mapping}])
    )
    code = (
        f"import sys\nfrom destination.cli import main\ntry:\n    main({arguments!r})\n"
        "except SystemExit as end:\n    print(end.code)\nprint(*sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True, text=True
    )
    status, imported = done.stdout.splitlines()[-2:]
    assert status == "0"
    assert set(imported.split()) & set(unused) == set()


@pytest.mark.thorough
def test_an_ascii_terminal_gets_escapes_and_json_in_utf_8(tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1, event="Größe"))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "destination", "run", file],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert b"Gr\\xf6\\xdfe" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "destination", "run", file, "--dry-run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["subscriptions"][0]["payload"]["name"] == "Größe"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.thorough
def test_a_long_file_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    line = b'{"type":"identify","traits":{"text":"%s"}}\n' % (b"x" * 300)
    code = (
        "import sys\nfrom destination.cli import main\n"
        "try:\n    main(['run', 'events', '--json'])\nexcept SystemExit as end:\n    print(end.code)\n"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    peaks = []
    for count in (1_000, 100_000):
        (tmp_path / "events").write_bytes(line * count)
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True)
        summary, _, ending = done.stdout.rpartition("}")
        assert json.loads(summary + "}")["events"] == count
        status, peak = ending.split()
        assert status == "0"
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < 4_000  # kilobytes; the longer file has 35,000
