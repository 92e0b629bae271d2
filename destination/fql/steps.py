"""Compiles one condition: the path that it reads in an event, and the test of the value there."""

import operator
import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias

from destination.errors import EngineTypeError
from destination.records import dataclass
from destination.values import MISSING, as_double, get_property, to_number, to_string, to_units, truthy

Predicate: TypeAlias = Callable[[Any], bool]
"""A function that returns whether an event matches."""
Test: TypeAlias = Callable[[Any], bool]
"""A function that returns whether a value, or `MISSING`, passes."""

FIELDS: Final = {"event-type": "type", "event": "event", "name": "name", "userId": "userId"}
"""The types of conditions on a member of the event itself, with the member."""
PATH_ROOTS: Final = {"event-property": "properties", "event-trait": "traits", "event-context": "context"}
"""The types of conditions on a value below a member of the event, with the member."""

_KEYS = re.compile(r"[^\[.\]]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One compiled condition.

    Attributes:
        path: The keys from the event's root; empty when the condition reads nothing.
        get: Returns the value at the path, or `MISSING`. It expects a result of `as_object`.
        test: Returns the verdict on a value.
        run: Returns the verdict on an event; it does `get` and `test` in one call.
        equals: For a member of the event itself with the operator `=`: the only text that passes.
        differs: For a member of the event itself with the operator `!=`: the only text that fails.
        always: The verdict, if it is the same for every event.
        raises: Whether evaluating the condition is an `EngineTypeError` for every event.
    """

    path: tuple[str, ...]
    get: Callable[[Any], Any]
    test: Test
    run: Predicate
    equals: str | None = None
    differs: str | None = None
    always: bool | None = None
    raises: bool = False


def constant(verdict: bool) -> Step:
    """Makes a step with the same verdict for every event."""

    def answer(_value: Any) -> bool:
        return verdict

    return Step((), _nothing, answer, answer, always=verdict)


def failing(message: str) -> Step:
    """Makes a step that raises an error, where the reference raises a TypeError; `message` says why."""

    def fail(_event: Any) -> NoReturn:
        raise EngineTypeError(message)

    return Step((), fail, _never, fail, raises=True)


def make_step(condition: Any) -> Step:
    """Compiles a condition, given as Segment's JSON; a condition of an unknown type never matches.

    Example:
        >>> step = make_step({"type": "event-property", "name": "a.length", "operator": ">", "value": 1})
        >>> step.path, step.run({"properties": {"a": [1, 2]}})
        (('properties', 'a', 'length'), True)
    """
    kind = get_property(condition, "type")
    if not isinstance(kind, str) or (kind not in FIELDS and kind not in PATH_ROOTS):
        return constant(verdict=False)
    operator, value = get_property(condition, "operator"), get_property(condition, "value")
    test = _make_test(operator, value)
    if kind in FIELDS:
        get = _field(FIELDS[kind])
        equals = to_string(value) if operator == "=" else None
        differs = to_string(value) if operator == "!=" else None
        return Step((FIELDS[kind],), get, test, _run(get, test), equals, differs)
    root, name = PATH_ROOTS[kind], get_property(condition, "name")
    if not truthy(name):
        get = _no_path(root)
        return Step((root,), get, test, _run(get, test))
    keys = _split(name)
    if keys is None:
        # Segment: a name without any key is a TypeError (test_name_of_dots_is_an_engine_error)
        return failing("a condition's name is not a path into the event")
    path = (root, *keys)
    get = _below(root, keys)
    return Step(path, get, test, _run_below(root, keys[0], test) if len(keys) == 1 else _run(get, test))


def as_object(event: Any) -> Any:
    """Converts an event to an object that steps can read.

    In JavaScript, reading a member of `null` is a TypeError. Any other value that is not an object has none of an
    event's members.
    """
    if isinstance(event, dict):
        return event
    return _NULL if event is None else _NO_MEMBERS


class _Null:
    __slots__ = ()

    def get(self, key: str, _default: Any = None) -> NoReturn:
        raise EngineTypeError(f"null has no {key}")


_NULL: Final = _Null()
_NO_MEMBERS: Final[dict[str, Any]] = {}


def _split(name: Any) -> tuple[str, ...] | None:
    """Splits a name into keys; returns None for a name that the reference cannot split."""
    if isinstance(name, list):
        return tuple(to_string(key) for key in name)
    keys = _KEYS.findall(name) if isinstance(name, str) else []
    return tuple(keys) or None


def _run(get: Callable[[Any], Any], test: Test) -> Predicate:
    return lambda event: test(get(event))


def _nothing(_event: Any) -> Any:
    return MISSING


def _field(field: str) -> Callable[[Any], Any]:
    return lambda event: event.get(field, MISSING)


def _no_path(root: str) -> Callable[[Any], Any]:
    def get(event: Any) -> Any:
        event.get(root)  # raises for null
        return MISSING

    return get


def _below(root: str, keys: tuple[str, ...]) -> Callable[[Any], Any]:
    def get(event: Any) -> Any:
        value = event.get(root, MISSING)
        for key in keys:
            if type(value) is dict:
                value = value.get(key, MISSING)
            elif truthy(value):
                value = get_property(value, key)
            else:
                # Segment: a falsy value ends the path and is the result (test_false_value_ends_a_path)
                return value
        return value

    return get


def _run_below(root: str, key: str, test: Test) -> Predicate:
    """Runs the most common path, one key below its root, without a loop."""

    def run(event: Any) -> bool:
        parent = event.get(root, MISSING)
        if type(parent) is dict:
            return test(parent.get(key, MISSING))
        return test(get_property(parent, key) if truthy(parent) else parent)

    return run


# --- operators -------------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")
_EXACT = 2**53  # below it an int and its double are the same number


def _make_test(name: Any, expected: Any) -> Test:
    """Makes the test of an operator, as Segment's `validateValue` evaluates it.

    Conversions that do not depend on the event are done once, here. A value of the wrong type fails the test: `>`
    is false for the string `"5"`, and `!contains` is false for a number.

    Args:
        name: The operator. The test of an unknown operator, or of a value that is not a string, always fails.
        expected: The value to compare with: any JSON value or `MISSING`.

    Example:
        >>> more_than_five = _make_test(">", "5")
        >>> more_than_five(6), more_than_five("6"), more_than_five(True)
        (True, False, False)
        >>> _make_test("!=", 5)(5)  # `!=` compares with the text "5"
        True
    """
    factory = _FACTORIES.get(name) if isinstance(name, str) else None
    return factory(expected) if factory else _never


def _never(_value: Any) -> bool:
    """Fails for every value."""
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
        # JavaScript rounds large integers to doubles, too.
        return lambda value: (type(value) is int or type(value) is float) and compare(as_double(value), number)

    return factory


def _textual(compare: Callable[[str, str], bool], *, negated: bool = False) -> Callable[[Any], Test]:
    def factory(expected: Any) -> Test:
        text = to_string(expected)
        if _SURROGATE.search(text):
            # A single surrogate is found inside a surrogate pair: compare code units.
            units = to_units(text)
            return lambda value: isinstance(value, str) and compare(to_units(value), units) is not negated
        if negated:
            return lambda value: isinstance(value, str) and not compare(value, text)
        return lambda value: isinstance(value, str) and compare(value, text)

    return factory


def _ignoring_expected(test: Test) -> Callable[[Any], Test]:
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
    "exists": _ignoring_expected(lambda value: value is not None and value is not MISSING),
    "not_exists": _ignoring_expected(lambda value: value is None or value is MISSING),
    "is_true": _ignoring_expected(lambda value: value is True),
    "is_false": _ignoring_expected(lambda value: value is False),
}
