"""The rows of whole processes: what an import and a short command cost, in CPU time, with byte code compiled."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Round
from tests.benchmarks.rows import Row

GROUP = "Whole processes"
_ROUNDS = 10
_BASE = "import pydantic, httpx"
_EVENT = {
    "messageId": "m1",
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "timestamp": "2026-01-02T03:04:05.000Z",
    "properties": {"revenue": 12.5},
}
_SUBSCRIPTION = {
    "name": "Goals",
    "subscribe": 'type = "track" and event != "Experiment Viewed"',
    "partnerAction": "trackGoal",
    "enabled": True,
    "mapping": {
        "units": {"userId": {"@path": "$.userId"}},
        "name": {"@path": "$.event"},
        "properties": {"@path": "$.properties"},
    },
}


def process_rows() -> Iterator[Row]:
    """All rows; their commands take turns, and the least time of each counts."""
    command = str(Path(sys.executable).with_name("destination"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "event.ndjson").write_text(json.dumps(_EVENT) + "\n", encoding="utf-8")
        (folder / "mappings.json").write_text(json.dumps([_SUBSCRIPTION]), encoding="utf-8")
        base, model, package, help_, validate, lint, run, plan = _least(
            _process(folder, sys.executable, "-c", _BASE),
            _process(folder, sys.executable, "-c", "from pydantic import BaseModel"),
            _process(folder, sys.executable, "-c", "import destination"),
            _process(folder, command, "--help"),
            _process(folder, command, "validate", "mappings.json"),
            _process(folder, command, "lint", "mappings.json"),
            _process(folder, command, "run", "event.ndjson"),
            _process(folder, command, "plan", "event.ndjson"),
        )
    yield _row("`import destination`", "from pydantic import BaseModel", package, model, 1.2)
    yield _row("`destination --help`", _BASE, help_, base, 0.4)
    yield _row("`destination validate` of one file", _BASE, validate, base, 1)
    yield _row("`destination lint` of one file", _BASE, lint, base, 1)
    yield _row("`destination run` of one event", _BASE, run, base, 1.5)
    yield _row("`destination plan` of one event", _BASE, plan, base, 1.5)


def _row(what: str, code: str, spent: float, base: float, most: float) -> Row:
    text = f'{what}: CPU time of the process ÷ that of `python -c "{code}"`'
    return Row(GROUP, text, spent / base, "at most", most, f"{spent * 1e3:.0f} ms ÷ {base * 1e3:.0f} ms")


def _least(*rounds: Round) -> list[float]:
    """Runs each once without counting it, which compiles what it imports, and then all of them in turns."""
    for round_ in rounds:
        round_()
    turns = [[round_() for round_ in rounds] for _ in range(_ROUNDS)]
    return [min(times) for times in zip(*turns, strict=True)]


def _process(folder: Path, *command: str) -> Round:
    def round_() -> float:
        return spent_by(*command, folder=folder)

    return round_


def spent_by(*command: str, folder: Path | None = None) -> float:
    """Runs a command to its end in a folder; the seconds on the core that it takes. What it writes is not kept."""
    compiling = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begin = _spent_by_children()
    subprocess.run(command, cwd=folder, env=compiling, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _spent_by_children() - begin


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    for row in process_rows():
        print(row)
