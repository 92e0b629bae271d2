"""Sends many requests at once over connections of its own. What it is made of is imported when first needed."""

import asyncio
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from destination.errors import ConnectionError as ClientConnectionError
from destination.request.decompress import decompress
from destination.request.headers import Headers
from destination.request.message import Request, Response
from destination.request.network_errors import HangUpError, code_and_reason
from destination.request.prepare import method_of
from destination.request.redirects import follow
from destination.request.url import Url, parse_url
from destination.request.wire import port_of, wire_headers

if TYPE_CHECKING:
    from destination.request.connection import Answer, Connection

# As in node-fetch, these say so where they have no body.
_TELL_THEIR_LENGTH = frozenset({"POST", "PUT"})
_NO_BODY = b"content-length: 0\r\n\r\n"
_LOST = (OSError, HangUpError)  # TLS errors are among the first
_Place = tuple[str, str, int | None]


class AsyncioTransport:
    """The transport for many requests at once: HTTP/1.1 over asyncio's own connections, which are kept alive.

    It does what `HttpxTransport` does, in a hundredth of the time, but knows no proxies. It reads nothing from the
    environment. Use it in an `async with`, or `aclose` it.

    Args:
        max_connections: How many requests at once; further ones wait, within their time limit.
        keepalive_s: How long an idle connection is kept, in seconds.
        verify: False to take any certificate, or an `ssl.SSLContext`.

    Example:
        >>> from destination.request import RequestClient
        >>> async def main() -> None:
        ...     async with AsyncioTransport() as transport:
        ...         await RequestClient(transport=transport)("http://127.0.0.1:1/", timeout_ms=5000)
        >>> asyncio.run(main())
        Traceback (most recent call last):
        destination.errors.ConnectionError: request to http://127.0.0.1:1/ failed, …
    """

    def __init__(
        self, *, max_connections: int = 100, keepalive_s: float = 5.0, verify: bool | ssl.SSLContext = True
    ) -> None:
        self._max_connections = max_connections
        self._keepalive_s = keepalive_s
        self._verify = verify
        self._pool: _Pool | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.aclose()

    async def send(self, request: Request) -> Response:
        """Sends a request, follows redirects, and reads the answer.

        Raises:
            ConnectionError: No answer, or one that breaks off.
            RedirectError: Redirects that do not end, or lead nowhere.
        """
        response = await self._send_once(request)
        if not 300 <= response.status < 400:
            return response
        return await follow(request, self._send_once, response)

    async def aclose(self) -> None:
        """Closes the connections. The transport opens new ones when it is used again."""
        pool, self._pool = self._pool, None
        if pool is not None and pool.loop is asyncio.get_running_loop():
            pool.close()

    async def _send_once(self, request: Request) -> Response:
        pool = self._pool
        if (
            pool is None or pool.loop is not asyncio.get_running_loop()
        ):  # connections belong to the loop that opened them
            pool = self._pool = _Pool(self._max_connections, self._keepalive_s, self._verify)
        url = parse_url(request.url)
        body = request.body
        head = _head(request.method, request.url, tuple(request.headers.unsorted.items()))
        if body:
            head += b"content-length: %d\r\n\r\n" % len(body)
        else:
            head += _NO_BODY if request.method in _TELL_THEIR_LENGTH else b"\r\n"
        try:
            answer = await pool.exchange(url, head, body, bodiless=request.method == "HEAD")
        except _LOST as error:
            # The system's words may quote an address or a header; they are not for logs.
            raise _failed(request, url, *code_and_reason(error, url, connecting=False)) from None
        except _ConnectError as error:
            cause = error.__cause__ or error
            raise _failed(request, url, *code_and_reason(cause, url, connecting=True)) from None
        return _response(request, url, answer)


class _ConnectError(Exception):
    """No connection; why is its cause."""


class _Pool:
    """The connections of one event loop."""

    def __init__(self, size: int, keepalive_s: float, verify: bool | ssl.SSLContext) -> None:
        self.loop = asyncio.get_running_loop()
        self._size = size
        self._keepalive_s = keepalive_s
        self._verify = verify
        self._places = asyncio.Semaphore(size)
        self._idle: dict[_Place, list[Connection]] = {}
        self._busy: set[Connection] = set()
        self._context: ssl.SSLContext | None = None
        self._closed = False

    async def exchange(self, url: Url, head: bytes, body: bytes | None, *, bodiless: bool) -> "Answer":
        """Sends a request over a free connection or a new one."""
        async with self._places:
            place = (url.scheme, url.host, url.port)
            idle = self._idle.get(place)
            if idle is None:
                idle = self._idle[place] = []
            connection = self._reusable(idle) or await self._connect(url)
            self._busy.add(connection)
            try:
                return await connection.exchange(head, body, bodiless=bodiless)
            finally:
                self._busy.discard(connection)
                if connection.free and not self._closed:
                    connection.idle_since = self.loop.time()
                    idle.append(connection)
                else:
                    connection.close()

    def _reusable(self, idle: "list[Connection]") -> "Connection | None":
        while idle:
            connection = idle.pop()  # the one that was used last
            if connection.free and self.loop.time() - connection.idle_since < self._keepalive_s:
                return connection
            connection.close()
        return None

    async def _connect(self, url: Url) -> "Connection":
        from destination.request.connection import Connection

        self._make_room()
        host = url.host.strip("[]")
        secure = url.scheme == "https"
        try:
            context = self._tls() if secure else None
            _, connection = await self.loop.create_connection(
                Connection, host, port_of(url), ssl=context, server_hostname=host if secure else None
            )
        except (OSError, ValueError) as error:
            raise _ConnectError from error
        return connection

    def _make_room(self) -> None:
        """Closes connections to other places, so that no more than the limit are open."""
        for idle in self._idle.values():
            while idle and len(self._busy) + sum(map(len, self._idle.values())) >= self._size:
                idle.pop(0).close()

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            if isinstance(self._verify, ssl.SSLContext):
                self._context = self._verify
            else:
                import certifi

                self._context = ssl.create_default_context(cafile=certifi.where())
                if not self._verify:
                    self._context.check_hostname = False
                    self._context.verify_mode = ssl.CERT_NONE
        return self._context

    def close(self) -> None:
        """Closes all connections, those under way too."""
        self._closed = True
        for connection in (*self._busy, *(item for idle in self._idle.values() for item in idle)):
            connection.close()
        self._idle.clear()


@lru_cache(maxsize=512)
def _head(method: str, url: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The head of a request up to its length; most requests of a delivery have that of another."""
    place = parse_url(url)
    sent = wire_headers(Request(method, url, Headers.of(dict(headers))), place)
    host = sent.pop("host", None) or f"{place.host}{'' if place.port is None else f':{place.port}'}"
    lines = [f"{method_of(method)} {place.target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _response(request: Request, url: Url, answer: "Answer") -> Response:
    body, codings = answer.body, answer.headers.get("content-encoding")
    if codings is not None:
        try:
            body = decompress(body, codings)
        except ValueError as error:
            raise _failed(request, url, "Z_DATA_ERROR", str(error)) from None
    return Response(answer.status, body, Headers.of(answer.headers), status_text=answer.phrase, url=request.url)


def _failed(request: Request, url: Url, code: str, reason: str) -> ClientConnectionError:
    return ClientConnectionError(f"request to {url.public} failed, reason: {reason}", request, code)
