"""The fields of an action, compiled: from a raw payload to one that fits, in one step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from destination.errors import DestinationError
from destination.fields.json_schema import AnyFields, fields_to_json_schema
from destination.fields.plain import plain_kinds, plain_values
from destination.fields.validation import Finding, ValidationFinding, Validator, compile_schema, for_people
from destination.fields.validation.compiler import SchemaCompiler
from destination.fields.validation.keywords.containers import pointer_part
from destination.fields.validation.validator import too_deep
from destination.values import MISSING


class CleanAndValidate(Protocol):
    """From a raw payload to one that fits; what `CompiledFields.clean_and_validate` is."""

    def __call__(self, payload: Any, is_root: bool = True) -> Any:
        """The payload without its empties and with its values converted.

        Args:
            payload: What the mapping gave: any JSON value or `MISSING`.
            is_root: False for the payloads of a batch, where Segment keeps blank strings in string fields.

        Raises:
            SchemaValidationError: It does not fit.
            DefinitionError: The fields cannot be compiled.
            EngineTypeError: The same, where the reference dies while it tries.
        """
        ...


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """What became of one key of a payload.

    Attributes:
        key: The key.
        raw: Its value as the mapping gave it; `MISSING` if it gave none.
        cleaned: The same after the removal of empties; `MISSING` if it was removed.
        fitted: The value that perform sees; `MISSING` if there is none. If any field failed, no perform sees it.
        findings: What was wrong with it, or with something in it.
    """

    key: str
    raw: Any
    cleaned: Any
    fitted: Any
    findings: tuple[ValidationFinding, ...]


@dataclass(frozen=True, slots=True)
class PayloadTrace:
    """What the fields did to a payload.

    Attributes:
        fields: One trace for each key, those of the raw payload first.
        findings: Everything that was wrong, in the order in which the error tells it.
        payload: The payload that perform sees, or `MISSING` if something was wrong.
    """

    fields: tuple[FieldVerdict, ...]
    findings: tuple[ValidationFinding, ...]
    payload: Any


@dataclass(frozen=True, slots=True)
class CompiledFields:
    """Fields made ready once for every payload to come; made by `compile_fields`.

    Attributes:
        schema: The fields as a JSON Schema.
        validator: The schema, compiled.
        clean_and_validate: Removes empties, wraps, converts and validates, in one step.
        kinds: The fields whose values fit as they are by their Python type alone, with that type (blank text does
            not fit); empty where there are conditions.
        required: The keys that a payload must have.
    """

    schema: dict[str, Any]
    validator: Validator
    clean_and_validate: CleanAndValidate
    kinds: Mapping[str, type]
    required: frozenset[str]

    @property
    def error(self) -> DestinationError | None:
        """What is wrong with the fields themselves, or None."""
        return self.validator.error

    def validate(self, values: Any) -> Any:
        """Converts and validates without removing empties, as Segment does with settings.

        Raises:
            SchemaValidationError: They do not fit.
            DefinitionError: The fields cannot be compiled.
            EngineTypeError: The same, where the reference dies while it tries.
        """
        return self.validator.validate(values)

    def trace(self, payload: Any, is_root: bool = True) -> PayloadTrace:
        """The same as `clean_and_validate`, telling what happened to each key; never raises for a payload.

        Raises:
            DefinitionError: The fields cannot be compiled.
            EngineTypeError: The same, where the reference dies while it tries.

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
    place = pointer_part(key)
    return tuple(one for one in findings if one.pointer == place or one.pointer.startswith(place + "/"))


def compile_fields(fields: AnyFields) -> CompiledFields:
    """Compiles an action's fields.

    An action that has no fields has no schema on Segment and takes every payload: do not compile none.

    Raises:
        DefinitionError: A condition has an unknown operator (the reference fails when the action is made, too).
        EngineTypeError: A field, its choices or its conditions have no shape that can be read.

    Example:
        >>> fields = compile_fields({"tags": {"label": "Tags", "type": "string", "multiple": True}})
        >>> fields.clean_and_validate({"tags": 5, "unknown": 1})
        {'tags': ['5']}
    """
    schema = fields_to_json_schema(fields)
    return compile_fields_schema(schema)


def compile_fields_schema(schema: dict[str, Any]) -> CompiledFields:
    """Like `compile_fields`, for a schema that is already there.

    Example:
        >>> schema = {"type": "object", "properties": {"price": {"type": "number"}}}
        >>> compile_fields_schema(schema).clean_and_validate({"price": "5.50"})
        {'price': 5.5}
    """
    validator = compile_schema(schema)
    required = frozenset(schema.get("required", ()))
    kinds = {} if validator.error is not None else plain_kinds(schema)
    return CompiledFields(schema, validator, _one_step(schema, validator), kinds, required)


def _one_step(schema: dict[str, Any], validator: Validator) -> CleanAndValidate:
    if validator.error is not None:

        def fail(payload: Any, is_root: bool = True) -> Any:
            return validator.validate(payload)

        return fail
    clean_in_batch, clean_root = (_compile_cleaner(schema, is_root=is_root) for is_root in (False, True))
    plain_in_batch, plain_root = (_plain(schema, is_root=is_root) for is_root in (False, True))

    def clean_and_validate(payload: Any, is_root: bool = True) -> Any:
        is_plain = plain_root if is_root else plain_in_batch
        try:
            if is_plain(payload):
                return payload
            clean = clean_root if is_root else clean_in_batch
            cleaned = clean(payload) if clean else payload
            # Most often empties were all that was in the way.
            if cleaned is not payload and is_plain(cleaned):
                return cleaned
        except RecursionError:
            raise too_deep() from None
        return validator.validate(cleaned)

    return clean_and_validate


def _plain(schema: dict[str, Any], *, is_root: bool) -> Callable[[Any], bool]:
    plain = plain_values(schema, is_root=is_root)
    if plain is None or isinstance(plain, type):
        return lambda _payload: False
    conditions = SchemaCompiler().compile({"allOf": schema["allOf"]}) if "allOf" in schema else None
    if conditions is None:
        return plain
    is_plain, check = plain, conditions

    def is_plain_under_conditions(payload: Any) -> bool:
        findings: list[Finding] = []
        # A condition may convert, too: what it gives back must be the payload itself.
        return is_plain(payload) and check(payload, "", findings) is payload and not findings

    return is_plain_under_conditions


# --- empty values ----------------------------------------------------------------------------------------

_Clean = Callable[[Any], Any]
"""Gives the value without what is empty in it, or `MISSING` when it is empty itself."""


def remove_empty_values(value: Any, schema: Mapping[str, Any] | None, is_root: bool = False) -> Any:
    """The value without the nulls and blank strings that its schema has no place for.

    * null goes, unless the schema allows it;
    * `''` goes, unless the schema allows a string; from the root (`is_root`) it goes in any case;
    * in lists only items that are empty themselves go: an object in a list stays as it is;
    * what the schema does not know stays, to be removed by the validator.

    Returns:
        The cleaned value, with copies of the objects and lists that something was removed from. The value
        given is not changed. `MISSING` when the value itself is empty.

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
    """What `remove_empty_values` does for one schema, as a function; None where it does nothing."""
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
