"""Writes the answers of the intake, as Segment's tracking API does."""

import base64
import math
from collections.abc import Iterable
from typing import Final

import orjson
from starlette.types import Send

from destination.errors import DestinationError

Header = tuple[bytes, bytes]

CROSS_ORIGIN: Final[tuple[Header, ...]] = ((b"access-control-allow-origin", b"*"),)
"""The header with which a page of any origin may read an answer: access needs a write key, and never a cookie."""

_JSON: Final[Header] = (b"content-type", b"application/json")
_SUCCESS: Final = b'{"success": true}'
_SUCCESS_START: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [_JSON, (b"content-length", b"%d" % len(_SUCCESS)), *CROSS_ORIGIN],
}
_SUCCESS_BODY: Final = {"type": "http.response.body", "body": _SUCCESS}

_GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent image of one pixel."""

_PREFLIGHT_S: Final = b"7200"
"""How long a browser may keep the answer to a preflight request, in seconds; Chromium keeps none longer."""


class RefusedRequestError(DestinationError):
    """A request that is refused as a whole.

    Args:
        status: The status of the answer.
        reason: One of `EVENT_REASONS` (a request with one event) or `REQUEST_REASONS`.
        message: What is wrong, as a sentence; it holds no write key.
        retry_after_s: When the client may send it again, in seconds; None if the answer does not say so.
        closes: Whether the connection is closed, because the rest of the body is not read.
    """

    status: int

    def __init__(
        self, status: int, reason: str, message: str, *, retry_after_s: float | None = None, closes: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.closes = closes


async def send_success(send: Send) -> None:
    """Answers that the events were accepted."""
    await send(_SUCCESS_START)
    await send(_SUCCESS_BODY)


async def send_refusal(send: Send, refusal: RefusedRequestError) -> None:
    """Answers that a request is refused, and why.

    Segment's Python client needs both `code` and `message`.

    Example:
        >>> import asyncio
        >>> async def show(message) -> None:
        ...     print(message.get("status") or message["body"].decode())
        >>> asyncio.run(send_refusal(show, RefusedRequestError(401, "wrong_key", "the write key is not known")))
        401
        {"success":false,"code":"wrong_key","message":"the write key is not known"}
    """
    headers: list[Header] = []
    if refusal.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(refusal.retry_after_s))))
        headers.append((b"access-control-expose-headers", b"retry-after"))
    if refusal.closes:
        headers.append((b"connection", b"close"))
    await send_json(send, {"success": False, "code": refusal.reason, "message": str(refusal)}, refusal.status, headers)


async def send_json(send: Send, value: object, status: int = 200, headers: Iterable[Header] = ()) -> None:
    """Answers a JSON value."""
    await send_bytes(send, orjson.dumps(value), status, [_JSON, *headers])


async def send_bytes(send: Send, body: bytes, status: int, headers: Iterable[Header]) -> None:
    """Answers a body with its headers; the length and the header for other origins are added."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *CROSS_ORIGIN]})
    await send({"type": "http.response.body", "body": body})


async def send_pixel(send: Send) -> None:
    """Answers the image of one pixel, which nobody may cache."""
    await send_bytes(send, _GIF, 200, [(b"content-type", b"image/gif"), (b"cache-control", b"no-store")])


async def send_preflight(send: Send, methods: bytes, requested: bytes, *, is_private: bool) -> None:
    """Answers a preflight request of a browser: pages of any origin may send any header.

    Args:
        send: Sends the answer.
        methods: The methods of the path.
        requested: The headers for which the browser asks.
        is_private: Whether the browser asks for an address of a private network.
    """
    headers: list[Header] = [
        (b"access-control-allow-methods", methods),
        (b"access-control-allow-headers", requested or b"authorization, content-type"),
        (b"access-control-max-age", _PREFLIGHT_S),
        (b"vary", b"access-control-request-headers"),
    ]
    if is_private:
        headers.append((b"access-control-allow-private-network", b"true"))
    await send_bytes(send, b"", 204, headers)
