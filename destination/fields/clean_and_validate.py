"""One call for a payload: removes empty values, converts and validates.

Almost every value that reaches the fields already has the right type, so that nothing has to be removed, wrapped or
converted. The call recognises such payloads by a cheap test; only those that fail it go through the full validation.
A property test compares the two (test_a_payload_accepted_unchanged_is_what_validation_gives).
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, Protocol, TypeAlias

from destination.fields.formats import FORMATS, NumberFormat, TextFormat
from destination.fields.validation import Finding, Validator
from destination.fields.validation.compiler import SchemaCompiler
from destination.fields.validation.keywords.any_type import one_of
from destination.fields.validation.keywords.containers import INHERITED
from destination.fields.validation.validator import too_deep
from destination.values import MISSING


class CleanAndValidate(Protocol):
    """The type of `CompiledFields.clean_and_validate`.

    Example:
        >>> from destination.fields import compile_fields
        >>> clean_and_validate = compile_fields({"name": {"label": "Name", "type": "string"}}).clean_and_validate
        >>> clean_and_validate({"name": 5})
        {'name': '5'}
    """

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


def compile_clean_and_validate(schema: dict[str, Any], validator: Validator) -> CleanAndValidate:
    """Makes the call that a payload goes through.

    Args:
        schema: The fields of an action as a JSON Schema.
        validator: The same schema, compiled.
    """
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


# --- values that are accepted unchanged -------------------------------------------------------------------

Acceptor: TypeAlias = type | Callable[[Any], bool]
"""The values accepted unchanged: all values of one Python type, or those that pass a test."""

_ANNOTATIONS = frozenset({"$schema", "title", "description", "default", "type", "allOf", "required"})
_LIMITS = frozenset({"minLength", "maxLength", "minimum", "maximum"})
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}


def accepts_unchanged(schema: Any, *, is_root: bool = False) -> Acceptor | None:
    """Compiles a schema into a test for the values that it accepts unchanged.

    The test never passes a value that validation would change or refuse. It may fail for one that validation
    would accept unchanged.

    Args:
        schema: The JSON Schema.
        is_root: Whether the values are payloads; blank strings in a payload fail, as validation removes them.

    Returns:
        The test; None where there is no cheap one.

    Example:
        >>> accepts = accepts_unchanged({"type": "number", "minimum": 1})
        >>> accepts(5), accepts(0), accepts("5")
        (True, False, False)
        >>> accepts_unchanged({"type": "string"})
        <class 'str'>
    """
    if not isinstance(schema, dict):
        return None
    kinds = schema.get("type")
    if kinds == "object":
        return _object_acceptor(schema, is_root=is_root)
    if kinds == "array":
        return _list_acceptor(schema)
    if isinstance(kinds, str):
        kinds = [kinds]
    if not isinstance(kinds, list) or not all(kind in _PYTHON_TYPES for kind in kinds):
        return None
    return _scalar_acceptor(schema, kinds)


def types_accepted_unchanged(schema: dict[str, Any]) -> dict[str, type]:
    """Returns the properties of a payload's schema that accept all values of one Python type, except blank strings.

    Example:
        >>> text, number = {"type": "string"}, {"type": "number"}
        >>> types_accepted_unchanged({"type": "object", "properties": {"a": text, "b": number}})
        {'a': <class 'str'>}
    """
    if "allOf" in schema or not callable(accepts_unchanged(schema, is_root=True)):
        return {}
    acceptors = {key: accepts_unchanged(inner) for key, inner in schema.get("properties", {}).items()}
    return {key: acceptor for key, acceptor in acceptors.items() if isinstance(acceptor, type)}


def _scalar_acceptor(schema: dict[str, Any], kinds: list[str]) -> Acceptor | None:
    if not schema.keys() <= _ANNOTATIONS | _LIMITS | {"format", "enum"} or "allOf" in schema:
        return None
    types = frozenset(python_type for kind in kinds for python_type in _PYTHON_TYPES[kind])
    tests: dict[type, Callable[[Any], bool]] = {}
    form = FORMATS.get(schema.get("format", "text"), _UNKNOWN)
    if form is _UNKNOWN or isinstance(form, NumberFormat):
        return None
    if str in types and (text_test := _text_test(schema, form if isinstance(form, TextFormat) else None)):
        tests[str] = text_test
    if not types.isdisjoint((int, float)) and (limits := _number_test(schema)):
        tests[int] = limits
    if float in types:
        limits = tests.get(int)
        tests[float] = (lambda value: isfinite(value) and limits(value)) if limits else isfinite
    is_choice = one_of(schema["enum"]) if "enum" in schema else None
    if is_choice is None and len(types) == 1 and not tests:
        return next(iter(types))
    get_test = tests.get

    def accepts(value: Any) -> bool:
        kind = type(value)
        if kind not in types:
            return False
        test = get_test(kind)
        return (test is None or test(value)) and (is_choice is None or is_choice(value))

    return accepts


_UNKNOWN: Final = object()


def _text_test(schema: dict[str, Any], form: TextFormat | None) -> Callable[[str], bool] | None:
    minimum, maximum = schema.get("minLength", 0), schema.get("maxLength")
    has_format = form.accepts if form else None
    if maximum is None and not minimum:
        return has_format

    def test(text: str) -> bool:
        length = len(text)
        return minimum <= length and (maximum is None or length <= maximum) and (has_format is None or has_format(text))

    return test


def _number_test(schema: dict[str, Any]) -> Callable[[float], bool] | None:
    minimum, maximum = schema.get("minimum"), schema.get("maximum")
    if minimum is None and maximum is None:
        return None
    return lambda number: (minimum is None or minimum <= number) and (maximum is None or number <= maximum)


def _list_acceptor(schema: dict[str, Any]) -> Acceptor | None:
    if not schema.keys() <= _ANNOTATIONS | _LIMITS | {"format", "items"} or "allOf" in schema:
        return None
    if "items" not in schema:
        return list
    item = accepts_unchanged(schema["items"])
    if item is None:
        return None
    if isinstance(item, type):
        wanted = {item}
        return lambda value: type(value) is list and wanted.issuperset(map(type, value))
    accepts_item = item
    return lambda value: type(value) is list and all(map(accepts_item, value))


def _object_acceptor(schema: dict[str, Any], *, is_root: bool) -> Acceptor | None:
    known = _ANNOTATIONS | _LIMITS | {"format", "properties", "additionalProperties"}
    if not schema.keys() <= known or ("allOf" in schema and not is_root):
        return None
    required = frozenset(schema.get("required", ())) - INHERITED
    properties = schema.get("properties")
    if properties is None:
        if schema.get("additionalProperties", True) is not True:
            return None
        return (lambda value: type(value) is dict and required <= value.keys()) if required else dict
    if schema.get("additionalProperties", True) not in (True, False) or not INHERITED.isdisjoint(properties):
        return None
    acceptors: dict[str, Acceptor] = {}
    for key, inner_schema in properties.items():
        acceptor = accepts_unchanged(inner_schema)
        if acceptor is not None:
            acceptors[key] = acceptor
    return _properties_acceptor(acceptors, required, is_root=is_root)


def _properties_acceptor(acceptors: dict[str, Acceptor], required: frozenset[str], *, is_root: bool) -> Acceptor:
    """Makes the test of an object: each key must have a field that accepts its value unchanged."""
    get_acceptor = acceptors.get
    text = str if is_root else MISSING

    def accepts(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for key, item in value.items():
            expected = get_acceptor(key)
            if type(item) is expected:
                if item or expected is not text:
                    continue
                return False
            if expected is None or isinstance(expected, type) or not expected(item) or (is_root and item == ""):
                return False
        return required <= value.keys()

    return accepts
