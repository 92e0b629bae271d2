"""Turns fields into a JSON Schema, as Segment's `fieldsToJsonSchema` does.

The input is Segment's JSON form, so that malformed fields give the same schema, or the same failure, as on Segment.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from destination.errors import DefinitionError, EngineTypeError
from destination.fields.input_field import InputField
from destination.fields.validation.validator import too_deep
from destination.values import MISSING, ordered_items, spread, to_string, truthy

AnyFields: TypeAlias = Mapping[str, Any]
"""Fields by key, as `InputField`s or in Segment's JSON form."""

_DIALECT = "http://json-schema.org/schema#"


def fields_to_json_schema(
    fields: AnyFields,
    *,
    additional_properties: Any = False,
    omit_required: bool = False,
    ts_type: bool = False,
    additional_schema: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Makes the JSON Schema for the payloads of an action.

    Args:
        fields: The fields by their keys.
        additional_properties: The schema of keys without a field; any falsy value removes those keys.
        omit_required: Whether to leave out `required` and its conditions. Segment does so for an object in which a
            property has a condition, and adds the condition to the root instead.
        ts_type: Whether to add TypeScript types and leave out conditions, as for generated code.
        additional_schema: More keywords for the root.

    Raises:
        DefinitionError: A condition has an operator other than `is` and `is_not`, or the fields nest too deeply.
        EngineTypeError: A field, its choices or its conditions are of the wrong JSON type, and the reference raises
            a TypeError.

    Example:
        >>> fields_to_json_schema({"name": {"label": "Name", "type": "string", "required": True}})
        {'$schema': 'http://json-schema.org/schema#', 'type': 'object', 'additionalProperties': False,
         'properties': {'name': {'title': 'Name', 'type': 'string'}}, 'required': ['name']}
    """
    options = {"additionalProperties": additional_properties, "omitRequiredSchemas": omit_required, "tsType": ts_type}
    try:
        return {**_object_schema(_as_json(fields), options), **(additional_schema or {} if not ts_type else {})}
    except RecursionError:
        raise too_deep() from None


def _as_json(fields: Any) -> dict[str, Any]:
    """Returns the fields in Segment's JSON form.

    Raises:
        EngineTypeError: The fields are null.
    """
    if fields is None:
        raise EngineTypeError("null holds no fields")
    members = fields if isinstance(fields, Mapping) else spread(fields)
    return {key: field.to_json() if isinstance(field, InputField) else field for key, field in members.items()}


def _object_schema(fields: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    required: list[str] = []
    properties: dict[str, Any] = {}
    conditions: dict[str, Any] = {}
    for key, field in ordered_items(fields):
        if not isinstance(field, dict):
            if not isinstance(field, list):
                raise EngineTypeError(f"the field {key!r} is not an object")
            field = {}  # in JavaScript, a list is an object without a field's keys
        schema = _field_schema(field, options)
        for inner, condition in ordered_items(_conditions_of(_properties_of(field))):
            conditions[f"{key}.{inner}"] = condition
        properties[key] = schema
        if field.get("required") is True:
            required.append(key)
        elif _is_condition(field.get("required")):
            conditions[key] = field["required"]
    allowed = options.get("additionalProperties")
    base = {
        "$schema": _DIALECT,
        "type": "object",
        "additionalProperties": allowed if truthy(allowed) else False,
        "properties": properties,
    }
    if options.get("tsType") is True:
        return {**base, "required": required}
    if options.get("omitRequiredSchemas") is True:
        return base
    rules = [_condition_schema(key, condition) for key, condition in ordered_items(conditions)]
    return {**base, "required": required, **({"allOf": rules} if rules else {})}


# --- one field -------------------------------------------------------------------------------------------

_TYPES: dict[Any, Any] = {"text": "string", "password": "string"}
_FORMATS = {"datetime": "date-like", "password": "password", "text": "text"}
_LIMITS = {"string": ("minLength", "maxLength"), "number": ("minimum", "maximum")}


def _field_schema(field: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    kind = field.get("type", MISSING)
    name = kind if isinstance(kind, str) else ""
    json_type = ["string", "number"] if name == "datetime" else _TYPES.get(name, kind)
    schema: dict[str, Any] = {
        "title": field.get("label", MISSING),
        "description": field.get("description", MISSING),
        "type": json_type,
        "format": _FORMATS.get(name, field.get("format", MISSING)),
        "default": field.get("default", MISSING),
    }
    if name == "datetime" and truthy(options.get("tsType")):
        schema["tsType"] = "string | number"
    # Segment: a limit of 0 is ignored, and integers have no limits (test_limits_of_zero_are_ignored)
    for limit, keyword in zip(("minimum", "maximum"), _LIMITS.get(name, ()), strict=False):
        if truthy(field.get(limit)):
            schema[keyword] = field[limit]
    if truthy(field.get("choices")):
        schema["enum"] = _choice_values(field["choices"])
    if truthy(field.get("allowNull")):
        _allow_null(schema, json_type)
    several = truthy(field.get("multiple"))
    if several:
        items = {} if json_type is MISSING else {"type": json_type}
        if "enum" in schema:
            items["enum"] = schema.pop("enum")
        schema |= {"items": items, "type": "array"}
    properties = _properties_of(field)
    if json_type == "object" and truthy(field.get("properties")):
        inner = _object_schema(
            properties,
            {
                "additionalProperties": field.get("additionalProperties"),
                # Segment: with one condition, no property is required (test_a_condition_inside_an_object_frees_it_all)
                "omitRequiredSchemas": bool(_conditions_of(properties)),
            },
        )
        schema |= {"items": inner} if several else inner
    return {keyword: value for keyword, value in schema.items() if value is not MISSING}


def _allow_null(schema: dict[str, Any], json_type: Any) -> None:
    schema["type"] = [*json_type, "null"] if isinstance(json_type, list) else [json_type, "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    if "tsType" in schema:
        schema["tsType"] += " | null"


def _properties_of(field: dict[str, Any]) -> dict[str, Any]:
    properties = field.get("properties")
    if field.get("type") != "object" or not truthy(properties):
        return {}
    return {key: {} if isinstance(inner, list) else inner for key, inner in spread(properties).items()}


def _choice_values(choices: Any) -> list[Any]:
    if not isinstance(choices, list):
        raise EngineTypeError("the `choices` of a field are not a list")
    values: list[Any] = []
    for choice in choices:
        if choice is None:
            raise EngineTypeError("null is not a choice")
        if isinstance(choice, str):
            values.append(choice)
        else:
            # Segment: a bare number has no value (test_a_bare_number_among_choices_cannot_be_compiled)
            values.append(choice.get("value", MISSING) if isinstance(choice, dict) else MISSING)
    return values


def _conditions_of(fields: dict[str, Any]) -> dict[str, Any]:
    declared = {key: field.get("required") for key, field in fields.items() if isinstance(field, dict)}
    return {key: required for key, required in declared.items() if _is_condition(required)}


def _is_condition(required: Any) -> bool:
    return isinstance(required, (dict, list))


# --- conditions ------------------------------------------------------------------------------------------


def _condition_schema(key: str, condition: Any) -> dict[str, Any]:
    """Turns a field's `required: {match, conditions}` into a schema for the object that has the field."""
    conditions = condition.get("conditions") if isinstance(condition, dict) else None
    if not isinstance(conditions, list):
        raise EngineTypeError(f"the condition of {key!r} has no list of conditions")
    if len(conditions) == 1:
        return _single(_checked(conditions[0], key), key)
    branches = [_branch(_checked(one, key)) for one in conditions]
    # Segment: a dotted key is not a path here (test_several_conditions_require_a_dotted_key_literally)
    quantifier = "anyOf" if condition.get("match") == "any" else "allOf"
    return {"if": {quantifier: branches}, "then": {"required": [key]}}


def _checked(condition: Any, key: str) -> dict[str, Any]:
    if not isinstance(condition, dict) or not isinstance(condition.get("fieldKey"), str):
        raise EngineTypeError(f"a condition of {key!r} names no field")
    return condition


def _single(condition: dict[str, Any], key: str) -> dict[str, Any]:
    dependency, operator = condition["fieldKey"], condition.get("operator", MISSING)
    if operator not in ("is", "is_not"):
        raise _unsupported(operator)
    then = _then(key)
    if "." not in dependency and condition.get("value", MISSING) is MISSING:
        is_null = {"properties": {dependency: {"type": "null"}}}
        if operator == "is":
            return {"if": {"anyOf": [{"not": {"required": [dependency]}}, is_null]}, "then": then}
        return {"if": {"allOf": [{"required": [dependency]}, {"not": is_null}]}, "then": then}
    rule = _branch(condition)
    if "." not in dependency:
        rule = {"required": rule["required"], "properties": rule["properties"]}  # the reference's order of keys
    return {"if": rule, "then": then}


def _branch(condition: dict[str, Any]) -> dict[str, Any]:
    dependency, operator = condition["fieldKey"], condition.get("operator", MISSING)
    value = condition.get("value", MISSING)
    same = {} if value is MISSING else {"const": value}
    expected = same if operator == "is" else {"not": same}
    if "." in dependency:
        parent, child = dependency.split(".")[:2]
        return {"properties": {parent: {"properties": {child: expected}, "required": [child]}}, "required": [parent]}
    if value is MISSING:
        if operator not in ("is", "is_not"):
            raise _unsupported(operator)
        present = {"required": [dependency]}
        return {"not": present} if operator == "is" else present
    return {"properties": {dependency: expected}, "required": [dependency]}


def _then(key: str) -> dict[str, Any]:
    if "." not in key:
        return {"required": [key]}
    parent, child = key.split(".")[:2]
    return {"required": [parent], "properties": {parent: {"required": [child]}}}


def _unsupported(operator: Any) -> DefinitionError:
    return DefinitionError(f"Unsupported conditionally required field operator: {to_string(operator)}")
