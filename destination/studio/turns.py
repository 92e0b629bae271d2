"""Long work in short turns, so that the event loop answers other requests meanwhile."""

import asyncio
from time import perf_counter
from typing import Final

TURN_S: Final = 0.004
"""The time after which work lets the loop go on, in seconds."""
_ROUNDS: Final = 3  # of the loop: to read a request, and to answer it, takes it more than one


class Turns:
    """The turns of one piece of work.

    Args:
        turn_s: How long a turn is, in seconds.

    Example:
        >>> async def count(numbers):
        ...     turns = Turns()
        ...     total = 0
        ...     for number in numbers:
        ...         total += number
        ...         if turns.is_over():
        ...             await turns.give_way()
        ...     return total
        >>> asyncio.run(count(range(1_000)))
        499500
    """

    __slots__ = ("_ends_at", "_turn_s")

    def __init__(self, turn_s: float = TURN_S) -> None:
        self._turn_s = turn_s
        self._ends_at = perf_counter() + turn_s

    def is_over(self) -> bool:
        """Whether this turn has taken its time."""
        return perf_counter() >= self._ends_at

    async def give_way(self) -> None:
        """Lets the loop do what else there is to do, and begins the next turn."""
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)
        self._ends_at = perf_counter() + self._turn_s
