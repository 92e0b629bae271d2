"""A destination loaded from Segment's metadata.json: everything that was declared, without the code."""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar, get_args

from destination.definition.action import Action
from destination.definition.app import HOOK_TYPES, ActionHook, AudienceConfig, HookOutput
from destination.definition.destination import Authentication, DestinationDefinition, Preset, Scheme
from destination.definition.membership import SyncModeDefinition, SyncModeOption
from destination.errors import DefinitionError
from destination.fields import GlobalSetting, InputField
from destination.records import dataclass
from destination.values.convert import json_type_of
from destination.values.pointers import pointer_part

F = TypeVar("F", bound=InputField)


@dataclass(frozen=True, kw_only=True)
class PublicDefinition(DestinationDefinition[Any]):
    """A destination loaded from its public definition, without code; see `from_metadata`.

    Example:
        >>> from destination.definition import from_metadata
        >>> demo = from_metadata({"slug": "demo", "name": "Demo", "actions": {}})
        >>> type(demo).__name__, demo.name
        ('PublicDefinition', 'Demo')
    """

    def _check_presets(self) -> None:
        """Presets may name actions that run in the browser, which are not in a cloud destination's definition."""


def from_metadata(metadata: Any) -> PublicDefinition:
    """Loads a destination from the form of Segment's metadata.json.

    Triggers, mappings, presets, settings and payload validation work as on Segment, and `plan` works up to the payload.
    Nothing can be sent: the functions (`perform`, `perform_batch`, hooks, dynamic fields, audiences, the test of the
    credentials) raise a `DefinitionError` that says so.

    The form does not have everything. It lacks a setting's `format` and limits, and which settings are secret apart
    from those of type `password`. It does not distinguish null from an absent member, so that a default of null is
    none.

    Args:
        metadata: The metadata as parsed JSON. Absent keys count as null; unknown keys are ignored.

    Raises:
        DefinitionError: A part of it does not have the form; names its JSON pointer.

    Example:
        >>> demo = from_metadata({"slug": "demo", "name": "Demo", "actions": {"ping": {"title": "Ping", "fields": {
        ...     "name": {"label": "Name", "type": "string", "required": True, "default": {"@path": "$.event"}}}}}})
        >>> demo.actions["ping"].default_values()
        {'name': {'@path': '$.event'}}
        >>> demo.actions["ping"].perform(None, None)
        Traceback (most recent call last):
        destination.errors.DefinitionError: demo was loaded from its public definition, which has no code for ...
    """
    try:
        return _Loader(_record(metadata, "")).definition()
    except RecursionError:
        raise DefinitionError("the metadata nests too deeply") from None


@dataclass(frozen=True, slots=True)
class NoCode:
    """The substitute of a function in a destination that was loaded without code; calling it raises an error.

    Attributes:
        what: The name of the function, such as `perform of the action 'trackGoal'`.
        slug: The destination.

    Example:
        >>> NoCode("perform of the action 'trackGoal'", "actions-absmartly")(None, None)
        Traceback (most recent call last):
        destination.errors.DefinitionError: actions-absmartly was loaded from its public definition, ...
    """

    what: str
    slug: str

    def __call__(self, *_arguments: Any) -> NoReturn:
        raise DefinitionError(
            f"{self.slug} was loaded from its public definition, which has no code for {self.what}: "
            "triggers, mappings and payloads can be tried, but nothing can be sent"
        )


class _Loader:
    def __init__(self, metadata: dict[str, Any]) -> None:
        self._metadata = metadata
        self._slug = _text(metadata, "slug", "")

    def definition(self) -> PublicDefinition:
        metadata = self._metadata
        audience = _record(metadata.get("audienceConfig"), "/audienceConfig")
        actions = _record(metadata.get("actions"), "/actions")
        presets = _list(metadata.get("presets"), "/presets")
        return PublicDefinition(
            slug=self._slug,
            name=_text(metadata, "name", ""),
            description=_text_or_none(metadata, "description", ""),
            mode=_one_of(metadata, "mode", "", ("cloud", "device", "warehouse")),
            authentication=self._authentication(),
            audience_config=self._audience_config(audience) if audience else None,
            audience_fields=_fields(audience.get("audienceFields"), "/audienceConfig/audienceFields", GlobalSetting),
            actions={slug: self._action(slug, action) for slug, action in actions.items()},
            presets=tuple(_preset(preset, f"/presets/{index}") for index, preset in enumerate(presets)),
        )

    def _authentication(self) -> Authentication[Any] | None:
        value = self._metadata.get("authentication")
        if value is None:
            return None
        record = _record(value, "/authentication")
        return Authentication(
            scheme=_one_of(record, "scheme", "/authentication", get_args(Scheme)),
            fields=_fields(record.get("fields"), "/authentication/fields", GlobalSetting),
            test_authentication=NoCode("the test of its credentials", self._slug),
        )

    def _audience_config(self, record: dict[str, Any]) -> AudienceConfig:
        pointer = "/audienceConfig/mode"
        mode = _record(record.get("mode"), pointer)
        has_functions = _flag(record, "supportsAudienceFunctions", "/audienceConfig")
        return AudienceConfig(
            mode=_one_of(mode, "type", pointer, ("realtime", "synced")),
            full_audience_sync=_flag(mode, "full_audience_sync", pointer),
            create_audience=NoCode("the creation of audiences", self._slug) if has_functions else None,
            get_audience=NoCode("the look-up of audiences", self._slug) if has_functions else None,
        )

    def _action(self, slug: str, value: Any) -> Action[Any, Any]:
        pointer = "/actions" + pointer_part(slug)
        record = _record(value, pointer)
        of_action = f"of the action {slug!r}"
        hooks = _record(record.get("hooks"), f"{pointer}/hooks")
        has_batch = _flag(record, "hasPerformBatch", pointer)
        return Action(
            title=_text_or_none(record, "title", pointer) or slug,
            description=_text_or_none(record, "description", pointer) or "",
            platform=_one_of(record, "platform", pointer, ("cloud", "web")),
            default_subscription=_text_or_none(record, "defaultSubscription", pointer),
            hidden=_flag(record, "hidden", pointer),
            perform=NoCode(f"perform {of_action}", self._slug),
            perform_batch=NoCode(f"perform_batch {of_action}", self._slug) if has_batch else None,
            sync_mode=_sync_mode(record.get("syncMode"), f"{pointer}/syncMode"),
            hooks={
                name: self._hook(name, hooks[name], f"the hook {name} {of_action}", f"{pointer}/hooks/{name}")
                for name in HOOK_TYPES
                if name in hooks
            },
            dynamic_fields=self._dynamic_fields(record.get("dynamicFields"), f"{pointer}/dynamicFields"),
            fields=_fields(record.get("fields"), f"{pointer}/fields", InputField),
        )

    def _hook(self, name: str, value: Any, what: str, pointer: str) -> ActionHook:
        record = _record(value, pointer)
        outputs = _record(record.get("outputFields"), f"{pointer}/outputFields")
        return ActionHook(
            label=_text_or_none(record, "label", pointer) or name,
            description=_text_or_none(record, "description", pointer) or "",
            perform_hook=NoCode(what, self._slug),
            input_fields=_fields(record.get("inputFields"), f"{pointer}/inputFields", InputField),
            output_types={
                key: _output(output, f"{pointer}/outputFields{pointer_part(key)}") for key, output in outputs.items()
            },
        )

    def _dynamic_fields(self, value: Any, pointer: str) -> dict[str, dict[str, NoCode]]:
        read: dict[str, dict[str, NoCode]] = {}
        for key, paths in _record(value, pointer).items():
            at = pointer + pointer_part(key)
            for path in _list(paths, at):
                if not isinstance(path, str):
                    raise _wrong(at, f"expected paths as text, but found: {json_type_of(path)}")
                read.setdefault(key, {})[path] = NoCode(f"the choices of {key}.{path}", self._slug)
        return read


def _output(value: Any, pointer: str) -> HookOutput:
    record = _record(value, pointer)
    return HookOutput(
        label=_text(record, "label", pointer),
        description=_text_or_none(record, "description", pointer) or "",
        type=_text(record, "type", pointer),
        required=_flag(record, "required", pointer),
    )


def _sync_mode(value: Any, pointer: str) -> SyncModeDefinition | None:
    if value is None:
        return None
    record = _record(value, pointer)
    choices = []
    for index, item in enumerate(_list(record.get("choices"), f"{pointer}/choices")):
        at = f"{pointer}/choices/{index}"
        choice = _record(item, at)
        mode: Any = _text(choice, "value", at)
        choices.append(SyncModeOption(mode, _text(choice, "label", at)))
    default: Any = _text(record, "default", pointer)
    try:
        return SyncModeDefinition(
            default=default,
            choices=tuple(choices),
            label=_text_or_none(record, "label", pointer) or "Sync Mode",
            description=_text_or_none(record, "description", pointer) or "",
        )
    except DefinitionError as error:
        raise _wrong(pointer, str(error)) from None


def _preset(value: Any, pointer: str) -> Preset:
    record = _record(value, pointer)
    return Preset(
        name=_text(record, "name", pointer),
        type=_one_of(record, "type", pointer, ("automatic", "specificEvent")),
        partner_action=_text(record, "partnerAction", pointer),
        subscribe=_text_or_none(record, "subscribe", pointer) or "",
        mapping=_record(record.get("mapping"), f"{pointer}/mapping"),
        event_slug=_text_or_none(record, "eventSlug", pointer),
    )


# --- fields ----------------------------------------------------------------------------------------------


def _fields(value: Any, pointer: str, model: type[F]) -> dict[str, F]:
    return {key: _field(field, pointer + pointer_part(key), model) for key, field in _record(value, pointer).items()}


def _field(value: Any, pointer: str, model: type[F]) -> F:
    record = _field_json(value, pointer)
    try:
        return model.from_json(record)
    except DefinitionError as error:
        raise _wrong(pointer, str(error)) from None


_SAME_KEYS = (
    "label",
    "description",
    "type",
    "default",
    "choices",
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
_ABSENT_WHEN_FALSE = ("required", "multiple", "allowNull", "dynamic", "additionalProperties")


def _field_json(value: Any, pointer: str) -> dict[str, Any]:
    """Makes Segment's JSON of a field of the metadata, without the members that are there for completeness only."""
    record = _record(value, pointer)
    field = {key: record[key] for key in _SAME_KEYS if record.get(key) is not None}
    field |= {key: record[key] for key in _ABSENT_WHEN_FALSE if record.get(key) not in (None, False)}
    if record.get("hidden") is not None:
        field["unsafe_hidden"] = record["hidden"]
    if record.get("properties") is not None:
        properties = _record(record["properties"], f"{pointer}/properties")
        field["properties"] = {
            key: _field_json(inner, f"{pointer}/properties{pointer_part(key)}") for key, inner in properties.items()
        }
    return field


# --- parts, checked --------------------------------------------------------------------------------------


def _wrong(pointer: str, message: str) -> DefinitionError:
    return DefinitionError(f"the metadata is wrong at {pointer or 'its root'}: {message}")


def _record(value: Any, pointer: str) -> dict[str, Any]:
    if value is None and pointer:
        return {}
    if not isinstance(value, dict):
        raise _wrong(pointer, f"expected an object, but found: {json_type_of(value)}")
    return value


def _list(value: Any, pointer: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(pointer, f"expected a list, but found: {json_type_of(value)}")
    return value


def _text_or_none(record: Mapping[str, Any], key: str, pointer: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise _wrong(f"{pointer}/{key}", f"expected text, but found: {json_type_of(value)}")
    return value


def _text(record: Mapping[str, Any], key: str, pointer: str) -> str:
    value = _text_or_none(record, key, pointer)
    if value is None:
        raise _wrong(f"{pointer}/{key}", "expected text, but found nothing")
    return value


def _flag(record: Mapping[str, Any], key: str, pointer: str) -> bool:
    value = record.get(key)
    if value is not None and not isinstance(value, bool):
        raise _wrong(f"{pointer}/{key}", f"expected true or false, but found: {json_type_of(value)}")
    return bool(value)


def _one_of(record: Mapping[str, Any], key: str, pointer: str, allowed: tuple[str, ...]) -> Any:
    """Reads one of the allowed texts; the first if there is none."""
    value = _text_or_none(record, key, pointer)
    if value is not None and value not in allowed:
        raise _wrong(f"{pointer}/{key}", f"expected one of {', '.join(allowed)}, but found {value!r}")
    return allowed[0] if value is None else value
