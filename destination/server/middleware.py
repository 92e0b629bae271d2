"""Checks each request before the routes, and logs a line for it."""

from collections.abc import Callable
from time import perf_counter
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from destination.listening import host_of, is_loopback

SEGMENT_ORIGINS: Final = (
    "https://app.segment.com",
    "https://eu1.app.segment.com",
    "https://app.segment.build",
    "https://eu1.app.segment.build",
    "http://localhost:8000",
)
"""The origins of Segment's app, which may call the server from a browser."""

_ANY: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, never bound to


class Guard:
    """Answers 403 to requests that come neither from this machine nor from Segment's app.

    Every web page that a person has open can reach a server on a loopback address. A page can get around the
    browser's same-origin rule if its own name resolves to 127.0.0.1 (DNS rebinding). The `Host` header shows that. A
    page can also post without a preflight request. The `Origin` header shows that.

    Args:
        app: The app that it protects.
        host: The address of the server. For a loopback address, only loopback `Host` headers are accepted. For any
            other address its own name is accepted too, and for the address of all interfaces every name.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1") -> None:
        self._app = app
        self._host = host.lower().strip("[]")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the app, or refuses it."""
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
            return (
                "this server can only be called by the name of this machine: use http://localhost or http://127.0.0.1"
            )
        origin = headers.get("origin")
        if origin is not None and origin not in SEGMENT_ORIGINS and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            return "the page that sent this request is not Segment's app"
        return None

    def _is_own(self, host: str) -> bool:
        return is_loopback(host) or host == self._host or self._host in _ANY


class AccessLog:
    """Writes a line for each answer: status, method, path and milliseconds. It never writes what was posted.

    Args:
        app: The app that answers.
        write: Called with each line.
    """

    def __init__(self, app: ASGIApp, write: Callable[[str], None]) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the app, and writes a line when the answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        path = scope.get("raw_path", b"").decode("latin-1")  # not decoded: a decoded one may hold line breaks

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                duration_ms = round((perf_counter() - started) * 1000)
                self._write(f"{message['status']} {scope['method']} {path} {duration_ms} ms")
            await send(message)

        await self._app(scope, receive, note)
