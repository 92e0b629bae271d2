"""The rows of the tables, how they are shown, and the sentence that sums them up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value with its target.

    Attributes:
        group: The heading of its table.
        name: What was measured and, for a ratio, what it is divided by.
        value: The measured value.
        kind: Whether the target is a minimum or a maximum.
        bound: The target.
        details: The values that a ratio was computed from.
        unit: The unit of the value and of the target.
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
        """Whether the value meets its target."""
        return self.value >= self.bound if self.kind == "at least" else self.value <= self.bound

    @property
    def verdict(self) -> str:
        """`met`, or by what part of the target the value misses it."""
        if self.holds:
            return "met"
        return f"missed by {100 * abs(self.value - self.bound) / self.bound:.0f} %"

    def cells(self) -> tuple[str, str, str, str, str]:
        """Returns the texts of the columns: name, value, target, verdict and details."""
        sign = "≥" if self.kind == "at least" else "≤"
        return (
            self.name,
            f"{self.value:.2f} {self.unit}",
            f"{sign} {self.bound:g} {self.unit}",
            self.verdict,
            self.details,
        )


HEADINGS = ("what", "measured", "target", "", "computed from")

REQUESTS = "making the requests of an event, as delivery does: speed ÷ the reference's"
SINGLE = "events delivered a second, one request an event, 50 requests in flight: ÷ the reference's"
BATCHES = "events delivered a second, in batches of 500: ÷ the reference's"
"""Names of the rows that the summary uses."""


def text_table(rows: Sequence[Row]) -> str:
    """Formats rows as lines for a terminal."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def markdown_table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Formats lines of cells as a table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, ["---"] * len(headings), *lines)) + "\n"


def summary(values: Mapping[str, float]) -> str:
    """Writes the sentences that the page begins with, of what was measured.

    Args:
        values: The measured values by the names of their rows.
    """
    sentences = []
    if REQUESTS in values:
        speed = _times(values[REQUESTS])
        sentences.append(f"**Making the requests of an event is {speed} as fast as with Segment's own runtime.**")
    if SINGLE in values and BATCHES in values:
        sentences.append(
            f"`destination run` delivers {_times(values[SINGLE])} as many events a second one by one, and "
            f"{_times(values[BATCHES])} as many in batches."
        )
    return " ".join(sentences)


def _times(value: float) -> str:
    return f"{round(value, 2):.1f} times"
