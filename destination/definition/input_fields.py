"""Fields as an author gives them."""

from collections.abc import Mapping
from typing import Any

from destination.errors import DefinitionError
from destination.fields import InputField, load_fields


def read_fields(fields: Mapping[str, Any], place: str) -> dict[str, InputField]:
    """Fields given as models or as Segment's JSON, also mixed.

    Raises:
        DefinitionError: A field is malformed; names the place and the field.

    Example:
        >>> read_fields({"a": {"label": "A", "type": "string"}}, "action 'Ping'")["a"].label
        'A'
    """
    as_json = {key: field for key, field in fields.items() if not isinstance(field, InputField)}
    try:
        read = load_fields(as_json)
    except DefinitionError as error:
        raise DefinitionError(f"{place}: {error}") from None
    return {key: read.get(key, field) for key, field in fields.items()}
