"""Before the routes: who may ask, and a line for each request."""

import ipaddress
import re
from collections.abc import Callable
from time import perf_counter
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SEGMENT_ORIGINS: Final = (
    "https://app.segment.com",
    "https://eu1.app.segment.com",
    "https://app.segment.build",
    "https://eu1.app.segment.build",
    "http://localhost:8000",
)
"""The origins of Segment's app, which may call the server from a browser."""

_ANY: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, never bound to
_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z._-]+))(?::(?P<port>[0-9]{1,5}))?")
_LAST_PORT = 65_535


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own.

    Example:
        >>> [is_loopback(host) for host in ("localhost", "127.0.0.2", "::1", "10.0.0.1", "localhost.example.com")]
        [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str | None:
    """The host in a `Host` header, in lower case, without port and brackets; None where it is anything else.

    Example:
        >>> host_of("LocalHost:3000"), host_of("[::1]:3000"), host_of("127.0.0.1")
        ('localhost', '::1', '127.0.0.1')
        >>> host_of("localhost:evil.com"), host_of("[::1]evil.com"), host_of("localhost:99999")
        (None, None, None)
    """
    found = _HOST.fullmatch(header.strip(" \t"))
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return None
    return (found["name"] or found["address"]).lower()


class Guard:
    """Answers 403 to what neither this machine nor Segment's app asks.

    A server on a loopback address is in reach of every web page that the same person has open. A page can get past
    the browser's same-origin rule by having its own name resolve to 127.0.0.1 (DNS rebinding), which the `Host`
    header gives away. It can post without asking first, which the `Origin` header gives away.

    Args:
        app: What it protects.
        host: What the server is bound to. A loopback address takes loopback `Host` headers only; any other
            address takes its own name too, and an address for all interfaces takes every name.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1") -> None:
        self._app = app
        self._host = host.lower().strip("[]")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or refuses it."""
        refused = self._why_not(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"ok": False, "error": refused}, 403)(scope, receive, send)

    def _why_not(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        named = host_of(hosts[0]) if len(hosts) == 1 else None
        if named is None or not self._is_own(named):
            return "this server answers to the name of this machine only: use http://localhost or http://127.0.0.1"
        origin = headers.get("origin")
        if origin is not None and origin not in SEGMENT_ORIGINS and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            return "the page that asks is none of Segment's app"
        return None

    def _is_own(self, host: str) -> bool:
        return is_loopback(host) or host == self._host or self._host in _ANY


class AccessLog:
    """Writes a line for each answer: status, method, path and milliseconds. What was posted is never written.

    Args:
        app: What answers.
        write: Takes each line.
    """

    def __init__(self, app: ASGIApp, write: Callable[[str], None]) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, and writes a line when its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        path = scope.get("raw_path", b"").decode("latin-1")  # as it came: a decoded one may hold line breaks

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                duration_ms = round((perf_counter() - started) * 1000)
                self._write(f"{message['status']} {scope['method']} {path} {duration_ms} ms")
            await send(message)

        await self._app(scope, receive, note)
