"""What the tests of fields share."""

from typing import Any

from destination.errors import SchemaValidationError
from destination.fields import compile_fields

Json = dict[str, Any]


def fit(fields: Json, payload: Any, is_root: bool = True) -> Any:
    """The payload after the removal of empties, coercion and validation."""
    return compile_fields(fields).clean_and_validate(payload, is_root)


def messages(fields: Json, payload: Any, is_root: bool = True) -> list[str]:
    """The messages of a payload that does not fit."""
    try:
        fitted = fit(fields, payload, is_root)
    except SchemaValidationError as error:
        return [finding.message for finding in error.errors]
    raise AssertionError(f"it fits: {fitted!r}")


def one(kind: str, **more: Any) -> Json:
    """One field `f` of a type, labelled F."""
    return {"f": {"label": "F", "type": kind, **more}}


def value(kind: str, given: Any, **more: Any) -> Any:
    """What becomes of a value in one field; an Ellipsis if nothing is left of it."""
    return fit(one(kind, **more), {"f": given}).get("f", ...)


def refusal(kind: str, given: Any, **more: Any) -> str:
    """The whole error of a value in one field."""
    return " ".join(messages(one(kind, **more), {"f": given}))
