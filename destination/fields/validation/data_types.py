"""Tests a value for the types of JSON Schema, and converts it to them as ajv does.

With `coerceTypes: "array"`, ajv tries the conversions in the order of the schema's types.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from destination.values import MISSING, number_to_string, string_to_number

Test = Callable[[Any], bool]
Convert = Callable[[Any], Any]
"""A function that returns the value in the wanted type, or `MISSING` if it cannot be converted."""

TYPES = frozenset({"string", "number", "integer", "boolean", "null", "object", "array"})


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_finite_number(value: Any) -> bool:
    """Tests for a number; `Infinity` and `NaN` fail (ajv's `strictNumbers`)."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    """Tests for a whole number; `5.0` passes."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_null(value: Any) -> bool:
    return value is None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_array(value: Any) -> bool:
    return isinstance(value, list)


TESTS: dict[str, Test] = {
    "string": _is_string,
    "number": _is_finite_number,
    "integer": _is_integer,
    "boolean": _is_boolean,
    "null": _is_null,
    "object": _is_object,
    "array": _is_array,
}


def any_of(types: Sequence[str]) -> Test:
    """Makes the test for a value of one of the types."""
    if len(types) == 1:
        return TESTS[types[0]]
    tests = tuple(TESTS[name] for name in types)
    return lambda value: any(test(value) for test in tests)


def accepts_unwrapped(types: Sequence[str]) -> Test:
    """Makes the test for an item that may replace the list around it.

    ajv requires *all* of the types here, so with two types every item fails
    (test_an_item_of_the_right_type_fails_where_two_types_are_allowed).
    """
    kinds = set(types)
    if "number" in kinds:
        kinds.discard("integer")
    return TESTS[kinds.pop()] if len(kinds) == 1 else _never


def _never(_value: Any) -> bool:
    return False


# --- conversions -----------------------------------------------------------------------------------------


def _to_string(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_to_string(value)
    return "" if value is None else MISSING


def _to_number(value: Any) -> Any:
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value:
        number = string_to_number(value)
        return MISSING if math.isnan(number) else number
    return MISSING


def _to_integer(value: Any) -> Any:
    number = _to_number(value)
    # JavaScript: Infinity % 1 is NaN, and ajv takes NaN for no remainder (test_infinity_in_text_is_an_integer)
    return number if number is MISSING or math.isinf(number) or number % 1 == 0 else MISSING


def _to_boolean(value: Any) -> Any:
    if value is None or value == "false" or _is(value, 0):
        return False
    return True if value == "true" or _is(value, 1) else MISSING


def _to_null(value: Any) -> Any:
    return None if value is False or value == "" or _is(value, 0) else MISSING


def _to_array(value: Any) -> Any:
    return [value] if value is None or isinstance(value, (str, bool, int, float)) else MISSING


def _is(value: Any, number: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == number


_CONVERSIONS: dict[str, Convert] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "null": _to_null,
    "array": _to_array,
}


def first_conversion(types: Sequence[str]) -> Convert | None:
    """Makes the conversion to the first possible one of the types; returns None if `object` is the only type."""
    conversions = tuple(_CONVERSIONS[name] for name in types if name in _CONVERSIONS)
    if len(conversions) < 2:
        return conversions[0] if conversions else None

    def convert(value: Any) -> Any:
        for conversion in conversions:
            converted = conversion(value)
            if converted is not MISSING:
                return converted
        return MISSING

    return convert
