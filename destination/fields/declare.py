"""How an attribute of a payload or settings model is declared: `field(…)` and `setting(…)`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination.fields.input_field import (
    Category,
    DisplayMode,
    FieldConditions,
    FieldType,
    InputField,
    InputMethod,
    ObjectUI,
)
from destination.values import MISSING


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What `field(…)` and `setting(…)` leave in a class until its fields are asked for."""

    key: str | None
    options: Mapping[str, Any]

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Itself, asked of the class; None, asked of an instance, which has no value of its own then."""
        return self if instance is None else None


def field(  # noqa: PLR0913  Segment has that many keys
    *,
    label: str,
    description: str | None = None,
    key: str | None = None,
    type: FieldType | None = None,  # noqa: A002  Segment's name of it
    required: bool | FieldConditions | Mapping[str, Any] | None = None,
    multiple: bool | None = None,
    allow_null: bool | None = None,
    default: Any = MISSING,
    choices: Sequence[Any] | None = None,
    format: str | None = None,  # noqa: A002
    minimum: float | None = None,
    maximum: float | None = None,
    additional_properties: bool | None = None,
    properties: Mapping[str, InputField] | None = None,
    object_ui: ObjectUI | None = None,
    category: Category | None = None,
    depends_on: FieldConditions | Mapping[str, Any] | None = None,
    placeholder: str | None = None,
    dynamic: bool | None = None,
    read_only: bool | None = None,
    hidden: bool | None = None,
    disabled_input_methods: Sequence[InputMethod] | None = None,
    display_mode: DisplayMode | None = None,
) -> Any:
    """Declares one field of a `Payload`; what is not given follows from the attribute's annotation.

    Args:
        label: The field's name for people; validation messages begin with it.
        description: What it is for.
        key: Its key on the wire; without it the attribute's name in camelCase (a `_` at its end is dropped).
        type: Its type, where the annotation does not tell it: `datetime`, `text`, `password`.
        required: Whether, or under which conditions, it must be there; by default if the annotation has no None.
        multiple: Whether it takes a list; by default if the annotation is one.
        allow_null: Null is a value of its own; otherwise it counts as absent.
        default: The mapping that the app proposes, such as `path("$.event")`; null counts as one.
        choices: The allowed values; by default those of a `Literal`.
        format: A format that strings must have.
        minimum: The least number, or number of characters; 0 is none.
        maximum: The largest number, or number of characters; 0 is none.
        additional_properties: An object with properties keeps keys that are none of them.
        properties: The fields of an object, where its annotation is no `Payload`.
        object_ui: How the app edits an object.
        category: What the app files it under.
        depends_on: When the app shows it.
        placeholder: What the app shows in an empty field.
        dynamic: The app asks the destination for choices.
        read_only: The app does not let it be changed.
        hidden: The app does not show it.
        disabled_input_methods: Ways of filling it in that the app leaves out.
        display_mode: Whether the app shows it expanded or collapsed.

    Example:
        >>> from destination.fields import Payload
        >>> class Mail(Payload):
        ...     sender: str = field(label="From", key="from", format="email")
        >>> Mail.input_fields()["from"].to_json()
        {'label': 'From', 'type': 'string', 'required': True, 'format': 'email'}
    """
    options = {
        "label": label,
        "type": type,
        "required": required,
        "description": description,
        "multiple": multiple,
        "allow_null": allow_null,
        "choices": choices and list(choices),
        "format": format,
        "minimum": minimum,
        "maximum": maximum,
        "additional_properties": additional_properties,
        "properties": properties and dict(properties),
        "default_object_ui": object_ui,
        "category": category,
        "depends_on": depends_on,
        "placeholder": placeholder,
        "dynamic": dynamic,
        "read_only": read_only,
        "unsafe_hidden": hidden,
        "disabled_input_methods": disabled_input_methods and list(disabled_input_methods),
        "display_mode": display_mode,
    }
    return _spec(key, options, default)


def setting(  # noqa: PLR0913  as for field
    *,
    label: str,
    description: str | None = None,
    key: str | None = None,
    type: FieldType | None = None,  # noqa: A002
    required: bool | FieldConditions | Mapping[str, Any] | None = None,
    default: Any = MISSING,
    choices: Sequence[Any] | None = None,
    format: str | None = None,  # noqa: A002
    placeholder: str | None = None,
    depends_on: FieldConditions | Mapping[str, Any] | None = None,
) -> Any:
    """Declares one setting of a `Settings` class; see `field` for the arguments.

    Example:
        >>> from destination.fields import Settings
        >>> class Place(Settings):
        ...     region: str | None = setting(label="Region", default="eu")
        >>> Place.input_fields()["region"].to_json()
        {'label': 'Region', 'type': 'string', 'required': False, 'default': 'eu'}
    """
    options = {
        "label": label,
        "type": type,
        "required": required,
        "description": description,
        "choices": choices and list(choices),
        "format": format,
        "placeholder": placeholder,
        "depends_on": depends_on,
    }
    return _spec(key, options, default)


def _spec(key: str | None, options: dict[str, Any], default: Any) -> FieldSpec:
    given = {name: option for name, option in options.items() if option is not None}
    if default is not MISSING:
        given["default"] = default
    return FieldSpec(key, given)
