"""The time limit of requests: one timer for all that are under way, where one for each would cost a tenth of sending.

Limits run out in the order in which they began, as long as they are of one length, and most requests end before
theirs: so the requests of one length stand in a queue, and the timer waits for the first of them.
"""

import asyncio
import threading
from collections import deque
from types import TracebackType
from typing import Final, Self

_LENGTHS: Final = 64
"""So many different limits are told apart at once."""


class TimeLimit:
    """Cancels what is inside it when its time is up; like `asyncio.timeout`, whose rules for cancelling it follows.

    A context manager, for use within a task.

    Args:
        seconds: How long.

    Attributes:
        expired: Whether its time was up. What was cancelled by it leaves as a `TimeoutError`.

    Raises:
        TimeoutError: On leaving it, when its time was up.

    Example:
        >>> async def main() -> None:
        ...     with TimeLimit(0.001):
        ...         await asyncio.sleep(60)
        >>> asyncio.run(main())
        Traceback (most recent call last):
        TimeoutError
    """

    __slots__ = ("_cancelling", "_queue", "_task", "expired", "over")

    def __init__(self, seconds: float) -> None:
        self._queue = _queue_of(seconds)
        self.expired = False
        self.over = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine of a loop runs in a task
        self._task = task
        self._cancelling = task.cancelling()
        self._queue.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.over = True
        self._queue.drop_ended()
        task = self._task
        del self._task  # behind a slow request in the queue, this outlives what it was for
        # Whoever else cancelled the task meanwhile wants it cancelled.
        if self.expired and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from None

    def expire(self) -> None:
        """Its time is up."""
        self.expired = True
        self._task.cancel()


class _Queue:
    """The limits of one length in one event loop, the first to run out first."""

    __slots__ = ("_limits", "_loop", "_seconds", "_waits")

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._limits: deque[tuple[float, TimeLimit]] = deque()
        self._waits = False

    def add(self, limit: TimeLimit) -> None:
        at = self._loop.time() + self._seconds
        self._limits.append((at, limit))
        if not self._waits:
            self._waits = True
            self._loop.call_at(at, self._look)

    def drop_ended(self) -> None:
        limits = self._limits
        while limits and limits[0][1].over:
            limits.popleft()

    def _look(self) -> None:
        limits, now = self._limits, self._loop.time()
        while limits and (limits[0][1].over or limits[0][0] <= now):
            _, limit = limits.popleft()
            if not limit.over:
                limit.expire()
        self._waits = bool(limits)
        if limits:
            self._loop.call_at(limits[0][0], self._look)


class _Running(threading.local):
    """The loop that runs in this thread, and its queues by their length."""

    loop: asyncio.AbstractEventLoop | None = None
    queues: dict[float, _Queue]


_running = _Running()


def _queue_of(seconds: float) -> _Queue:
    loop = asyncio.get_running_loop()
    if _running.loop is not loop:
        _running.loop, _running.queues = loop, {}
    queues = _running.queues
    queue = queues.get(seconds)
    if queue is None:
        if len(queues) >= _LENGTHS:  # those under way keep the queues that they are in
            queues.clear()
        queue = queues[seconds] = _Queue(loop, seconds)
    return queue
