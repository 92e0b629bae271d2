"""Compiles the fields of an action into one function that removes empties, converts and validates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from destination.errors import DestinationError
from destination.fields.json_schema import AnyFields, fields_to_json_schema
from destination.fields.unchanged import accepts_unchanged, types_accepted_unchanged
from destination.fields.validation import Finding, ValidationFinding, Validator, compile_schema, for_people
from destination.fields.validation.compiler import SchemaCompiler
from destination.fields.validation.validator import too_deep
from destination.values import MISSING
from destination.values.pointers import pointer_part


class CleanAndValidate(Protocol):
    """The type of `CompiledFields.clean_and_validate`."""

    def __call__(self, payload: Any, is_root: bool = True) -> Any:
        """Returns the payload with its values converted and without empty ones.

        Args:
            payload: The payload of the mapping: any JSON value or `MISSING`.
            is_root: False for the payloads of a batch, where Segment keeps blank strings in string fields.

        Raises:
            SchemaValidationError: The payload is not valid.
            DefinitionError: The fields cannot be compiled.
            EngineTypeError: The fields cannot be compiled, and the reference raises a TypeError for them.
        """
        ...


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
    return CompiledFields(schema, validator, _one_step(schema, validator), kinds, required)


def _one_step(schema: dict[str, Any], validator: Validator) -> CleanAndValidate:
    if validator.error is not None:

        def fail(payload: Any, is_root: bool = True) -> Any:
            return validator.validate(payload)

        return fail
    clean_in_batch, clean_root = (_compile_cleaner(schema, is_root=is_root) for is_root in (False, True))
    accepts_in_batch, accepts_root = (_payload_acceptor(schema, is_root=is_root) for is_root in (False, True))

    def clean_and_validate(payload: Any, is_root: bool = True) -> Any:
        accepts = accepts_root if is_root else accepts_in_batch
        try:
            if accepts(payload):
                return payload
            clean = clean_root if is_root else clean_in_batch
            cleaned = clean(payload) if clean else payload
            # In most payloads that fail the test, only empty values were the problem.
            if cleaned is not payload and accepts(cleaned):
                return cleaned
        except RecursionError:
            raise too_deep() from None
        return validator.validate(cleaned)

    return clean_and_validate


def _payload_acceptor(schema: dict[str, Any], *, is_root: bool) -> Callable[[Any], bool]:
    acceptor = accepts_unchanged(schema, is_root=is_root)
    if acceptor is None or isinstance(acceptor, type):
        return lambda _payload: False
    conditions = SchemaCompiler().compile({"allOf": schema["allOf"]}) if "allOf" in schema else None
    if conditions is None:
        return acceptor
    accepts, check = acceptor, conditions

    def accepts_under_conditions(payload: Any) -> bool:
        findings: list[Finding] = []
        # A condition may convert values, too, so its result must be the payload itself.
        return accepts(payload) and check(payload, "", findings) is payload and not findings

    return accepts_under_conditions


# --- empty values ----------------------------------------------------------------------------------------

_Clean = Callable[[Any], Any]
"""Returns the value without the empty values in it; `MISSING` when the value itself is empty."""


def remove_empty_values(value: Any, schema: Mapping[str, Any] | None, is_root: bool = False) -> Any:
    """Removes the nulls and blank strings that a schema does not allow.

    * A null is removed unless the schema allows null.
    * A blank string is removed unless the schema allows strings. A blank string of the root is always removed
      when `is_root` is true.
    * In a list only the items themselves are removed: an object in a list stays as it is.
    * A key that is not in the schema stays, for the validator to remove.

    Returns:
        The cleaned value; `MISSING` when the value itself is empty. Objects and lists from which something was
        removed are copies: the given value is not changed.

    Raises:
        DefinitionError: The schema nests too deeply.

    Example:
        >>> schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}}
        >>> remove_empty_values({"a": "", "b": None}, schema), remove_empty_values({"a": ""}, schema, is_root=True)
        ({'a': ''}, {})
    """
    try:
        clean = _compile_cleaner(schema, is_root=is_root)
        return clean(value) if clean else value
    except RecursionError:
        raise too_deep() from None


def _compile_cleaner(schema: Any, *, is_root: bool = False) -> _Clean | None:
    """Compiles `remove_empty_values` for one schema; returns None where it would remove nothing."""
    if not isinstance(schema, Mapping) or not (schema.get("type") or "enum" in schema):
        return None
    types = schema.get("type")
    allowed = types if isinstance(types, list) else [types]
    clean_list = _list_cleaner(schema["items"]) if schema.get("items") else None
    properties = schema.get("properties")
    clean_object = _object_cleaner(properties, is_root=is_root) if isinstance(properties, Mapping) else None
    null, blank = (None if "null" in allowed else MISSING), ("" if "string" in allowed else MISSING)

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return value or blank
        if isinstance(value, list):
            return clean_list(value) if clean_list else value
        if isinstance(value, dict):
            return clean_object(value) if clean_object else value
        return null if value is None else value

    return clean


def _list_cleaner(items: Any) -> _Clean:
    inner = _compile_cleaner(items)

    def clean(values: list[Any]) -> Any:
        kept = [value for value in values if (inner(value) if inner else value) is not MISSING]
        return values if len(kept) == len(values) else kept

    return clean


def _object_cleaner(properties: Mapping[str, Any], *, is_root: bool) -> _Clean:
    inner = {key: clean for key, schema in properties.items() if (clean := _compile_cleaner(schema))}

    def clean_object(value: dict[str, Any]) -> Any:
        changed = value
        for key, item in value.items():
            clean = inner.get(key)
            cleaned = clean(item) if clean else item
            if cleaned is MISSING or (is_root and cleaned == ""):
                if changed is value:
                    changed = dict(value)
                del changed[key]
            elif cleaned is not item:
                if changed is value:
                    changed = dict(value)
                changed[key] = cleaned
        return changed

    return clean_object
