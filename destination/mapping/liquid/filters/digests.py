"""Base64 and hash filters."""

import base64
import hashlib
import hmac
import re
from typing import Any, Final

from destination.mapping.liquid.coerce import Filter
from destination.mapping.liquid.context import Context
from destination.values import MISSING, to_units

_HALF: Final = re.compile("[\ud800-\udfff]")
_NOT_BASE64: Final = re.compile("[^A-Za-z0-9+/]+")
_URL_SAFE: Final = str.maketrans("-_", "+/")


def utf8(text: str) -> bytes:
    """The bytes of a text, where half of a surrogate pair becomes U+FFFD."""
    return (text if text.isascii() else _HALF.sub("\ufffd", text)).encode("utf-8")


def _base64_encode(context: Context, value: Any, *_: Any) -> str:
    return base64.b64encode(utf8(context.text(value))).decode("ascii")


def _base64_decode(context: Context, value: Any, *_: Any) -> str:
    """Takes both alphabets, skips what is in neither, and ends at the first `=`."""
    text = context.text(value)
    units = to_units(text)
    if not units.isascii() and max(units) > "\xff":
        # Node reads only the lower byte of each unit then (test_base64_decode_of_wide_text)
        units = "".join(chr(ord(unit) & 0xFF) for unit in units)
    digits = _NOT_BASE64.sub("", units.partition("=")[0].translate(_URL_SAFE))
    digits = digits[:-1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-8", "replace")


def _sha256(context: Context, value: Any, *_: Any) -> str:
    return hashlib.sha256(utf8(context.text(value))).hexdigest()


def _hmac_sha256(context: Context, value: Any, key: Any = MISSING, *_: Any) -> str:
    message = utf8(context.text(value))
    return hmac.new(utf8(context.text(key)), message, hashlib.sha256).hexdigest()


FILTERS: Final[dict[str, Filter]] = {
    "base64_decode": _base64_decode,
    "base64_encode": _base64_encode,
    "hmac_sha256": _hmac_sha256,
    "sha256": _sha256,
}
