"""The last results of each group, in results.json: a run of some groups keeps those of the others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.rows import Row

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of a group.

    Attributes:
        machine: What it was measured on: the processor, the system, the builds of Python and Node.
        rows: Its rows.
    """

    machine: str
    rows: tuple[Row, ...]


def read_results(file: Path = RESULTS) -> dict[str, Measured]:
    """Reads the results of all groups that were ever measured, by their names."""
    if not file.exists():
        return {}
    groups = json.loads(file.read_text(encoding="utf-8"))
    return {
        name: Measured(group["machine"], tuple(Row(**row) for row in group["rows"])) for name, group in groups.items()
    }


def write_results(results: Mapping[str, Measured], file: Path = RESULTS) -> None:
    """Writes the results of all groups."""
    groups = {
        name: {"machine": one.machine, "rows": [asdict(row) for row in one.rows]} for name, one in results.items()
    }
    file.write_text(json.dumps(groups, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def values(results: Mapping[str, Measured]) -> dict[str, float]:
    """The measured values by the names of their rows."""
    return {row.name: row.value for row in all_rows(results)}


def all_rows(results: Mapping[str, Measured]) -> Sequence[Row]:
    """The rows of all groups."""
    return [row for one in results.values() for row in one.rows]
