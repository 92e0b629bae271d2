"""What each operator asks of a value, as Segment's `validateValue` does it.

Each factory takes what the condition compares with and gives the test; conversions that do not depend on
the event happen once. A value of the wrong type fails the test: `>` is false for the string `"5"`, and
`!contains` is false for a value that is no string.
"""

import operator
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from destination.values import MISSING, as_double, to_number, to_string, to_units

Test: TypeAlias = Callable[[Any], bool]
"""Whether a value, or `MISSING`, passes."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_EXACT = 2**53  # below it an int and its double are the same number


def make_test(name: Any, expected: Any) -> Test:
    """The test of an operator.

    Args:
        name: The operator; one that does not exist (or is no string) gives a test that always fails.
        expected: What to compare with, any JSON value or `MISSING`.

    Example:
        >>> more_than_five = make_test(">", "5")
        >>> more_than_five(6), more_than_five("6"), more_than_five(True)
        (True, False, False)
        >>> make_test("!=", 5)(5)  # `!=` compares with the text "5"
        True
    """
    factory = _FACTORIES.get(name) if isinstance(name, str) else None
    return factory(expected) if factory else never


def never(_value: Any) -> bool:
    """The test that always fails."""
    return False


def _equals(expected: Any) -> Test:
    text = to_string(expected)
    return lambda value: bool(value == text)


def _not_equals(expected: Any) -> Test:
    text = to_string(expected)
    return lambda value: bool(value != text)


def _numeric(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    def factory(expected: Any) -> Test:
        number = to_number(expected)
        if -_EXACT < number < _EXACT:
            return lambda value: (type(value) is int or type(value) is float) and compare(value, number)
        # The other side rounds integers too, which shows only out here.
        return lambda value: (type(value) is int or type(value) is float) and compare(as_double(value), number)

    return factory


def _textual(compare: Callable[[str, str], bool], *, negated: bool = False) -> Callable[[Any], Test]:
    def factory(expected: Any) -> Test:
        text = to_string(expected)
        if _SURROGATE.search(text):
            # Half a character is found inside a whole one: compare code units.
            units = to_units(text)
            return lambda value: isinstance(value, str) and compare(to_units(value), units) is not negated
        if negated:
            return lambda value: isinstance(value, str) and not compare(value, text)
        return lambda value: isinstance(value, str) and compare(value, text)

    return factory


def _constant(test: Test) -> Callable[[Any], Test]:
    return lambda _expected: test


_FACTORIES: dict[str, Callable[[Any], Test]] = {
    "=": _equals,
    "!=": _not_equals,
    "number_equals": _numeric(operator.eq),
    "number_not_equals": _numeric(operator.ne),
    "<": _numeric(operator.lt),
    "<=": _numeric(operator.le),
    ">": _numeric(operator.gt),
    ">=": _numeric(operator.ge),
    "contains": _textual(operator.contains),
    "not_contains": _textual(operator.contains, negated=True),
    "starts_with": _textual(str.startswith),
    "not_starts_with": _textual(str.startswith, negated=True),
    "ends_with": _textual(str.endswith),
    "not_ends_with": _textual(str.endswith, negated=True),
    "exists": _constant(lambda value: value is not None and value is not MISSING),
    "not_exists": _constant(lambda value: value is None or value is MISSING),
    "is_true": _constant(lambda value: value is True),
    "is_false": _constant(lambda value: value is False),
}
