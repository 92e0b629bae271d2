"""Questions that are not drawn but counted out: every directive in every other, every type with every modifier."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from tests.conformance.generators.fields import TYPES

_TEXT = {"@path": "$.event"}
INNER: dict[str, Any] = {
    "@if": {"@if": {"exists": _TEXT, "then": _TEXT, "else": "none"}},
    "@path": _TEXT,
    "@template": {"@template": "{{event}}!"},
    "@literal": {"@literal": "event"},
    "@arrayPath": {"@arrayPath": ["$.properties.products", {"n": {"@path": "$.name"}}]},
    "@case": {"@case": {"operator": "lower", "value": _TEXT}},
    "@replace": {"@replace": {"pattern": "e", "replacement": "[$&]", "value": _TEXT}},
    "@merge": {"@merge": {"objects": [{"@path": "$.properties"}, {"x": None}], "direction": "right"}},
    "@transform": {"@transform": {"apply": {"a": _TEXT}, "mapping": {"b": {"@path": "$.a"}}}},
    "@flatten": {"@flatten": {"separator": ".", "value": {"@path": "$.properties"}}},
    "@json": {"@json": {"mode": "encode", "value": {"@path": "$.properties"}}},
    "@excludeWhenNull": {"@excludeWhenNull": {"a": None, "b": _TEXT}},
    "@liquid": {"@liquid": "{{ event | downcase }}"},
}
"""By name: a directive that stands in another."""

OUTER: dict[str, Callable[[Any], Any]] = {
    "@if": lambda inner: {"@if": {"exists": inner, "then": inner}},
    "@path": lambda inner: {"@path": inner},
    "@template": lambda inner: {"@template": inner},
    "@literal": lambda inner: {"@literal": inner},
    "@arrayPath": lambda inner: {"@arrayPath": ["$.properties.products", {"v": inner}]},
    "@case": lambda inner: {"@case": {"operator": "upper", "value": inner}},
    "@replace": lambda inner: {"@replace": {"pattern": "r", "replacement": "$$", "value": inner}},
    "@merge": lambda inner: {"@merge": {"objects": [inner, {"y": 1}], "direction": "left"}},
    "@transform": lambda inner: {"@transform": {"apply": {"a": inner}, "mapping": {"c": {"@path": "$.a"}, "d": inner}}},
    "@flatten": lambda inner: {"@flatten": {"separator": "_", "value": inner}},
    "@json": lambda inner: {"@json": {"mode": "encode", "value": inner}},
    "@excludeWhenNull": lambda inner: {"@excludeWhenNull": inner},
    "@liquid": lambda inner: {"@liquid": inner},
}
"""By name: a directive around another."""

_EVENT = {
    "type": "track",
    "event": "Order",
    "properties": {"price": 5, "n": None, "products": [{"name": "Hat"}, {"name": ""}]},
}

MODIFIERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "multiple": {"multiple": True},
    "allowNull": {"allowNull": True},
    "required": {"required": True},
    "choices": {"choices": ["a", {"label": "One", "value": 1}, {"label": "Yes", "value": True}]},
    "format": {"format": "email"},
    "minimum": {"minimum": 2},
    "maximum": {"maximum": 2},
}
"""By name: what a field may say beside its type."""

GIVEN: dict[str, Any] = {
    "string": "abc", "number": 2.5, "boolean": True, "null": None, "array": ["5", ""], "object": {"k": None},
}  # fmt: skip
"""By its type: a value for a field that may want another."""


def directives() -> Iterator[dict[str, Any]]:
    """Every directive in every other."""
    for outer, inner in product(OUTER, INNER):
        yield {"mapping": {"v": OUTER[outer](INNER[inner])}, "event": _EVENT}


def fields() -> Iterator[dict[str, Any]]:
    """Every type with every modifier, given a value of every type."""
    for kind, modifier in product(TYPES, MODIFIERS):
        field = {"label": kind, "type": kind, **MODIFIERS[modifier]}
        yield {"fields": dict.fromkeys(GIVEN, field), "payload": GIVEN}


GRIDS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "mapping.transform": directives,
    "schema.validate": fields,
}
"""By op: what a recording begins with."""
