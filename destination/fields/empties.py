"""The removal of empty values: Segment's `removeEmptyValues`."""

from collections.abc import Callable, Mapping
from typing import Any

from destination.fields.validation.validator import too_deep
from destination.values import MISSING

Clean = Callable[[Any], Any]
"""Gives the value without what is empty in it, or `MISSING` when it is empty itself."""


def remove_empty_values(value: Any, schema: Mapping[str, Any] | None, is_root: bool = False) -> Any:
    """The value without the nulls and blank strings that its schema has no place for.

    * null goes, unless the schema allows it;
    * `''` goes, unless the schema allows a string; from the root (`is_root`) it goes in any case;
    * in lists only items that are empty themselves go: an object in a list stays as it is;
    * what the schema does not know stays, to be removed by the validator.

    Returns:
        The cleaned value, with copies of the objects and lists that something was removed from. The value
        given is not changed. `MISSING` when the value itself is empty.

    Raises:
        DefinitionError: The schema nests too deeply.

    Example:
        >>> schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}}
        >>> remove_empty_values({"a": "", "b": None}, schema), remove_empty_values({"a": ""}, schema, is_root=True)
        ({'a': ''}, {})
    """
    try:
        clean = compile_cleaner(schema, is_root=is_root)
        return clean(value) if clean else value
    except RecursionError:
        raise too_deep() from None


def compile_cleaner(schema: Any, *, is_root: bool = False) -> Clean | None:
    """What `remove_empty_values` does for one schema, as a function; None where it does nothing."""
    if not isinstance(schema, Mapping) or not (schema.get("type") or "enum" in schema):
        return None
    types = schema.get("type")
    allowed = types if isinstance(types, list) else [types]
    clean_list = _list_cleaner(schema["items"]) if schema.get("items") else None
    properties = schema.get("properties")
    clean_object = _object_cleaner(properties, is_root=is_root) if isinstance(properties, Mapping) else None
    null, blank = (None if "null" in allowed else MISSING), ("" if "string" in allowed else MISSING)

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return value or blank
        if isinstance(value, list):
            return clean_list(value) if clean_list else value
        if isinstance(value, dict):
            return clean_object(value) if clean_object else value
        return null if value is None else value

    return clean


def _list_cleaner(items: Any) -> Clean:
    inner = compile_cleaner(items)

    def clean(values: list[Any]) -> Any:
        kept = [value for value in values if (inner(value) if inner else value) is not MISSING]
        return values if len(kept) == len(values) else kept

    return clean


def _object_cleaner(properties: Mapping[str, Any], *, is_root: bool) -> Clean:
    inner = {key: clean for key, schema in properties.items() if (clean := compile_cleaner(schema))}

    def clean_object(value: dict[str, Any]) -> Any:
        changed = value
        for key, item in value.items():
            clean = inner.get(key)
            cleaned = clean(item) if clean else item
            if cleaned is MISSING or (is_root and cleaned == ""):
                if changed is value:
                    changed = dict(value)
                del changed[key]
            elif cleaned is not item:
                if changed is value:
                    changed = dict(value)
                changed[key] = cleaned
        return changed

    return clean_object
