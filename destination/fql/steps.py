"""A condition compiled: where it looks in an event, and what it asks of what is there."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

from destination.errors import EngineTypeError
from destination.values import MISSING, as_double, get_property, to_number, to_string, to_units, truthy

Predicate: TypeAlias = Callable[[Any], bool]
"""Whether an event matches."""
Test: TypeAlias = Callable[[Any], bool]
"""Whether a value, or `MISSING`, passes."""

FIELDS: Final = {"event-type": "type", "event": "event", "name": "name", "userId": "userId"}
"""Types of conditions on a member of the event itself."""
PATH_ROOTS: Final = {"event-property": "properties", "event-trait": "traits", "event-context": "context"}
"""Types of conditions on something below a member of the event."""

_KEYS = re.compile(r"[^\[.\]]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One compiled condition.

    Attributes:
        path: Where it looks, from the event's root; empty when it looks nowhere.
        get: Event to the value that is there, `MISSING` included. Events are objects here (`as_object`).
        test: Value to verdict.
        run: Both in one, event to verdict: what the fast variant calls.
        equals: For a member of the event itself: the one text that passes, where the operator is `=`.
        differs: The same for `!=`: the one text that fails.
        always: The verdict, where it does not depend on the event.
        raises: Whether reaching it is an `EngineTypeError`, whatever the event.
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
    """The step that gives the same verdict for every event."""

    def answer(_value: Any) -> bool:
        return verdict

    return Step((), _nothing, answer, answer, always=verdict)


def failing(message: str) -> Step:
    """The step on which the reference dies; `message` says on what."""

    def fail(_event: Any) -> NoReturn:
        raise EngineTypeError(message)

    return Step((), fail, _never, fail, raises=True)


def make_step(condition: Any) -> Step:
    """The step of a condition, given as Segment's JSON; anything else than a known type never matches.

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
        # Segment: a name without any key is a crash (test_name_of_dots_is_an_engine_error)
        return failing("a condition's name is no path into the event")
    path = (root, *keys)
    get = _below(root, keys)
    return Step(path, get, test, _run_below(root, keys[0], test) if len(keys) == 1 else _run(get, test))


def as_object(event: Any) -> Any:
    """An event as something that steps can look into.

    In JavaScript `null` has no members, not even missing ones; other values that are no object have none of
    an event's.
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
    """The keys of a name; None for one that the reference cannot split."""
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
        event.get(root)  # null has no members
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
                # Segment: what is false ends the path and is its value (test_false_value_ends_a_path)
                return value
        return value

    return get


def _run_below(root: str, key: str, test: Test) -> Predicate:
    """The most common path, one key below its root, without the loop."""

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
    """The test of an operator.

    Args:
        name: The operator; one that does not exist (or is no string) gives a test that always fails.
        expected: What to compare with, any JSON value or `MISSING`.

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
