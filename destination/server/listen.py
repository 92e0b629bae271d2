"""Serving until somebody has had enough."""

import asyncio
import logging
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from destination.server.answers import refused
from destination.server.protocol import TimedProtocol
from destination.values.printable import printable

_LAST_WORD_S = 1
"""So long requests under way have when the server ends; Segment's own server gives them 8 s."""


_LOG = logging.getLogger(__name__)


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one.

    Raises:
        OSError: The port is taken, or the address is none of this machine's.

    Example:
        >>> with open_socket("127.0.0.1", 0) as listening:
        ...     listening.getsockname()[0]
        '127.0.0.1'
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), port), family=family)


class LastWord:
    """Answers for an app that has no answer: it failed, or the server ends before it has one.

    Args:
        app: The app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, and takes what comes of it."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except asyncio.CancelledError:
            if scope["type"] != "http":
                raise
            # The server's own logger would write a traceback for each request that is given up at the end.
            if not started:
                await refused("the tester was ended before there was an answer", 503)(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _LOG.error("destination: a fault of the tester: %s", printable(f"{type(error).__name__}: {error}"))
            if not started:
                await refused("a fault of the tester", 500)(scope, receive, send)


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server that runs the app; it logs nothing but its own faults, a line each."""
    return uvicorn.Server(
        uvicorn.Config(
            LastWord(app),
            loop="asyncio",
            http=TimedProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",  # `LastWord` tells of faults
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_LAST_WORD_S,
        )
    )


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serves the app on a socket until Ctrl-C, lets requests under way finish, and closes the socket."""
    with listening, suppress(KeyboardInterrupt):
        make_server(app).run(sockets=[listening])
