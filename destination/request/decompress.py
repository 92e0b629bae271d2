"""Unpacks the body of an answer: gzip and deflate, which is what the requests say they take."""

import zlib

_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS


def decompress(body: bytes, codings: str) -> bytes:
    """The body without its content codings; one that is not known stays on it.

    As in node-fetch, data that end early give what is there.

    Args:
        body: The bytes as they came.
        codings: The header `content-encoding`.

    Raises:
        ValueError: The data are not what the header says.

    Example:
        >>> decompress(zlib.compress(b"text"), "deflate"), decompress(b"text", "identity")
        (b'text', b'text')
    """
    for coding in reversed(codings.lower().split(",")):
        name = coding.strip()
        if not body:
            break
        try:
            if name in ("gzip", "x-gzip"):
                body = zlib.decompressobj(_GZIP).decompress(body)
            elif name in ("deflate", "x-deflate"):
                # Some servers send deflate without zlib's frame; its first byte tells.
                body = zlib.decompressobj(_ZLIB if body[0] & 0x0F == 8 else _RAW).decompress(body)
        except zlib.error as error:
            raise ValueError(f"the body cannot be decompressed: {error}") from None
    return body
