"""JSON in and out, byte for byte as JavaScript writes it."""

import json
import math
import re
from typing import Any

import orjson

from destination.values.missing import MISSING
from destination.values.numbers import MAX_SAFE_INTEGER, as_double, number_to_string
from destination.values.objects import ordered_items

# What orjson writes otherwise than JavaScript: `1.0`, exponents, and integer-like keys (which come first).
# A hit inside a string only costs the slow path.
_UNLIKE_JAVASCRIPT = re.compile(rb'\.0(?:[,\]}]|$)|(?:^|[:,\[])-?[0-9]+(?:\.[0-9]+)?e|[{,]"[0-9]+":')
_ANY_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_INT64 = range(-(2**63), 2**64)
_SAFE = range(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER + 1)


class TooDeeplyNestedError(ValueError):
    """JSON that nests deeper than the reader or writer here follows (about 1,000 levels)."""


def read_json(text: str | bytes, *, doubles: bool = False) -> Any:
    """Parses JSON as `JSON.parse` does, whole numbers of up to 64 bits kept exactly.

    Lone surrogates are taken, `NaN` and `Infinity` refused, integers beyond 64 bits become doubles.

    Args:
        text: The JSON.
        doubles: Whether every number becomes a double, as in JavaScript: whole ones beyond 2^53 are rounded.

    Raises:
        TooDeeplyNestedError: The text nests deeper than the parser follows.
        ValueError: The text is not JSON.

    Example:
        >>> read_json('{"a": [1, 2.5, "x"]}')
        {'a': [1, 2.5, 'x']}
        >>> read_json("12345678901234567890", doubles=True)
        12345678901234567168
    """
    refusal = ""
    if not (doubles and _long_digits(text)):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            # orjson also refuses lone surrogates and numbers beyond a double's range, which JavaScript takes.
            refusal = str(error)
    try:
        decoded = text.decode("utf-8", "surrogatepass") if isinstance(text, bytes) else text
        return json.loads(decoded, parse_constant=_no_constant, parse_int=_read_double if doubles else _read_int)
    except RecursionError:
        raise TooDeeplyNestedError("nested too deeply") from None
    except ValueError as error:
        raise ValueError(refusal or str(error)) from None


_LONG_DIGITS = re.compile("[0-9]{16}")


def _long_digits(text: str | bytes) -> bool:
    return bool(_LONG_DIGITS.search(text if isinstance(text, str) else text.decode("latin-1")))


def _no_constant(name: str) -> Any:
    raise ValueError(f"unexpected {name}")


def _read_int(digits: str) -> float:
    number = float(digits) if len(digits) > 20 else int(digits)
    return number if number in _INT64 else float(number)


def _read_double(digits: str) -> float:
    number = _read_int(digits)
    return as_double(number) if isinstance(number, int) else number


def write_json(value: Any) -> bytes:
    """The bytes of `JSON.stringify(value)`: no spaces, JavaScript's numbers and key order.

    `MISSING` is left out of objects and is null in lists. Whole numbers of up to 64 bits are written
    exactly (divergence 6); what is not finite is null.

    Raises:
        ValueError: The value nests deeper than 1,000 levels.

    Example:
        >>> write_json({"b": 1.0, "1": [1e21, MISSING], "c": MISSING})
        b'{"1":[1e+21,null],"b":1}'
    """
    try:
        raw = orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return stringify(value).encode("utf-8")
    if _may_differ(raw) and _UNLIKE_JAVASCRIPT.search(raw):
        return stringify(value).encode("utf-8")
    return raw


def _may_differ(raw: bytes) -> bool:
    """Whether the pattern can match at all: looking for fixed bytes costs a fifth of the search."""
    if b"." in raw and raw.find(b".0") >= 0:
        return True
    digits = raw.translate(_ANY_DIGIT)
    return digits.find(b"0e") >= 0 or digits.find(b'0":') >= 0


_QUOTE = json.encoder.encode_basestring
_SURROGATE = re.compile("[\ud800-\udfff]")


def quote(text: str) -> str:
    """A string as JSON: non-ASCII characters as they are, lone surrogates escaped."""
    quoted = _QUOTE(text)
    if _SURROGATE.search(quoted):
        quoted = _SURROGATE.sub(lambda unit: f"\\u{ord(unit.group()):04x}", quoted)
    return quoted


def stringify(value: Any, *, doubles: bool = False) -> str:
    """`JSON.stringify(value)` as text; `MISSING` at the top gives `"null"`.

    Args:
        value: A JSON value; `MISSING` is left out of objects and is null in lists.
        doubles: Whether whole numbers beyond 2^53 are written as the doubles that JavaScript has for them.

    Raises:
        TooDeeplyNestedError: The value nests deeper than 1,000 levels.

    Example:
        >>> stringify(12345678901234567890), stringify(12345678901234567890, doubles=True)
        ('12345678901234567890', '12345678901234567000')
    """
    parts: list[str] = []
    try:
        _write(value, parts.append, _SAFE if doubles else _INT64)
    except RecursionError:
        raise TooDeeplyNestedError("nested too deeply") from None
    return "".join(parts)


def _write(value: Any, write: Any, exact: range) -> None:
    if isinstance(value, str):
        write(quote(value))
    elif value is None or value is MISSING:
        write("null")
    elif isinstance(value, bool):
        write("true" if value else "false")
    elif isinstance(value, int):
        write(str(value) if value in exact else _finite(value))
    elif isinstance(value, float):
        write(_finite(value))
    elif isinstance(value, list):
        write("[")
        for index, item in enumerate(value):
            if index:
                write(",")
            _write(item, write, exact)
        write("]")
    elif isinstance(value, dict):
        write("{")
        first = True
        for key, item in ordered_items(value):
            if item is MISSING:
                continue
            write(f"{'' if first else ','}{quote(key)}:")
            first = False
            _write(item, write, exact)
        write("}")
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON value")


def _finite(number: float) -> str:
    text = number_to_string(number)
    return "null" if text in ("NaN", "Infinity", "-Infinity") or math.isnan(number) else text
