"""Serving until somebody has had enough."""

import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

_LAST_WORD_S = 8  # as Segment's server, which is forcibly ended before Docker would do it


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


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server that runs the app; it logs nothing but its own faults."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_level="error",
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
