"""A destination in the form of Segment's metadata.json."""

from collections.abc import Mapping
from typing import Any

from destination.definition.action import Action
from destination.definition.destination import DestinationDefinition
from destination.definition.preset import Preset
from destination.fields import InputField
from destination.values import to_string


def to_metadata(definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Segment's public form of a destination: settings, actions with their fields, presets.

    Keys that do not apply are there with false or null, as Segment writes them.

    Example:
        >>> to_metadata(DestinationDefinition(name="Demo", slug="demo", actions={}))["presets"]
        []
    """
    authentication = definition.authentication
    return {
        "slug": definition.slug,
        "name": definition.name,
        "mode": definition.mode,
        "description": definition.description,
        "authentication": authentication
        and {
            "scheme": authentication.scheme,
            "fields": {key: _setting(setting) for key, setting in authentication.input_fields.items()},
        },
        "audienceConfig": None,
        "actions": {slug: _action(action) for slug, action in definition.actions.items()},
        "presets": [_preset(preset) for preset in definition.presets],
    }


def _action(action: Action[Any, Any]) -> dict[str, Any]:
    return {
        "title": action.title,
        "description": action.description,
        "platform": action.platform,
        "defaultSubscription": action.default_subscription,
        "hidden": action.hidden,
        "hasPerformBatch": action.perform_batch is not None,
        "syncMode": None,
        "hooks": None,
        "dynamicFields": None,
        "fields": {key: _field(field) for key, field in action.input_fields.items()},
    }


def _preset(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "type": preset.type,
        "partnerAction": preset.partner_action,
        "subscribe": preset.subscribe or None,
        "mapping": preset.mapping,
        "eventSlug": preset.event_slug,
    }


def _setting(setting: InputField) -> dict[str, Any]:
    record = setting.to_json()
    return {
        "label": record.get("label"),
        "description": record.get("description"),
        "type": record.get("type"),
        "required": record.get("required", False),
        "multiple": record.get("multiple", False),
        "choices": _choices(record.get("choices")),
        "default": record.get("default"),
        "depends_on": record.get("depends_on"),
    }


_FALSE_WHEN_ABSENT = ("required", "multiple", "allowNull", "dynamic", "additionalProperties")
_NULL_WHEN_ABSENT = (
    "default",
    "placeholder",
    "category",
    "depends_on",
    "readOnly",
    "minimum",
    "maximum",
    "defaultObjectUI",
    "disabledInputMethods",
    "displayMode",
    "format",
)


def _field(field: InputField) -> dict[str, Any]:
    record = field.to_json()
    properties = record.get("properties")
    return {
        "label": record.get("label"),
        "description": record.get("description"),
        "type": record.get("type"),
        **{key: record.get(key, False) for key in _FALSE_WHEN_ABSENT},
        **{key: record.get(key) for key in _NULL_WHEN_ABSENT},
        "choices": _choices(record.get("choices")),
        "hidden": record.get("unsafe_hidden"),
        "properties": {key: _field(InputField.from_json(item)) for key, item in properties.items()}
        if isinstance(properties, Mapping)
        else None,
    }


def _choices(choices: Any) -> list[dict[str, Any]] | None:
    if not choices:
        return None
    return [
        {"label": choice["label"], "value": choice["value"]}
        if isinstance(choice, Mapping)
        else {"label": to_string(choice), "value": choice}
        for choice in choices
    ]
