"""A clock that stands still until the test moves it on."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

from tests.forwarding.events import RECEIVED
from tests.kit import PATIENCE_S


class ManualClock:
    """Time that passes only by `advance`.

    Attributes:
        seconds: The time since it was made.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def time(self) -> float:
        return self.seconds

    def now(self) -> float:
        return RECEIVED + self.seconds

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.seconds + seconds, next(self._numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Wakes whoever sleeps for less than that, one after the other at its time."""
        for _ in range(20):  # whoever is about to sleep does so now
            await asyncio.sleep(0)
        end = self.seconds + seconds
        while self._sleeping and self._sleeping[0][0] <= end:
            self.seconds, _, future = heapq.heappop(self._sleeping)
            if not future.done():
                future.set_result(None)
                for _ in range(20):
                    await asyncio.sleep(0)
        self.seconds = end
        await asyncio.sleep(0)


async def until(holds: Callable[[], object]) -> None:
    """Waits until something holds that threads or other tasks bring about."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  threads have no event to wait for
            await asyncio.sleep(0.001)
