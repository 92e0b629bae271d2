"""Pydantic's models of fields: they read what comes from outside, and say what is wrong with a declaration.

They are imported where a field is read from JSON, or is not plainly right.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from destination.errors import DefinitionError
from destination.fields.segment_keys import Category, DisplayMode, FieldType, InputMethod, ObjectUI, segment_key


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


Make = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Any]
"""Makes a declaration of its kind, its attributes, and the keys that Segment does not have."""

_MODELS: Mapping[str, type[_Checked]] = {
    "FieldCondition": _Condition,
    "FieldConditions": _Conditions,
    "InputField": _Field,
    "GlobalSetting": _Field,
}
_KINDS: Mapping[type, str] = {_Condition: "FieldCondition", _Conditions: "FieldConditions", _Field: "InputField"}


def check(kind: str, value: Any, make: Make, *, by_name: bool) -> Any:
    """Checks the values of a declaration, and makes it.

    Args:
        kind: The name of the class, such as `InputField`.
        value: The values, in Segment's JSON form.
        make: Makes this declaration and those in it.
        by_name: Whether the keys may also be the attributes' names.

    Raises:
        DefinitionError: A value is wrong or missing; the message names the key.

    Example:
        >>> check("InputField", {"label": "Name", "type": "string", "x": 1}, lambda *made: made, by_name=False)[2]
        {'x': 1}
    """
    try:
        model = _MODELS[kind].model_validate(value, by_alias=True, by_name=by_name)
    except ValidationError as error:
        raise DefinitionError(_describe(error)) from None
    return _made(model, make)


def _describe(error: ValidationError) -> str:
    """Writes the first of pydantic's errors about a field as one sentence."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(map(str, problem["loc"]))
    return f"a field is declared wrongly at `{path}`: {problem['msg']}"


def _made(value: Any, make: Make) -> Any:
    if isinstance(value, _Checked):
        names = value.model_fields_set & type(value).model_fields.keys()
        values = {name: _made(getattr(value, name), make) for name in names}
        return make(_KINDS[type(value)], values, value.model_extra or {})
    if isinstance(value, list):
        return [_made(item, make) for item in value]
    return {key: _made(item, make) for key, item in value.items()} if isinstance(value, dict) else value
