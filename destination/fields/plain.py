"""The short way: recognising a payload that fits as it is.

Nearly every value that reaches the fields has the right type already, and then nothing has to be cleaned,
wrapped, converted or removed. A schema becomes a test that says so; where it says no, the long way decides.
The two are held equal by a property test (test_the_short_way_gives_what_the_long_way_gives).
"""

from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from destination.fields.formats import FORMATS, NumberFormat, TextFormat
from destination.fields.validation.keywords.any_type import one_of
from destination.fields.validation.keywords.containers import INHERITED
from destination.values import MISSING

Plain = type | Callable[[Any], bool]
"""Which values fit as they are: all of one Python type, or those that a test accepts."""

_SILENT = frozenset({"$schema", "title", "description", "default", "type", "allOf", "required"})
_LIMITS = frozenset({"minLength", "maxLength", "minimum", "maximum"})
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}


def plain_values(schema: Any, *, is_root: bool = False) -> Plain | None:
    """The values of a schema that fit as they are; None where that cannot be told cheaply.

    It never accepts a value that the long way would change or refuse; it may refuse one that would pass.
    """
    if not isinstance(schema, dict):
        return None
    kinds = schema.get("type")
    if kinds == "object":
        return _plain_object(schema, is_root=is_root)
    if kinds == "array":
        return _plain_list(schema)
    if isinstance(kinds, str):
        kinds = [kinds]
    if not isinstance(kinds, list) or not all(kind in _PYTHON_TYPES for kind in kinds):
        return None
    return _plain_scalar(schema, kinds)


def plain_kinds(schema: dict[str, Any]) -> dict[str, type]:
    """The properties of a payload's schema whose values fit by their Python type alone; blank text fits none.

    Example:
        >>> text, number = {"type": "string"}, {"type": "number"}
        >>> plain_kinds({"type": "object", "properties": {"a": text, "b": number}})
        {'a': <class 'str'>}
    """
    if "allOf" in schema or not callable(plain_values(schema, is_root=True)):
        return {}
    found = {key: plain_values(inner) for key, inner in schema.get("properties", {}).items()}
    return {key: plain for key, plain in found.items() if isinstance(plain, type)}


def _plain_scalar(schema: dict[str, Any], kinds: list[str]) -> Plain | None:
    if not schema.keys() <= _SILENT | _LIMITS | {"format", "enum"} or "allOf" in schema:
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
    accepts = one_of(schema["enum"]) if "enum" in schema else None
    if accepts is None and len(types) == 1 and not tests:
        return next(iter(types))
    get_test = tests.get

    def is_plain(value: Any) -> bool:
        kind = type(value)
        if kind not in types:
            return False
        test = get_test(kind)
        return (test is None or test(value)) and (accepts is None or accepts(value))

    return is_plain


_UNKNOWN: Final = object()


def _text_test(schema: dict[str, Any], form: TextFormat | None) -> Callable[[str], bool] | None:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    accepts = form.accepts if form else None
    if most is None and not least:
        return accepts

    def test(text: str) -> bool:
        length = len(text)
        return least <= length and (most is None or length <= most) and (accepts is None or accepts(text))

    return test


def _number_test(schema: dict[str, Any]) -> Callable[[float], bool] | None:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None and most is None:
        return None
    return lambda number: (least is None or least <= number) and (most is None or number <= most)


def _plain_list(schema: dict[str, Any]) -> Plain | None:
    if not schema.keys() <= _SILENT | _LIMITS | {"format", "items"} or "allOf" in schema:
        return None
    if "items" not in schema:
        return list
    item = plain_values(schema["items"])
    if item is None:
        return None
    if isinstance(item, type):
        wanted = {item}
        return lambda value: type(value) is list and wanted.issuperset(map(type, value))
    accepts = item
    return lambda value: type(value) is list and all(map(accepts, value))


def _plain_object(schema: dict[str, Any], *, is_root: bool) -> Plain | None:
    known = _SILENT | _LIMITS | {"format", "properties", "additionalProperties"}
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
    plain: dict[str, Plain] = {}
    for key, inner_schema in properties.items():
        inner = plain_values(inner_schema)
        if inner is not None:
            plain[key] = inner
    return _object_test(plain, required, is_root=is_root)


def _object_test(plain: dict[str, Plain], required: frozenset[str], *, is_root: bool) -> Plain:
    """Every key must have a field whose plain values hold its value; at the root blank text never is plain."""
    get_plain = plain.get
    text = str if is_root else MISSING

    def is_plain(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for key, item in value.items():
            expected = get_plain(key)
            if type(item) is expected:
                if item or expected is not text:
                    continue
                return False
            if expected is None or isinstance(expected, type) or not expected(item) or (is_root and item == ""):
                return False
        return required <= value.keys()

    return is_plain
