"""Writes an AST as text, as Segment's `generateFql` does."""

import re
from collections.abc import Iterator
from typing import Any

from destination.errors import DestinationError, EngineTypeError
from destination.fql.nodes import ErrorCondition, members
from destination.fql.steps import FIELDS, PATH_ROOTS
from destination.values import MISSING, from_units, get_property, is_number, to_number, to_string, to_units, truthy

_ESCAPED = re.compile(r"[^a-zA-Z0-9._-]")
_FUNCTIONS = {  # operator: function, prefix and suffix of the value
    "starts_with": ("match", "", "*"),
    "not_starts_with": ("!match", "", "*"),
    "ends_with": ("match", "*", ""),
    "not_ends_with": ("!match", "*", ""),
}
_CONTAINS = {"contains": "contains", "not_contains": "!contains"}
_BARE = {"exists": "!= null", "not_exists": "= null", "is_true": "= true", "is_false": "= false"}
_NUMERIC = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "number_equals": "=", "number_not_equals": "!="}


class UnknownConditionError(DestinationError):
    """A condition has a type that the language does not have."""

    def __init__(self) -> None:
        super().__init__("Unknown condition type")


def generate_fql(condition: Any) -> str:
    r"""Writes a subscription as text.

    Parsing the text does not always give the same subscription: dots in a name and quotes in a value are not
    escaped, and nested groups cannot be parsed.

    Args:
        condition: A result of `parse_fql`, or any JSON in Segment's form.

    Raises:
        FQLSyntaxError: The subscription is an error; this error is raised.
        UnknownConditionError: A condition has a type that the language does not have.
        EngineTypeError: A child is null, or a group has no list of children.

    Example:
        >>> from destination.fql import parse_fql
        >>> generate_fql(parse_fql('type="track" and contains( properties.first\\ name , "a" )'))
        'type = "track" and contains(properties.first\\ name, "a")'
    """
    if condition is None or condition is MISSING:
        raise EngineTypeError("a subscription is an object, but this is null")
    if isinstance(condition, ErrorCondition):
        raise condition.error.with_traceback(None)
    if truthy(get_property(members(condition), "error")):
        raise ErrorCondition.from_json(condition).error
    text = _group(condition)
    # Segment: outer parentheses are removed only when they are the only two
    # (test_single_group_loses_its_parentheses)
    if text.startswith("(") and text.endswith(")") and text.count("(") + text.count(")") == 2:
        return text[1:-1]
    return text


def _group(root: Any) -> str:
    """Writes a group; inner groups are kept on a list, as they may nest too deeply for recursion."""
    parts: list[str] = []
    pending = [_open(root)]
    while pending:
        children, separator, is_first = pending[-1]
        child = next(children, _END)
        if child is _END:
            pending.pop()
            if pending:
                parts.append(")")
            continue
        if not is_first:
            parts.append(separator)
        pending[-1] = (children, separator, False)
        if child is None or child is MISSING:
            raise EngineTypeError("a condition is undefined: nothing was left of a group")
        view = members(child)
        if get_property(view, "type") == "group":
            parts.append("(")
            pending.append(_open(child))
        else:
            parts.append(_condition(view))
    return from_units("".join(parts))


_END = object()


def _open(group: Any) -> tuple[Iterator[Any], str, bool]:
    view = members(group)
    children = get_property(view, "children")
    if not isinstance(children, list):
        raise EngineTypeError("a group has no list of children")
    return iter(children), f" {to_string(get_property(view, 'operator'))} ", True


def _condition(view: Any) -> str:
    kind, operator, value = (get_property(view, key) for key in ("type", "operator", "value"))
    if not isinstance(kind, str) or (kind not in FIELDS and kind not in PATH_ROOTS):
        raise UnknownConditionError
    field = FIELDS[kind] if kind in FIELDS else f"{PATH_ROOTS[kind]}.{_escape(get_property(view, 'name'))}"
    if isinstance(operator, str):
        if operator in _CONTAINS:
            return f"{_CONTAINS[operator]}({field}, {_literal(value)})"
        if operator in _BARE:
            return f"{field} {_BARE[operator]}"
        if operator in _FUNCTIONS:
            function, before, after = _FUNCTIONS[operator]
            return f'{function}({field}, "{before}{to_string(value)}{after}")'
        if operator in _NUMERIC:
            return f"{field} {_NUMERIC[operator]} {to_string(to_number(value))}"
    return f"{field} {to_string(operator)} {_literal(value)}"


def _escape(name: Any) -> str:
    # Segment: dots are not escaped, so an escaped dot is lost (test_generate_does_not_escape_dots)
    return _ESCAPED.sub(r"\\\g<0>", to_units(name)) if isinstance(name, str) else to_string(name)


def _literal(value: Any) -> str:
    if isinstance(value, bool) or is_number(value):
        return to_string(value)
    # Segment: quotes inside are not escaped (test_generate_does_not_escape_quotes)
    return f'"{to_string(value)}"'
