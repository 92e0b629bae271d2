"""A way to abort requests from outside, as JavaScript's AbortSignal."""

import asyncio
from collections.abc import Callable

from destination.errors import DestinationError, RequestClientError, RequestTimeoutError


class AbortSignal:
    """Tells requests to stop: at once (`abort`) or after a time (`AbortSignal.timeout`).

    A request with a signal has no time limit of its own unless it names one. When the signal fires, what is
    being sent ends with RequestClientError, or with RequestTimeoutError when time ran out.

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
        """A signal that fires after a time, counted from now; needs a running event loop."""
        signal = cls()
        asyncio.get_running_loop().call_later(timeout_ms / 1000, signal._fire, True)
        return signal

    def abort(self) -> None:
        """Fires. A second time does nothing."""
        self._fire(False)

    def error(self) -> DestinationError:
        """What a request that this signal stopped raises."""
        return RequestTimeoutError() if self._timed_out else RequestClientError()

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Has a callback called when the signal fires; gives the function that takes it back."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def _fire(self, timed_out: bool) -> None:
        if self.aborted:
            return
        self.aborted = True
        self._timed_out = timed_out
        for callback in self._callbacks:
            callback()
