"""JavaScript's types, truth, equality and conversion to text."""

import math
from collections.abc import Iterator
from typing import Any

from destination.values.missing import MISSING
from destination.values.numbers import as_double, number_to_string, string_to_number
from destination.values.text import is_bmp, join_text, to_units


def type_of(value: Any) -> str:
    """Returns `typeof value`.

    Example:
        >>> [type_of(v) for v in (MISSING, None, True, 1.5, "x", [], {})]
        ['undefined', 'object', 'boolean', 'number', 'string', 'object', 'object']
    """
    kind = real_type_of(value)
    return "object" if kind in ("null", "array") else kind


def real_type_of(value: Any) -> str:
    """Returns the type, which for null and arrays is `null` and `array`, not `object`.

    Example:
        >>> [real_type_of(v) for v in (MISSING, None, [], {})]
        ['undefined', 'null', 'array', 'object']
    """
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "undefined" if value is MISSING else "object"


def json_type_of(value: Any) -> str:
    """Returns the type of a JSON value for a message, and `no JSON` for any other value.

    Example:
        >>> [json_type_of(v) for v in (None, 1.5, {}, (), MISSING)]
        ['null', 'number', 'object', 'no JSON', 'no JSON']
    """
    return real_type_of(value) if value is None or isinstance(value, (bool, int, float, str, list, dict)) else "no JSON"


def is_number(value: Any) -> bool:
    """Returns `typeof value === "number"`: an int or a float, but no bool.

    Example:
        >>> is_number(1.5), is_number(True), is_number("1")
        (True, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def truthy(value: Any) -> bool:
    """Returns `Boolean(value)`: lists and objects are true, even empty ones; NaN is false.

    Example:
        >>> [truthy(v) for v in (MISSING, None, 0, "", [], {}, math.nan, "0")]
        [False, False, False, False, True, True, False, True]
    """
    if isinstance(value, (dict, list)):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def to_string(value: Any) -> str:
    """Returns `String(value)`.

    Example:
        >>> [to_string(v) for v in ([1, [2, None], "x"], {}, 1e21, True, None, MISSING)]
        ['1,2,,x', '[object Object]', '1e+21', 'true', 'null', 'undefined']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_to_string(value)
    if value is None:
        return "null"
    if value is MISSING:
        return "undefined"
    if isinstance(value, list):
        return join_array(value)
    return "[object Object]"


def join_array(items: list[Any], separator: str = ",") -> str:
    """Returns `items.join(separator)`: null and undefined as nothing, lists within as their items with commas.

    Example:
        >>> join_array([1, None, [2, [3]], {}], " ")
        '1  2,3 [object Object]'
    """
    return join_text([separator.join([_item_text(item) for item in items])])


def _item_text(item: Any) -> str:
    if item is None or item is MISSING:
        return ""
    return ",".join(_flat_texts(item)) if isinstance(item, list) else to_string(item)


def _flat_texts(items: list[Any]) -> Iterator[str]:
    """Yields the texts of all values that are not lists, at any depth; joined, they are the text of the whole."""
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            if isinstance(item, list) and item:
                pending.append(iter(item))
                break
            yield _item_text(item)
        else:
            pending.pop()


def equals_blank(value: Any) -> bool:
    """Returns `value == ""`, loosely.

    Example:
        >>> [equals_blank(v) for v in (0, False, [], [[]], [None], " ", [0], {}, None)]
        [True, True, True, True, True, False, False, False, False]
    """
    if value is None or value is MISSING or isinstance(value, dict):
        return False
    while isinstance(value, list):
        if len(value) != 1:
            return not value  # the text of several items has a comma
        value = value[0]
        if value is None or value is MISSING:
            return True
        if not isinstance(value, list):
            return bool(value == "")
    if isinstance(value, str):
        return value == ""
    return bool(value == 0)


def strict_equals(left: Any, right: Any) -> bool:
    """Returns `left === right` for JSON values; lists and objects by identity.

    Example:
        >>> strict_equals(1, 1.0), strict_equals(1, True), strict_equals("1", 1)
        (True, False, False)
    """
    if isinstance(left, (dict, list)) or isinstance(right, (dict, list)):
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if left is MISSING or right is MISSING:
        return left is right
    return bool(left == right)


def deep_equals(left: Any, right: Any) -> bool:
    """Returns whether two JSON values are equal: `true` is not 1, 1 is 1.0, and NaN is NaN. Works at any depth.

    Source: fast-deep-equal, with which ajv compares.

    Example:
        >>> deep_equals({"a": [1, None]}, {"a": [1.0, None]}), deep_equals([True], [1])
        (True, False)
    """
    if left.__class__ is str and right.__class__ is str:
        return bool(left == right)
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict):
            if not isinstance(other, dict) or one.keys() != other.keys():
                return False
            pairs.extend((item, other[key]) for key, item in one.items())
        elif isinstance(one, list):
            if not isinstance(other, list) or len(one) != len(other):
                return False
            pairs.extend(zip(one, other, strict=True))
        elif not strict_equals(one, other) and not (_is_nan(one) and _is_nan(other)):
            return False
    return True


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def to_number(value: Any) -> float:
    """Returns `Number(value)` for a JSON value or `MISSING`.

    Example:
        >>> [to_number(v) for v in (None, True, "7", [], ["3"], {}, MISSING)]
        [0, 1, 7, 0, 3, nan, nan]
    """
    if value is None:
        return 0
    if value is MISSING:
        return math.nan
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return as_double(value)
    if isinstance(value, str):
        return string_to_number(value)
    return string_to_number(to_string(value))


def add(left: Any, right: Any) -> Any:
    """Returns `left + right`: a number where both count as one, text where one is text, a list or an object.

    Example:
        >>> add(1, 2), add("5", 1000), add(None, 3), add([], 1), add(2, "x"), add(MISSING, 1)
        (3, '51000', 3, '1', '2x', nan)
    """
    if isinstance(left, (str, list, dict)) or isinstance(right, (str, list, dict)):
        return join_text((to_string(left), to_string(right)))
    return as_double(to_number(left) + to_number(right))


def compare(left: Any, right: Any) -> float:
    """Compares as `left < right` does: returns a number below, at or above 0, or NaN if no comparison is true.

    Two texts (lists and objects count as their text) compare by UTF-16 code units, everything else as numbers.

    Example:
        >>> [compare(*pair) for pair in ((1, 2), ("b", "a"), ("10", 9), ([2], "10"), (None, 0), ("x", 1))]
        [-1, 1, 1, 1, 0, nan]
    """
    if isinstance(left, (list, dict)):
        left = to_string(left)
    if isinstance(right, (list, dict)):
        right = to_string(right)
    if isinstance(left, str) and isinstance(right, str):
        if not (is_bmp(left + right) or left == right):
            left, right = to_units(left), to_units(right)
        return int(left > right) - int(left < right)
    left, right = to_number(left), to_number(right)
    if math.isnan(left) or math.isnan(right):
        return math.nan
    return int(left > right) - int(left < right)
