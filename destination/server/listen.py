"""Serves the tester: with a socket, uvicorn, and HTTP/1.1 with a time limit for each part of a request."""

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from destination.server.answers import refused
from destination.slow_clients import TimedProtocol
from destination.values.printable import printable

HEAD_S: Final = 10.0
"""The maximum time from connecting, or from a request's first byte, to the end of its headers, in seconds."""
BODY_S: Final = 30.0
"""The maximum time from the end of the headers to the end of the body, in seconds."""
_LAST_WORD_S: Final = 1
"""The time that unanswered requests have when the server ends, in seconds; with Segment's own server it is 8 s."""

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
            http=_Connection,
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


class _Connection(TimedProtocol):
    """A connection with the limits of the tester."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.head_s, self.body_s = HEAD_S, BODY_S
