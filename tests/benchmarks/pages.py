"""The two pages: docs/benchmarks.md for readers, docs/benchmarks-history.md for people who change the code."""

from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.results import Measured, values
from tests.benchmarks.rows import HEADINGS, markdown_table, summary

_DOCS = Path(__file__).parents[2] / "docs"
PAGE = _DOCS / "benchmarks.md"
HISTORY = _DOCS / "benchmarks-history.md"

NOTES = Path(__file__).with_name("notes.md")
"""The text under the tables for readers: how it is measured."""

HISTORY_NOTES = Path(__file__).with_name("history.md")
"""The text under the targets: what was tried, and where the time goes."""

INTRODUCTION = """\
*The reference* is Segment's own runtime on Node. Where a value has the unit ×, it is a ratio: for speeds and rates \
more is better, for times and memory less is better.

Measure it on your machine, in a clone of the repository with Node 20. Without a name, all groups are measured:

```
python -m tests.benchmarks
```
"""

MANNER = """\
Times are CPU time (user and system). The sides of a ratio are measured in turns in one run, and the shortest of many \
rounds counts. Byte code is compiled before. What a process takes to start is a row of its own, unless a row says \
that it is included.
"""

HISTORY_INTRODUCTION = """\
This page is for people who change the code: what each figure of [the benchmarks](benchmarks.md) should be, what made \
the code faster, what did not, and where the time goes now. The targets are this project's own. Some are missed, and \
the table says by how much.
"""

TARGETS = (*HEADINGS[:4],)
SHOWN = (HEADINGS[0], HEADINGS[1], HEADINGS[4])


def page(results: Mapping[str, Measured]) -> str:
    """Writes the page for readers: the summary, how to measure, the tables, the notes."""
    parts = ["# Benchmarks\n", summary(values(results)) + "\n", INTRODUCTION, MANNER, _machines(results)]
    for name, group in results.items():
        table = markdown_table(SHOWN, [(cells[0], cells[1], cells[4]) for cells in (row.cells() for row in group.rows)])
        parts += [f"## {group.rows[0].group}\n", f"`python -m tests.benchmarks {name}`\n", table]
    return "\n".join([*parts, NOTES.read_text(encoding="utf-8")])


def history(results: Mapping[str, Measured]) -> str:
    """Writes the page for contributors: the targets, and what was tried."""
    parts = ["# Targets and history of the benchmarks\n", HISTORY_INTRODUCTION, "## Targets\n"]
    for name, group in results.items():
        table = markdown_table(TARGETS, [row.cells()[:4] for row in group.rows])
        parts += [f"### {group.rows[0].group}: targets\n", f"`python -m tests.benchmarks {name}`\n", table]
    return "\n".join([*parts, HISTORY_NOTES.read_text(encoding="utf-8")])


def write_pages(results: Mapping[str, Measured]) -> None:
    """Writes both pages."""
    PAGE.write_text(page(results), encoding="utf-8")
    HISTORY.write_text(history(results), encoding="utf-8")


def _machines(results: Mapping[str, Measured]) -> str:
    """Names the machine; where groups were measured on several, each with its groups."""
    found: dict[str, list[str]] = {}
    for name, group in results.items():
        found.setdefault(group.machine, []).append(f"`{name}`")
    if len(found) == 1:
        return f"Machine: {next(iter(found))}.\n"
    return "Machines:\n\n" + "".join(f"- {', '.join(names)}: {machine}.\n" for machine, names in found.items())
