"""Reads the body of a request: bounded in bytes and in time, decompressed and parsed."""

import asyncio
import re
import zlib
from itertools import accumulate
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from destination.forwarding.http.answers import RefusedRequestError
from destination.values import read_json

_MAX_DROPPED: Final = 16
"""How many times the maximum size is read and dropped, so that the client sees the answer, before it is cut off."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_MAX_MEMBERS: Final = 100
"""The maximum number of members of a compressed body; clients send one. Thousands of empty ones would take seconds."""

_MAX_DEEP_BYTES: Final = 64 << 10
_MAX_LEVELS: Final = 900
"""The number of levels from which on reading takes a microsecond a byte: that of the standard library's parser."""

_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # one that does not end is read once
_STEPS: Final = bytes.maketrans(b"[{]}", bytes((2, 2, 0, 0)))
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[{]}"))


class BodyReader:
    """Reads bodies, and limits how many bytes of them are in memory.

    Args:
        max_bytes: The maximum size of a body, as sent and decompressed, in bytes.
        max_buffered_bytes: The maximum size of all bodies that are being read, in bytes.
        limit_s: The maximum time for a body to arrive, in seconds.
        retry_after_s: The `Retry-After` for a client that comes when there is no room, in seconds.

    Attributes:
        buffered_bytes: The size of all bodies that are being read, in bytes.

    Example:
        >>> async def receive():
        ...     return {"type": "http.request", "body": b'{"a": 1}', "more_body": False}
        >>> reader = BodyReader(100, 1_000, 30, 10)
        >>> asyncio.run(reader.read(receive, b""))
        b'{"a": 1}'
    """

    def __init__(self, max_bytes: int, max_buffered_bytes: int, limit_s: float, retry_after_s: float) -> None:
        self.buffered_bytes = 0
        self._max_bytes = max_bytes
        self._max_buffered_bytes = max_buffered_bytes
        self._limit_s = limit_s
        self._retry_after_s = retry_after_s

    async def read(self, receive: Receive, encoding: bytes) -> bytes:
        """Returns a body, decompressed.

        Args:
            receive: Receives its parts.
            encoding: The `Content-Encoding`.

        Raises:
            RefusedRequestError: It is too large or cannot be decompressed (400), arrives too slowly (408), or there is
                no room for it (503).
            ClientDisconnect: The client closed the connection.
        """
        raw = await self._receive(receive)
        encoding = encoding.strip().lower()
        if encoding in (b"", b"identity"):
            return raw
        if encoding in (b"gzip", b"x-gzip"):
            return self._decompress(raw)
        raise RefusedRequestError(400, "invalid_body", "the `Content-Encoding` of a body can only be gzip")

    async def _receive(self, receive: Receive) -> bytes:
        try:
            async with asyncio.timeout(self._limit_s):
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientDisconnect
                first: bytes = message.get("body", b"")
                if message.get("more_body"):
                    return await self._receive_parts(receive, first)
        except TimeoutError:
            message_text = f"the body of the request took longer than {self._limit_s:g} seconds"
            raise RefusedRequestError(408, "slow_body", message_text, closes=True) from None
        if len(first) > self._max_bytes:
            raise self._too_large()
        return first

    async def _receive_parts(self, receive: Receive, first: bytes) -> bytes:
        """Receives the rest of a body that comes in parts."""
        parts, size, held = [first], len(first), len(first)
        self.buffered_bytes += held
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientDisconnect
                part: bytes = message.get("body", b"")
                size += len(part)
                if size <= self._max_bytes:
                    parts.append(part)
                    held += len(part)
                    self.buffered_bytes += len(part)
                elif parts:
                    parts = []
                    self.buffered_bytes -= held
                    held = 0
                if size > _MAX_DROPPED * self._max_bytes:
                    raise self._too_large(closes=True)
                if self.buffered_bytes > self._max_buffered_bytes:
                    message_text = "too many bodies are being received"
                    raise RefusedRequestError(503, "busy", message_text, retry_after_s=self._retry_after_s, closes=True)
                if not message.get("more_body"):
                    break
        finally:
            self.buffered_bytes -= held
        if size > self._max_bytes:
            raise self._too_large()
        return b"".join(parts)

    def _decompress(self, raw: bytes) -> bytes:
        """Decompresses a body, of one or more members, up to the maximum size."""
        parts, room = [], self._max_bytes + 1
        try:
            for _ in range(_MAX_MEMBERS):
                member = zlib.decompressobj(_GZIP)
                part = member.decompress(raw, room)
                parts.append(part)
                room -= len(part)
                if room <= 0:
                    raise self._too_large()
                if not member.eof:
                    raise RefusedRequestError(400, "invalid_body", "the end of the compressed body is missing")
                raw = member.unused_data
                if not raw:
                    return b"".join(parts)
        except zlib.error:
            raise RefusedRequestError(400, "invalid_body", "the body is not compressed with gzip") from None
        raise RefusedRequestError(400, "invalid_body", f"the compressed body has more than {_MAX_MEMBERS} members")

    def _too_large(self, *, closes: bool = False) -> RefusedRequestError:
        message = f"the body is larger than {self._max_bytes:,} bytes"
        return RefusedRequestError(400, "body_too_large", message, closes=closes)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Parses a body, which must be a JSON object.

    Raises:
        RefusedRequestError: It is not.

    Example:
        >>> parse_object(b'{"a": 1}')
        {'a': 1}
        >>> parse_object(b"[]")
        Traceback (most recent call last):
        destination.forwarding.http.answers.RefusedRequestError: the body is not a JSON object
    """
    body = parse(raw)
    if type(body) is not dict:
        raise RefusedRequestError(400, "invalid_body", "the body is not a JSON object")
    return body


def parse(raw: bytes) -> Any:
    """Parses a body.

    Raises:
        RefusedRequestError: It is not JSON, or nested too deeply.

    Example:
        >>> parse(b"[1]")
        [1]
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    if len(raw) > _MAX_DEEP_BYTES and count_levels(raw) > _MAX_LEVELS:
        message = f"a body of more than {_MAX_DEEP_BYTES:,} bytes cannot have more than {_MAX_LEVELS:,} levels"
        raise RefusedRequestError(400, "invalid_body", message)
    try:
        return read_json(raw)  # it takes lone surrogates, large numbers and more levels
    except ValueError as error:
        raise RefusedRequestError(400, "invalid_body", f"the body cannot be read as JSON: {error}") from None


def count_levels(raw: bytes) -> int:
    """Returns how many levels of objects and lists a JSON text has at most.

    Example:
        >>> count_levels(b'{"[[[": [[], {}]}')
        3
    """
    brackets = _STRING.sub(b"", raw).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(brackets, lambda level, step: level + step - 1, initial=0))
