"""Sends requests with httpx: HTTP/1.1, connections kept alive. httpx is imported on first use."""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from destination.errors import DefinitionError, ResponseTooLargeError
from destination.late import asyncio
from destination.request.message import Request, Response, TooLargeResponse
from destination.request.network_errors import UNUSABLE_TLS, Cause, Failure, cause_of, connection_error, undecodable
from destination.request.tls import Tls, TlsOptions, is_secure
from destination.request.url import Url, parse_url
from destination.request.wire import REDIRECTS, BodyTooLargeError, decompress, follow, wire_headers

if TYPE_CHECKING:
    import httpx

_NO_FIRST_LINE = ("illegal status line", "illegal request line")
_OVERFLOW = "Receive buffer too long"  # h11's message for more than 100 KB of headers
_LONGEST_REASON = 1_000


class HttpxTransport:
    """The default transport.

    As Segment's runtime, it reads no proxy and no `.netrc` from the environment. `destination.request.tls` says which
    certificates it trusts. Use it in an `async with`, or `aclose` it.

    Args:
        max_connections: The maximum number of connections; further requests wait, within their time limit.
        keepalive_s: The time for which an idle connection is kept open, in seconds.
        verify: False to accept any certificate, or an `ssl.SSLContext`.
        proxy: The URL of an HTTP proxy, or None.
        tls: A CA file and a client certificate; not used if `verify` is an `ssl.SSLContext`.

    Raises:
        DefinitionError: A file of `tls` cannot be used.

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
        tls: Tls | TlsOptions | None = None,
    ) -> None:
        self._max_connections = max_connections
        self._keepalive_s = keepalive_s
        self._verify = verify
        self._proxy = proxy
        self._tls = tls if isinstance(tls, Tls) else (tls or TlsOptions()).load()
        self._context: ssl.SSLContext | None = verify if isinstance(verify, ssl.SSLContext) else None
        self._opened: dict[bool, httpx.AsyncHTTPTransport] = {}  # with and without TLS
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.aclose()

    async def send(self, request: Request) -> Response:
        """Sends a request, follows redirects, and reads the answer.

        Raises:
            ConnectionError: There is no answer, or it ends too early.
            RedirectError: There are too many redirects, or one to an invalid URL.
            ResponseTooLargeError: The headers of the answer are too large.
        """
        response = await self.send_once(request)
        if response.status not in REDIRECTS:
            return response
        return await follow(request, response, self.send_once)

    async def aclose(self) -> None:
        """Closes the connections. The transport opens new ones when it is used again."""
        opened, self._opened = self._opened, {}
        if self._loop is asyncio.get_running_loop():
            for inner in opened.values():
                await inner.aclose()

    def _open(self, url: Url) -> "httpx.AsyncHTTPTransport":
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # connections belong to the loop that opened them
            self._opened = {}
            self._loop = loop
        secure = is_secure(url, self._proxy)
        inner = self._opened.get(secure)
        if inner is None:
            import httpx

            limits = httpx.Limits(
                max_connections=self._max_connections,
                max_keepalive_connections=self._max_connections,
                keepalive_expiry=self._keepalive_s,
            )
            # Without TLS there is nothing to verify, and loading the trusted certificates takes time.
            context = self._secure_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            inner = httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits, proxy=self._proxy)
            self._opened[secure] = inner
        return inner

    def _secure_context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self._tls.context(verify=self._verify is not False)
        return self._context

    async def send_once(self, request: Request) -> Response:
        """Sends a request and reads the answer, which may be a redirect.

        Raises:
            ConnectionError: There is no answer, or it ends too early.
        """
        import httpx

        url = parse_url(request.url)
        try:
            inner = self._open(url)
        except DefinitionError as error:
            raise connection_error(request, url, Cause(UNUSABLE_TLS, str(error))) from None
        try:
            headers = [
                (name.encode("ascii"), value.encode("latin-1"))
                for name, value in wire_headers(request.headers, url).items()
            ]
            if self._proxy is None:
                # The target is set unchanged: httpx would escape it once more.
                target = {"target": url.target.encode("ascii")}
                outgoing = httpx.Request(
                    request.method, url.origin, headers=headers, content=request.body, extensions=target
                )
            else:  # a proxy's target is made from the whole URL
                outgoing = httpx.Request(
                    request.method, f"{url.origin}{url.target}", headers=headers, content=request.body
                )
            incoming = await inner.handle_async_request(outgoing)
            try:
                body = await _read_body(incoming, request.max_response_bytes)
            finally:
                await incoming.aclose()  # in the middle of the body it closes the connection
        except BodyTooLargeError:
            body = None
        except ValueError as error:
            raise connection_error(request, url, undecodable(str(error))) from None
        except httpx.RemoteProtocolError as error:
            if _OVERFLOW not in str(error):
                raise connection_error(request, url, cause_of(_failure_of(error), url)) from None
            raise ResponseTooLargeError(f"the head of the answer of {url.public}") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as error:
            # httpx's message may quote a header, so it must not be logged.
            raise connection_error(request, url, cause_of(_failure_of(error), url)) from None
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
    except httpx.RemoteProtocolError as error:  # the lines around the chunks of a body can be too large, too
        if _OVERFLOW not in str(error):
            raise
        raise BodyTooLargeError from None
    body = b"".join(parts)
    codings = incoming.headers.get("content-encoding")
    return body if codings is None else await decompress(body, codings, limit)


def _read_headers(raw: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]


# --- errors ----------------------------------------------------------------------------------------------


def _failure_of(error: Exception) -> Failure:
    """Reads an error of httpx: the first of its causes that is known decides."""
    import httpx

    connecting = isinstance(error, httpx.ConnectError)
    # h11's messages for an invalid first line.
    no_http = isinstance(error, httpx.RemoteProtocolError) and str(error).startswith(_NO_FIRST_LINE)
    failure = Failure(connecting=connecting, unreachable=connecting, no_http=no_http)
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return failure._replace(certificate=cause)
        if isinstance(cause, ssl.SSLError):
            return failure._replace(tls=str(cause))
        if isinstance(cause, socket.gaierror):
            return failure._replace(unresolved="EAI_AGAIN" if cause.errno == socket.EAI_AGAIN else "ENOTFOUND")
        if isinstance(cause, OSError) and cause.errno in errno.errorcode:
            return failure._replace(number=cause.errno)
    return failure


def _causes(error: BaseException) -> Iterator[Any]:
    """Yields the error and all of its causes, including those in groups."""
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
