"""Fields: what an action's payload consists of, and how a raw payload is made to fit.

A payload model or Segment's JSON gives `InputField`s; those give a JSON Schema; that becomes a validator
that removes empties, converts values and words its errors as Segment's runtime does.
"""

from destination.fields.compiled import (
    CleanAndValidate,
    CompiledFields,
    FieldVerdict,
    PayloadTrace,
    compile_fields,
    compile_fields_schema,
    remove_empty_values,
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
