"""Declares the attributes of payload and settings models: `field(…)` and `setting(…)`."""

from collections.abc import Mapping, Sequence
from typing import Any

from destination.fields.input_field import FieldConditions, InputField
from destination.fields.segment_keys import Category, DisplayMode, FieldType, InputMethod, ObjectUI
from destination.records import dataclass
from destination.values import MISSING


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A declaration in a class body, from which the model makes its field later."""

    key: str | None
    options: Mapping[str, Any]

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Returns the declaration for the class, and None for an instance without a value of its own."""
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
    """Declares one field of a `Payload`; omitted options follow from the attribute's annotation.

    Args:
        label: The display name of the field; validation messages begin with it.
        description: A text about the purpose of the field.
        key: The key in the payload; by default the attribute's name in camelCase, without a `_` at its end.
        type: The type, where the annotation does not determine it: `datetime`, `text`, `password`.
        required: Whether the field is required, or conditions under which it is; by default it is required unless
            the annotation allows None.
        multiple: Whether the value is a list; by default if the annotation is a list.
        allow_null: Whether null is a valid value; otherwise it counts as absent.
        default: The mapping that Segment's app proposes, such as `path("$.event")`; may be null.
        choices: The allowed values; by default those of a `Literal`.
        format: The required format of strings, such as `uri`.
        minimum: The minimum of a number, or of a string's length in characters; 0 is no limit.
        maximum: The maximum of a number, or of a string's length in characters; 0 is no limit.
        additional_properties: Whether an object with properties keeps other keys.
        properties: The fields of an object, where the annotation is not a `Payload`.
        object_ui: The editor for an object in the app.
        category: The category of the field in the app.
        depends_on: The conditions under which the app shows the field.
        placeholder: The text that the app shows in an empty field.
        dynamic: Whether the app requests the choices from the destination.
        read_only: Whether the app prevents changes.
        hidden: Whether the app hides the field.
        disabled_input_methods: The input methods that the app does not offer.
        display_mode: Whether the app shows the field expanded or collapsed.

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
    """Declares one setting of a `Settings` class; `field` describes the arguments.

    Example:
        >>> from destination.fields import Settings
        >>> class Account(Settings):
        ...     region: str | None = setting(label="Region", default="eu")
        >>> Account.input_fields()["region"].to_json()
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
