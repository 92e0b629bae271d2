"""Sends requests with httpx: HTTP/1.1, connections kept alive. httpx is imported when first needed."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import ResponseTooLargeError
from destination.request.decompress import BodyTooLargeError, decompress
from destination.request.message import Request, Response, TooLargeResponse
from destination.request.redirects import REDIRECTS, follow
from destination.request.url import Url, parse_url
from destination.request.wire import TLS_CODES, port_of, wire_headers

if TYPE_CHECKING:
    import httpx


_OVERFLOW = "Receive buffer too long"  # h11's words for a head of more than 100 KB
_LONGEST_REASON = 1_000


class HttpxTransport:
    """The default transport.

    It reads no proxy, no `.netrc` and no certificate settings from the environment, as Segment's runtime
    does not: what is sent where is said here. Use it in an `async with`, or `aclose` it.

    Args:
        max_connections: How many connections at once; further requests wait, within their time limit.
        keepalive_s: How long an idle connection is kept, in seconds.
        verify: False to take any certificate, or an `ssl.SSLContext`.
        proxy: The URL of an HTTP proxy, or None.

    Example:
        >>> import asyncio
        >>> from destination.request import RequestClient
        >>> async def main() -> None:
        ...     async with HttpxTransport() as transport:
        ...         await RequestClient(transport=transport)("http://127.0.0.1:1/", timeout_ms=5000)
        >>> asyncio.run(main())
        Traceback (most recent call last):
        destination.errors.ConnectionError: request to http://127.0.0.1:1/ failed, …
    """

    def __init__(
        self,
        *,
        max_connections: int = 100,
        keepalive_s: float = 5.0,
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
    ) -> None:
        self._max_connections = max_connections
        self._keepalive_s = keepalive_s
        self._verify = verify
        self._proxy = proxy
        self._inner: httpx.AsyncHTTPTransport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.aclose()

    async def send(self, request: Request) -> Response:
        """Sends a request, follows redirects, and reads the answer.

        Raises:
            ConnectionError: No answer, or one that breaks off.
            RedirectError: Redirects that do not end, or lead nowhere.
            ResponseTooLargeError: An answer whose head is too large.
        """
        response = await self.send_once(request)
        if response.status not in REDIRECTS:
            return response
        return await follow(request, response, self.send_once)

    async def aclose(self) -> None:
        """Closes the connections. The transport opens new ones when it is used again."""
        inner, self._inner = self._inner, None
        if inner is not None and self._loop is asyncio.get_running_loop():
            await inner.aclose()

    def _open(self) -> "httpx.AsyncHTTPTransport":
        loop = asyncio.get_running_loop()
        if self._inner is None or self._loop is not loop:  # connections belong to the loop that opened them
            import httpx

            limits = httpx.Limits(
                max_connections=self._max_connections,
                max_keepalive_connections=self._max_connections,
                keepalive_expiry=self._keepalive_s,
            )
            self._inner = httpx.AsyncHTTPTransport(
                verify=self._verify, trust_env=False, limits=limits, proxy=self._proxy
            )
            self._loop = loop
        return self._inner

    async def send_once(self, request: Request) -> Response:
        """Sends a request and reads the answer, which may be a redirect.

        Raises:
            ConnectionError: No answer, or one that breaks off.
        """
        inner = self._open()
        import httpx

        url = parse_url(request.url)
        try:
            headers = [
                (name.encode("ascii"), value.encode("latin-1"))
                for name, value in wire_headers(request.headers, url).items()
            ]
            if self._proxy is None:
                # The target as it is: httpx would escape it once more.
                target = {"target": url.target.encode("ascii")}
                outgoing = httpx.Request(
                    request.method, url.origin, headers=headers, content=request.body, extensions=target
                )
            else:  # a proxy's target is made from the whole URL
                place = f"{url.origin}{url.target}"
                outgoing = httpx.Request(request.method, place, headers=headers, content=request.body)
            incoming = await inner.handle_async_request(outgoing)
            try:
                body = await _read_body(incoming, request.max_response_bytes)
            finally:
                await incoming.aclose()  # in the middle of the body it closes the connection
        except BodyTooLargeError:
            body = None
        except ValueError as error:
            raise _failed(request, url, "Z_DATA_ERROR", str(error)) from None
        except httpx.RemoteProtocolError as error:
            if _OVERFLOW not in str(error):
                raise _translated(error, request, url) from None
            raise ResponseTooLargeError(f"the head of the answer of {url.public}") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            # httpx's words may quote a header; they are not for logs.
            raise _translated(error, request, url) from None
        status, received = incoming.status_code, _read_headers(incoming.headers.raw)
        text = incoming.extensions.get("reason_phrase", b"")[:_LONGEST_REASON].decode("latin-1")
        if body is None:
            limit = request.max_response_bytes or 0
            return TooLargeResponse(status, received, limit=limit, request=request, status_text=text, url=request.url)
        return Response(status, body, received, status_text=text, url=request.url)


async def _read_body(incoming: "httpx.Response", limit: int | None) -> bytes:
    import httpx

    parts, size = [], 0
    try:
        async for part in incoming.aiter_raw():
            size += len(part)
            if limit is not None and size > limit:
                raise BodyTooLargeError
            parts.append(part)
    except httpx.RemoteProtocolError as error:  # what surrounds the chunks of a body can be too large, too
        if _OVERFLOW not in str(error):
            raise
        raise BodyTooLargeError from None
    body = b"".join(parts)
    codings = incoming.headers.get("content-encoding")
    return body if codings is None else await decompress(body, codings, limit)


def _read_headers(raw: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]


# --- errors ----------------------------------------------------------------------------------------------


def _failed(request: Request, url: Url, code: str, reason: str) -> ClientConnectionError:
    return ClientConnectionError(f"request to {url.public} failed, reason: {reason}", request, code)


def _translated(error: Exception, request: Request, url: Url) -> ClientConnectionError:
    """An error of httpx as ours, with the code and words that Node has for it."""
    code, reason = _reason(error, url)
    return _failed(request, url, code, reason)


def _reason(error: Exception, url: Url) -> tuple[str, str]:
    import httpx

    port = port_of(url)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return TLS_CODES.get(getattr(cause, "verify_code", 0), "EPROTO"), str(cause.reason or "TLS failed")
        if isinstance(cause, socket.gaierror):
            code = "EAI_AGAIN" if cause.errno == socket.EAI_AGAIN else "ENOTFOUND"
            return code, f"getaddrinfo {code} {url.host}"
        if isinstance(cause, OSError) and cause.errno is not None and cause.errno in errno.errorcode:
            code = errno.errorcode[cause.errno]
            connecting = isinstance(error, httpx.ConnectError)
            return code, f"connect {code} {url.host}:{port}" if connecting else f"read {code}"
    if isinstance(error, httpx.ConnectError):
        return "ECONNREFUSED", f"connect ECONNREFUSED {url.host}:{port}"
    if isinstance(error, httpx.DecodingError):
        return "Z_DATA_ERROR", "the body cannot be decompressed"
    return "ECONNRESET", "socket hang up"


def _causes(error: BaseException) -> Iterator[Any]:
    """The error and everything behind it, groups included."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(cause.exceptions)
        waiting.extend((cause.__cause__, cause.__context__))
