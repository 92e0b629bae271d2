"""JSON in and out, byte for byte as JavaScript writes it."""

import json
import math
import re
from typing import Any

import orjson

from destination.values.missing import MISSING
from destination.values.numbers import number_to_string
from destination.values.objects import ordered_items

# What orjson writes otherwise than JavaScript: `1.0`, exponents, and integer-like keys (which come first).
# A hit inside a string only costs the slow path.
_UNLIKE_JAVASCRIPT = re.compile(rb'\d\.0[,\]}]|\d\.0$|\de[-+\d]|"\d+":|-0')
_INT64 = range(-(2**63), 2**64)


def read_json(text: str | bytes) -> Any:
    """Parses JSON as `JSON.parse` does, whole numbers of up to 64 bits kept exactly.

    Lone surrogates are taken, `NaN` and `Infinity` refused, integers beyond 64 bits become doubles.

    Raises:
        ValueError: The text is not JSON, or nests deeper than the parser follows.

    Example:
        >>> read_json('{"a": [1, 2.5, "x"]}')
        {'a': [1, 2.5, 'x']}
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # orjson refuses lone surrogates; only then is a second reading worth the time.
        raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        if b"\\u" not in raw and b"\xed" not in raw:
            raise ValueError(str(error)) from None
    try:
        decoded = raw.decode("utf-8", "surrogatepass")
        return json.loads(decoded, parse_constant=_no_constant, parse_int=_read_int)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"unexpected {name}")


def _read_int(digits: str) -> float:
    number = float(digits) if len(digits) > 20 else int(digits)
    return number if number in _INT64 else float(number)


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
    if _UNLIKE_JAVASCRIPT.search(raw):
        return stringify(value).encode("utf-8")
    return raw


_QUOTE = json.encoder.encode_basestring
_SURROGATE = re.compile("[\ud800-\udfff]")


def quote(text: str) -> str:
    """A string as JSON: non-ASCII characters as they are, lone surrogates escaped."""
    quoted = _QUOTE(text)
    if _SURROGATE.search(quoted):
        quoted = _SURROGATE.sub(lambda unit: f"\\u{ord(unit.group()):04x}", quoted)
    return quoted


def stringify(value: Any) -> str:
    """`JSON.stringify(value)` as text; `MISSING` at the top gives `"null"`.

    Raises:
        ValueError: The value nests deeper than 1,000 levels.
    """
    parts: list[str] = []
    try:
        _write(value, parts.append)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return "".join(parts)


def _write(value: Any, write: Any) -> None:
    if isinstance(value, str):
        write(quote(value))
    elif value is None or value is MISSING:
        write("null")
    elif isinstance(value, bool):
        write("true" if value else "false")
    elif isinstance(value, int):
        write(str(value) if value in _INT64 else _finite(value))
    elif isinstance(value, float):
        write(_finite(value))
    elif isinstance(value, list):
        write("[")
        for index, item in enumerate(value):
            if index:
                write(",")
            _write(item, write)
        write("]")
    elif isinstance(value, dict):
        write("{")
        first = True
        for key, item in ordered_items(value):
            if item is MISSING:
                continue
            write(f"{'' if first else ','}{quote(key)}:")
            first = False
            _write(item, write)
        write("}")
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON value")


def _finite(number: float) -> str:
    text = number_to_string(number)
    return "null" if text in ("NaN", "Infinity", "-Infinity") or math.isnan(number) else text
