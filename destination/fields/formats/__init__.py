"""The formats of fields: those of ajv-formats 2.1.1 in full mode, and two of Segment.

The regular expressions never backtrack over a long text, so the time of a check is linear in the length of the text.
"""

import re
from collections.abc import Callable
from typing import Final

from destination.fields.formats.addresses import (
    is_email,
    is_hostname,
    is_ipv4,
    is_ipv6,
    is_uri,
    is_uri_reference,
    is_url,
)
from destination.fields.formats.dates import is_date, is_date_like, is_date_time, is_duration, is_time
from destination.fields.formats.regular_expression import is_regular_expression
from destination.records import dataclass


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A format of strings; numbers always pass."""

    accepts: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format of numbers; strings always pass."""

    accepts: Callable[[float], bool]


ANY_TEXT: Final = None
"""A format that is only a hint for Segment's app (`text`, `password`, `binary`): every value passes."""


def _matcher(pattern: str) -> Callable[[str], bool]:
    # ASCII: without the `u` flag JavaScript folds no letter beyond ASCII onto an ASCII one.
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)
    return lambda text: compiled.fullmatch(text) is not None


# Line by line, as with JavaScript's `m` flag: one Base64 line is enough, even an empty one.
_LINE_ENDS = re.compile("[\n\r\u2028\u2029]")
_is_base64_line = _matcher(r"(?:[a-z0-9+/]{4})*+(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?")


def _is_byte(text: str) -> bool:
    r"""Tests for a text with at least one line of Base64 (ajv-formats does not test all lines).

    Example:
        >>> _is_byte("aGk="), _is_byte("no!"), _is_byte("no!\n")
        (True, False, True)
    """
    return any(map(_is_base64_line, _LINE_ENDS.split(text)))


def _is_int32(number: float) -> bool:
    return -(2**31) <= number <= 2**31 - 1 and number % 1 == 0


def _is_whole(number: float) -> bool:
    return number % 1 == 0


def _is_any_number(_number: float) -> bool:
    return True


FORMATS: Final[dict[str, TextFormat | NumberFormat | None]] = {
    "date": TextFormat(is_date),
    "time": TextFormat(is_time),
    "date-time": TextFormat(is_date_time),
    "duration": TextFormat(is_duration),
    "uri": TextFormat(is_uri),
    "uri-reference": TextFormat(is_uri_reference),
    "uri-template": TextFormat(
        _matcher(
            r"""(?:[^\x00-\x20"'<>%\\^`{|}]|%[0-9a-f]{2}"""
            r"""|\{[+#./;?&=,!@|]?(?:[a-z0-9_]|%[0-9a-f]{2})++(?::[1-9][0-9]{0,3}|\*)?"""
            r"""(?:,(?:[a-z0-9_]|%[0-9a-f]{2})++(?::[1-9][0-9]{0,3}|\*)?)*+\})*+"""
        )
    ),
    "url": TextFormat(is_url),
    "email": TextFormat(is_email),
    "hostname": TextFormat(is_hostname),
    "ipv4": TextFormat(is_ipv4),
    "ipv6": TextFormat(is_ipv6),
    "regex": TextFormat(is_regular_expression),
    "uuid": TextFormat(_matcher(r"(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")),
    "json-pointer": TextFormat(_matcher(r"(?:/(?:[^~/]|~0|~1)*+)*+")),
    "json-pointer-uri-fragment": TextFormat(_matcher(r"\#(?:/(?:[a-z0-9_\-.!$&'()*+,;:=@]|%[0-9a-f]{2}|~0|~1)*+)*+")),
    "relative-json-pointer": TextFormat(_matcher(r"(?:0|[1-9][0-9]*+)(?:\#|(?:/(?:[^~/]|~0|~1)*+)*+)")),
    "byte": TextFormat(_is_byte),
    "int32": NumberFormat(_is_int32),
    "int64": NumberFormat(_is_whole),
    "float": NumberFormat(_is_any_number),
    "double": NumberFormat(_is_any_number),
    "password": ANY_TEXT,
    "binary": ANY_TEXT,
    "text": ANY_TEXT,
    "date-like": TextFormat(is_date_like),
}
"""All formats by name; compiling fields with any other name is an error."""

__all__ = ["ANY_TEXT", "FORMATS", "NumberFormat", "TextFormat"]
