"""Pydantic's models of fields: they read what comes from outside, and say what is wrong with a declaration.

They are imported where a field is read from JSON, or is not plainly right.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from destination.errors import DefinitionError
from destination.fields.input_field import (
    Category,
    Declaration,
    DisplayMode,
    FieldCondition,
    FieldConditions,
    FieldType,
    GlobalSetting,
    InputField,
    InputMethod,
    ObjectUI,
    segment_key,
)


class _Checked(BaseModel):
    model_config = ConfigDict(
        frozen=True, strict=True, extra="allow", populate_by_name=True, alias_generator=segment_key
    )


class _Condition(_Checked):
    operator: Literal["is", "is_not"]
    field_key: str | None = None
    type: Literal["field", "syncMode"] | None = None
    value: Any = None


class _Conditions(_Checked):
    match: Literal["any", "all"] | None = None
    conditions: list[_Condition]


class _Field(_Checked):
    label: str
    description: str | None = None
    type: FieldType
    required: bool | _Conditions | None = None
    multiple: bool | None = None
    allow_null: bool | None = None
    default: Any = None
    choices: list[Any] | None = None
    placeholder: str | None = None
    properties: dict[str, "_Field"] | None = None
    category: Category | None = None
    depends_on: _Conditions | None = None
    read_only: bool | None = None
    unsafe_hidden: bool | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    format: str | None = None
    disabled_input_methods: list[InputMethod] | None = None
    display_mode: DisplayMode | None = None
    additional_properties: bool | None = None
    default_object_ui: ObjectUI | None = None
    dynamic: bool | None = None


_MODELS: Mapping[type, type[_Checked]] = {
    FieldCondition: _Condition,
    FieldConditions: _Conditions,
    InputField: _Field,
    GlobalSetting: _Field,
}
_DECLARED: Mapping[type, Any] = {_Condition: FieldCondition, _Conditions: FieldConditions, _Field: InputField}


def check(declared: type[Declaration], value: Any, *, by_name: bool) -> Declaration:
    """Checks the values of a declaration, and makes it.

    Args:
        declared: The class, such as `InputField`.
        value: The values, in Segment's JSON form.
        by_name: Whether the keys may also be the attributes' names.

    Raises:
        DefinitionError: A value is wrong or missing; the message names the key.

    Example:
        >>> check(InputField, {"label": "Name", "type": "string", "allowNull": True}, by_name=False).allow_null
        True
    """
    try:
        model = _MODELS[declared].model_validate(value, by_alias=True, by_name=by_name)
    except ValidationError as error:
        raise DefinitionError(_describe(error)) from None
    return _declare(declared, model)


def _describe(error: ValidationError) -> str:
    """Writes the first of pydantic's errors about a field as one sentence."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(map(str, problem["loc"]))
    return f"a field is declared wrongly at `{path}`: {problem['msg']}"


def _declare(declared: type[Declaration], model: _Checked) -> Declaration:
    unknown = model.model_extra or {}
    given = {name: _value(getattr(model, name)) for name in model.model_fields_set if name in type(model).model_fields}
    return declared.of_checked(given, unknown)


def _value(value: Any) -> Any:
    if isinstance(value, _Checked):
        return _declare(_DECLARED[type(value)], value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    return {key: _value(item) for key, item in value.items()} if isinstance(value, dict) else value
