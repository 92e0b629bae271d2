"""Filters on numbers: what is no number counts as 0, a missing argument as NaN."""

import math
from typing import Any, Final

from destination.mapping.liquid.coerce import Filter, number_of
from destination.mapping.liquid.context import Context
from destination.values import MISSING, as_double

_EPSILON: Final = 2.0**-52

# V8: Math.pow(10, n) is not the nearest double for these n (test_round_to_tens_of_thousands_is_off)
_TOO_HIGH: Final = (
    "-307 -303 -278 -268 -246 -207 -163 -148 -145 -106 -104 -88 -76 -57 -39 -29 -24 -23 -21 -20 29 34 39 49 58 61 111 "
    "126 165 166 169 187 210 215 225 273 274 275"
)
_TOO_LOW: Final = (
    "-306 -222 -166 -138 -128 -122 -111 -101 -63 -32 -17 -5 -4 26 36 42 70 95 96 136 142 191 218 232 242 244 260 279 "
    "284 290 294"
)
_ABOVE: Final = frozenset(map(int, _TOO_HIGH.split()))
_BELOW: Final = frozenset(map(int, _TOO_LOW.split()))


def power_of_ten(exponent: float) -> float:
    """`Math.pow(10, exponent)`.

    Example:
        >>> power_of_ten(2), power_of_ten(-5), power_of_ten(400)
        (100.0, 9.999999999999999e-06, inf)
    """
    if exponent > 308 or exponent < -323:
        return math.inf if exponent > 0 else 0.0
    if exponent != int(exponent):
        return float(10.0**exponent)
    nearest = float(f"1e{int(exponent)}")
    if exponent in _ABOVE:
        return math.nextafter(nearest, math.inf)
    return math.nextafter(nearest, 0) if exponent in _BELOW else nearest


def divide(dividend: float, divisor: float) -> float:
    """`dividend / divisor`, where 0 divides to an infinity or NaN."""
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
    """`Math.round(number)`.

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
