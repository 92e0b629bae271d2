"""Numbers as JavaScript prints and reads them."""

import math
import re
from decimal import Decimal

from destination.values.text import WHITESPACE

_DECIMAL = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?", re.ASCII)
_DIGITS = re.compile(r"[+-]?[0-9]+", re.ASCII)
_RADIX = {"0x": (16, re.compile(r"[0-9a-fA-F]+")), "0o": (8, re.compile(r"[0-7]+")), "0b": (2, re.compile(r"[01]+"))}
MAX_SAFE_INTEGER = 2**53 - 1


def as_double(number: float) -> float:
    """Converts a number to a JavaScript double.

    An `int` in the safe range is returned unchanged. A larger one becomes the nearest `float`, so that it is written as
    JavaScript writes it: `12345678901234567000`. Beyond the range of a double it becomes an infinity.

    Example:
        >>> as_double(2**53 + 1)
        9007199254740992.0
        >>> as_double(10**400)
        inf
    """
    if type(number) is int and not -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
        try:
            return float(number)
        except OverflowError:
            return math.inf if number > 0 else -math.inf
    return number


def number_to_string(number: float) -> str:
    """Returns `String(number)`: the shortest digits that mean this number, with an exponent from 1e21 and below 1e-6.

    Example:
        >>> [number_to_string(n) for n in (3.0, 1e21, 1.5e-7, 12345678901234567890, -0.0)]
        ['3', '1e+21', '1.5e-7', '12345678901234567000', '0']
    """
    if type(number) is int and -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
        return str(number)
    try:
        number = float(number)
    except OverflowError:
        return "Infinity" if number > 0 else "-Infinity"
    if 1e-4 <= abs(number) < 1e16:
        return repr(number).removesuffix(".0")  # both languages write the shortest digits, here in the same form
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    sign, digits, _ = Decimal(repr(number)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = Decimal(repr(number)).adjusted() + 1
    if 0 < point <= 21:
        body = text.ljust(point, "0") if point >= len(text) else f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = f"0.{'0' * -point}{text}"
    else:
        mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
        body = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{body}" if sign else body


def string_to_number(text: str) -> float:
    """Returns `Number(text)`: NaN if it is not a number, 0 for blank text.

    Example:
        >>> [string_to_number(t) for t in (" 5. ", "0x10", "", "-", "1e400", "1_0")]
        [5.0, 16, 0, nan, inf, nan]
    """
    text = text.strip(WHITESPACE)
    if not text:
        return 0
    if text.isascii():
        if _DIGITS.fullmatch(text):
            return _integer(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        radix = _RADIX.get(text[:2].lower())
        if radix and radix[1].fullmatch(text, 2):
            return as_double(int(text[2:], radix[0]))
    if text in ("Infinity", "+Infinity"):
        return math.inf
    return -math.inf if text == "-Infinity" else math.nan


def _integer(text: str) -> float:
    if len(text) > 400:  # beyond the range of a double, and int() refuses very long text
        return float(text)
    number = as_double(int(text))
    return -0.0 if number == 0 and text[0] == "-" else number
