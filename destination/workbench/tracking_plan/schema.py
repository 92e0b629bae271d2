"""Answers questions about a JSON Schema: can a value have a path, and which values can be there?

A schema is read as people write tracking plans. A path that the schema does not list counts as unplanned, although
JSON Schema allows it, unless the schema says that other keys may come (`additionalProperties`).
"""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, Final

from destination.records import dataclass
from destination.values import is_index
from destination.values.pointers import pointer_keys

_MAX_DEPTH: Final = 40
"""Maximum number of schemas inside of each other that are looked into; a deeper one may allow anything."""

_CONDITIONAL: Final = ("if", "then", "else")
_DEPENDENT: Final = ("dependentSchemas", "dependencies", "dependentRequired")
_OPENING: Final = ("additionalProperties", "unevaluatedProperties")
_BY_VALUE: Final = ("const", "enum", "propertyNames")
"""Keywords that may name keys without `properties`."""


class Presence(IntEnum):
    """Says whether a planned event can have a path; the greater value is the better chance."""

    IMPOSSIBLE = 0
    """The plan's schema rules it out."""
    UNPLANNED = 1
    """The plan lists other keys there."""
    SILENT = 2
    """The plan lists no keys there."""
    OPEN = 3
    """The plan says that keys may come that it does not list."""
    PLANNED = 4
    """The plan lists the path."""

    @property
    def is_possible(self) -> bool:
        """Whether an event that follows the plan may have the path."""
        return self >= Presence.SILENT


def presence(schema: Any, keys: tuple[str, ...]) -> Presence:
    """Says whether a value that a schema describes can have a path.

    Args:
        schema: A JSON Schema.
        keys: The keys of the path; an index of a list is written as text.

    Example:
        >>> schema = {"properties": {"total": {"type": "number"}}, "required": ["label"]}
        >>> [presence(schema, (key,)).name for key in ("total", "label", "other")]
        ['PLANNED', 'PLANNED', 'UNPLANNED']
        >>> presence({**schema, "additionalProperties": {"type": "string"}}, ("other",)).name
        'OPEN'
    """
    return _presence(schema, keys, schema, 0)


def _presence(schema: Any, keys: tuple[str, ...], root: Any, depth: int) -> Presence:
    if schema is False:
        return Presence.IMPOSSIBLE
    if not keys:
        return Presence.PLANNED
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return Presence.SILENT

    def of(part: Any) -> Presence:
        return _presence(part, keys, root, depth + 1)

    all_hold = [_own_presence(schema, keys, root, depth)]
    all_hold += [of(part) for part in _items(schema, "allOf")]
    if "$ref" in schema:
        all_hold.append(of(_referenced(schema["$ref"], root)))
    for word in ("anyOf", "oneOf"):
        if parts := _items(schema, word):
            all_hold.append(max(of(part) for part in parts))
    # What holds in some cases only can add a path, but does not take one away.
    in_some_cases = [of(part) for part in _optional_parts(schema)]
    best = max([*all_hold, *in_some_cases])
    if Presence.IMPOSSIBLE in all_hold:
        return Presence.IMPOSSIBLE
    if best >= Presence.OPEN:
        return best
    return Presence.UNPLANNED if Presence.UNPLANNED in all_hold else Presence.SILENT


def _own_presence(schema: dict[str, Any], keys: tuple[str, ...], root: Any, depth: int) -> Presence:
    """Says what the keywords for objects, lists and plain values say, without the schemas that are put together."""
    key, *rest = keys
    types = _types(schema)
    inner = list(_described_by(schema, key))
    if inner:
        return max(_presence(part, tuple(rest), root, depth + 1) for part in inner)
    if key in _items(schema, "required"):
        return Presence.PLANNED
    if types is not None and not types & {"object", "array"}:
        return _of_plain_value(types, key)
    if types is not None and "object" not in types:
        return _of_list(schema, key, tuple(rest), root, depth)
    if "array" in (types or ()) and (is_index(key) or key == "length"):
        return _of_list(schema, key, tuple(rest), root, depth)
    others = [schema[word] for word in _OPENING if word in schema]
    if False in others:
        return Presence.IMPOSSIBLE
    if others:
        return min(Presence.OPEN, max(_presence(part, tuple(rest), root, depth + 1) for part in others))
    if any(word in schema for word in _BY_VALUE):
        return Presence.SILENT
    return Presence.UNPLANNED if schema.get("properties") or schema.get("patternProperties") else Presence.SILENT


def _of_plain_value(types: frozenset[str], key: str) -> Presence:
    has_units = "string" in types
    return Presence.PLANNED if has_units and (key == "length" or is_index(key)) else Presence.IMPOSSIBLE


def _of_list(schema: dict[str, Any], key: str, rest: tuple[str, ...], root: Any, depth: int) -> Presence:
    if key == "length":
        return Presence.IMPOSSIBLE if rest else Presence.PLANNED
    if not is_index(key):
        return Presence.IMPOSSIBLE
    return _presence(_item(schema, int(key)), rest, root, depth + 1)


def _item(schema: dict[str, Any], index: int) -> Any:
    """Returns the schema of an item of a list."""
    items = schema.get("items", True)
    in_order = items if isinstance(items, list) else _items(schema, "prefixItems")
    if index < len(in_order):
        return in_order[index]
    return schema.get("additionalItems", True) if isinstance(items, list) else items


def _described_by(schema: dict[str, Any], key: str) -> Iterator[Any]:
    """Yields the schemas that `properties` and `patternProperties` have for a key."""
    members = schema.get("properties")
    if isinstance(members, dict) and key in members:
        yield members[key]
    patterns = schema.get("patternProperties")
    for pattern, part in patterns.items() if isinstance(patterns, dict) else ():
        try:
            is_described = re.search(pattern, key) is not None
        except (re.error, RecursionError, OverflowError):  # an expression of JavaScript that Python does not have
            is_described = True
        if is_described:
            yield part


def _optional_parts(schema: dict[str, Any]) -> Iterator[Any]:
    yield from (schema[word] for word in _CONDITIONAL if word in schema)
    for word in _DEPENDENT:
        parts = schema.get(word)
        for part in parts.values() if isinstance(parts, dict) else ():
            yield {"required": part} if isinstance(part, list) else part


def _referenced(reference: Any, root: Any) -> Any:
    """Returns the schema that `$ref` leads to; one that allows anything where that is outside of the rule."""
    if reference == "#":
        return root
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return True
    found = root
    for key in pointer_keys(reference[1:]):
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and is_index(key) and int(key) < len(found):
            found = found[int(key)]
        else:
            return True
    return found


def _items(schema: dict[str, Any], word: str) -> list[Any]:
    found = schema.get(word)
    return found if isinstance(found, list) else []


def _types(schema: dict[str, Any]) -> frozenset[str] | None:
    given = schema.get("type")
    names = given if isinstance(given, list) else [given]
    texts = frozenset(name for name in names if isinstance(name, str))
    return texts or None


# --- values ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allowed:
    """Bounds of the values that a schema allows.

    Attributes:
        types: The names of JSON Schema types; None when any type is possible.
        values: The only values; None when there are others.
    """

    types: frozenset[str] | None = None
    values: tuple[Any, ...] | None = None

    def or_(self, other: "Allowed") -> "Allowed":
        """Returns bounds of the values that at least one of both allows."""
        types = None if self.types is None or other.types is None else self.types | other.types
        if self.values is None or other.values is None:
            return Allowed(types)
        return Allowed(types, (*self.values, *(value for value in other.values if value not in self.values)))


def allowed(schemas: Iterable[Any], keys: tuple[str, ...]) -> Allowed:
    """Returns bounds of the values at a path of a value that all schemas describe.

    Args:
        schemas: JSON Schemas.
        keys: The keys of the path.

    Example:
        >>> plan = {"properties": {"plan": {"type": "string", "enum": ["free", "pro"]}}}
        >>> allowed([plan], ("plan",))
        Allowed(types=frozenset({'string'}), values=('free', 'pro'))
    """
    found = [(part, schema) for schema in schemas for part in _parts(schema, schema)]
    for key in keys:
        found = [
            (part, root) for schema, root in found for inner in _below(schema, key) for part in _parts(inner, root)
        ]
    types: frozenset[str] | None = None
    values: tuple[Any, ...] | None = None
    for schema, root in found:
        for bound in _bounds(schema, root, 0):
            if bound.types is not None:
                types = bound.types if types is None else _common_types(types, bound.types)
            if bound.values is not None:
                values = bound.values if values is None else tuple(it for it in values if it in bound.values)
    return Allowed(types, values)


def _below(schema: dict[str, Any], key: str) -> Iterator[Any]:
    described = list(_described_by(schema, key))
    yield from described
    types = _types(schema)
    if not described and types is not None and "object" not in types and "array" in types and is_index(key):
        yield _item(schema, int(key))


def _parts(schema: Any, root: Any) -> Iterator[dict[str, Any]]:
    """Yields a schema and those that hold beside it: of `allOf` and of `$ref`."""
    todo, seen = [schema], 0
    while todo and seen < _MAX_DEPTH:
        part = todo.pop()
        if isinstance(part, dict):
            seen += 1
            yield part
            todo += _items(part, "allOf")
            if "$ref" in part:
                todo.append(_referenced(part["$ref"], root))


def _bounds(schema: dict[str, Any], root: Any, depth: int) -> Iterator[Allowed]:
    values = (schema["const"],) if "const" in schema else tuple(_items(schema, "enum")) or None
    yield Allowed(_types(schema), values)
    for word in ("anyOf", "oneOf"):
        branches = _items(schema, word)
        if branches and depth < _MAX_DEPTH:
            bounds = [_bound_of_all(branch, root, depth + 1) for branch in branches]
            joined = bounds[0]
            for other in bounds[1:]:
                joined = joined.or_(other)
            yield joined


def _bound_of_all(schema: Any, root: Any, depth: int) -> Allowed:
    """Returns one bound of a branch; the first that names types, and the first that names values."""
    found = [bound for part in _parts(schema, root) for bound in _bounds(part, root, depth)]
    return Allowed(
        next((bound.types for bound in found if bound.types is not None), None),
        next((bound.values for bound in found if bound.values is not None), None),
    )


def _common_types(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    common = one & other
    if "integer" in one | other and "number" in one | other:
        common |= {"integer"}
    return common
