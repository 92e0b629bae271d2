"""Sends requests with pyreqwest, about fifty times as many a second as httpx. It is imported on first use."""

import re
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from destination.errors import DefinitionError, ResponseTooLargeError
from destination.request.headers import Headers
from destination.request.httpx_transport import HttpxTransport
from destination.request.message import Request, Response, TooLargeResponse
from destination.request.network_errors import Failure, cause_of, connection_error, undecodable
from destination.request.tls import Tls, TlsOptions, is_secure
from destination.request.url import Url, parse_url, public_url
from destination.request.wire import REDIRECTS, BodyTooLargeError, decompress, follow, wire_headers

if TYPE_CHECKING:
    from pyreqwest.client import Client
    from pyreqwest.http import HeaderMap
    from pyreqwest.response import ResponseBodyReader

# As in node-fetch, requests with these methods say so if they have no body.
_TELL_THEIR_LENGTH = frozenset({"POST", "PUT"})


class PyreqwestTransport:
    """The transport for many requests at once. It behaves like `HttpxTransport`, with two exceptions.

    An answer's reason phrase is the usual one of its status and not that of the server. An answer's header that is not
    ASCII is left out. Two kinds of requests are sent with httpx: those with a header that is not ASCII, because
    pyreqwest would write it in UTF-8, and those to a server whose certificate OpenSSL accepts and rustls does not. Its
    threads do not survive a fork, so make it in the process that uses it.

    Args:
        max_connections: The maximum number of requests at once; further ones wait, within their time limit.
        keepalive_s: The time for which an idle connection is kept open, in seconds.
        verify: False to accept any certificate.
        proxy: The URL of an HTTP proxy, or None.
        tls: A CA file and a client certificate.

    Raises:
        DefinitionError: A file of `tls` cannot be used.

    Example:
        >>> import asyncio
        >>> from destination.request import RequestClient
        >>> async def main() -> None:
        ...     async with PyreqwestTransport() as transport:
        ...         await RequestClient(transport=transport)("http://127.0.0.1:1/", timeout_ms=5000)
        >>> asyncio.run(main())
        Traceback (most recent call last):
        destination.errors.ConnectionError: request to http://127.0.0.1:1/ failed, …
    """

    _request_error: type[Exception]

    def __init__(
        self,
        *,
        max_connections: int = 100,
        keepalive_s: float = 5.0,
        verify: bool = True,
        proxy: str | None = None,
        tls: Tls | TlsOptions | None = None,
    ) -> None:
        self._max_connections = max_connections
        self._keepalive_s = keepalive_s
        self._verify = verify
        self._proxy = proxy
        self._tls = tls if isinstance(tls, Tls) else (tls or TlsOptions()).load()
        self._clients: dict[str, Client | None] = {}  # by the scheme of their URLs: with and without TLS
        self._for_openssl: set[str] = set()  # servers whose certificate rustls refused and OpenSSL accepts
        self._odd = HttpxTransport(
            max_connections=max_connections, keepalive_s=keepalive_s, verify=verify, proxy=proxy, tls=self._tls
        )

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
        response = await self._send_once(request)
        if response.status not in REDIRECTS:
            return response
        return await follow(request, response, self._send_once)

    async def aclose(self) -> None:
        """Closes the connections. The transport opens new ones when it is used again."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            if client is not None:
                await client.close()
        await self._odd.aclose()

    def _open(self, url: Url) -> "Client | None":
        from pyreqwest.client import ClientBuilder
        from pyreqwest.exceptions import BuilderError, RequestError
        from pyreqwest.proxy import ProxyBuilder

        self._request_error = RequestError
        builder = (
            ClientBuilder()
            .no_proxy()
            .follow_redirects(False)
            .referer(False)
            .gzip(False)  # bodies are decompressed here, so that the headers stay unchanged
            .deflate(False)
            .brotli(False)
            .zstd(False)
            .http1_only()
            .http1_lower_case_headers()
            .max_connections(self._max_connections)
            .pool_max_idle_per_host(self._max_connections)
            .pool_idle_timeout(timedelta(seconds=self._keepalive_s))
        )
        if self._proxy is not None:
            builder = builder.proxy(ProxyBuilder.all(self._proxy))
        # Without TLS there is nothing to verify, and without trusted certificates no verifying client can be made.
        secure = is_secure(url, self._proxy)
        builder = builder.danger_accept_invalid_certs(not (secure and self._verify))
        try:
            if secure and self._verify:
                for certificate in self._tls.beside_the_store:
                    builder = builder.add_root_certificate_der(certificate)
            if secure and self._tls.identity:
                builder = builder.identity_pem(self._tls.identity)
            return builder.build()
        except (DefinitionError, BuilderError, ValueError):
            return None  # OpenSSL may be able to use it, or reports what is wrong with it

    def _client_for(self, request: Request) -> "Client | None":
        """Returns the client for a request; None if httpx is to send it."""
        scheme = request.url[:5]
        if scheme not in self._clients:
            self._clients[scheme] = self._open(parse_url(request.url))
        if self._for_openssl and parse_url(request.url).origin in self._for_openssl:
            return None
        return self._clients[scheme]

    async def _send_once(self, request: Request) -> Response:
        client = self._client_for(request)
        tells_length = not request.body and request.method in _TELL_THEIR_LENGTH
        headers = _prepared(tuple(request.headers.unsorted.items()), request.url, tells_length)
        if client is None or headers is None:
            return await self._odd.send_once(request)
        outgoing = client.request(request.method, _address(request.url)).headers(headers)
        if request.body:
            outgoing = outgoing.body_bytes(request.body)
        limit = request.max_response_bytes
        received = None
        try:
            async with outgoing.build_streamed() as incoming:  # leaving it early closes the connection
                received = _read_headers(incoming.headers)
                length = received.get("content-length", "")  # given twice, it is not a number
                if limit is None or (length.isdecimal() and int(length) <= limit):
                    body = bytes(await incoming.bytes())
                else:
                    body = await _read_within(incoming.body_reader, limit)
        except self._request_error as error:
            said = _words(error)
            if _OVERFLOW.search(said):
                if received is None:
                    raise ResponseTooLargeError(f"the head of the answer of {public_url(request.url)}") from None
                return _too_large(request, incoming.status, received)
            # The message may quote the URL, so it must not be logged.
            if _REFUSED_CERTIFICATE in said:
                return await self._ask_openssl(request)
            url = parse_url(request.url)
            raise connection_error(request, url, cause_of(_failure_of(said), url)) from None
        except BodyTooLargeError:
            return _too_large(request, incoming.status, received or {})
        codings = received.get("content-encoding")
        if codings is not None:
            try:
                body = await decompress(body, codings, limit)
            except BodyTooLargeError:
                return _too_large(request, incoming.status, received)
            except ValueError as error:
                raise connection_error(request, parse_url(request.url), undecodable(str(error))) from None
        return Response.of(incoming.status, body, received, request.url)

    async def _ask_openssl(self, request: Request) -> Response:
        """Sends a request with OpenSSL after rustls refused the server's certificate; nothing was sent before.

        OpenSSL decides, as in Segment's runtime. rustls does not accept the own certificate of a CA, and its message
        is the same for a self-signed certificate and for an unknown issuer.
        """
        response = await self._odd.send_once(request)
        self._for_openssl.add(parse_url(request.url).origin)
        return response


async def _read_within(reader: "ResponseBodyReader", limit: int) -> bytes:
    parts, size = [], 0
    while (part := await reader.read_chunk()) is not None:
        size += len(part)
        if size > limit:
            raise BodyTooLargeError
        parts.append(part)
    return b"".join(parts)


def _too_large(request: Request, status: int, headers: dict[str, str]) -> Response:
    limit = request.max_response_bytes or 0
    return TooLargeResponse(status, headers, limit=limit, request=request, url=request.url)


# Most requests of a run have the same address and the same few sets of headers, so both are prepared once.


@lru_cache(maxsize=1024)
def _address(text: str) -> str:
    url = parse_url(text)
    return url.origin + url.target


@lru_cache(maxsize=1024)
def _prepared(headers: tuple[tuple[str, str], ...], url: str, tells_length: bool) -> "HeaderMap | None":
    """Returns the headers to send; None if one of them is not ASCII."""
    from pyreqwest.http import HeaderMap

    values = wire_headers(Headers.of(dict(headers)), parse_url(url))
    if not "".join(values.values()).isascii():
        return None
    if tells_length:
        values["content-length"] = "0"
    return HeaderMap(values)


def _read_headers(headers: Any) -> dict[str, str]:
    values: dict[str, str] = {}
    try:
        for name, value in headers.items():
            values[name] = f"{values[name]}, {value}" if name in values else value
    except ValueError:  # one of them is not ASCII
        values = {}
        for name in dict.fromkeys(headers.keys()):
            try:
                values[name] = ", ".join(headers.getall(name))
            except ValueError:
                continue
    return values


# --- errors ----------------------------------------------------------------------------------------------

_SYSTEM = re.compile(r"\(os error (\d+)\)")
# The messages for more than about 400 KB or 100 headers, and for too much around the chunks of a body.
_OVERFLOW = re.compile(r"too large|over limit")
_TLS = re.compile(r"certificate|tls|handshake|corrupt message|received fatal alert|peer is incompatible", re.IGNORECASE)
_NO_FIRST_LINE = re.compile(r"invalid HTTP (version|status)")
_REFUSED_CERTIFICATE = "invalid peer certificate"


def _words(error: Any) -> str:
    """Returns the messages of a pyreqwest error, from the outermost cause to the innermost."""
    causes = [str(cause["message"]) for cause in error.details.get("causes") or ()]
    # The first one quotes the URL.
    return "\n".join(causes[1:] if causes and causes[0].startswith("error sending request") else causes)


def _failure_of(words: str) -> Failure:
    r"""Reads the messages of a pyreqwest error.

    Example:
        >>> failure = _failure_of("client error (Connect)\ntcp connect error\nConnection refused (os error 111)")
        >>> failure.connecting, failure.number
        (True, 111)
    """
    connecting = "(Connect)" in words
    system = _SYSTEM.search(words)
    again = "temporary failure" in words.lower()
    return Failure(
        connecting=connecting,
        unresolved=("EAI_AGAIN" if again else "ENOTFOUND") if "dns error" in words else None,
        number=int(system[1]) if system else None,
        tls=words if _TLS.search(words) and (connecting or "alert" in words) else None,
        unreachable=connecting and "tcp" in words,
        no_http=bool(_NO_FIRST_LINE.search(words)),
    )


def delivery_transport(
    max_connections: int, *, tls: Tls | TlsOptions | None = None
) -> "PyreqwestTransport | HttpxTransport":
    """Makes the transport for many requests: with pyreqwest, or with httpx if pyreqwest is not installed.

    Args:
        max_connections: The maximum number of requests at once.
        tls: A CA file and a client certificate.

    Raises:
        DefinitionError: A file of `tls` cannot be used.

    Example:
        >>> type(delivery_transport(50)).__name__
        'PyreqwestTransport'
    """
    if find_spec("pyreqwest") is not None:
        return PyreqwestTransport(max_connections=max_connections, tls=tls)
    return HttpxTransport(max_connections=max_connections, tls=tls)
