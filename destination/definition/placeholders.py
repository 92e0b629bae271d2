"""Settings that stand in where nothing is sent."""

from collections.abc import Mapping
from typing import Any

from destination.definition.destination import DestinationDefinition
from destination.fields import InputField


def placeholders(definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Settings that pass validation and mean nothing, for what sends nothing.

    Example:
        >>> from destination.definition.registry import find
        >>> placeholders(find("actions-absmartly"))["collectorEndpoint"]
        'https://collector-endpoint.invalid'
    """
    return {
        key: _placeholder(key, field)
        for key, field in definition.settings_fields.items()
        if field.required is True and field.default is None
    }


def _placeholder(key: str, field: InputField) -> Any:
    if field.choices:
        choice = field.choices[0]
        return choice["value"] if isinstance(choice, Mapping) else choice
    if field.type in ("number", "integer"):
        return field.minimum or 0
    if field.type == "boolean":
        return False
    if field.type == "object":
        return {}
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in key)
    return f"https://{words}.invalid" if field.format == "uri" else f"<{key}>"
