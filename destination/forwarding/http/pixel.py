"""Reads the events of tracking pixels, which are in the query of an image's URL."""

import base64
import binascii
from typing import Any, Final
from urllib.parse import parse_qsl

from destination.values import read_json

_MAX_PARAMETERS: Final = 1_000
_MAX_LEVELS: Final = 50


def read_pixel(query: bytes) -> dict[str, Any]:
    """Returns the event in a query: Base64 of its JSON as `data`, or its values under keys with dots.

    Args:
        query: The query of the URL, without the question mark.

    Raises:
        ValueError: It has no readable event.

    Example:
        >>> read_pixel(b"data=eyJ1c2VySWQiOiAidSJ9")
        {'userId': 'u'}
        >>> read_pixel(b"userId=u&properties.price=5&properties.name=A%20b")
        {'userId': 'u', 'properties': {'price': '5', 'name': 'A b'}}
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    event: dict[str, Any] = {}
    for key, value in pairs:
        if key == "data":
            event.update(_decoded(value))
        else:
            _put(event, key.split("."), value)
    return event


def _decoded(text: str) -> dict[str, Any]:
    # A plus sign that was not escaped is read as a space. Some writers use the alphabet for URLs, or no padding.
    text = text.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("`data` is not Base64") from None
    value = read_json(raw)
    if not isinstance(value, dict):
        raise ValueError("`data` is not a JSON object")  # noqa: TRY004  the caller's input, as above
    return value


def _put(event: dict[str, Any], path: list[str], value: str) -> None:
    if len(path) > _MAX_LEVELS:
        raise ValueError(f"a key has more than {_MAX_LEVELS} parts")
    for key in path[:-1]:
        inner = event.get(key)
        if not isinstance(inner, dict):
            inner = event[key] = {}
        event = inner
    event[path[-1]] = value
