"""`python -m tests.benchmarks [GROUP …]`: measures, prints the table and writes docs/benchmarks.md.

A group is `engine`, `delivered`, `processes`, `delivery`, `hostile` or `tester`; all of them without one. Only a
run of all groups writes the page.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.delivered import delivered_rows
from tests.benchmarks.delivery import delivery_rows
from tests.benchmarks.engine import engine_rows
from tests.benchmarks.hostile import hostile_rows
from tests.benchmarks.measure import ROUNDS, on_one_core
from tests.benchmarks.processes import process_rows
from tests.benchmarks.reference import Reference
from tests.benchmarks.rows import Row, markdown_table, summary, text_table
from tests.benchmarks.tester import tester_rows

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

NOTES = Path(__file__).with_name("notes.md")
"""The text under the tables: how it is measured, what was tried, and where the time goes."""


INTRODUCTION = """\
Measure it on your machine, in a clone of the repository with Node 20. A run of everything writes this page again:

```
python -m tests.benchmarks
```

*The reference* is Segment's own runtime on Node. Each row has a target that this project set itself. Some are missed, \
and the table says by how much. Where a value has the unit ×, it is a ratio: for speeds and rates more is better, for \
times and memory less is better.
"""

MANNER = (
    "Delivery and the tester use all cores, everything else uses one core. A value is the median of {rounds} rounds, "
    "unless the text below says otherwise."
)


def _engine() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, Reference(Path(folder)) as reference:
        yield from engine_rows(reference)


GROUPS: dict[str, Callable[[], Iterator[Row]]] = {
    "engine": _engine,
    "delivered": delivered_rows,
    "processes": process_rows,
    "delivery": delivery_rows,
    "hostile": hostile_rows,
    "tester": tester_rows,
}


def machine() -> str:
    """Names the processor, the system and the versions of Python and Node."""
    model = platform.processor() or platform.machine()
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        names = [line.split(":", 1)[1].strip() for line in cpu_info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"{platform.python_implementation()} {platform.python_version()}, Node {node}"
    )


def page(rows: list[Row]) -> str:
    """Writes the page: the summary, how to measure, the tables, the notes."""
    parts = [
        "# Benchmarks\n",
        summary({row.name: row.value for row in rows}) + "\n",
        INTRODUCTION,
        f"Machine: {machine()}. {MANNER.format(rounds=ROUNDS)}\n",
    ]
    for group in dict.fromkeys(row.group for row in rows):
        parts += [f"## {group}\n", markdown_table([row for row in rows if row.group == group])]
    return "\n".join([*parts, NOTES.read_text(encoding="utf-8")])


def main(arguments: list[str] | None = None) -> int:
    """The command; status 0 when every row holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)} (default: all)")
    chosen = parser.parse_args(arguments).groups or list(GROUPS)
    unknown = [name for name in chosen if name not in GROUPS]
    if unknown:
        parser.error(f"there is no group {unknown[0]!r}: there are {', '.join(GROUPS)}")
    core = on_one_core()
    print(machine() + ("" if core is None else f"; core {core}"), file=sys.stderr)
    rows = [row for name in chosen for row in GROUPS[name]()]
    print(text_table(rows))
    if set(chosen) == set(GROUPS):
        PAGE.write_text(page(rows), encoding="utf-8")
        print(f"written to {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
