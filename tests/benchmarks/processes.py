"""The rows of whole processes: what an import and a `--help` cost."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Round, medians
from tests.benchmarks.rows import Row

GROUP = "Whole processes"


def process_rows() -> Iterator[Row]:
    """Both rows."""
    command = str(Path(sys.executable).with_name("destination"))
    pydantic, package, help_ = medians(
        [
            _process(sys.executable, "-c", "from pydantic import BaseModel"),
            _process(sys.executable, "-c", "import destination"),
            _process(command, "--help"),
        ],
        count=11,
        warm_up=2,
    )
    yield Row(
        GROUP,
        '`python -c "import destination"`: time ÷ that of `python -c "from pydantic import BaseModel"`',
        package / pydantic,
        "at most",
        1.2,
        f"{package * 1e3:.0f} ms ÷ {pydantic * 1e3:.0f} ms",
    )
    yield Row(
        GROUP,
        '`destination --help`: time ÷ that of `python -c "from pydantic import BaseModel"`',
        help_ / pydantic,
        "at most",
        2,
        f"{help_ * 1e3:.0f} ms ÷ {pydantic * 1e3:.0f} ms",
    )


def _process(*command: str) -> Round:
    def round_() -> float:
        return spent_by(*command)

    return round_


def spent_by(*command: str) -> float:
    """Runs a command to its end; the seconds on the core that it takes. What it writes is not kept."""
    begin = _spent_by_children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _spent_by_children() - begin


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
