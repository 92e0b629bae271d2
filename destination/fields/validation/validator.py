"""A compiled JSON Schema that behaves as Segment's ajv does."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from destination.errors import DefinitionError, DestinationError, EngineTypeError, SchemaValidationError
from destination.fields.validation.compiler import SchemaCompiler
from destination.fields.validation.findings import Finding, for_people
from destination.fields.validation.nodes import VALIDATE_ONLY, Check
from destination.values import MISSING

EXEMPT = ("dynamicAuthSettings",)
"""Keys that Segment's runtime keeps as they are, whatever the schema says of them."""


class Validator:
    """Fits payloads and settings to one schema; made by `compile_schema`.

    Attributes:
        schema: The schema it was made from.
        error: What is wrong with the schema itself, or None. The reference finds it when the first event
            comes, so here, too, it is raised by `validate` and not when the validator is made.
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
        """The payload converted to fit the schema.

        Neither the payload nor anything in it is changed: what is converted or removed is so in copies.

        Args:
            payload: Any JSON value; what is no object does not fit.
            exempt: Keys of the payload that come back as they were given.

        Raises:
            SchemaValidationError: It does not fit; `errors` holds every reason, in the reference's order.
            DefinitionError: The schema cannot be compiled.
            EngineTypeError: The same, where the reference dies while it tries.

        Example:
            >>> compile_schema({"type": "object", "properties": {"n": {"type": "number"}}}).validate({"n": "5"})
            {'n': 5}
        """
        fitted, findings = self.examine(payload, exempt=exempt)
        if findings:
            raise SchemaValidationError(for_people(findings))
        return fitted

    def examine(self, payload: Any, *, exempt: Iterable[str] = EXEMPT) -> tuple[Any, list[Finding]]:
        """Like `validate`, with what was found as a value; where that is something, the payload is half fitted.

        Raises:
            DefinitionError: The schema cannot be compiled.
            EngineTypeError: The same, where the reference dies while it tries.
        """
        if self.error is not None:
            # A new one each time: an error that is raised again holds on to every place it came through.
            raise type(self.error)(*self.error.args)
        findings: list[Finding] = []
        fitted = self.arrify(payload)
        if self._check is not None:
            try:
                fitted = self._check(fitted, "", findings)
            except RecursionError:
                raise too_deep() from None
        if isinstance(payload, dict) and isinstance(fitted, dict):
            kept = {
                key: _put_back(payload[key], fitted.get(key))
                for key in exempt
                if payload.get(key, MISSING) is not MISSING
            }
            if kept:
                fitted = {**fitted, **kept}
        return fitted, findings

    def arrify(self, payload: Any) -> Any:
        """The payload with every value of a root field that takes several wrapped in a list; null stays."""
        if not isinstance(payload, dict) or self._array_keys.isdisjoint(payload):
            return payload
        wrapped = {
            key: [payload[key]]
            for key in self._array_keys & payload.keys()
            if not isinstance(payload[key], list) and payload[key] is not None and payload[key] is not MISSING
        }
        return {**payload, **wrapped} if wrapped else payload


def _put_back(given: Any, fitted: Any) -> Any:
    # Segment: a field of that name puts back the object it was given, but changed inside
    # (test_an_exempt_object_with_a_field_of_its_own_is_fitted_inside)
    if isinstance(given, dict) and isinstance(fitted, list):
        fitted = fitted[0]
    return fitted if isinstance(given, (dict, list)) and type(given) is type(fitted) else given


def too_deep() -> DefinitionError:
    """The error for what nests deeper than Python follows."""
    return DefinitionError("the fields nest too deeply")


def compile_schema(schema: dict[str, Any]) -> Validator:
    """Compiles a schema into a validator that converts as Segment's runtime does.

    That is ajv 8 with `coerceTypes: "array"`, `removeAdditional`, `allErrors` and the formats of ajv-formats.
    `default` is ignored. Keywords that no fields lead to (`pattern`, `$ref`, …) are refused.

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
    """Compiles and applies a schema in one go, for when it is used only once.

    Raises:
        SchemaValidationError: The payload does not fit.
        DefinitionError: The schema cannot be compiled.
        EngineTypeError: The same, where the reference dies while it tries.

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
    assert check is not None  # noqa: S101  a constant schema that asks for something
    return check


def _check_schema(schema: Any) -> None:
    """Refuses what is no schema, in ajv's words.

    Raises:
        DefinitionError: It is none; the message lists everything that is wrong with it.

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
