"""Reads the fields of a declaration."""

from collections.abc import Mapping
from typing import Any

from destination.errors import DefinitionError
from destination.fields import InputField, load_fields


def read_fields(fields: Mapping[str, Any], owner: str) -> dict[str, InputField]:
    """Reads fields that are models, Segment's JSON, or a mixture of both.

    Args:
        fields: The fields by key.
        owner: What has the fields, such as `action 'Ping'`; the error begins with it.

    Raises:
        DefinitionError: A field is malformed; names the owner and the field.

    Example:
        >>> read_fields({"a": {"label": "A", "type": "string"}}, "action 'Ping'")["a"].label
        'A'
    """
    as_json = {key: field for key, field in fields.items() if not isinstance(field, InputField)}
    try:
        read = load_fields(as_json)
    except DefinitionError as error:
        raise DefinitionError(f"{owner}: {error}") from None
    return {key: read.get(key, field) for key, field in fields.items()}
