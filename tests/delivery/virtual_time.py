"""An event loop whose time passes only while all its tasks wait, so that an hour of a run takes milliseconds."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_TURNS = 500_000


class HungError(AssertionError):
    """All tasks wait, and nothing is left that would wake one of them; or they turn for ever while no time passes."""


class _Selector(selectors.DefaultSelector):
    """Moves the time on instead of waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise HungError("every task waits for another one")
        self._turns = 0 if timeout else self._turns + 1
        if self._turns > _MOST_TURNS:
            raise HungError("tasks turn without end while no time passes")
        self.seconds += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.seconds


class VirtualClock:
    """The clock of such a loop."""

    def time(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> float:
        return 1_000_000.0 + self.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end.

    Raises:
        HungError: It cannot come to its end.
        AssertionError: It left tasks behind.
    """
    loop = _Loop()
    problems: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: problems.append(context))

    async def watched() -> T:
        found = await main
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for _ in range(3):  # a task that was cancelled just now ends in its next turn
            await asyncio.sleep(0)
        assert not [task for task in left if not task.done()], left
        return found

    try:
        found = loop.run_until_complete(watched())
    finally:
        loop.set_exception_handler(lambda _loop, _context: None)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        try:
            loop.run_until_complete(asyncio.sleep(0))
        finally:
            loop.close()
    assert not problems, problems
    return found
