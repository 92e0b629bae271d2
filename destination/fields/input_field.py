"""Reads and writes fields in Segment's JSON form: `InputField`, and `GlobalSetting` for a destination's settings.

Reading and writing changes nothing: an absent key stays absent, a null stays null, and unknown keys are kept.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from destination.errors import DefinitionError

FieldType = Literal["string", "text", "number", "integer", "datetime", "boolean", "password", "object"]
ObjectUI = Literal["keyvalue", "object", "keyvalue:only", "object:only", "arrayeditor"]
InputMethod = Literal["literal", "variable", "function", "enrichment", "freeform"]
DisplayMode = Literal["expanded", "normal", "collapsed"]
Category = Literal["identifier", "data", "internal", "config", "sync", "hashedPII"]


_ODD_KEYS = {
    "default_object_ui": "defaultObjectUI",
    "depends_on": "depends_on",
    "unsafe_hidden": "unsafe_hidden",
}


def _segment_key(name: str) -> str:
    return _ODD_KEYS.get(name) or to_camel(name)


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, strict=True, extra="allow", populate_by_name=True, alias_generator=_segment_key
    )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Reads Segment's JSON form.

        Raises:
            DefinitionError: A key has a value that Segment does not accept; the message names the key.
        """
        try:
            return cls.model_validate(value, by_alias=True, by_name=False)
        except ValidationError as error:
            raise DefinitionError(describe_problem(error)) from None

    def to_json(self) -> dict[str, Any]:
        """Returns Segment's JSON form, with the given keys only."""
        return self.model_dump(by_alias=True, exclude_unset=True)


def describe_problem(error: ValidationError) -> str:
    """Writes the first of pydantic's errors about a field as one sentence."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(map(str, problem["loc"]))
    return f"a field is declared wrongly at `{path}`: {problem['msg']}"


class FieldCondition(_Model):
    """A condition on another field, or (`type="syncMode"`) on the mode of a sync.

    Example:
        >>> FieldCondition(field_key="kind", operator="is", value="order").value
        'order'
    """

    operator: Literal["is", "is_not"]
    field_key: str | None = None
    type: Literal["field", "syncMode"] | None = None
    value: Any = None
    """The value to compare the other field with; if this key is absent, the condition tests whether that
    field is present."""


class FieldConditions(_Model):
    """Conditions that must all hold, or of which one must hold (`match="any"`).

    Example:
        >>> order = FieldCondition(field_key="kind", operator="is", value="order")
        >>> FieldConditions(match="all", conditions=[order]).conditions[0].field_key
        'kind'
    """

    match: Literal["any", "all"] | None = None
    conditions: list[FieldCondition]


class InputField(_Model):
    """One field of an action's payload.

    Attributes have snake_case names; the keys in JSON are Segment's (`allowNull`, `depends_on`, …).

    Example:
        >>> name = InputField.from_json({"label": "Name", "type": "string", "required": True, "allowNull": False})
        >>> name.required, name.allow_null, name.to_json()
        (True, False, {'label': 'Name', 'type': 'string', 'required': True, 'allowNull': False})
    """

    label: str
    description: str | None = None
    type: FieldType
    required: bool | FieldConditions | None = None
    """True, or the conditions under which the field is required."""
    multiple: bool | None = None
    """The value is a list; a single value is wrapped in one."""
    allow_null: bool | None = None
    """Null is a valid value; otherwise it counts as absent."""
    default: Any = None
    """The mapping that Segment's app proposes; validation does not use it."""
    choices: list[Any] | None = None
    """The allowed values: strings, or objects `{"label": …, "value": …}`."""
    placeholder: str | None = None
    properties: dict[str, "InputField"] | None = None
    """The fields of an object."""
    category: Category | None = None
    depends_on: FieldConditions | None = None
    """The conditions under which the app shows the field."""
    read_only: bool | None = None
    unsafe_hidden: bool | None = None
    """The app hides the field."""
    minimum: int | float | None = None
    """The minimum of a `number`, or of the length of a `string` in characters; 0 is no limit."""
    maximum: int | float | None = None
    """The maximum of a `number`, or of the length of a `string` in characters; 0 is no limit."""
    format: str | None = None
    """The required format of strings, such as `uri`, `email`, `date-time`."""
    disabled_input_methods: list[InputMethod] | None = None
    display_mode: DisplayMode | None = None
    additional_properties: bool | None = None
    """An object with `properties` keeps other keys."""
    default_object_ui: ObjectUI | None = None
    dynamic: bool | None = None
    """The app requests the choices from the destination."""


class GlobalSetting(InputField):
    """One setting of a destination; `type` is `string`, `password`, `number` or `boolean`.

    Example:
        >>> GlobalSetting(label="API key", type="password", required=True).to_json()
        {'label': 'API key', 'type': 'password', 'required': True}
    """


def load_fields(value: Mapping[str, Any]) -> dict[str, InputField]:
    """Reads an action's fields from Segment's JSON form.

    Raises:
        DefinitionError: A field is not valid; the message names it.

    Example:
        >>> load_fields({"name": {"label": "Name", "type": "strnig"}})
        Traceback (most recent call last):
        destination.errors.DefinitionError: field `name`: a field is declared wrongly at `type`: Input should be ...
    """
    fields = {}
    for key, field in value.items():
        try:
            fields[key] = InputField.from_json(field)
        except DefinitionError as error:
            raise DefinitionError(f"field `{key}`: {error}") from None
    return fields
