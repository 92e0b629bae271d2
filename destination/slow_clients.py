"""HTTP/1.1 with a time limit for each part of a request, so that slow clients cannot occupy a server."""

import asyncio
from typing import Any, ClassVar, Literal

from uvicorn.protocols.http.h11_impl import H11Protocol

Part = Literal["head", "body"]

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\n%bcontent-length: %d\r\nconnection: close\r\n\r\n%b"


class TimedProtocol(H11Protocol):
    """A connection that is closed, with a 408, when a request takes too long to arrive; a `http` class of uvicorn.

    Attributes:
        head_s: The maximum time from connecting, or from a request's first byte, to the end of its headers, in seconds.
        body_s: The maximum time from the end of the headers to the end of the body, in seconds.
        refusal_headers: The headers of the 408, each with its line end.

    Example:
        >>> class Patient(TimedProtocol):
        ...     head_s = 60
        >>> Patient.head_s, Patient.body_s
        (60, 30.0)
    """

    head_s: float = 10.0
    body_s: float = 30.0
    refusal_headers: ClassVar[bytes] = b"content-type: application/json\r\n"

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._part: Part | None = None
        self._timer: asyncio.TimerHandle | None = None

    def refusal(self, reason: str) -> bytes:
        """Returns the body of the 408.

        Args:
            reason: What took too long.
        """
        return b'{"ok":false,"error":"%b"}' % reason.encode()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the time limit for the headers of the first request."""
        super().connection_made(transport)
        self._await("head")

    def data_received(self, data: bytes) -> None:
        """Reads a part of a request."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Starts with the next request after one was answered."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the time limit when the connection is closed."""
        self._await(None)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Stops waiting for requests that have not arrived, because the server ends."""
        if self._part and not self.transport.is_closing():
            self._await(None)
            self.transport.close()
        else:
            super().shutdown()

    def _look(self) -> None:
        """Starts the time limit for the part that is expected next, unless it runs already."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._await("body" if cycle.more_body else None)
        elif self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._await("head")
        else:  # idle connections have a limit of their own
            self._await(None)

    def _await(self, part: Part | None) -> None:
        if part == self._part:
            return
        self._part = part
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if part is not None:
            seconds = self.head_s if part == "head" else self.body_s
            self._timer = self.loop.call_later(seconds, self._time_out, part, seconds)

    def _time_out(self, part: Part, seconds: float) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = self.refusal(f"the {part} of the request took longer than {seconds:.0f} seconds")
            self.transport.write(_TIMED_OUT % (self.refusal_headers, len(body), body))
        self.transport.close()
