"""Serves an application to the browser of this machine: checks who asks, logs, and limits what a client may take.

The tester and the studio are such servers. Needs the extra `server`.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from time import perf_counter
from typing import Any, Final

import uvicorn
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from destination.errors import DestinationError
from destination.listening import host_of, is_loopback
from destination.slow_clients import TimedProtocol
from destination.values import read_json, real_type_of
from destination.values.printable import printable

HEAD_S: Final = 10.0
"""The maximum time from connecting, or from a request's first byte, to the end of its headers, in seconds."""
BODY_S: Final = 30.0
"""The maximum time from the end of the headers to the end of the body, in seconds."""
_LAST_WORD_S: Final = 1
"""The time that unanswered requests have when the server ends, in seconds; with Segment's own server it is 8 s."""
_MAX_VALUES: Final = 1_000_000
"""Maximum number of values in a body: 10 MB of empty lists would take 300 MB."""
_ANY: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, never bound to
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")

_LOG = logging.getLogger(__name__)


def make_server(app: ASGIApp, name: str = "server") -> uvicorn.Server:
    """Makes a server that runs the app; it logs only its own faults, one line each.

    Args:
        app: The app.
        name: What messages call the server.

    Example:
        >>> from starlette.applications import Starlette
        >>> make_server(Starlette()).config.access_log
        False
    """
    return uvicorn.Server(
        uvicorn.Config(
            _LastWord(app, name),
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


def serve(app: ASGIApp, listening: socket.socket, name: str = "server") -> None:
    """Serves the app on a socket until Ctrl-C, then finishes unanswered requests and closes the socket.

    Args:
        app: The app.
        listening: The socket.
        name: What messages call the server.
    """
    with listening, suppress(KeyboardInterrupt):
        make_server(app, name).run(sockets=[listening])


class Guard:
    """Answers 403 to requests that come neither from this machine nor from a page that may ask.

    Every web page that a person has open can reach a server on a loopback address. A page can get around the
    browser's same-origin rule if its own name resolves to 127.0.0.1 (DNS rebinding). The `Host` header shows that. A
    page can also post without a preflight request. The `Origin` header shows that.

    Args:
        app: The app that it protects.
        host: The address of the server. For a loopback address, only loopback `Host` headers are accepted. For any
            other address its own name is accepted too, and for the address of all interfaces every name.
        origins: The origins of the pages that may post. Programs that are no browser send no origin, and may post
            too. If None, only the server's own page may post, and nothing else.
        refusal: What a page that may not post is answered.

    Example:
        >>> import httpx
        >>> from starlette.applications import Starlette
        >>> async def ask(address: str) -> int:
        ...     async with httpx.AsyncClient(transport=httpx.ASGITransport(Guard(Starlette()))) as client:
        ...         return (await client.get(address)).status_code
        >>> asyncio.run(ask("http://evil.example/")), asyncio.run(ask("http://localhost/"))
        (403, 404)
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str = "127.0.0.1",
        *,
        origins: Collection[str] | None = None,
        refusal: str = "only the page of this server may send this request",
    ) -> None:
        self._app = app
        self._host = host.lower().strip("[]")
        self._origins = origins
        self._refusal = refusal

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
        if scope["method"] not in _SAFE_METHODS and not self._may_post(headers.get("origin"), hosts[0]):
            return self._refusal
        return None

    def _is_own(self, host: str) -> bool:
        return is_loopback(host) or host == self._host or self._host in _ANY

    def _may_post(self, origin: str | None, host: str) -> bool:
        if self._origins is None:
            return origin is not None and origin.lower() == f"http://{host.strip().lower()}"
        return origin is None or origin in self._origins


class AccessLog:
    """Writes a line for each answer: status, method, path and milliseconds. It never writes what was posted.

    Args:
        app: The app that answers.
        write: Called with each line.

    Example:
        >>> import httpx
        >>> from starlette.applications import Starlette
        >>> async def ask() -> None:
        ...     transport = httpx.ASGITransport(AccessLog(Starlette(), print))
        ...     async with httpx.AsyncClient(transport=transport) as client:
        ...         await client.get("http://localhost/a")
        >>> asyncio.run(ask())
        404 GET /a ... ms
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


class _LastWord:
    """Answers a request if the app does not, because it failed or the server ends.

    Args:
        app: The app.
        name: What messages call the server.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the app, and answers if the app does not."""
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        async def refuse(message: str, status: int) -> None:
            await JSONResponse({"ok": False, "error": message}, status)(scope, receive, send)

        try:
            await self._app(scope, receive, note_start)
        except asyncio.CancelledError:
            if scope["type"] != "http":
                raise
            # The server's own logger would write a traceback for each request that is abandoned at the end.
            if not started:
                await refuse(f"the {self._name} was ended before there was an answer", 503)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _LOG.error("destination: a fault of the %s: %s", self._name, printable(f"{type(error).__name__}: {error}"))
            if not started:
                await refuse(f"a fault of the {self._name}", 500)


class _Connection(TimedProtocol):
    """A connection with the limits of these servers."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.head_s, self.body_s = HEAD_S, BODY_S


class BadRequestError(DestinationError):
    """A request cannot be answered.

    Args:
        message: What is wrong, and what is expected.
        status: The status of the answer.
    """

    status: int

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


async def read_posted(request: Request, max_bytes: int, *, if_empty: dict[str, Any] | None = None) -> dict[str, Any]:
    """Reads the JSON object that was posted.

    Args:
        request: The request.
        max_bytes: The maximum size of the body, in bytes.
        if_empty: What an empty body counts as; None: it is an error.

    Raises:
        BadRequestError: It is not a JSON object, is larger than `max_bytes`, or has more than a million values.
        ClientDisconnect: The client closed the connection.

    Example:
        >>> async def receive():
        ...     return {"type": "http.request", "body": b'{"a": 1}'}
        >>> asyncio.run(read_posted(Request({"type": "http"}, receive), 100))
        {'a': 1}
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        # The rest of a body that is too large is read and dropped: a client that is cut off would see no answer.
        if size <= max_bytes:
            chunks.append(chunk)
    if size > max_bytes:
        raise BadRequestError(f"the body is larger than {max_bytes:,} bytes", 413)
    raw = b"".join(chunks)
    if if_empty is not None and not raw.strip():
        return if_empty
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > _MAX_VALUES:
        raise BadRequestError(f"the body has more than {_MAX_VALUES:,} values, counted by its commas and brackets", 413)
    try:
        body = read_json(raw)
    except ValueError as error:
        raise BadRequestError(f"the body is not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequestError(f"the body must be a JSON object, but it is: {real_type_of(body)}")
    return body
