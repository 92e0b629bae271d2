"""Subscriptions as Python code."""

from collections.abc import Iterable
from typing import Any, Final

from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.values.convert import json_type_of
from destination.values.pointers import pointer_part

_FUNCTIONS: Final = {"@path": "path", "@template": "template"}
_MEMBERS: Final = (
    "name",
    "subscribe",
    "partner_action",
    "enabled",
    "mapping",
    "id",
    "action_id",
    "config_id",
    "project_id",
    "model_id",
    "reverse_etl_schedule",
)
_DEFAULTS: Final = Subscription(subscribe="", partner_action="")
_INDENT: Final = "    "


def to_python(subscriptions: Iterable[Subscription]) -> str:
    """Writes a Python module with the list `subscriptions`; any mapping can be written.

    Paths and templates are calls of `path` and `template`; other directives are plain JSON.

    Raises:
        DefinitionError: A part of a mapping is not a JSON value; names the subscription and the JSON pointer.

    Example:
        >>> print(to_python([Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal",
        ...                               mapping={"name": {"@path": "$.name"}})]))
        from destination import Subscription, path
        <BLANKLINE>
        subscriptions = [
            Subscription(
                name="Pages",
                subscribe='type = "page"',
                partner_action="trackGoal",
                mapping={
                    "name": path("$.name"),
                },
            ),
        ]
        <BLANKLINE>
    """
    writer = _Writer()
    lines = []
    for index, subscription in enumerate(subscriptions):
        try:
            lines.append(writer.subscription(subscription))
        except (DefinitionError, RecursionError) as error:
            reason = "its mapping nests too deeply" if isinstance(error, RecursionError) else error
            raise DefinitionError(
                f"subscription {index} ({subscription.name!r}) cannot be written as Python: {reason}"
            ) from None
    names = ", ".join(["Subscription", *sorted(writer.functions)])
    return f"from destination import {names}\n\nsubscriptions = [\n{''.join(lines)}]\n"


class _Writer:
    def __init__(self) -> None:
        self.functions: set[str] = set()

    def subscription(self, subscription: Subscription) -> str:
        inner = _INDENT * 2
        arguments = [
            f"{inner}{member}={self._value(value, '', inner)},\n"
            for member in _MEMBERS
            if (value := getattr(subscription, member)) != getattr(_DEFAULTS, member)
            or member in ("subscribe", "partner_action")
        ]
        return f"{_INDENT}Subscription(\n{''.join(arguments)}{_INDENT}),\n"

    def _value(self, value: Any, pointer: str, indent: str) -> str:
        if isinstance(value, str):
            return _quoted(value)
        if value is None or isinstance(value, (bool, int)):
            return repr(value)
        if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN
            return repr(value)
        inner = indent + _INDENT
        if isinstance(value, list):
            items = [f"{inner}{self._value(item, f'{pointer}/{index}', inner)},\n" for index, item in enumerate(value)]
            return f"[\n{''.join(items)}{indent}]" if items else "[]"
        if isinstance(value, dict):
            return self._object(value, pointer, indent)
        raise DefinitionError(f"at {pointer or 'the root'}: {type(value).__name__} is not a JSON value")

    def _object(self, value: dict[Any, Any], pointer: str, indent: str) -> str:
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key in _FUNCTIONS and isinstance(argument, str):
                self.functions.add(_FUNCTIONS[key])
                return f"{_FUNCTIONS[key]}({_quoted(argument)})"
        inner = indent + _INDENT
        entries = []
        for key, item in value.items():
            if not isinstance(key, str):
                raise DefinitionError(f"at {pointer or 'the root'}: a key is {json_type_of(key)}, not text")
            entries.append(f"{inner}{_quoted(key)}: {self._value(item, pointer + pointer_part(key), inner)},\n")
        return f"{{\n{''.join(entries)}{indent}}}" if entries else "{}"


def _quoted(text: str) -> str:
    """Writes text as a Python literal, in double quotes unless that needs more escapes."""
    literal = repr(text)
    return literal if '"' in text or "\\'" in literal or literal[0] == '"' else f'"{literal[1:-1]}"'
