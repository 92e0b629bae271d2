"""A clock for tests: sleeping takes no time, and moves it on."""

import asyncio


class FakeClock:
    """Time that passes only while someone sleeps.

    Attributes:
        slept: Every sleep, in seconds.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._time = 0.0

    def time(self) -> float:
        return self._time

    def now(self) -> float:
        return 1_000.0 + self._time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._time += seconds
        await asyncio.sleep(0)


class StillClock(FakeClock):
    """Whoever sleeps, sleeps until it is cancelled; `asleep` is set when someone does."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await asyncio.get_running_loop().create_future()
