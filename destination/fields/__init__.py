"""Declares the fields of an action, and cleans, converts and validates payloads.

Read in this order: `declare` and `models` (payload classes) or `input_field` (Segment's JSON) define fields,
`json_schema` turns them into a JSON Schema, `validation/` compiles that into a validator, `clean_and_validate` makes
the one call that a payload goes through, and `compiled` holds all of it for an action. Conversions and error messages
are those of Segment's runtime.
"""

from destination.fields.clean_and_validate import CleanAndValidate, remove_empty_values
from destination.fields.compiled import (
    CompiledFields,
    FieldVerdict,
    PayloadTrace,
    compile_fields,
    compile_fields_schema,
)
from destination.fields.declare import field, setting
from destination.fields.input_field import FieldCondition, FieldConditions, GlobalSetting, InputField, load_fields
from destination.fields.json_schema import fields_to_json_schema
from destination.fields.models import Payload, PayloadView, Settings
from destination.fields.validation import ValidationFinding, Validator, compile_schema, validate_schema

__all__ = [
    "CleanAndValidate",
    "CompiledFields",
    "FieldCondition",
    "FieldConditions",
    "FieldVerdict",
    "GlobalSetting",
    "InputField",
    "Payload",
    "PayloadTrace",
    "PayloadView",
    "Settings",
    "ValidationFinding",
    "Validator",
    "compile_fields",
    "compile_fields_schema",
    "compile_schema",
    "field",
    "fields_to_json_schema",
    "load_fields",
    "remove_empty_values",
    "setting",
    "validate_schema",
]
