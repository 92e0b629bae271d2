"""Describes a destination as Segment's local dev server does: the definition as JSON, without its functions."""

from collections.abc import Mapping
from typing import Any

from destination.definition import Action, ActionHook, DestinationDefinition, Preset
from destination.fields import InputField


def to_manifest(definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Makes the answer of `GET /manifest`.

    It is the definition as its author writes it, with Segment's keys. What is not declared is absent, whereas
    metadata.json has null. `directoryName` is the folder that the destination would have in Segment's repository.

    Example:
        >>> to_manifest(DestinationDefinition(name="Demo", slug="actions-demo", actions={}))
        {'name': 'Demo', 'slug': 'actions-demo', 'mode': 'cloud', 'presets': [], 'actions': {}, 'directoryName': 'demo'}
    """
    authentication = definition.authentication
    audience = definition.audience_config
    return _given(
        name=definition.name,
        slug=definition.slug,
        mode=definition.mode,
        description=definition.description,
        authentication=authentication
        and {"scheme": authentication.scheme, "fields": _fields(authentication.input_fields)},
        audienceFields=_fields(definition.audience_settings_fields) or None,
        audienceConfig=audience
        and {
            "mode": {"type": audience.mode, "full_audience_sync": audience.full_audience_sync}
            if audience.mode == "synced"
            else {"type": audience.mode}
        },
        presets=[_preset(preset) for preset in definition.presets],
        actions={slug: _action(action) for slug, action in definition.actions.items()},
        directoryName=definition.slug.removeprefix("actions-"),
    )


def _given(**keys: Any) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}


def _fields(fields: Mapping[str, InputField]) -> dict[str, Any]:
    return {key: field.to_json() for key, field in fields.items()}


def _preset(preset: Preset) -> dict[str, Any]:
    return _given(
        name=preset.name,
        subscribe=preset.subscribe or None,
        partnerAction=preset.partner_action,
        mapping=preset.mapping,
        type=preset.type,
        eventSlug=preset.event_slug,
    )


def _action(action: Action[Any, Any]) -> dict[str, Any]:
    sync_mode = action.sync_mode
    return _given(
        title=action.title,
        description=action.description,
        platform=None if action.platform == "cloud" else action.platform,
        hidden=action.hidden or None,
        defaultSubscription=action.default_subscription,
        fields=_fields(action.input_fields),
        syncMode=sync_mode
        and {
            "default": sync_mode.default,
            "label": sync_mode.label,
            "description": sync_mode.description,
            "choices": [{"value": choice.value, "label": choice.label} for choice in sync_mode.choices],
        },
        hooks={name: _hook(hook) for name, hook in action.hooks.items()} or None,
        # JSON has no functions; `dynamic` says which fields have one.
        dynamicFields={key: {} for key, found in action.dynamic_fields.items() if isinstance(found, Mapping)}
        if action.dynamic_fields
        else None,
    )


def _hook(hook: ActionHook) -> dict[str, Any]:
    return _given(
        label=hook.label,
        description=hook.description,
        inputFields=_fields(hook.fields) or None,
        outputTypes={
            key: {"label": one.label, "description": one.description, "type": one.type, "required": one.required}
            for key, one in hook.output_types.items()
        }
        or None,
    )
