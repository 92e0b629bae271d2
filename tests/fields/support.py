"""Helpers for the tests of fields."""

from typing import Any

from destination.errors import SchemaValidationError
from destination.fields import compile_fields

Json = dict[str, Any]


def coerce_and_validate(fields: Json, payload: Any, is_root: bool = True) -> Any:
    """Returns the payload after the removal of empties, coercion and validation."""
    return compile_fields(fields).clean_and_validate(payload, is_root)


def messages(fields: Json, payload: Any, is_root: bool = True) -> list[str]:
    """Returns the messages of a payload that is not valid."""
    try:
        validated = coerce_and_validate(fields, payload, is_root)
    except SchemaValidationError as error:
        return [finding.message for finding in error.errors]
    raise AssertionError(f"it is valid: {validated!r}")


def one(kind: str, **more: Any) -> Json:
    """Makes one field `f` of a type, with the label F."""
    return {"f": {"label": "F", "type": kind, **more}}


def value(kind: str, given: Any, **more: Any) -> Any:
    """Returns the value of one field after validation; an Ellipsis if it was removed."""
    return coerce_and_validate(one(kind, **more), {"f": given}).get("f", ...)


def refusal(kind: str, given: Any, **more: Any) -> str:
    """Returns the whole error message for a value in one field."""
    return " ".join(messages(one(kind, **more), {"f": given}))
