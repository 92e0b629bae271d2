"""Does what node-fetch 2.7 does around a request, for all transports: headers, decompression and redirects."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from destination.errors import EngineTypeError, RedirectError, RedirectRefusedError
from destination.late import asyncio
from destination.request.headers import REDACTED_HEADERS, Headers
from destination.request.message import Request, Response
from destination.request.prepare import basic_auth
from destination.request.url import Url, parse_url, public_url, resolve_url

# --- headers ---------------------------------------------------------------------------------------------

# The headers that node-fetch adds to a request without them.
_DEFAULT_HEADERS: Final = {"accept": "*/*", "accept-encoding": "gzip,deflate", "connection": "keep-alive"}
# The transport decides on the length and the encoding of the body, so a caller's headers about these are dropped.
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


def wire_headers(headers: Headers, url: Url) -> dict[str, str]:
    """Returns the headers to send; the HTTP library adds `host` and the length of the body.

    Example:
        >>> from destination.request import parse_url
        >>> wire_headers(Headers({"x-id": " 5 "}), parse_url("https://u@h/"))
        {'accept': '*/*', 'accept-encoding': 'gzip,deflate', 'connection': 'keep-alive', 'x-id': '5',
         'authorization': 'Basic dQ=='}
    """
    values = {
        # White space around a value does not belong to it, and some libraries refuse it.
        name: value.strip(" \t")
        for name, value in {**_DEFAULT_HEADERS, **headers.unsorted}.items()
        if name not in _FRAMING
    }
    if url.credentials:
        values.setdefault("authorization", basic_auth(url.credentials))
    return values


# --- decompression ---------------------------------------------------------------------------------------

_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_NAMES: Final = frozenset({"gzip", "x-gzip"})
_DEFLATE_NAMES: Final = frozenset({"deflate", "x-deflate"})
_STEP_BYTES: Final = 1 << 20
"""The number of bytes that are decompressed before the event loop gets its turn, which takes about 5 ms."""

MAX_CODINGS: Final = 5
"""The maximum number of content codings of an answer; one with more counts as too large."""


class BodyTooLargeError(Exception):
    """The body is larger than the limit."""


async def decompress(body: bytes, codings: str, limit: int | None = None) -> bytes:
    """Decompresses the body of an answer from gzip and deflate, the codings that requests accept.

    A body with another coding is returned unchanged. As in node-fetch, of data that end too early the first part is
    returned.

    Args:
        body: The bytes as received.
        codings: The header `content-encoding`.
        limit: The maximum size of the body, in bytes, after each of its codings.

    Raises:
        BodyTooLargeError: The body is larger, or has more than `MAX_CODINGS` codings.
        ValueError: The data do not have the coding that the header says.

    Example:
        >>> asyncio.run(decompress(zlib.compress(b"text"), "deflate")), asyncio.run(decompress(b"text", "identity"))
        (b'text', b'text')
        >>> asyncio.run(decompress(zlib.compress(bytes(1000)), "deflate", 999))
        Traceback (most recent call last):
        destination.request.wire.BodyTooLargeError
    """
    names = [name for name in map(str.strip, codings.lower().split(",")) if name in _GZIP_NAMES | _DEFLATE_NAMES]
    if limit is not None and len(names) > MAX_CODINGS:
        raise BodyTooLargeError
    for name in reversed(names):
        if not body:
            break
        # Some servers send deflate without zlib's frame; the first byte shows which it is.
        frame = _GZIP if name in _GZIP_NAMES else _ZLIB if body[0] & 0x0F == 8 else _RAW
        try:
            body = await _unpack(body, zlib.decompressobj(frame), limit)
        except zlib.error as error:
            raise ValueError(f"the body cannot be decompressed: {error}") from None
    return body


async def _unpack(body: bytes, unpacker: Any, limit: int | None) -> bytes:
    parts = [unpacker.decompress(body, _STEP_BYTES)]
    size = len(parts[0])
    while True:
        if limit is not None and size > limit:
            raise BodyTooLargeError
        if unpacker.eof or not parts[-1]:
            return parts[0] if len(parts) <= 2 and not parts[-1] else b"".join(parts)
        await asyncio.sleep(0)
        parts.append(unpacker.decompress(unpacker.unconsumed_tail, _STEP_BYTES))
        size += len(parts[-1])


# --- redirects -------------------------------------------------------------------------------------------

# Source: node-fetch and the Fetch Standard's HTTP-redirect fetch. A 301 or 302 changes only a POST to a GET, so a PUT
# keeps its method and body. The reference removes only `authorization` and cookies for another host. Here no secret
# header is sent there, because the other host would read an `x-api-key`. A body holds what people did, so a redirect
# that would take it to another host is an error.
MAX_REDIRECTS = 20
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ONLY_FOR_THE_SAME_HOST = REDACTED_HEADERS | {"cookie2"}


async def follow(request: Request, response: Response, send_once: Callable[[Request], Awaitable[Response]]) -> Response:
    """Follows the redirects that begin with the answer to a request, at most `MAX_REDIRECTS` of them.

    Raises:
        RedirectError: There are more than `MAX_REDIRECTS`, or one to a URL that is not http or https.
        RedirectRefusedError: A redirect would take a body to another host or scheme.
    """
    for _ in range(MAX_REDIRECTS):
        redirected = redirect(request, response)
        if redirected is None:
            return response
        request = redirected
        response = await send_once(request)
    redirected = redirect(request, response)
    if redirected is None:
        return response
    raise RedirectError(f"maximum redirect reached at: {public_url(redirected.url)}", redirected)


def redirect(request: Request, response: Response) -> Request | None:
    """Returns the request that a redirect leads to; None if the response is not one or has no `location`.

    Raises:
        RedirectError: The `location` is not an http or https URL.
        RedirectRefusedError: The body would go to another host or scheme.

    Example:
        >>> answer = Response(303, headers={"location": "/done"})
        >>> redirect(Request("POST", "https://h/a", body=b"x"), answer)
        <Request GET https://h/done (no body)>
    """
    if response.status not in REDIRECTS:
        return None
    location = response.headers.get("location")
    if location is None:
        return None
    origin = parse_url(request.url)
    try:
        target = resolve_url(origin, location)
    except EngineTypeError:
        raise RedirectError("uri requested responds with an invalid redirect URL", request) from None
    method, body = request.method, request.body
    if response.status == 303 or (response.status in (301, 302) and method == "POST"):
        method, body = "GET", None
    if body and not _keeps_body(origin, target):
        raise RedirectRefusedError(origin.origin, target.origin, request)
    headers = request.headers.unsorted
    if not _keeps_secrets(origin, target):
        headers = {name: value for name, value in headers.items() if name not in _ONLY_FOR_THE_SAME_HOST}
    return Request(method, str(target), Headers.of(dict(headers)), body, request.timeout_ms, request.max_response_bytes)


def _keeps_secrets(origin: Url, target: Url) -> bool:
    """Returns whether secret headers may be sent: to the same host or a subdomain, with the same scheme."""
    return origin.scheme == target.scheme and _is_same_or_below(origin, target)


def _keeps_body(origin: Url, target: Url) -> bool:
    """Returns whether a body may be sent: like secret headers, and from http to https of the same host."""
    if origin.scheme == target.scheme:
        return _is_same_or_below(origin, target)
    return target.scheme == "https" and origin.host == target.host


def _is_same_or_below(origin: Url, target: Url) -> bool:
    return origin.host == target.host or target.host.endswith(f".{origin.host}")
