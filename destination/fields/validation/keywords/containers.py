"""Keywords for lists and for objects."""

import operator
from collections.abc import Callable, Hashable
from typing import Any, Final
from urllib.parse import quote

from destination.errors import DefinitionError, EngineTypeError
from destination.fields.validation.data_types import any_of
from destination.fields.validation.findings import Finding, InheritedFunction
from destination.fields.validation.nodes import Check, Node, in_turn
from destination.values import MISSING, deep_equals, number_to_string, ordered_items, ordered_keys
from destination.values.pointers import pointer_part

INHERITED: Final = frozenset(
    [
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
    ]
)
"""The keys that every JavaScript object inherits: for ajv they are present in all data."""

_INHERITED_FUNCTION: Final = InheritedFunction()


def _path_in_schema(node: Node, keyword: str, key: str) -> str:
    try:
        part = quote(pointer_part(key)[1:], safe="-_.!~*'()")
    except UnicodeEncodeError:
        raise EngineTypeError(f"the key {key!r} holds half a character") from None
    return f"{node.path}/{keyword}/{part}"


# --- lists -----------------------------------------------------------------------------------------------


def _size(keyword: str, beyond: Callable[[float, float], bool], more: str) -> Callable[[Node], Check]:
    def make(node: Node) -> Check:
        limit = node.schema[keyword]
        message = f"must NOT have {more} than {number_to_string(limit)} items"
        return node.check_when(keyword, limit, message, fails=lambda data: beyond(len(data), limit))

    return make


def _items(node: Node) -> Check | None:
    schema = node.schema["items"]
    if isinstance(schema, list):
        raise DefinitionError("a list of schemas as `items` has no place in the schema of fields")
    inner = node.compile(schema, f"{node.path}/items", node.mode)
    if inner is None:
        return None
    every = node.mode.all_errors

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        before = len(findings)
        result = data
        for index, item in enumerate(data):
            checked = inner(item, f"{pointer}/{index}", findings)
            if checked is not item:
                if result is data:
                    result = list(data)
                result[index] = checked
            if not every and len(findings) > before:
                break
        return result

    return check


def _unique_items(node: Node) -> Check | None:
    if node.schema["uniqueItems"] is False:
        return None
    items = node.schema.get("items")
    kinds = items.get("type") if isinstance(items, dict) else None
    kinds = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    # For items of scalar types, ajv uses a faster algorithm, which finds another pair, in reverse order.
    is_scalar = bool(kinds) and not {"object", "array"}.intersection(kinds)

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        pair = _last_pair(data) if not is_scalar else _last_pair_of_type(data, any_of(kinds))
        if pair:
            one, other = pair
            message = f"must NOT have duplicate items (items ## {one} and {other} are identical)"
            node.reporter("uniqueItems", (other, one), message)(data, pointer, findings)
        return data

    return check


def _last_pair(data: list[Any]) -> tuple[int, int] | None:
    """Finds the last item that repeats an earlier one; returns the index of the nearest such one, and its own."""
    seen: dict[Hashable, int] = {}
    containers: list[int] = []
    pair = None
    for index, item in enumerate(data):
        if isinstance(item, (dict, list)):
            same = next((other for other in reversed(containers) if deep_equals(data[other], item)), None)
            containers.append(index)
        else:
            key = (isinstance(item, bool), item)
            same = seen.get(key)
            seen[key] = index
        if same is not None:
            pair = (same, index)
    return pair


def _last_pair_of_type(data: list[Any], is_one: Callable[[Any], bool]) -> tuple[int, int] | None:
    """Finds the last item that a later one repeats; returns the index of the nearest such one, and its own."""
    seen: dict[Hashable, int] = {}
    for index in range(len(data) - 1, -1, -1):
        item = data[index]
        if is_one(item):
            key = (isinstance(item, bool), item)
            if key in seen:
                return seen[key], index
            seen[key] = index
    return None


ARRAY_KEYWORDS: Final[dict[str, Callable[[Node], Check | None]]] = {
    "maxItems": _size("maxItems", operator.gt, "more"),
    "minItems": _size("minItems", operator.lt, "fewer"),
    "items": _items,
    "uniqueItems": _unique_items,
}


# --- objects ---------------------------------------------------------------------------------------------


def _required(node: Node) -> Check | None:
    reports = [
        (name, node.reporter("required", name, f"must have required property '{name}'"))
        for name in node.schema["required"]
        if name not in INHERITED
    ]
    if not reports:
        return None
    every = node.mode.all_errors

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        for name, report in reports:
            if data.get(name, MISSING) is MISSING:
                report(data, pointer, findings)
                if not every:
                    break
        return data

    return check


def _additional_properties(node: Node) -> Check | None:
    schema = node.schema["additionalProperties"]
    known = frozenset(node.schema.get("properties", ()))
    if schema is False:

        def remove(data: Any, _pointer: str, _findings: list[Finding]) -> Any:
            if data.keys() <= known:
                return data
            return {key: value for key, value in data.items() if key in known}

        return remove
    inner = node.compile(schema, f"{node.path}/additionalProperties", node.mode)
    if inner is None:
        return None
    every = node.mode.all_errors

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        before = len(findings)
        result = data
        for key, value in ordered_items(data):
            if key in known or value is MISSING:
                continue
            checked = inner(value, pointer + pointer_part(key), findings)
            if checked is not value:
                if result is data:
                    result = dict(data)
                result[key] = checked
            if not every and len(findings) > before:
                break
        return result

    return check


def _properties(node: Node) -> Check | None:
    schemas = node.schema["properties"]
    constraining = [
        key for key in ordered_keys(schemas) if key != "__proto__" and not node.accepts_anything(schemas[key])
    ]
    checks = [
        _property(key, inner)
        for key in constraining
        if (inner := node.compile(schemas[key], _path_in_schema(node, "properties", key), node.mode))
    ]
    return in_turn(checks, all_errors=node.mode.all_errors) if checks else None


def _property(key: str, inner: Check) -> Check:
    part = pointer_part(key)
    absent = _INHERITED_FUNCTION if key in INHERITED else MISSING

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        value = data.get(key, absent)
        if value is MISSING:
            return data
        checked = inner(value, pointer + part, findings)
        return data if checked is value else {**data, key: checked}

    return check


OBJECT_KEYWORDS: Final[dict[str, Callable[[Node], Check | None]]] = {
    "required": _required,
    "additionalProperties": _additional_properties,
    "properties": _properties,
}
