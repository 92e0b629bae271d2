"""Which places of the event a part of a mapping reads, found without an event."""

from typing import Any, Final

from destination.errors import DestinationError
from destination.mapping import compile_mapping
from destination.mapping.shape import directive_name, is_directive
from destination.testing.suite.edit import Keys

_TEXTS: Final = frozenset({"@path", "@template", "@liquid", "@jsonpath", "@jinja"})
"""Directives that read the event by what stands in a text."""


def event_paths(part: Any) -> tuple[Keys, ...]:
    """The keys of all places that a part of a mapping may read, each once, in their order.

    What depends on the event is left out: a path that a directive makes, and what is read of something that is
    itself made (the items of `@arrayPath`, the result of `@transform`'s `apply`).

    Example:
        >>> event_paths({"@if": {"exists": {"@path": "$.traits.plan"}, "then": {"@template": "{{plan}} {{a.b}}"}}})
        (('traits', 'plan'), ('plan',), ('a', 'b'))
    """
    found: dict[Keys, None] = {}
    todo = [part]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(reversed(node))
        elif isinstance(node, dict):
            name = directive_name(node) if is_directive(node) else ""
            if name in _TEXTS and not (name == "@path" and isinstance(node[name], dict)):
                found.update(dict.fromkeys(_read(node)))
            else:
                todo.extend(reversed(_inner(name, node)))
    return tuple(keys for keys in found if keys)


def _inner(name: str, node: dict[str, Any]) -> list[Any]:
    value = node.get(name)
    if name == "@arrayPath" and isinstance(value, list) and value:
        return [{"@path": value[0]}]
    if name == "@transform" and isinstance(value, dict):
        return [value.get("apply")]
    return [value] if name else list(node.values())


def _read(node: dict[str, Any]) -> list[Keys]:
    try:
        _, fields = compile_mapping({"value": node}).trace({})
    except DestinationError:
        return []  # invalid, or it fails without its values: then no event can be built for it
    return [read.keys for field in fields for read in field.reads if not read.derived]
