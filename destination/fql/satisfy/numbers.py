"""A number that fulfils some requirements."""

import math
import sys
from collections.abc import Iterator
from typing import Any

from destination.fql.satisfy.outcome import Barred, Found, Outcome, Unsure
from destination.fql.satisfy.requirement import NUMERIC, Requirement
from destination.values import is_number, string_to_number, to_number

_LARGEST = sys.float_info.max
_EXACT = 2**53  # below it every whole number is a double
_OPPOSITE = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "number_equals": "number_not_equals",
    "number_not_equals": "number_equals",
}
_USUAL = 1


def solve_number(
    requirements: list[Requirement], near: Any, *, besides: tuple[float, ...] = (), least: float = -_LARGEST
) -> Outcome:
    """The number nearest to `near` that fulfils the requirements, whole where it can be.

    Args:
        requirements: On one value, of any kind.
        near: What is there; from anything that is no number, a usual one is taken.
        besides: Numbers that will not do.
        least: The least that will do.
    """
    numeric = [one for one in requirements if one.operator in NUMERIC]
    # The other operators say the same of every number.
    if not all(one.passes(_USUAL) for one in requirements if one.operator not in NUMERIC):
        return Barred(tuple(requirements))
    low, high, without = _bounds(numeric, besides)
    low = max(low, least)
    target = _target(near)
    for number in _candidates(low, high, without, target):
        if low <= number <= high and number not in without and all(one.passes(number) for one in numeric):
            return Found(number)
    if least < 0 and any(all(one.passes(odd) for one in numeric) for odd in (math.inf, -math.inf, math.nan)):
        return Unsure("only a number that JSON does not have would do")
    return Barred(tuple(requirements))


def _bounds(numeric: list[Requirement], besides: tuple[float, ...]) -> tuple[float, float, set[float]]:
    """The closed interval of doubles, and what is excluded from it; empty when the first is above the second."""
    low, high, without = -_LARGEST, _LARGEST, set(besides)
    for one in numeric:
        bound = to_number(one.expected)
        operator = one.operator if one.wanted else _OPPOSITE[one.operator]
        if math.isnan(bound):
            # Every comparison with it is false, and `!=` true.
            if one.wanted is not (one.operator == "number_not_equals"):
                return 1, -1, without
            continue
        double = float(bound)
        if operator == "number_not_equals":
            without.add(double)
        if operator in (">=", "number_equals"):
            low = max(low, double)
        if operator in ("<=", "number_equals"):
            high = min(high, double)
        if operator == ">":
            low = max(low, math.nextafter(double, math.inf))
        if operator == "<":
            high = min(high, math.nextafter(double, -math.inf))
    return low, high, without


def _target(near: Any) -> float:
    number = string_to_number(near) if isinstance(near, str) and near else near
    return number if is_number(number) and math.isfinite(number) else _USUAL


def _candidates(low: float, high: float, without: set[float], target: float) -> Iterator[float]:
    """What may do, in the order of how welcome it is; the last ones leave nothing out."""
    yield target
    corners = [corner for corner in (target, *without, low, high) if abs(corner) < _EXACT]
    whole = {number for corner in corners for number in (math.floor(corner), math.ceil(corner))}
    whole |= {number + step for number in whole for step in (-1, 1)}
    tenths = {round(corner + step, 2) for corner in corners for step in (-0.5, -0.1, -0.01, 0.01, 0.1, 0.5)}

    def distance(number: float) -> tuple[float, float]:
        return abs(number - target), -number

    yield from sorted(whole, key=distance)
    yield from sorted(tenths, key=distance)
    yield from _whole([low, high])
    number = low
    while number in without and number < high:  # one step for each exclusion at most
        number = math.nextafter(number, math.inf)
    yield from _whole([number])


def _whole(numbers: list[float]) -> list[float]:
    return [int(number) if number.is_integer() and abs(number) < _EXACT else number for number in map(float, numbers)]
