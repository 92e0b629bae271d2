"""The fields of an action, compiled once and used for every payload."""

from collections.abc import Mapping
from typing import Any

from destination.errors import DestinationError
from destination.fields.clean_and_validate import (
    CleanAndValidate,
    compile_clean_and_validate,
    remove_empty_values,
    types_accepted_unchanged,
)
from destination.fields.json_schema import AnyFields, fields_to_json_schema
from destination.fields.validation import ValidationFinding, Validator, compile_schema, for_people
from destination.records import dataclass
from destination.values import MISSING
from destination.values.pointers import pointer_part


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """The result of validation for one key of a payload.

    Attributes:
        key: The key.
        raw: The value in the mapping's payload; `MISSING` if it has none.
        cleaned: The value after empties were removed; `MISSING` if it was removed.
        fitted: The value after conversion, as `perform` gets it; `MISSING` if there is none. When any field failed,
            `perform` is not called.
        findings: The problems with the value or with a value inside it.

    Example:
        >>> fields = compile_fields({"name": {"label": "Name", "type": "string"}})
        >>> verdict = fields.trace({"name": 5}).fields[0]
        >>> verdict.key, verdict.raw, verdict.fitted
        ('name', 5, '5')
    """

    key: str
    raw: Any
    cleaned: Any
    fitted: Any
    findings: tuple[ValidationFinding, ...]


@dataclass(frozen=True, slots=True)
class PayloadTrace:
    """The result of validation for each key of a payload.

    Attributes:
        fields: One result for each key; the keys of the raw payload come first.
        findings: All problems, in the order of the error message.
        payload: The payload that `perform` gets; `MISSING` if there was a problem.

    Example:
        >>> trace = compile_fields({"name": {"label": "Name", "type": "string", "required": True}}).trace({})
        >>> trace.payload, [finding.message for finding in trace.findings]
        (MISSING, ["The root value is missing the required field 'name'."])
    """

    fields: tuple[FieldVerdict, ...]
    findings: tuple[ValidationFinding, ...]
    payload: Any


@dataclass(frozen=True, slots=True)
class CompiledFields:
    """Fields that are compiled once and used for every payload; `compile_fields` makes them.

    Attributes:
        schema: The fields as a JSON Schema.
        validator: The compiled schema.
        clean_and_validate: Removes empties, wraps, converts and validates, in one call.
        kinds: The fields that accept every value of one Python type unchanged, except blank strings, with that
            type; empty when there are conditions.
        required: The keys that a payload must have.

    Example:
        >>> fields = compile_fields({"name": {"label": "Name", "type": "string", "required": True}})
        >>> fields.clean_and_validate({"name": 5, "other": None})
        {'name': '5'}
        >>> fields.required
        frozenset({'name'})
    """

    schema: dict[str, Any]
    validator: Validator
    clean_and_validate: CleanAndValidate
    kinds: Mapping[str, type]
    required: frozenset[str]

    @property
    def error(self) -> DestinationError | None:
        """Returns the problem with the fields themselves, or None."""
        return self.validator.error

    def validate(self, values: Any) -> Any:
        """Converts and validates without removing empties, as Segment does with settings.

        Raises:
            SchemaValidationError: The values are not valid.
            DefinitionError: The fields cannot be compiled.
            EngineTypeError: The fields cannot be compiled, and the reference raises a TypeError for them.
        """
        return self.validator.validate(values)

    def trace(self, payload: Any, is_root: bool = True) -> PayloadTrace:
        """Returns the result of `clean_and_validate` for each key; never raises for a payload.

        Raises:
            DefinitionError: The fields cannot be compiled.
            EngineTypeError: The fields cannot be compiled, and the reference raises a TypeError for them.

        Example:
            >>> fields = compile_fields({"price": {"label": "Price", "type": "number"}})
            >>> fields.trace({"price": "5.50"}).fields
            (FieldVerdict(key='price', raw='5.50', cleaned='5.50', fitted=5.5, findings=()),)
        """
        cleaned = remove_empty_values(payload, self.schema, is_root)
        fitted, raw_findings = self.validator.examine(cleaned)
        findings = tuple(for_people(raw_findings))
        raw, seen, kept = (stage if isinstance(stage, dict) else {} for stage in (payload, cleaned, fitted))
        keys = dict.fromkeys((*raw, *seen, *kept, *self.schema["properties"]))
        fields = tuple(
            FieldVerdict(
                key, raw.get(key, MISSING), seen.get(key, MISSING), kept.get(key, MISSING), _under(key, findings)
            )
            for key in keys
        )
        return PayloadTrace(fields, findings, MISSING if findings else fitted)


def _under(key: str, findings: tuple[ValidationFinding, ...]) -> tuple[ValidationFinding, ...]:
    pointer = pointer_part(key)
    return tuple(one for one in findings if one.pointer == pointer or one.pointer.startswith(pointer + "/"))


def compile_fields(fields: AnyFields) -> CompiledFields:
    """Compiles an action's fields.

    Do not compile an empty set of fields: on Segment an action without fields has no schema and accepts every
    payload.

    Raises:
        DefinitionError: A condition has an unknown operator (the reference fails when the action is made, too).
        EngineTypeError: A field, its choices or its conditions are of the wrong JSON type.

    Example:
        >>> fields = compile_fields({"tags": {"label": "Tags", "type": "string", "multiple": True}})
        >>> fields.clean_and_validate({"tags": 5, "unknown": 1})
        {'tags': ['5']}
    """
    schema = fields_to_json_schema(fields)
    return compile_fields_schema(schema)


def compile_fields_schema(schema: dict[str, Any]) -> CompiledFields:
    """Compiles fields that are given as a JSON Schema.

    Example:
        >>> schema = {"type": "object", "properties": {"price": {"type": "number"}}}
        >>> compile_fields_schema(schema).clean_and_validate({"price": "5.50"})
        {'price': 5.5}
    """
    validator = compile_schema(schema)
    required = frozenset(schema.get("required", ()))
    kinds = {} if validator.error is not None else types_accepted_unchanged(schema)
    return CompiledFields(schema, validator, compile_clean_and_validate(schema, validator), kinds, required)
