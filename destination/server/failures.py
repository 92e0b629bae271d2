"""Errors in the forms of Segment's local dev server."""

import traceback
from collections.abc import Callable
from typing import Any

from destination.errors import DestinationError, HTTPError, SchemaValidationError
from destination.request import Response
from destination.runtime import Redactor


def failure_entry(error: BaseException, redactor: Redactor) -> dict[str, Any]:
    """The error of an action or a deletion: `{statusCode, message, stack, fields?, requestError}`.

    For an HTTP error it is the partner's status and what the partner answered, JSON where it was JSON.

    Args:
        error: What was raised.
        redactor: Masks the secrets of the call.

    Example:
        >>> from destination.errors import PayloadValidationError
        >>> failure_entry(PayloadValidationError("no units"), Redactor({}, ()))
        {'statusCode': 400, 'message': 'no units', 'stack': ['PayloadValidationError: no units'], 'requestError': True}
    """
    entry: dict[str, Any] = {
        "statusCode": _status_of(error),
        "message": redactor(partner_answer(error) if isinstance(error, HTTPError) else str(error)),
        "stack": stack_of(error, redactor.text),
    }
    if isinstance(error, SchemaValidationError):
        entry["fields"] = redactor(failed_fields(error))
    entry["requestError"] = True
    return entry


def _status_of(error: BaseException) -> int:
    # Segment: findings of the schema have no status outside onEvent
    # (test_a_payload_that_does_not_fit_is_a_500_with_its_fields)
    if isinstance(error, SchemaValidationError):
        return 500
    status = getattr(error, "status", None)
    return status if isinstance(status, int) else 500


def partner_answer(error: HTTPError) -> Any:
    """What the partner answered with the status that made the error."""
    response = error.response
    return response.value if isinstance(response, Response) else response.data


def failed_fields(error: BaseException) -> dict[str, str]:
    """Messages by field for settings or a payload that do not fit; empty for every other error.

    A finding about the whole, such as a missing field, stands under `$`.

    Example:
        >>> from destination.fields import compile_fields, load_fields
        >>> fields = compile_fields(load_fields({"n": {"label": "N", "type": "number"}}))
        >>> try:
        ...     fields.validate({"n": "x"})
        ... except SchemaValidationError as error:
        ...     failed_fields(error)
        {'n': 'N must be a number but it was a string.'}
    """
    if not isinstance(error, SchemaValidationError):
        return {}
    return {finding.path.replace("$.", "", 1): finding.message for finding in error.errors}


def caught(error: BaseException, redactor: Redactor) -> dict[str, Any]:
    """An error of a dynamic field or a hook: its message, with code, status, fields and answer where it has them.

    Args:
        error: What was raised.
        redactor: Masks the secrets of the call.

    Example:
        >>> from destination.errors import IntegrationError
        >>> caught(IntegrationError("no list", "NOT_FOUND", 404), Redactor({}, ()))
        {'message': 'no list', 'code': 'NOT_FOUND', 'status': 404}
    """
    shown: dict[str, Any] = {"message": str(error)}
    for name in ("code", "status"):
        value = getattr(error, name, None)
        if isinstance(value, (str, int)):
            shown[name] = value
    if isinstance(error, HTTPError):
        shown["data"] = partner_answer(error)
    if isinstance(error, SchemaValidationError):
        shown["fields"] = failed_fields(error)
    masked: dict[str, Any] = redactor(shown)
    return masked


def stack_of(error: BaseException, mask: Callable[[str], str] = str) -> list[str]:
    """Where an error came from, innermost call first, as modules and functions: no file of this machine is named.

    Args:
        error: The error.
        mask: Takes the secrets out of its message, which may have several lines.

    Example:
        >>> def perform() -> None:
        ...     raise ValueError("no")
        >>> try:
        ...     perform()
        ... except ValueError as error:
        ...     stack_of(error)
        ['ValueError: no', '    at ....perform:2', '    at ...']
    """
    first = f"{type(error).__name__}: {mask(str(error))}".splitlines()
    frames = [
        f"    at {frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return [*first, *reversed(frames)]


def refusal(error: BaseException, redactor: Redactor) -> dict[str, Any]:
    """The answer of an audience or a token refresh that failed: `{"ok": false, "error": …}`.

    For an HTTP error it is what the partner answered.

    Args:
        error: What was raised.
        redactor: Masks the secrets of the call.
    """
    return {"ok": False, "error": redactor(partner_answer(error) if isinstance(error, HTTPError) else str(error))}


class BadRequestError(DestinationError):
    """What was posted cannot be read.

    Args:
        message: What is wrong with it, and what is expected.
        status: The status to answer with.
    """

    status: int

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
