"""Filters on numbers. A value that is not a number counts as 0, a missing argument as NaN."""

import math
import struct
from functools import lru_cache
from typing import Any, Final

from destination.mapping.liquid.coerce import Filter, number_of
from destination.mapping.liquid.context import Context
from destination.values import MISSING, as_double

_EPSILON: Final = 2.0**-52

# fdlibm's `pow` for the base 10: its binary logarithm and the natural logarithm of 2, each also as the sum of a
# number of few digits and the rest, and the series of x/tanh(x).
_LOG2_10_HIGH: Final = float.fromhex("0x1.a934fp+1")
_LOG2_10_LOW: Final = float.fromhex("0x1.2f346e2bf9206p-24")
_LN_2: Final = float.fromhex("0x1.62e42fefa39efp-1")
_LN_2_HIGH: Final = float.fromhex("0x1.62e43p-1")
_LN_2_LOW: Final = float.fromhex("-0x1.05c610ca86c39p-29")
_SERIES: Final = (
    4.13813679705723846039e-08,
    -1.65339022054652515390e-06,
    6.61375632143793436117e-05,
    -2.77777777770155933842e-03,
    1.66666666666666019037e-01,
)
_UPPER_HALF: Final = 0xFFFFFFFF00000000


def _upper(number: float) -> float:
    """Returns the number without the lower half of its bits."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", number))
    (upper,) = struct.unpack("<d", struct.pack("<Q", bits & _UPPER_HALF))
    return float(upper)


@lru_cache(maxsize=64)
def power_of_ten(exponent: float) -> float:
    """Returns `Math.pow(10, exponent)`, as imprecise as V8's.

    Example:
        >>> power_of_ten(2), power_of_ten(-5), power_of_ten(400)
        (100.0, 9.999999999999999e-06, inf)
    """
    if not -324 < exponent < 309:
        return math.inf if exponent > 0 else 0.0
    if abs(exponent) == 0.5:
        return math.sqrt(10) if exponent > 0 else 1 / math.sqrt(10)
    exponent = float(exponent)
    high = _upper(exponent)
    low = (exponent - high) * _LOG2_10_HIGH + exponent * _LOG2_10_LOW
    high *= _LOG2_10_HIGH
    power = low + high
    whole = math.trunc(power + math.copysign(0.5, power))
    high -= whole
    upper = _upper(low + high)
    natural_high = upper * _LN_2_HIGH
    natural_low = (low - (upper - high)) * _LN_2 + upper * _LN_2_LOW
    natural = natural_high + natural_low
    lost = natural_low - (natural - natural_high)
    square, series = natural * natural, 0.0
    for coefficient in _SERIES:
        series = series * square + coefficient
    series = natural - square * series
    # V8: the correction is part of the denominator (test_round_to_tens_of_thousands_is_off)
    quotient = natural * series / ((series - 2) - (lost + natural * lost))
    try:
        return math.ldexp(1 - (quotient - natural), whole)
    except OverflowError:
        return math.inf


def divide(dividend: float, divisor: float) -> float:
    """Returns `dividend / divisor`, where 0 divides to an infinity or NaN."""
    if divisor == 0:
        return math.nan if dividend == 0 or math.isnan(dividend) else math.copysign(math.inf, dividend)
    return float(dividend) / float(divisor)


def _floor(number: float) -> float:
    return math.floor(number) if math.isfinite(number) else number


def _ceil(number: float) -> float:
    return math.ceil(number) if math.isfinite(number) else number


def _argument(arguments: tuple[Any, ...]) -> float:
    return number_of(arguments[0]) if arguments else math.nan


def _abs(_context: Context, value: Any, *_: Any) -> float:
    return abs(number_of(value))


def _at_least(_context: Context, value: Any, *others: Any) -> float:
    return max(number_of(value), *map(number_of, others)) if others else number_of(value)


def _at_most(_context: Context, value: Any, *others: Any) -> float:
    return min(number_of(value), *map(number_of, others)) if others else number_of(value)


def _plus(_context: Context, value: Any, *arguments: Any) -> float:
    return as_double(number_of(value) + _argument(arguments))


def _minus(_context: Context, value: Any, *arguments: Any) -> float:
    return as_double(number_of(value) - _argument(arguments))


def _times(_context: Context, value: Any, *arguments: Any) -> float:
    return as_double(number_of(value) * _argument(arguments))


def _divided_by(_context: Context, value: Any, *arguments: Any) -> float:
    quotient = divide(number_of(value), _argument(arguments))
    return _floor(quotient) if len(arguments) > 1 and number_of(arguments[1]) else quotient


def _modulo(_context: Context, value: Any, *arguments: Any) -> float:
    divisor = _argument(arguments)
    return _remainder(_remainder(number_of(value), divisor) + divisor, divisor)


def _remainder(number: float, divisor: float) -> float:
    if divisor == 0 or not math.isfinite(number) or math.isnan(divisor):
        return math.nan
    return math.fmod(number, divisor)


def _round_down(_context: Context, value: Any, *_: Any) -> float:
    return _floor(number_of(value))


def _round_up(_context: Context, value: Any, *_: Any) -> float:
    return _ceil(number_of(value))


def _round(_context: Context, value: Any, digits: Any = MISSING, *_: Any) -> float:
    scale = power_of_ten(number_of(digits))
    # liquidjs: so that 1.005 rounds to 1.01 (test_round_corrects_binary_fractions)
    return divide(round_half_up(float(number_of(value)) * scale * (1 + _EPSILON)), scale)


def round_half_up(number: float) -> float:
    """Returns `Math.round(number)`.

    Example:
        >>> round_half_up(2.5), round_half_up(-2.5), round_half_up(0.49999999999999994)
        (3, -2, 0)
    """
    below = _floor(number)
    return below + 1 if number - below >= 0.5 else below


FILTERS: Final[dict[str, Filter]] = {
    "abs": _abs,
    "at_least": _at_least,
    "at_most": _at_most,
    "ceil": _round_up,
    "divided_by": _divided_by,
    "floor": _round_down,
    "minus": _minus,
    "modulo": _modulo,
    "plus": _plus,
    "round": _round,
    "times": _times,
}
