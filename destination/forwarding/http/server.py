"""Serves the intake with uvicorn, with a time limit for each part of a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import orjson
import uvicorn
from starlette.types import ASGIApp

from destination.slow_clients import TimedProtocol

HEAD_S: Final = 10.0
"""The maximum time from connecting, or from a request's first byte, to the end of its headers, in seconds."""
IDLE_S: Final = 65
"""The time that a connection stays open between two requests, in seconds: longer than the 60 s of usual proxies."""


def make_server(app: ASGIApp, *, head_s: float = HEAD_S, body_s: float = 30.0, finish_s: int = 5) -> uvicorn.Server:
    """Makes a server for the intake; it has no signal handlers and writes no log.

    Args:
        app: The intake.
        head_s: The maximum time for the headers of a request to arrive, in seconds.
        body_s: The maximum time for the body, in seconds.
        finish_s: The time that unanswered requests have when the server ends, in seconds.

    Example:
        >>> from starlette.applications import Starlette
        >>> make_server(Starlette()).config.timeout_keep_alive
        65
    """

    def connect(*args: Any, **keywords: Any) -> _Connection:
        connection = _Connection(*args, **keywords)
        connection.head_s, connection.body_s = head_s, body_s
        return connection

    return _Server(
        uvicorn.Config(
            app,
            http=connect,  # type: ignore[arg-type]  # uvicorn only calls it
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",  # the intake logs its own faults
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=finish_s,
        )
    )


class _Server(uvicorn.Server):
    """A server whose process handles the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signal handlers as they are."""
        yield


class _Connection(TimedProtocol):
    """A connection that answers as the tracking API does when a request takes too long."""

    refusal_headers = b"content-type: application/json\r\naccess-control-allow-origin: *\r\n"

    def refusal(self, reason: str) -> bytes:
        """Returns the body of the 408."""
        return orjson.dumps({"success": False, "code": "slow_body", "message": reason})
