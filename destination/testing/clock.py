"""Provides a clock that does not move by itself."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan

from destination.testing.events import TIMESTAMP
from destination.values import parse_date


class FrozenClock:
    """A clock that moves only when a test moves it, or when code sleeps by it.

    Use it as the `clock` of a `Delivery`, and the waits between retries take no time.

    Args:
        at: The time that it shows first, as a date that JavaScript can parse.

    Attributes:
        slept: The length of every sleep, in seconds.

    Raises:
        ValueError: `at` is not a date.

    Example:
        >>> clock = FrozenClock("2026-01-01T12:00:00Z")
        >>> clock.move(1.5)
        >>> clock.now()
        1767268801.5
    """

    def __init__(self, at: str = TIMESTAMP) -> None:
        self.slept: list[float] = []
        self._start = self._now = _seconds(at)

    def now(self) -> float:
        """Returns the time in seconds since 1970."""
        return self._now

    def time(self) -> float:
        """Returns the seconds that the clock has moved so far, for durations."""
        return self._now - self._start

    def move(self, seconds: float) -> None:
        """Moves the clock forward by seconds."""
        self._now += seconds

    def move_to(self, at: str) -> None:
        """Sets the clock to a date that JavaScript can parse.

        Raises:
            ValueError: `at` is not a date.
        """
        self._now = _seconds(at)

    async def sleep(self, seconds: float) -> None:
        """Moves the clock instead of waiting."""
        self.slept.append(seconds)
        self.move(seconds)
        await asyncio.sleep(0)


@contextmanager
def frozen(clock: FrozenClock) -> Iterator[FrozenClock]:
    """Makes templates take their time from this clock within the block, in every thread.

    Example:
        >>> from destination.mapping import liquid_template, transform
        >>> with frozen(FrozenClock("2026-01-01T12:00:00Z")):
        ...     transform({"at": liquid_template("{{ 'now' | date: '%H:%M' }}")}, {})
        {'at': '12:00'}
    """
    from destination.mapping.liquid import frozen_now

    with frozen_now(clock.now):
        yield clock


def _seconds(at: str) -> float:
    milliseconds = parse_date(at)
    if isnan(milliseconds):
        raise ValueError(f"{at!r} is not a date: write it like {TIMESTAMP}")
    return milliseconds / 1000
