"""A destination written in the form of Segment's metadata.json."""

from collections.abc import Mapping
from typing import Any

from destination.definition.action import Action
from destination.definition.app import ActionHook, HookOutput
from destination.definition.destination import Authentication, DestinationDefinition, Preset
from destination.definition.formats.metadata_in import NoCode
from destination.definition.membership import SyncModeDefinition
from destination.errors import NotPortableError
from destination.fields import InputField
from destination.mapping import extensions_used
from destination.values import to_string


def to_metadata(definition: DestinationDefinition[Any], *, portable: bool = True) -> dict[str, Any]:
    """Writes Segment's public form of a destination: settings, actions with their fields, presets.

    Keys that do not apply are false or null, as Segment writes them. Keys that Segment leaves out because they are
    undefined, such as a `description`, are null.

    Args:
        definition: The destination.
        portable: Whether to refuse directives that Segment does not know. Otherwise they are written unchanged, for
            people to read and not for Segment.

    Raises:
        NotPortableError: A field's default or a preset uses a directive that Segment does not know; the error has
            all of them, each with its JSON pointer into the metadata.

    Example:
        >>> to_metadata(DestinationDefinition(name="Demo", slug="demo", actions={}))["presets"]
        []
    """
    metadata = {
        "slug": definition.slug,
        "name": definition.name,
        "mode": definition.mode,
        "description": definition.description,
        "authentication": _authentication(definition.authentication),
        "audienceConfig": _audience_config(definition),
        "actions": {slug: _action(action) for slug, action in definition.actions.items()},
        "presets": [_preset(preset) for preset in definition.presets],
    }
    found = extensions_used(metadata) if portable else []
    if found:
        raise NotPortableError(f"destination {definition.slug}", found)
    return metadata


def _authentication(authentication: Authentication[Any] | None) -> dict[str, Any] | None:
    if authentication is None:
        return None
    return {"scheme": authentication.scheme, "fields": _settings(authentication.input_fields)}


def _audience_config(definition: DestinationDefinition[Any]) -> dict[str, Any] | None:
    config = definition.audience_config
    if config is None:
        return None
    mode: dict[str, Any] = {"type": config.mode}
    if config.mode == "synced":
        mode["full_audience_sync"] = config.full_audience_sync
    return {
        "mode": mode,
        "audienceFields": _settings(definition.audience_settings_fields),
        "supportsAudienceFunctions": config.has_functions,
    }


def _action(action: Action[Any, Any]) -> dict[str, Any]:
    return {
        "title": action.title,
        "description": action.description,
        "platform": action.platform,
        "defaultSubscription": action.default_subscription,
        "hidden": action.hidden,
        "hasPerformBatch": action.perform_batch is not None,
        "syncMode": _sync_mode(action.sync_mode),
        "hooks": {name: _hook(hook) for name, hook in action.hooks.items()} or None,
        "dynamicFields": _dynamic_fields(action.dynamic_fields),
        "fields": _fields(action.input_fields),
    }


def _sync_mode(sync_mode: SyncModeDefinition | None) -> dict[str, Any] | None:
    if sync_mode is None:
        return None
    return {
        "default": sync_mode.default,
        "label": sync_mode.label,
        "description": sync_mode.description,
        "choices": [{"label": choice.label, "value": choice.value} for choice in sync_mode.choices],
    }


def _hook(hook: ActionHook) -> dict[str, Any]:
    return {
        "label": hook.label,
        "description": hook.description,
        "inputFields": _fields(hook.fields),
        "outputFields": {key: _output(output) for key, output in hook.output_types.items()},
    }


def _output(output: HookOutput) -> dict[str, Any]:
    record = {"label": output.label, "description": output.description, "type": output.type}
    return _form({**record, "required": output.required}, None)


_EVERY = ("__keys__", "__values__")


def _dynamic_fields(dynamic_fields: Mapping[str, Any]) -> dict[str, list[str]] | None:
    # Segment: only these two keys are listed; a field with a function of its own is just `dynamic`
    # (test_only_keys_and_values_of_objects_are_told_as_dynamic). What was read is written back in any case.
    listed = {
        key: [path for path, function in paths.items() if path in _EVERY or isinstance(function, NoCode)]
        for key, paths in dynamic_fields.items()
        if isinstance(paths, Mapping)
    }
    return {key: paths for key, paths in listed.items() if paths} or None


def _preset(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "type": preset.type,
        "partnerAction": preset.partner_action,
        "subscribe": None if preset.type == "specificEvent" and not preset.subscribe else preset.subscribe,
        "mapping": preset.mapping,
        "eventSlug": preset.event_slug,
    }


# --- fields ----------------------------------------------------------------------------------------------


def _settings(settings: Mapping[str, InputField]) -> dict[str, Any]:
    return {key: _setting(setting) for key, setting in settings.items()}


def _setting(setting: InputField) -> dict[str, Any]:
    record = setting.to_json()
    return {
        "label": record.get("label"),
        "description": record.get("description"),
        "type": record.get("type"),
        "required": _or_false(record, "required"),
        "multiple": _or_false(record, "multiple"),
        "choices": _choices(record.get("choices")),
        "default": record.get("default"),
        "depends_on": record.get("depends_on"),
    }


def _fields(fields: Mapping[str, InputField]) -> dict[str, Any]:
    return {key: _field(field) for key, field in fields.items()}


def _field(field: InputField) -> dict[str, Any]:
    is_object = field.type == "object" and field.properties is not None
    return _form(field.to_json(), _fields(field.properties or {}) if is_object else None)


def _form(record: Mapping[str, Any], properties: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "label": record.get("label"),
        "description": record.get("description"),
        "type": record.get("type"),
        "required": _or_false(record, "required"),
        "multiple": _or_false(record, "multiple"),
        "allowNull": _or_false(record, "allowNull"),
        "dynamic": _or_false(record, "dynamic"),
        "default": record.get("default"),
        "choices": _choices(record.get("choices")),
        "placeholder": record.get("placeholder"),
        "properties": properties,
        "category": record.get("category"),
        "depends_on": record.get("depends_on"),
        "readOnly": record.get("readOnly"),
        "hidden": record.get("unsafe_hidden"),
        "minimum": record.get("minimum"),
        "maximum": record.get("maximum"),
        "defaultObjectUI": record.get("defaultObjectUI"),
        "disabledInputMethods": record.get("disabledInputMethods"),
        "displayMode": record.get("displayMode"),
        "format": record.get("format"),
        "additionalProperties": _or_false(record, "additionalProperties"),
    }


def _or_false(record: Mapping[str, Any], key: str) -> Any:
    value = record.get(key)
    return False if value is None else value


def _choices(choices: list[Any] | None) -> list[dict[str, Any]] | None:
    return [_choice(choice) for choice in choices] if choices else None


def _choice(choice: Any) -> dict[str, Any]:
    if isinstance(choice, Mapping) and "label" in choice and "value" in choice:
        return {"label": choice["label"], "value": choice["value"]}
    return {"label": to_string(choice), "value": choice}
