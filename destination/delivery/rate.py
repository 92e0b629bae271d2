"""A limit of requests a second."""

from destination.delivery.retry import Clock


class TokenBucket:
    """Hands out so many tokens a second, evenly; what was not used is kept for a short burst only.

    Args:
        rate: Tokens a second.
        clock: The time.
        burst: So many tokens may be taken at once after a pause.

    Example:
        >>> import asyncio
        >>> class Still:
        ...     slept = 0.0
        ...     def time(self): return self.slept
        ...     def now(self): return self.slept
        ...     async def sleep(self, seconds): self.slept += seconds
        >>> clock = Still()
        >>> async def take(count):
        ...     bucket = TokenBucket(10, clock)
        ...     for _ in range(count):
        ...         await bucket.take()
        >>> asyncio.run(take(21))
        >>> round(clock.slept, 6)
        2.0
    """

    def __init__(self, rate: float, clock: Clock, burst: int = 1) -> None:
        self._between = 1.0 / rate
        self._slack = (burst - 1) * self._between
        self._clock = clock
        self._next: float | None = None  # when the next token is due

    async def take(self) -> None:
        """Waits for a token. Who asked first gets it first."""
        now = self._clock.time()
        due = now if self._next is None else max(self._next, now - self._slack)
        self._next = due + self._between
        if due > now:
            await self._clock.sleep(due - now)

    def charge(self, count: int) -> None:
        """Takes tokens that were used already; who asks next waits the longer."""
        if count > 0 and self._next is not None:
            self._next += count * self._between
