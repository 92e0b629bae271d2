"""Writes answers as JSON: values, refusals of the server itself, and errors as Segment's local dev server does."""

import traceback
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from destination.errors import HTTPError, SchemaValidationError
from destination.request import Response as PartnerResponse
from destination.runtime import Redactor
from destination.values import write_json


def answer(value: Any, status: int = 200) -> Response:
    """Makes a JSON answer, written as JavaScript writes it.

    A value that is not valid JSON, such as a hook's result that holds a date, becomes a 500 that says so.

    Example:
        >>> answer({"a": 1.0}).body, answer({"a": object()}).status_code
        (b'{"a":1}', 500)
    """
    try:
        raw = write_json(value)
    except (TypeError, ValueError) as error:
        status, raw = 500, write_json({"ok": False, "error": f"the answer cannot be written as JSON: {error}"})
    return Response(raw, status, media_type="application/json")


def refused(message: str, status: int) -> Response:
    """Makes the answer to a request that the server itself refuses: `{"ok": false, "error": …}`.

    Example:
        >>> refused("no", 404).body
        b'{"ok":false,"error":"no"}'
    """
    return answer({"ok": False, "error": message}, status)


# --- errors ----------------------------------------------------------------------------------------------


def failure_entry(error: BaseException, redactor: Redactor) -> dict[str, Any]:
    """Writes the error of an action or a deletion: `{statusCode, message, stack, fields?, requestError}`.

    For an HTTP error it has the status and the data of the partner's answer.

    Args:
        error: The exception.
        redactor: Masks the secrets of the call.

    Example:
        >>> from destination.errors import PayloadValidationError
        >>> failure_entry(PayloadValidationError("no units"), Redactor({}, ()))
        {'statusCode': 400, 'message': 'no units', 'stack': ['PayloadValidationError: no units'], 'requestError': True}
    """
    entry: dict[str, Any] = {
        "statusCode": _status_of(error),
        "message": redactor(_partner_answer(error) if isinstance(error, HTTPError) else str(error)),
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


def _partner_answer(error: HTTPError) -> Any:
    """Returns the data of the partner's answer to which an error belongs."""
    response = error.response
    return response.value if isinstance(response, PartnerResponse) else response.data


def failed_fields(error: BaseException) -> dict[str, str]:
    """Returns the messages of invalid settings or an invalid payload by field; empty for every other error.

    A message about the whole, such as a missing field, is under `$`.

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
    """Writes the error of a dynamic field or a hook: its message, code, status, fields and answer, if it has them.

    Args:
        error: The exception.
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
        shown["data"] = _partner_answer(error)
    if isinstance(error, SchemaValidationError):
        shown["fields"] = failed_fields(error)
    masked: dict[str, Any] = redactor(shown)
    return masked


def stack_of(error: BaseException, mask: Callable[[str], str] = str) -> list[str]:
    """Lists the calls that led to an error, innermost first, by module and function and without files of this machine.

    Args:
        error: The error.
        mask: Removes the secrets from its message, which may have several lines.

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
    """Writes the error of an audience or a token refresh: `{"ok": false, "error": …}`.

    For an HTTP error it has the data of the partner's answer.

    Args:
        error: The exception.
        redactor: Masks the secrets of the call.
    """
    return {"ok": False, "error": redactor(_partner_answer(error) if isinstance(error, HTTPError) else str(error))}
