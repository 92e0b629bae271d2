"""JSON in and out, byte for byte as JavaScript writes it."""

import json
import re
from functools import partial
from typing import Any

import orjson

from destination.values.deep_json import read_deep, write_deep
from destination.values.missing import MISSING
from destination.values.numbers import MAX_SAFE_INTEGER, as_double, number_to_string
from destination.values.objects import ordered_items
from destination.values.text import from_units

_INT64 = range(-(2**63), 2**64)
_SAFE = range(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER + 1)


def read_json(text: str | bytes, *, doubles: bool = False) -> Any:
    """Parses JSON as `JSON.parse` does, whole numbers of up to 64 bits kept exactly.

    Lone surrogates are taken, `NaN` and `Infinity` refused, integers beyond 64 bits become doubles.

    Args:
        text: The JSON.
        doubles: Whether every number becomes a double, as in JavaScript: whole ones beyond 2^53 are rounded.

    Raises:
        TooDeeplyNestedError: The text nests deeper than the 2,000 levels that an event may have.
        ValueError: The text is not JSON.

    Example:
        >>> read_json('{"a": [1, 2.5, "x"]}')
        {'a': [1, 2.5, 'x']}
        >>> read_json("12345678901234567890", doubles=True)
        1.2345678901234567e+19
    """
    refusal = ""
    if not (doubles and _long_digits(text)):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            # orjson also refuses lone surrogates and numbers beyond a double's range, which JavaScript takes.
            refusal = "" if "depth limit" in str(error) else str(error)
    read_int = _read_double if doubles else _read_int
    try:
        decoded = text.decode() if isinstance(text, bytes) else from_units(text)
        return json.loads(decoded, parse_constant=_no_constant, parse_int=read_int)
    except RecursionError:
        pass
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text, from byte {error.start + 1} on; save it as UTF-8") from None
    except ValueError as error:
        raise ValueError(refusal or str(error)) from None
    return read_deep(decoded, read_int)


_LONG_DIGITS = re.compile("[0-9]{16}")


def _long_digits(text: str | bytes) -> bool:
    return bool(_LONG_DIGITS.search(text if isinstance(text, str) else text.decode("latin-1")))


def _no_constant(name: str) -> Any:
    raise ValueError(f"unexpected {name}")


def _read_int(digits: str) -> float:
    if len(digits) <= 20:  # int() refuses very long text
        number = int(digits)
        if number in _INT64:
            return number
    return float(digits)


def _read_double(digits: str) -> float:
    return as_double(_read_int(digits))


# --- writing ---------------------------------------------------------------------------------------------
#
# orjson first: where nothing shows that JavaScript would have written something else, its bytes are the
# answer. Else orjson again, on a copy without what differs. Where it refuses that too (lone surrogates, deep
# nesting), the writer of `deep_json`, which takes everything.

# What orjson writes otherwise: `1.0`, exponents, and integer-like keys (which come first). The patterns begin
# with fixed bytes, which are found five times as fast as a choice; a hit inside a string only costs time.
_END = rb"(?:[,\]}]|\Z)"
_find_whole_float = re.compile(rb"\.0" + _END).search
_find_small_float = re.compile(rb"e-[0-9]+" + _END).search
_find_large_float = re.compile(rb"e\+?[0-9]+" + _END).search
_LARGE_FLOAT_MARK = ord("+") if b"+" in orjson.dumps(1e16) else ord("e")  # older versions write `1e16`
_find_digit_before_colon = re.compile(rb':(?<=[0-9]".)').search
_find_index = re.compile(rb'"[0-9]+":').search


def _is_unlike_javascript(raw: bytes) -> bool:
    return bool(
        (b".0" in raw and _find_whole_float(raw))
        or (b"e-" in raw and _find_small_float(raw))
        or (_LARGE_FLOAT_MARK in raw and _find_large_float(raw))
        or (_find_digit_before_colon(raw) and _find_index(raw))
    )


def write_json(value: Any) -> bytes:
    """Writes `JSON.stringify(value)` as bytes: no spaces, JavaScript's numbers and key order.

    `MISSING` is left out of objects and is null in lists and at the top. Whole numbers of up to 64 bits are
    written exactly (divergence 6); what is not finite is null.

    Raises:
        TooDeeplyNestedError: The value nests deeper than the 2,000 levels that an event may have.

    Example:
        >>> write_json({"b": 1.0, "1": [1e21, MISSING], "c": MISSING})
        b'{"1":[1e+21,null],"b":1}'
    """
    try:
        raw = orjson.dumps(value)
    except TypeError:
        return _write_slowly(value, _INT64)
    if (  # `_is_unlike_javascript`, without a call for each event
        (b".0" in raw and _find_whole_float(raw))
        or (b"e-" in raw and _find_small_float(raw))
        or (_LARGE_FLOAT_MARK in raw and _find_large_float(raw))
        or (_find_digit_before_colon(raw) and _find_index(raw))
    ):
        return _write_slowly(value, _INT64)
    return raw


def write_json_list(items: list[Any]) -> bytes:
    """Writes a list as `write_json` does, faster if few of its items are unusual.

    Raises:
        TooDeeplyNestedError: An item nests deeper than the 2,000 levels that an event may have.

    Example:
        >>> write_json_list([{"a": 1}, {"b": 1.0}])
        b'[{"a":1},{"b":1}]'
    """
    try:
        raw = orjson.dumps(items)
    except TypeError:
        pass
    else:
        if not _is_unlike_javascript(raw):
            return raw
    return b"[%b]" % b",".join(map(write_json, items))


def stringify(value: Any, *, doubles: bool = False) -> str:
    """Writes `JSON.stringify(value)` as text; `MISSING` at the top becomes `"null"`.

    Args:
        value: A JSON value; `MISSING` is left out of objects and is null in lists.
        doubles: Whether whole numbers beyond 2^53 are written as the doubles that JavaScript has for them.

    Raises:
        TooDeeplyNestedError: The value nests deeper than the 2,000 levels that an event may have.

    Example:
        >>> stringify(12345678901234567890), stringify(12345678901234567890, doubles=True)
        ('12345678901234567890', '12345678901234567000')
    """
    if not doubles:
        return write_json(value).decode()
    try:
        raw = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)  # it refuses what is beyond 2^53
    except TypeError:
        return _write_slowly(value, _SAFE).decode()
    return (_write_slowly(value, _SAFE) if _is_unlike_javascript(raw) else raw).decode()


def _write_slowly(value: Any, exact: range) -> bytes:
    try:
        return orjson.dumps(_as_orjson_takes_it(value, exact))
    except (TypeError, RecursionError):
        return _text(value, exact).encode()


def _as_orjson_takes_it(value: Any, exact: range) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _as_orjson_takes_it(item, exact) for key, item in ordered_items(value) if item is not MISSING}
    if kind is list:
        return [_as_orjson_takes_it(item, exact) for item in value]
    if kind is float:
        if value.is_integer() and -1e16 < value < 1e16:
            return int(value)
        return value if 1e-5 <= abs(value) < 1e16 else orjson.Fragment(_number_text(value, exact))
    if kind is int and value not in exact:
        return orjson.Fragment(_number_text(value, exact))
    return None if value is MISSING else value


def _text(value: Any, exact: range) -> str:
    return write_deep(value, partial(_scalar_text, exact=exact), quote)


def _scalar_text(value: Any, exact: range) -> str:
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value, exact)
    if value is None or value is MISSING:
        return "null"
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _number_text(number: float, exact: range) -> str:
    if isinstance(number, int) and number in exact:
        return str(number)
    text = number_to_string(number)
    return "null" if text in ("NaN", "Infinity", "-Infinity") else text


_QUOTE = json.encoder.encode_basestring
_SURROGATE = re.compile("[\ud800-\udfff]")


def quote(text: str) -> str:
    r"""Writes a string as JSON: non-ASCII characters unescaped, lone surrogates escaped.

    Example:
        >>> quote("é\n\ud83c")
        '"é\\n\\ud83c"'
    """
    quoted = _QUOTE(text)
    if not quoted.isascii() and _SURROGATE.search(quoted):
        quoted = _SURROGATE.sub(lambda unit: f"\\u{ord(unit.group()):04x}", from_units(quoted))
    return quoted
