"""Equality of JSON values as JavaScript sees it.

Numbers are doubles (`1` is `1.0`, whole numbers beyond 2^53 are what they round to), `true` is no number, and
the order of keys counts for nothing. Order is looked at on its own (`same_order`), since it shows where a
destination writes an object's keys into text.
"""

import math
from typing import Any

from destination.values import ordered_keys


def difference(expected: Any, actual: Any, place: str = "$") -> str | None:
    """Where and how two JSON values differ first, or None.

    Example:
        >>> difference({"a": [1, 2]}, {"a": [1.0, "2"]})
        '$.a[1]: expected 2, got "2"'
        >>> difference({"a": 1, "b": 2}, {"b": 2.0, "a": 1}) is None
        True
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, item in expected.items():
            if key not in actual:
                return f"{place}.{key}: expected {show(item)}, got nothing"
            found = difference(item, actual[key], f"{place}.{key}")
            if found:
                return found
        extra = [key for key in actual if key not in expected]
        return f"{place}.{extra[0]}: expected nothing, got {show(actual[extra[0]])}" if extra else None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        found_in = (difference(one, other, f"{place}[{index}]") for index, (one, other) in pairs)
        return next((found for found in found_in if found), None)
    return None if _same_scalar(expected, actual) else f"{place}: expected {show(expected)}, got {show(actual)}"


def _same_scalar(expected: Any, actual: Any) -> bool:
    if _is_number(expected) and _is_number(actual):
        return _double(expected) == _double(actual)
    return type(expected) is type(actual) and not isinstance(expected, (dict, list)) and bool(expected == actual)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def same_order(expected: Any, actual: Any) -> bool:
    """Whether the keys of equal values stand in the same order, as JavaScript orders them.

    Example:
        >>> same_order({"b": 1, "1": 2}, {"1": 2, "b": 1}), same_order({"a": 1, "b": 2}, {"b": 2, "a": 1})
        (True, False)
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = list(ordered_keys(expected))
        return keys == list(ordered_keys(actual)) and all(same_order(expected[key], actual[key]) for key in keys)
    if isinstance(expected, list) and isinstance(actual, list):
        return all(same_order(one, other) for one, other in zip(expected, actual, strict=True))
    return True


def show(value: Any, limit: int = 200) -> str:
    """A value as one short line."""
    import json

    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= limit else f"{text[:limit]}…"
