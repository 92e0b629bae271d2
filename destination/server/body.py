"""What was posted."""

from typing import Any, Final

from starlette.requests import Request

from destination.server.failures import BadRequestError
from destination.values import read_json, real_type_of, truthy

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""The largest body that is read; a batch of a thousand events of 10 KB fits."""


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object that was posted; nothing posted counts as an empty one.

    Raises:
        BadRequestError: It is no JSON object (400), or larger than `MAX_BODY_BYTES` (413).
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
