"""Serves the tester: with a socket, uvicorn, and HTTP/1.1 with a time limit for each part of a request."""

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from destination.server.answers import refused
from destination.values.printable import printable

HEAD_S: Final = 10.0
"""The maximum time from connecting, or from a request's first byte, to the end of its headers, in seconds."""
BODY_S: Final = 30.0
"""The maximum time from the end of the headers to the end of the body, in seconds."""
_LAST_WORD_S: Final = 1
"""The time that unanswered requests have when the server ends, in seconds; with Segment's own server it is 8 s."""

_TIMED_OUT: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
)
_LOG = logging.getLogger(__name__)


def make_server(app: ASGIApp) -> uvicorn.Server:
    """Makes a server that runs the app; it logs only its own faults, one line each.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.server import create_tester
        >>> make_server(create_tester(absmartly)).config.access_log
        False
    """
    return uvicorn.Server(
        uvicorn.Config(
            _LastWord(app),
            loop="asyncio",
            http=_TimedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",  # `_LastWord` logs faults
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_LAST_WORD_S,
        )
    )


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serves the app on a socket until Ctrl-C, then finishes unanswered requests and closes the socket."""
    with listening, suppress(KeyboardInterrupt):
        make_server(app).run(sockets=[listening])


class _LastWord:
    """Answers a request if the app does not, because it failed or the server ends.

    Args:
        app: The app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the app, and answers if the app does not."""
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, note_start)
        except asyncio.CancelledError:
            if scope["type"] != "http":
                raise
            # The server's own logger would write a traceback for each request that is abandoned at the end.
            if not started:
                await refused("the tester was ended before there was an answer", 503)(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _LOG.error("destination: a fault of the tester: %s", printable(f"{type(error).__name__}: {error}"))
            if not started:
                await refused("a fault of the tester", 500)(scope, receive, send)


class _TimedProtocol(H11Protocol):
    """A connection that is closed, with a 408, when a request takes too long to arrive."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._part = ""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the time limit for the headers of the first request."""
        super().connection_made(transport)
        self._await("head", HEAD_S)

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
        self._await("")
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Stops waiting for requests that have not arrived, because the server ends."""
        if self._part and not self.transport.is_closing():
            self._await("")
            self.transport.close()
        else:
            super().shutdown()

    def _look(self) -> None:
        """Starts the time limit for the part that is expected next, unless it runs already."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._await("body" if cycle.more_body else "", BODY_S)
        elif self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._await("head", HEAD_S)
        else:  # idle connections have a limit of their own
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
            body = reason % (part.encode(), seconds)
            self.transport.write(_TIMED_OUT % (len(body), body))
        self.transport.close()
