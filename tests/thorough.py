"""What a default run does some of, and `pytest --thorough` does all of."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def examples(count: int) -> int:
    """The examples of a property test: an eighth of `count`, at least ten, unless the run is thorough."""
    thorough = settings.get_current_profile_name().startswith("thorough")
    return count if thorough else min(count, max(10, count // 8))


def some(values: Iterable[Any], *, every: int = 0) -> list[Any]:
    """The parameters of a test: the first of each `every` in any run, the others in a thorough one.

    Args:
        values: The parameters; a tuple has the values of several names.
        every: 0 takes the first of all.
    """
    return [
        value
        if (number % every if every else number) == 0
        else rarely(*(value if isinstance(value, tuple) else [value]))
        for number, value in enumerate(values)
    ]


def rarely(*values: Any) -> Any:
    """A parameter that only a thorough run takes."""
    return pytest.param(*values, marks=pytest.mark.thorough)
