"""Values for fields: of the right type and format, another one for each field, and always the same.

A value is made from a hash of the names that lead to its field, and of nothing else: neither the order of fields nor
the machine or the run has a part in it. So a snapshot shows when two fields are swapped, and changes for no other
reason. Segment's own generator gives all strings of a test the same value.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Any, Final, TypeAlias

from destination.fields import InputField

Names: TypeAlias = tuple[str, ...]
"""What leads to a field: destination, action, and the keys of the payload."""

_TEXT_TYPES: Final = ("string", "text", "password")
_FIRST_MOMENT: Final = datetime(2016, 1, 1, tzinfo=UTC)
_SECONDS: Final = 10 * 365 * 24 * 3600
_SPAN: Final = 10_000
ITEMS: Final = 2
"""How many items a field with `multiple` gets."""


def sample(field: InputField, names: Names, *, required_only: bool = False) -> Any:
    """A value that a field takes.

    Args:
        field: The field.
        names: What leads to it.
        required_only: Of an object with properties, only those that are required; all of them where none is.

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
    """A text that tells whose it is.

    Example:
        >>> text(("shop", "order", "plan"))
        'plan-70822e'
    """
    word = names[-1]
    if word.isdigit() and len(names) > 1:
        word = f"{names[-2]}-{word}"
    return f"{''.join(letter if letter.isalnum() else '-' for letter in word).strip('-')}-{_hex(names)}"


def number(names: Names) -> float:
    """A number of four digits and two decimals.

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
    if field.type not in _TEXT_TYPES:
        return value
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
