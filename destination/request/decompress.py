"""Unpacks the body of an answer, within its limit: gzip and deflate, which is what the requests say they take."""

import asyncio
import zlib
from typing import Any, Final

_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_NAMES: Final = frozenset({"gzip", "x-gzip"})
_DEFLATE_NAMES: Final = frozenset({"deflate", "x-deflate"})
_STEP_BYTES: Final = 1 << 20
"""So much is unpacked before others of the event loop have their turn: about 5 ms."""

MAX_CODINGS: Final = 5
"""So many times an answer may be packed; one that is packed more often counts as too large."""


class BodyTooLargeError(Exception):
    """The body is larger than the limit."""


async def decompress(body: bytes, codings: str, limit: int | None = None) -> bytes:
    """The body without its content codings; one that is not known stays on it.

    As in node-fetch, data that end early give what is there.

    Args:
        body: The bytes as they came.
        codings: The header `content-encoding`.
        limit: How many bytes it may come to, at each of its codings.

    Raises:
        BodyTooLargeError: It comes to more, or is packed more than `MAX_CODINGS` times.
        ValueError: The data are not what the header says.

    Example:
        >>> asyncio.run(decompress(zlib.compress(b"text"), "deflate")), asyncio.run(decompress(b"text", "identity"))
        (b'text', b'text')
        >>> asyncio.run(decompress(zlib.compress(bytes(1000)), "deflate", 999))
        Traceback (most recent call last):
        destination.request.decompress.BodyTooLargeError
    """
    names = [name for name in map(str.strip, codings.lower().split(",")) if name in _GZIP_NAMES | _DEFLATE_NAMES]
    if limit is not None and len(names) > MAX_CODINGS:
        raise BodyTooLargeError
    for name in reversed(names):
        if not body:
            break
        # Some servers send deflate without zlib's frame; its first byte tells.
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
