"""A row of the table, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """One measured ratio.

    Attributes:
        group: Its part of the table.
        name: What was measured, over what.
        value: The ratio.
        bound: What it must reach, or must not exceed.
        kind: Which of the two.
        details: The measured values behind it.
        unit: What stands after the value; a ratio has none.
    """

    group: str
    name: str
    value: float
    kind: Literal["at least", "at most"]
    bound: float
    details: str
    unit: str = "×"

    @property
    def holds(self) -> bool:
        """Whether it reaches what it must."""
        return self.value >= self.bound if self.kind == "at least" else self.value <= self.bound

    @property
    def verdict(self) -> str:
        """`holds`, or by how much it falls short."""
        if self.holds:
            return "holds"
        gap = self.bound / self.value if self.kind == "at least" else self.value / self.bound
        return f"short by {100 * (gap - 1):.0f} %"

    def cells(self) -> tuple[str, str, str, str, str]:
        """What stands in the columns: name, value, bound, verdict and details."""
        sign = "≥" if self.kind == "at least" else "≤"
        return (
            self.name,
            f"{self.value:.2f} {self.unit}",
            f"{sign} {self.bound:g} {self.unit}",
            self.verdict,
            self.details,
        )


HEADINGS = ("row", "measured", "must reach", "", "behind it")


def text_table(rows: Sequence[Row]) -> str:
    """The rows as lines for a terminal."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown_table(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
