"""What Node 20 (TZ=UTC) answered, and a reader for the numbers in it."""

import json
import math
from pathlib import Path
from typing import Any

from destination.values import is_number

_FOLDER = Path(__file__).parent

DATES: dict[str, list[tuple[str, int | None]]] = json.loads((_FOLDER / "dates.json").read_text("utf-8"))
"""By subject: a text and what `Date.parse` says of it; None is NaN."""

VALUES: dict[str, list[Any]] = json.loads((_FOLDER / "values.json").read_text("utf-8"))
"""By operation: its arguments, then the answer. Numbers are texts that Python's `float` reads."""


def same_number(left: float, right: float) -> bool:
    """Whether two numbers are the same double; NaN is itself, 0 is not -0."""
    if not is_number(left) or not is_number(right):
        return False
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return float(left) == float(right) and math.copysign(1, left) == math.copysign(1, right)
