"""Whether a schema is one: the meta-schema of JSON Schema draft 7, as ajv asks it before it compiles."""

from functools import cache
from typing import Any

from destination.errors import DefinitionError
from destination.fields.validation.compiler import SchemaCompiler
from destination.fields.validation.findings import Finding
from destination.fields.validation.nodes import ONLY_LOOK, Check

_KNOWN_DIALECTS = frozenset(
    f"http://json-schema.org/{name}schema{end}" for name in ("", "draft-07/") for end in ("", "#")
)

_SCHEMA = {"$ref": "schema"}
_SCHEMAS = {"$ref": "schemas"}
_COUNT = {"$ref": "count"}
_COUNT_WITH_DEFAULT = {"$ref": "count with default"}
_TEXTS = {"$ref": "texts"}
_TYPE = {"$ref": "type"}
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_FLAG = {"type": "boolean"}
_MAP_OF_SCHEMAS = {"type": "object", "additionalProperties": _SCHEMA}

# The order of the members is the order of the findings.
_META_SCHEMA: dict[str, Any] = {
    "schema": {
        "type": ["object", "boolean"],
        "properties": {
            "$id": _TEXT,
            "$schema": _TEXT,
            "$ref": _TEXT,
            "$comment": _TEXT,
            "title": _TEXT,
            "description": _TEXT,
            "readOnly": _FLAG,
            "examples": {"type": "array", "items": True},
            "multipleOf": {"type": "number", "exclusiveMinimum": 0},
            "maximum": _NUMBER,
            "exclusiveMaximum": _NUMBER,
            "minimum": _NUMBER,
            "exclusiveMinimum": _NUMBER,
            "maxLength": _COUNT,
            "minLength": _COUNT_WITH_DEFAULT,
            "pattern": _TEXT,
            "additionalItems": _SCHEMA,
            "items": {"anyOf": [_SCHEMA, _SCHEMAS]},
            "maxItems": _COUNT,
            "minItems": _COUNT_WITH_DEFAULT,
            "uniqueItems": _FLAG,
            "contains": _SCHEMA,
            "maxProperties": _COUNT,
            "minProperties": _COUNT_WITH_DEFAULT,
            "required": _TEXTS,
            "additionalProperties": _SCHEMA,
            "definitions": _MAP_OF_SCHEMAS,
            "properties": _MAP_OF_SCHEMAS,
            "patternProperties": _MAP_OF_SCHEMAS,
            "dependencies": {"type": "object", "additionalProperties": {"anyOf": [_SCHEMA, _TEXTS]}},
            "propertyNames": _SCHEMA,
            "enum": {"type": "array", "items": True, "minItems": 1, "uniqueItems": True},
            "type": {"anyOf": [_TYPE, {"type": "array", "items": _TYPE, "minItems": 1, "uniqueItems": True}]},
            "format": _TEXT,
            "contentMediaType": _TEXT,
            "contentEncoding": _TEXT,
            "if": _SCHEMA,
            "then": _SCHEMA,
            "else": _SCHEMA,
            "allOf": _SCHEMAS,
            "anyOf": _SCHEMAS,
            "oneOf": _SCHEMAS,
            "not": _SCHEMA,
        },
    },
    "schemas": {"type": "array", "minItems": 1, "items": _SCHEMA},
    "count": {"type": "integer", "minimum": 0},
    "count with default": {"allOf": [_COUNT, {"default": 0}]},
    "texts": {"type": "array", "items": _TEXT, "uniqueItems": True},
    "type": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]},
}


@cache
def _check() -> Check:
    check = SchemaCompiler(_META_SCHEMA).compile(_SCHEMA, mode=ONLY_LOOK)
    assert check is not None  # noqa: S101  a constant schema that asks for something
    return check


def check_schema(schema: Any) -> None:
    """Refuses what is no schema, in ajv's words.

    Raises:
        DefinitionError: It is none; the message lists everything that is wrong with it.

    Example:
        >>> check_schema({"type": "string", "minLength": -1})
        Traceback (most recent call last):
        destination.errors.DefinitionError: schema is invalid: data/minLength must be >= 0
    """
    if not isinstance(schema, (dict, bool)):
        raise DefinitionError("schema must be object or boolean")
    if isinstance(schema, dict):
        dialect = schema.get("$schema", "")
        if not isinstance(dialect, str):
            raise DefinitionError("$schema must be a string")
        if dialect and dialect not in _KNOWN_DIALECTS:
            raise DefinitionError(f'no schema with key or ref "{dialect}"')
    findings: list[Finding] = []
    _check()(schema, "", findings)
    if findings:
        raise DefinitionError(
            "schema is invalid: " + ", ".join(f"data{finding.pointer} {finding.message}" for finding in findings)
        )
