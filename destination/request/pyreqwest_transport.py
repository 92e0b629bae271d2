"""Sends requests with pyreqwest, some fifty times as many a second as httpx. Imported when first needed."""

import errno
import re
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import ResponseTooLargeError
from destination.request.decompress import BodyTooLargeError, decompress
from destination.request.headers import Headers
from destination.request.httpx_transport import HttpxTransport
from destination.request.message import Request, Response, TooLargeResponse
from destination.request.redirects import REDIRECTS, follow
from destination.request.url import Url, parse_url, public_url
from destination.request.wire import port_of, wire_headers

if TYPE_CHECKING:
    from pyreqwest.client import Client
    from pyreqwest.http import HeaderMap
    from pyreqwest.response import ResponseBodyReader

# As in node-fetch, these say so where they have no body.
_TELL_THEIR_LENGTH = frozenset({"POST", "PUT"})


class PyreqwestTransport:
    """The transport for many requests at once; it behaves as `HttpxTransport`, but for two things.

    An answer's reason phrase is the usual one of its status, whatever the server wrote, and a header of an answer
    that is not ASCII is left out. A request with a header that is not ASCII goes through httpx, as pyreqwest would
    write it in UTF-8. Its threads do not survive a fork: make it in the process that uses it.

    Args:
        max_connections: How many requests at once; further ones wait, within their time limit.
        keepalive_s: How long an idle connection is kept, in seconds.
        verify: False to take any certificate.
        proxy: The URL of an HTTP proxy, or None.

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
    ) -> None:
        self._max_connections = max_connections
        self._keepalive_s = keepalive_s
        self._verify = verify
        self._proxy = proxy
        self._client: Client | None = None
        self._odd = HttpxTransport(max_connections=max_connections, keepalive_s=keepalive_s, verify=verify, proxy=proxy)

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
        response = await self._send_once(request)
        if response.status not in REDIRECTS:
            return response
        return await follow(request, response, self._send_once)

    async def aclose(self) -> None:
        """Closes the connections. The transport opens new ones when it is used again."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        await self._odd.aclose()

    def _open(self) -> "Client":
        from pyreqwest.client import ClientBuilder
        from pyreqwest.exceptions import RequestError
        from pyreqwest.proxy import ProxyBuilder

        self._request_error = RequestError
        builder = (
            ClientBuilder()
            .no_proxy()
            .follow_redirects(False)
            .referer(False)
            .gzip(False)  # what an answer holds is unpacked here: its headers stay as they came
            .deflate(False)
            .brotli(False)
            .zstd(False)
            .http1_only()
            .http1_lower_case_headers()
            .max_connections(self._max_connections)
            .pool_max_idle_per_host(self._max_connections)
            .pool_idle_timeout(timedelta(seconds=self._keepalive_s))
            .danger_accept_invalid_certs(not self._verify)
        )
        if self._proxy is not None:
            builder = builder.proxy(ProxyBuilder.all(self._proxy))
        return builder.build()

    async def _send_once(self, request: Request) -> Response:
        if self._client is None:
            self._client = self._open()
        tells_length = not request.body and request.method in _TELL_THEIR_LENGTH
        headers = _prepared(tuple(request.headers.unsorted.items()), request.url, tells_length)
        if headers is None:
            return await self._odd.send_once(request)
        outgoing = self._client.request(request.method, _address(request.url)).headers(headers)
        if request.body:
            outgoing = outgoing.body_bytes(request.body)
        limit = request.max_response_bytes
        received = None
        try:
            async with outgoing.build_streamed() as incoming:  # leaving it early closes the connection
                received = _read_headers(incoming.headers)
                length = received.get("content-length", "")  # given twice, it is no number
                if limit is None or (length.isdecimal() and int(length) <= limit):
                    body = bytes(await incoming.bytes())
                else:
                    body = await _read_within(incoming.body_reader, limit)
        except self._request_error as error:
            if _OVERFLOW.search("\n".join(_causes(error))):
                if received is None:
                    raise ResponseTooLargeError(f"the head of the answer of {public_url(request.url)}") from None
                return _too_large(request, incoming.status, received)
            # Its words may quote the URL; they are not for logs.
            raise _translated(error, request, parse_url(request.url)) from None
        except BodyTooLargeError:
            return _too_large(request, incoming.status, received or {})
        codings = received.get("content-encoding")
        if codings is not None:
            try:
                body = await decompress(body, codings, limit)
            except BodyTooLargeError:
                return _too_large(request, incoming.status, received)
            except ValueError as error:
                raise _failed(request, parse_url(request.url), "Z_DATA_ERROR", str(error)) from None
        return Response.of(incoming.status, body, received, request.url)


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


# Most requests of a run have the same address and the same few sets of headers: both are made ready once.


@lru_cache(maxsize=1024)
def _address(text: str) -> str:
    url = parse_url(text)
    return url.origin + url.target


@lru_cache(maxsize=1024)
def _prepared(headers: tuple[tuple[str, str], ...], url: str, tells_length: bool) -> "HeaderMap | None":
    """The headers that go out; None where one of them is not ASCII."""
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
# The words for a head of more than about 400 KB or 100 headers, and for what surrounds the chunks of a body.
_OVERFLOW = re.compile(r"too large|over limit")
_TLS = re.compile(r"certificate|tls|handshake|corrupt message|InvalidContentType|received fatal alert", re.IGNORECASE)
# What the certificate verifier says, with Node's names.
_CERTIFICATES = (
    (re.compile(r"Expired|certificate expired", re.IGNORECASE), "CERT_HAS_EXPIRED", "certificate has expired"),
    (
        re.compile(r"UnknownIssuer|unknown issuer", re.IGNORECASE),
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "unable to verify the first certificate",
    ),
    (
        re.compile(r"NotValidForName|not valid for", re.IGNORECASE),
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "the certificate is for another host",
    ),
)


def _failed(request: Request, url: Url, code: str, reason: str) -> ClientConnectionError:
    return ClientConnectionError(f"request to {url.public} failed, reason: {reason}", request, code)


def _translated(error: Any, request: Request, url: Url) -> ClientConnectionError:
    """An error of pyreqwest as ours, with the code and words that Node has for it."""
    return _failed(request, url, *reason_of(_causes(error), url))


def _causes(error: Any) -> list[str]:
    return [cause["message"] for cause in error.details.get("causes") or ()]


def reason_of(causes: list[str], url: Url) -> tuple[str, str]:
    """Node's code and words for what pyreqwest says, from the outermost cause to the innermost.

    Example:
        >>> causes = ["client error (Connect)", "tcp connect error", "Connection refused (os error 111)"]
        >>> reason_of(causes, parse_url("https://h/"))
        ('ECONNREFUSED', 'connect ECONNREFUSED h:443')
    """
    # The first quotes the URL.
    text = "\n".join(causes[1:] if causes and causes[0].startswith("error sending request") else causes)
    connecting = "(Connect)" in text
    if "dns error" in text:
        again = "temporary failure" in text.lower()
        code = "EAI_AGAIN" if again else "ENOTFOUND"
        return code, f"getaddrinfo {code} {url.host}"
    for pattern, code, words in _CERTIFICATES:
        if "certificate" in text and pattern.search(text):
            return code, words
    system = _SYSTEM.search(text)
    if system is not None and int(system[1]) in errno.errorcode:
        code = errno.errorcode[int(system[1])]
        return code, f"connect {code} {url.host}:{port_of(url)}" if connecting else f"read {code}"
    if url.scheme == "https" and connecting and _TLS.search(text):
        return "EPROTO", "TLS failed"
    if connecting and "tcp" in text:
        return "ECONNREFUSED", f"connect ECONNREFUSED {url.host}:{port_of(url)}"
    return "ECONNRESET", "socket hang up"


def delivery_transport(max_connections: int) -> "PyreqwestTransport | HttpxTransport":
    """The transport for sending many: pyreqwest's, or httpx's where pyreqwest is not installed.

    Args:
        max_connections: How many requests at once.

    Example:
        >>> type(delivery_transport(50)).__name__
        'PyreqwestTransport'
    """
    if find_spec("pyreqwest") is not None:
        return PyreqwestTransport(max_connections=max_connections)
    return HttpxTransport(max_connections=max_connections)
