"""Makes values for fields and whole payloads: valid ones, distinct for each field, and equal in every run.

A value is made from a hash of the names of destination, action and field, and from nothing else. So it is equal on
every machine and in every run and order of fields, and a snapshot shows when two fields are swapped. Segment's own
generator uses one value for all strings of a test.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Any, Final, TypeAlias

from destination.fields import InputField
from destination.fields.input_field import FieldCondition, FieldConditions
from destination.mapping.knowledge import directive_of, parts_of
from destination.mapping.validate import is_directive
from destination.values import MISSING, strict_equals

Names: TypeAlias = tuple[str, ...]
"""The path of a field: destination, action, and the keys of the payload."""

_FIRST_MOMENT: Final = datetime(2016, 1, 1, tzinfo=UTC)
_SECONDS: Final = 10 * 365 * 24 * 3600
_SPAN: Final = 10_000
ITEMS: Final = 2
"""Number of items for a field with `multiple`."""


def sample(field: InputField, names: Names, *, required_only: bool = False) -> Any:
    """Makes a value that a field accepts.

    Args:
        field: The field.
        names: The names of destination, action and keys, from which the value is made.
        required_only: Whether an object has only its required properties; if none is required, it has all.

    Example:
        >>> plan = InputField(label="Plan", type="string")
        >>> sample(plan, ("shop", "order", "plan")), sample(plan, ("shop", "order", "tier"))
        ('plan-70822e', 'tier-06eb9c')
        >>> sample(InputField(label="Mail", type="string", format="email"), ("shop", "order", "mail"))
        'mail-0882d4@example.com'
    """
    if field.multiple:
        return [_one(field, (*names, str(index)), required_only) for index in range(ITEMS)]
    return _one(field, names, required_only)


def text(names: Names) -> str:
    """Makes a text that names its field.

    Example:
        >>> text(("shop", "order", "plan"))
        'plan-70822e'
    """
    word = names[-1]
    if word.isdigit() and len(names) > 1:
        word = f"{names[-2]}-{word}"
    return f"{''.join(letter if letter.isalnum() else '-' for letter in word).strip('-')}-{_hex(names)}"


def number(names: Names) -> float:
    """Makes a number of four digits and two decimals.

    Example:
        >>> number(("shop", "order", "price"))
        3351.85
    """
    return (100_000 + _digest(names) % 900_000) / 100


def _one(field: InputField, names: Names, required_only: bool) -> Any:
    if field.choices:
        choice = field.choices[_digest(names) % len(field.choices)]
        return choice.get("value") if isinstance(choice, Mapping) else choice
    if field.type == "object":
        return _object(field, names, required_only)
    if field.type == "boolean":
        return _digest(names) % 2 == 0
    if field.type in ("number", "integer"):
        return _number(field, names)
    if field.type == "datetime":
        return _moment(names).isoformat().replace("+00:00", "Z")
    return _text(field, names)


def _object(field: InputField, names: Names, required_only: bool) -> dict[str, Any]:
    properties = field.properties or {}
    if required_only:
        properties = {key: inner for key, inner in properties.items() if inner.required is True} or properties
    if not properties:
        inside = (*names, f"{names[-1]}Text"), (*names, f"{names[-1]}Number")
        return {inside[0][-1]: text(inside[0]), inside[1][-1]: number(inside[1])}
    return {key: sample(inner, (*names, key), required_only=required_only) for key, inner in properties.items()}


def _number(field: InputField, names: Names) -> float:
    whole = field.type == "integer" or field.format in ("int32", "int64")
    value: float = int(number(names)) if whole else number(names)
    low, high = field.minimum, field.maximum or None  # Segment: a limit of 0 is none
    if (low is None or value >= low) and (high is None or value <= high):
        return value
    low = low if low is not None else (high or 0) - _SPAN
    high = high if high is not None else low + _SPAN
    inside = low + (high - low) * (_digest(names) % _SPAN / _SPAN)
    rounded: float = round(inside) if whole else round(inside, 2)
    return rounded if low <= rounded <= high else ceil(low) if whole else low


def _text(field: InputField, names: Names) -> str:
    make = _FORMATS.get(field.format or "")
    if make is not None:
        return make(names)
    value = text(names)
    if field.maximum and len(value) > field.maximum:
        value = _hash(names)[: int(field.maximum)]
    if field.minimum and len(value) < field.minimum:
        value += _hex(names) * (int(field.minimum) // 6 + 1)
        value = value[: int(field.minimum)]
    return value


def _moment(names: Names) -> datetime:
    return _FIRST_MOMENT + timedelta(seconds=_digest(names) % _SECONDS)


def _uuid(names: Names) -> str:
    digits = _hash(names)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def _pointer(names: Names) -> str:
    return f"/{text(names)}"


_FORMATS: Final[Mapping[str, Callable[[Names], str]]] = {
    "date": lambda names: _moment(names).date().isoformat(),
    "time": lambda names: f"{_moment(names).time().isoformat()}Z",
    "date-time": lambda names: _moment(names).isoformat().replace("+00:00", "Z"),
    "date-like": lambda names: _moment(names).isoformat().replace("+00:00", "Z"),
    "duration": lambda names: f"PT{_digest(names) % 90_000}S",
    "uri": lambda names: f"https://example.com/{text(names)}",
    "url": lambda names: f"https://example.com/{text(names)}",
    "uri-reference": _pointer,
    "uri-template": lambda names: f"https://example.com/{text(names)}/{{id}}",
    "email": lambda names: f"{text(names)}@example.com",
    "hostname": lambda names: f"{text(names)}.example.com",
    "ipv4": lambda names: f"198.51.{_digest(names) // 250 % 250}.{_digest(names) % 250}",
    "ipv6": lambda names: f"2001:db8::{_hex(names)[:4]}:{_hex(names)[2:]}",
    "regex": lambda names: f"^{text(names)}$",
    "uuid": _uuid,
    "json-pointer": _pointer,
    "json-pointer-uri-fragment": lambda names: f"#{_pointer(names)}",
    "relative-json-pointer": lambda names: f"0{_pointer(names)}",
    "byte": lambda names: b64encode(text(names).encode()).decode(),
}


def _hash(names: Names) -> str:
    return sha256("\0".join(names).encode(errors="surrogatepass")).hexdigest()


def _digest(names: Names) -> int:
    return int(_hash(names)[:16], 16)


def _hex(names: Names) -> str:
    return f"{_digest(names) >> 40:06x}"


# --- a whole payload ----------------------------------------------------------------------------------------


_ANYTHING: Final = InputField(label="", type="string")
_NUMERIC: Final = ("number", "integer")


def wanted_payload(
    fields: Mapping[str, InputField],
    mapping: Mapping[str, Any],
    names: Names,
    given: Mapping[str, Any],
    *,
    required_only: bool,
) -> dict[str, Any]:
    """Makes a value for each field of a mapping, distinct for each.

    Fields that others depend on have the values that these require, where that is simple.

    Args:
        fields: The action's fields.
        mapping: The mapping.
        names: The names of destination and action, from which values are made.
        given: Values by field that are used unchanged.
        required_only: Whether the payload has only required fields. A field with a condition is required if the
            condition is true. Keys without a field are not required.

    Example:
        >>> fields = {"name": InputField(label="Name", type="string", required=True),
        ...           "seats": InputField(label="Seats", type="integer")}
        >>> mapping = {"name": {"@path": "$.event"}, "seats": {"@path": "$.properties.seats"}}
        >>> wanted_payload(fields, mapping, ("shop",), {}, required_only=False)
        {'name': 'name-47d914', 'seats': 4319}
        >>> wanted_payload(fields, mapping, ("shop",), {"name": "N"}, required_only=True)
        {'name': 'N'}
    """
    every = {
        key: given[key] if key in given else _value(fields.get(key), part, (*names, key), required_only)
        for key, part in mapping.items()
    }
    _settle_conditions(fields, every, given)
    if not required_only:
        return every
    needed = {key for key in every if key in fields and fields[key].required is True}
    waiting = {key: fields[key].required for key in every if key in fields and key not in needed}
    for _ in range(len(waiting)):
        now = {key: every[key] for key in every if key in needed}
        more = {key for key, asked in waiting.items() if isinstance(asked, FieldConditions) and _holds(asked, now)}
        if more <= needed:
            break
        needed |= more
    return {key: value for key, value in every.items() if key in needed}


def _value(field: InputField | None, part: Any, names: Names, required_only: bool) -> Any:
    """Makes a value of the field's type, in the shape that the part of the mapping makes."""
    directive = directive_of(part)
    if directive is not None and directive.makes == "list":
        parts = parts_of(directive, part[directive.name])
        shape = next((inner.value for inner in parts if inner.keys in directive.derived), None)
        if shape is not None:
            single = field.copy_with(multiple=False) if field is not None else None
            return [_value(single, shape, (*names, str(index)), required_only) for index in range(ITEMS)]
        return sample(field or _ANYTHING.copy_with(multiple=True), names, required_only=required_only)
    if isinstance(part, dict) and not is_directive(part) and (field is None or field.type == "object"):
        properties = (field.properties if field is not None else None) or {}
        keys = [key for key in part if not required_only or key not in properties or properties[key].required is True]
        return {key: _value(properties.get(key), part[key], (*names, key), required_only) for key in keys or part}
    return sample(field or _guess(part), names, required_only=required_only)


def _guess(part: Any) -> InputField:
    """Returns a likely field for a key that has none."""
    directive = directive_of(part)
    makes_object = directive is not None and directive.makes == "object"
    return _ANYTHING.copy_with(type="object") if makes_object else _ANYTHING


# --- conditions ------------------------------------------------------------------------------------------


def _settle_conditions(fields: Mapping[str, InputField], payload: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Sets fields that others depend on to values that these require; the first of several."""
    settled = set(given)
    for key in payload:
        field = fields.get(key)
        for asked in (field.depends_on, field.required) if field is not None else ():
            if not isinstance(asked, FieldConditions):
                continue
            for condition in asked.conditions:
                other = condition.field_key
                if other in payload and other not in settled and _can_settle(condition):
                    payload[other] = condition.value[0] if isinstance(condition.value, list) else condition.value
                    settled.add(other)


def _can_settle(condition: FieldCondition) -> bool:
    asks_for_any = "value" not in condition.fields_set
    return condition.operator == "is" and not asks_for_any and condition.value not in ([], None)


def _holds(asked: FieldConditions, payload: Mapping[str, Any]) -> bool:
    verdicts = [_one_holds(condition, payload) for condition in asked.conditions]
    return any(verdicts) if asked.match == "any" else all(verdicts)


def _one_holds(condition: FieldCondition, payload: Mapping[str, Any]) -> bool:
    found = payload.get(condition.field_key or "", MISSING)
    if "value" not in condition.fields_set:
        return (found is MISSING or found is None) == (condition.operator == "is")
    # Segment: for an absent field, neither `is` nor `is_not` is true
    return found is not MISSING and strict_equals(found, condition.value) == (condition.operator == "is")


# --- other values ----------------------------------------------------------------------------------------


def other_values(field: InputField | None, names: Names) -> Iterator[tuple[str, Any]]:
    """Yields wrong values to try, each with its name; `MISSING` leaves the field out.

    Example:
        >>> [name for name, _ in other_values(InputField(label="Seats", type="integer"), ("shop", "seats"))]
        ['absent', 'null', 'empty', 'as text', 'as an object']
    """
    yield "absent", MISSING
    yield "null", None
    field = field or _ANYTHING
    yield "empty", [] if field.multiple else {} if field.type == "object" else ""
    own = (*names, "other")
    if field.multiple:
        single = field.copy_with(multiple=False)
        yield "as a single value", sample(single, own)
    elif field.type == "object":
        yield "as text", text(own)
        yield "as a list", [text(own)]
    elif field.type in (*_NUMERIC, "boolean"):
        yield "as text", text(own)
        yield "as an object", {"other": text(own)}
    else:
        if field.choices or field.format or field.type == "datetime":
            yield "as other text", f"no {field.format or field.type}" if not field.choices else text(own)
        yield "as a number", number(own)
        yield "as an object", {"other": text(own)}
