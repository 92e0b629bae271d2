"""Ends requests before their answers: after a time limit, or because of a signal from outside."""

import builtins
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from destination.errors import DestinationError, RequestClientError, RequestTimeoutError
from destination.errors import TimeoutError as ClientTimeoutError
from destination.late import asyncio
from destination.request.message import Request, Response
from destination.request.transport import Transport


class AbortSignal:
    """Stops requests from outside, as JavaScript's AbortSignal does: at once (`abort`) or later (`timeout`).

    A request with a signal has no time limit of its own, unless it sets one. When the signal fires, requests that are
    being sent end with RequestClientError, or with RequestTimeoutError if the signal's time ran out.

    Example:
        >>> signal = AbortSignal()
        >>> signal.abort()
        >>> signal.aborted, type(signal.error()).__name__
        (True, 'RequestClientError')
    """

    __slots__ = ("_callbacks", "_timed_out", "aborted")

    def __init__(self) -> None:
        self.aborted = False
        self._timed_out = False
        self._callbacks: list[Callable[[], object]] = []

    @classmethod
    def timeout(cls, timeout_ms: float) -> "AbortSignal":
        """Makes a signal that fires after a time in milliseconds, from now; needs a running event loop."""
        signal = cls()
        asyncio.get_running_loop().call_later(timeout_ms / 1000, signal._fire, True)
        return signal

    def abort(self) -> None:
        """Fires the signal. A second time does nothing."""
        self._fire(False)

    def error(self) -> DestinationError:
        """Returns the error of a request that this signal stopped."""
        return RequestTimeoutError() if self._timed_out else RequestClientError()

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Registers a callback for when the signal fires; returns the function that removes it."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def _fire(self, timed_out: bool) -> None:
        if self.aborted:
            return
        self.aborted = True
        self._timed_out = timed_out
        for callback in self._callbacks:
            callback()


# --- sending within limits -------------------------------------------------------------------------------


async def send_within_limits(transport: Transport, request: Request, signal: AbortSignal | None) -> Response:
    """Sends a request within its time limit, and until the signal fires.

    Raises:
        TimeoutError: The request's own limit ran out (`destination.errors.TimeoutError`).
        RequestClientError: The signal was aborted.
        RequestTimeoutError: The signal's time ran out.
        DestinationError: The transport raised it.
    """
    limit_ms = request.timeout_ms
    if signal is not None:
        return await _until_aborted(transport, request, signal)
    if limit_ms is None:
        return await transport.send(request)
    try:
        with TimeLimit(limit_ms / 1000) as limit:
            return await transport.send(request)
    except builtins.TimeoutError:
        if not limit.expired:
            raise
        raise ClientTimeoutError(request, limit_ms) from None


async def _until_aborted(transport: Transport, request: Request, signal: AbortSignal) -> Response:
    if signal.aborted:
        raise signal.error()
    limit_ms = request.timeout_ms
    unsubscribe = None
    try:
        async with asyncio.timeout(None if limit_ms is None else limit_ms / 1000) as scope:
            unsubscribe = signal.subscribe(lambda: _expire(scope))
            return await transport.send(request)
    except builtins.TimeoutError:
        if not scope.expired():
            raise
        if signal.aborted:
            raise signal.error() from None
        raise ClientTimeoutError(request, limit_ms or 0) from None
    finally:
        if unsubscribe is not None:
            unsubscribe()


def _expire(scope: "asyncio.Timeout") -> None:
    if not scope.expired():
        scope.reschedule(asyncio.get_running_loop().time())


# --- the time limit --------------------------------------------------------------------------------------

_MAX_QUEUES: Final = 64
"""The maximum number of queues, which is the number of different lengths."""


class TimeLimit:
    """A context manager that cancels its block when its time is up, by the rules of `asyncio.timeout`.

    Use it within a task. Limits of one length run out in the order in which they began, and most requests end before
    theirs. So the limits of one length are in a queue, and one timer waits for the first of them. A timer for each
    would take a tenth of the time of sending.

    Args:
        seconds: The length of the limit, in seconds.

    Attributes:
        expired: Whether the time was up. A block that it cancelled raises a `TimeoutError`.

    Raises:
        TimeoutError: The time was up; raised at the end of the block.

    Example:
        >>> async def main() -> None:
        ...     with TimeLimit(0.001):
        ...         await asyncio.sleep(60)
        >>> asyncio.run(main())
        Traceback (most recent call last):
        TimeoutError
    """

    __slots__ = ("_cancelling", "_limits", "_seconds", "_task", "expired", "over")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.expired = False
        self.over = False

    def __enter__(self) -> Self:
        loop, seconds = asyncio.get_running_loop(), self._seconds
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101  a coroutine of a loop runs in a task
        self._task = task
        self._cancelling = task.cancelling()
        queue = _queue_of(loop, seconds)
        self._limits = limits = queue.limits
        at = loop.time() + seconds
        limits.append((at, self))
        if not queue.waits:
            queue.wait_until(at)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.over = True
        limits = self._limits
        while limits and limits[0][1].over:
            limits.popleft()
        task = self._task
        del self._task  # behind a slow request in the queue, this lives longer than its task
        # If something else cancelled the task too, it stays cancelled.
        if self.expired and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from None

    def expire(self) -> None:
        """Cancels the task, because the time is up."""
        self.expired = True
        self._task.cancel()


class _Queue:
    """The limits of one length in one event loop, the first to run out first."""

    __slots__ = ("_loop", "limits", "waits")

    def __init__(self, loop: "asyncio.AbstractEventLoop") -> None:
        self._loop = loop
        self.limits: deque[tuple[float, TimeLimit]] = deque()
        self.waits = False

    def wait_until(self, at: float) -> None:
        self.waits = True
        self._loop.call_at(at, self._look)

    def _look(self) -> None:
        limits, now = self.limits, self._loop.time()
        while limits and (limits[0][1].over or limits[0][0] <= now):
            _, limit = limits.popleft()
            if not limit.over:
                limit.expire()
        self.waits = False
        if limits:
            self.wait_until(limits[0][0])


class _Running(threading.local):
    """The loop that runs in this thread, and its queues by their length."""

    loop: "asyncio.AbstractEventLoop | None" = None
    queues: dict[float, _Queue]


_running = _Running()


def _queue_of(loop: "asyncio.AbstractEventLoop", seconds: float) -> _Queue:
    if _running.loop is not loop:
        _running.loop, _running.queues = loop, {}
    queues = _running.queues
    queue = queues.get(seconds)
    if queue is None:
        if len(queues) >= _MAX_QUEUES:  # limits that run already keep their queues
            queues.clear()
        queue = queues[seconds] = _Queue(loop)
    return queue
