"""Strings as JavaScript has them: sequences of UTF-16 code units.

A Python string holds code points. The functions here count, cut and join in code units, so that half
of a surrogate pair can appear alone (as in JavaScript) and two halves that meet become one character.
"""

import re
import sys
from array import array
from collections.abc import Iterable

WHITESPACE = (
    "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript's `trim` and `\\s` take as white space (not what `str.strip` takes)."""

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def trim(text: str) -> str:
    r"""Returns `text.trim()`.

    Example:
        >>> trim("\ufeff a\x1f ")
        'a\x1f'
    """
    return text.strip(WHITESPACE)


def is_bmp(text: str) -> bool:
    """Returns whether every character is one UTF-16 code unit, so that Python's indexes equal JavaScript's.

    Example:
        >>> is_bmp("é日"), is_bmp("🎉")
        (True, False)
    """
    return text.isascii() or len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def utf16_length(text: str) -> int:
    """Returns `text.length`.

    Example:
        >>> utf16_length("🎉x")
        3
    """
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_units(text: str) -> str:
    """Splits each character beyond U+FFFF into its two surrogates, so that each character is one code unit.

    Example:
        >>> [hex(ord(unit)) for unit in to_units("🎉")]
        ['0xd83c', '0xdf89']
    """
    if text.isascii():
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        return text
    units = array("H", encoded)
    if sys.byteorder == "big":
        units.byteswap()
    return "".join(map(chr, units))


def from_units(units: str) -> str:
    """Joins surrogates that form a pair into one character; the inverse of `to_units`.

    Example:
        >>> from_units(to_units("x🎉"))
        'x🎉'
    """
    if units.isascii() or not _SURROGATE.search(units):
        return units
    return _PAIR.sub(lambda pair: _character(pair.group()), units)


def to_well_formed(text: str) -> str:
    r"""Returns `text.toWellFormed()`: surrogates that form a pair become one character, each other one U+FFFD.

    Example:
        >>> to_well_formed("\ud83c\udf89 \ud800") == "🎉 \ufffd"
        True
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", from_units(text))


def _character(pair: str) -> str:
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + (ord(pair[1]) - 0xDC00))


def utf16_slice(text: str, start: int, end: int) -> str:
    r"""Returns `text.substring(start, end)` for `0 <= start <= end`, counted in code units.

    Example:
        >>> utf16_slice("🎉x", 0, 1)
        '\ud83c'
    """
    if not text or is_bmp(text):
        return text[start:end]
    return from_units(to_units(text)[start:end])


def join_text(parts: Iterable[str]) -> str:
    """Concatenates as JavaScript does: halves of a surrogate pair that meet become one character.

    Example:
        >>> join_text(to_units("🎉"))
        '🎉'
    """
    return from_units("".join(parts))


# Letters that got their other case after Unicode 14, which Python 3.11 knows: lower case to upper case.
_NEW_CAPITALS = dict(zip(range(0x10D70, 0x10D86), range(0x10D50, 0x10D66), strict=True)) | dict(
    zip(range(0x16EBB, 0x16ED4), range(0x16EA0, 0x16EB9), strict=True)
)
_NEW_CAPITALS |= {0x019B: 0xA7DC, 0x0264: 0xA7CB, 0x1C8A: 0x1C89, 0xA7CD: 0xA7CC, 0xA7CF: 0xA7CE}
_NEW_CAPITALS |= {0xA7D3: 0xA7D2, 0xA7D5: 0xA7D4, 0xA7DB: 0xA7DA}
_NEW_SMALLS = {capital: small for small, capital in _NEW_CAPITALS.items()}
_FIRST_NEW = chr(min(*_NEW_CAPITALS, *_NEW_SMALLS))


def to_upper(text: str) -> str:
    """Returns `text.toUpperCase()`.

    Example:
        >>> to_upper("straße")
        'STRASSE'
    """
    upper = text.upper()
    return upper if upper.isascii() or max(upper) < _FIRST_NEW else upper.translate(_NEW_CAPITALS)


def to_lower(text: str) -> str:
    """Returns `text.toLowerCase()`.

    Example:
        >>> to_lower("ΑΣ İ")
        'ας i̇'
    """
    lower = text.lower()
    return lower if lower.isascii() or max(lower) < _FIRST_NEW else lower.translate(_NEW_SMALLS)
