"""Validates and converts data with a JSON Schema, as Segment's ajv does."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from destination.errors import DefinitionError, DestinationError, EngineTypeError, SchemaValidationError
from destination.fields.validation.compiler import SchemaCompiler
from destination.fields.validation.findings import Finding, for_people
from destination.fields.validation.nodes import VALIDATE_ONLY, Check
from destination.values import MISSING

EXEMPT = ("dynamicAuthSettings",)
"""The keys that Segment's runtime keeps unchanged, whatever the schema says."""


class Validator:
    """A compiled schema; `compile_schema` makes it.

    Attributes:
        schema: The schema.
        error: The problem with the schema itself, or None. The reference finds it with the first event, so
            `validate` raises it, and not `compile_schema`.

    Example:
        >>> from destination.fields import compile_fields
        >>> validator = compile_fields({"seats": {"label": "Seats", "type": "integer"}}).validator
        >>> validator.validate({"seats": "many"})
        Traceback (most recent call last):
            ...
        destination.errors.SchemaValidationError: Seats must be an integer but it was a string.
    """

    __slots__ = ("_array_keys", "_check", "error", "schema")

    def __init__(self, schema: dict[str, Any], check: Check | None, error: DestinationError | None) -> None:
        self.schema = schema
        self.error = error
        self._check = check
        properties = schema.get("properties") if isinstance(schema, dict) else None
        self._array_keys = frozenset(
            key
            for key, property_schema in (properties or {}).items()
            if isinstance(property_schema, dict) and property_schema.get("type") == "array"
        )

    def validate(self, payload: Any, *, exempt: Iterable[str] = EXEMPT) -> Any:
        """Validates a payload and returns it with its values converted.

        The given payload is not changed; values are converted and removed in copies.

        Args:
            payload: Any JSON value.
            exempt: Keys of the payload that stay unchanged.

        Raises:
            SchemaValidationError: The payload is not valid; `errors` has every reason, in the reference's order.
            DefinitionError: The schema cannot be compiled.
            EngineTypeError: The schema cannot be compiled, and the reference raises a TypeError for it.

        Example:
            >>> compile_schema({"type": "object", "properties": {"n": {"type": "number"}}}).validate({"n": "5"})
            {'n': 5}
        """
        validated, findings = self.examine(payload, exempt=exempt)
        if findings:
            raise SchemaValidationError(for_people(findings))
        return validated

    def examine(self, payload: Any, *, exempt: Iterable[str] = EXEMPT) -> tuple[Any, list[Finding]]:
        """Returns the converted payload and the findings; with findings, only a part of it is converted.

        Args:
            payload: Any JSON value.
            exempt: Keys of the payload that stay unchanged.

        Raises:
            DefinitionError: The schema cannot be compiled.
            EngineTypeError: The schema cannot be compiled, and the reference raises a TypeError for it.
        """
        if self.error is not None:
            # A new error each time: one that is raised again keeps the frames of every earlier raise.
            raise type(self.error)(*self.error.args)
        findings: list[Finding] = []
        validated = self.arrify(payload)
        if self._check is not None:
            try:
                validated = self._check(validated, "", findings)
            except RecursionError:
                raise too_deep() from None
        if isinstance(payload, dict) and isinstance(validated, dict):
            kept = {
                key: _put_back(payload[key], validated.get(key))
                for key in exempt
                if payload.get(key, MISSING) is not MISSING
            }
            if kept:
                validated = {**validated, **kept}
        return validated, findings

    def arrify(self, payload: Any) -> Any:
        """Wraps single values of root fields that allow several values in a list, except null."""
        if not isinstance(payload, dict) or self._array_keys.isdisjoint(payload):
            return payload
        wrapped = {
            key: [payload[key]]
            for key in self._array_keys & payload.keys()
            if not isinstance(payload[key], list) and payload[key] is not None and payload[key] is not MISSING
        }
        return {**payload, **wrapped} if wrapped else payload


def _put_back(given: Any, validated: Any) -> Any:
    # Segment: with a field of that name, the given object is put back, but its values are converted
    # (test_an_exempt_object_with_a_field_of_its_own_is_converted_inside)
    if isinstance(given, dict) and isinstance(validated, list):
        validated = validated[0]
    return validated if isinstance(given, (dict, list)) and type(given) is type(validated) else given


def too_deep() -> DefinitionError:
    """Makes the error for fields that nest too deeply for Python."""
    return DefinitionError("the fields nest too deeply")


def compile_schema(schema: dict[str, Any]) -> Validator:
    """Compiles a schema into a validator that converts values as Segment's runtime does.

    The behaviour is that of ajv 8 with `coerceTypes: "array"`, `removeAdditional`, `allErrors` and the formats of
    ajv-formats. `default` is ignored. Keywords that fields never produce (`pattern`, `$ref`, …) are an error.

    Example:
        >>> compile_schema({"type": "string", "format": "phone"}).error
        DefinitionError('unknown format "phone" ignored in schema at path "#"')
    """
    try:
        _check_schema(schema)
        return Validator(schema, SchemaCompiler().compile(schema), None)
    except (DefinitionError, EngineTypeError) as error:
        return Validator(schema, None, error)
    except RecursionError:
        return Validator(schema, None, too_deep())


def validate_schema(payload: Any, schema: dict[str, Any], *, exempt: Iterable[str] = EXEMPT) -> Any:
    """Validates a payload with a schema that is used only once.

    Args:
        payload: Any JSON value.
        schema: The JSON Schema.
        exempt: Keys of the payload that stay unchanged.

    Raises:
        SchemaValidationError: The payload is not valid.
        DefinitionError: The schema cannot be compiled.
        EngineTypeError: The schema cannot be compiled, and the reference raises a TypeError for it.

    Example:
        >>> validate_schema({"n": [True]}, {"type": "object", "properties": {"n": {"type": "integer"}}})
        {'n': 1}
    """
    return compile_schema(schema).validate(payload, exempt=exempt)


# --- the schema of schemas -------------------------------------------------------------------------------

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
def _meta_check() -> Check:
    check = SchemaCompiler(_META_SCHEMA).compile(_SCHEMA, mode=VALIDATE_ONLY)
    assert check is not None  # noqa: S101  a constant schema with rules
    return check


def _check_schema(schema: Any) -> None:
    """Validates a schema against the meta-schema of JSON Schema draft 7, as ajv does before it compiles.

    Raises:
        DefinitionError: It is not a schema; the message lists all problems, in ajv's words.

    Example:
        >>> _check_schema({"type": "string", "minLength": -1})
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
    _meta_check()(schema, "", findings)
    if findings:
        raise DefinitionError(
            "schema is invalid: " + ", ".join(f"data{finding.pointer} {finding.message}" for finding in findings)
        )
