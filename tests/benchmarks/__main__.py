"""`python -m tests.benchmarks [GROUP …]`: measures, and writes docs/benchmarks.md and docs/benchmarks-history.md.

A group is a module of this package that has a `GROUP`; without a name, all of them are measured. The results are kept
in results.json, so that the pages also have those of the groups that were not measured this time. `--pages` measures
nothing and writes the pages from them.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path

from tests.benchmarks.machine import compile_code, machine
from tests.benchmarks.measure import on_one_core
from tests.benchmarks.pages import write_pages
from tests.benchmarks.results import Measured, read_results, write_results
from tests.benchmarks.rows import Row, text_table

Measure = Callable[[], Iterable[Row]]
"""Measures the rows of a group."""

_ORDER = ("engine", "delivered", "delivery", "processes", "dry_run", "workbench", "hostile", "tester")
"""The order on the pages; other groups follow."""


def group_names(folder: Path = Path(__file__).parent) -> list[str]:
    """The groups: the modules that have a `GROUP`."""
    found = {file.stem for file in folder.glob("*.py") if "\nGROUP = " in file.read_text(encoding="utf-8")}
    return sorted(found, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))


def measure_of(name: str) -> Measure:
    """The function of a group that measures all its rows: `…_rows`, which needs no arguments.

    Raises:
        LookupError: The module has no such function, or several.
    """
    module = import_module(f"tests.benchmarks.{name}")
    found = [
        value
        for key, value in vars(module).items()
        if key.endswith("_rows")
        and getattr(value, "__module__", "") == module.__name__
        and all(parameter.default is not Parameter.empty for parameter in signature(value).parameters.values())
    ]
    if len(found) != 1:
        raise LookupError(f"{module.__name__} has {len(found)} functions ..._rows without arguments, not 1")
    function: Measure = found[0]
    return function


def measured(groups: Mapping[str, Measure], on: str, kept: Mapping[str, Measured]) -> dict[str, Measured]:
    """Measures groups, one after the other, and prints each row as it comes.

    Args:
        groups: What measures each.
        on: The machine.
        kept: The results so far; those of other groups stay.
    """
    results = dict(kept)
    for number, (name, measure) in enumerate(groups.items(), 1):
        print(f"{name} ({number} of {len(groups)}) …", file=sys.stderr, flush=True)
        rows = []
        for row in measure():
            rows.append(row)
            print(f"  {row.name}: {row.cells()[1]} ({row.verdict})", file=sys.stderr, flush=True)
        if rows or name not in results:  # without what a group needs, its last results stay
            results[name] = Measured(on, tuple(rows))
    order = group_names()
    return {name: results[name] for name in sorted(results, key=lambda name: (order.index(name), name))}


def main(arguments: list[str] | None = None) -> int:
    """The command; status 0 when every row that was measured meets its target."""
    names = group_names()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(names)} (default: all)")
    parser.add_argument("--pages", action="store_true", help="measure nothing, and write the pages again")
    given = parser.parse_args(arguments)
    chosen = [] if given.pages else given.groups or names
    unknown = [name for name in chosen if name not in names]
    if unknown:
        parser.error(f"there is no group {unknown[0]!r}: there are {', '.join(names)}")
    results = {name: group for name, group in read_results().items() if name in names}
    if chosen:
        compile_code()
        core = on_one_core()
        print(machine() + ("" if core is None else f"; core {core}"), file=sys.stderr)
    for name in chosen:  # what is measured stays, even if a later group fails
        results = measured({name: measure_of(name)}, machine(), results)
        write_results(results)
        write_pages(results)
    if given.pages:
        write_pages(results)
    rows = [row for name in chosen for row in results[name].rows]
    if rows:
        print(text_table(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
