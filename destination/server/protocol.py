"""HTTP/1.1 with a time for the head and for the body of each request."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 10.0
"""So long a client may take from the first byte of a request, or from connecting, to the end of its head."""
BODY_S: Final = 30.0
"""So long it may take from there to the end of the body."""

_TIMED_OUT: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
)


class TimedProtocol(H11Protocol):
    """A connection that is closed, with a 408, when a request takes too long to arrive."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._part = ""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected: the head of its first request is awaited."""
        super().connection_made(transport)
        self._await("head", HEAD_S)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """A request is answered; what was sent behind it is the next one."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._await("")
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server ends: a request that has not arrived is not waited for."""
        if self._part and not self.transport.is_closing():
            self._await("")
            self.transport.close()
        else:
            super().shutdown()

    def _look(self) -> None:
        """Sets the time limit for what is awaited; one that runs already goes on."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._await("body" if cycle.more_body else "", BODY_S)
        elif self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._await("head", HEAD_S)
        else:  # idle, which has a limit of its own
            self._await("")

    def _await(self, part: str, seconds: float = 0) -> None:
        if part == self._part:
            return
        self._part = part
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._time_out, seconds) if part else None

    def _time_out(self, seconds: float) -> None:
        part, self._timer = self._part, None
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            reason = b'{"ok":false,"error":"the %b of the request took longer than %d seconds"}'
            told = reason % (part.encode(), seconds)
            self.transport.write(_TIMED_OUT % (len(told), told))
        self.transport.close()
