"""What was posted."""

from typing import Any, Final

from starlette.requests import Request

from destination.server.failures import BadRequestError
from destination.values import read_json, real_type_of, truthy

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""The largest body that is read; a batch of a thousand events of 10 KB fits."""

MAX_EVENTS: Final = 10_000
"""The most events in one batch."""

_MAX_VALUES: Final = 1_000_000
"""So many values may stand in a body: 10 MB of empty lists would take 300 MB."""


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object that was posted; nothing posted counts as an empty one.

    Raises:
        BadRequestError: It is no JSON object (400), or larger than `MAX_BODY_BYTES`, or of too many values (413).
        ClientDisconnect: The client is gone.
    """
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        # What is too much is read all the same, and thrown away: a client that is cut off sees no answer.
        if size <= MAX_BODY_BYTES:
            chunks.append(chunk)
    if size > MAX_BODY_BYTES:
        raise BadRequestError(f"the body is larger than {MAX_BODY_BYTES:,} bytes", 413)
    raw = b"".join(chunks)
    if not raw.strip():
        return {}
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > _MAX_VALUES:
        raise BadRequestError(f"the body has more than {_MAX_VALUES:,} values, counted by its commas and brackets", 413)
    try:
        body = read_json(raw)
    except ValueError as error:
        raise BadRequestError(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequestError(f"the body must be a JSON object, but it is: {real_type_of(body)}")
    return body


def object_in(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key; what is falsy in JavaScript counts as an empty one.

    Raises:
        BadRequestError: Something else is there.

    Example:
        >>> object_in({"settings": {"a": 1}, "auth": None}, "settings"), object_in({"auth": None}, "auth")
        ({'a': 1}, {})
    """
    value = body.get(key)
    if not truthy(value):
        return {}
    if not isinstance(value, dict):
        raise BadRequestError(f"`{key}` must be a JSON object, but it is: {real_type_of(value)}")
    return value
