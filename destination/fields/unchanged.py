"""Recognises values that validation would accept without changing them.

Almost every value that reaches the fields already has the right type. For those nothing has to be removed,
wrapped or converted. A schema becomes a cheap test for such values; values that fail the test go through the full
validation. A property test compares the two (test_a_payload_accepted_unchanged_is_what_validation_gives).
"""

from collections.abc import Callable
from math import isfinite
from typing import Any, Final, TypeAlias

from destination.fields.formats import FORMATS, NumberFormat, TextFormat
from destination.fields.validation.keywords.any_type import one_of
from destination.fields.validation.keywords.containers import INHERITED
from destination.values import MISSING

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
