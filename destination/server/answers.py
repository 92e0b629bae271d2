"""Answers as JSON."""

from typing import Any

from starlette.responses import Response

from destination.values import write_json


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer, written as JavaScript writes it.

    What is no JSON, such as a hook's result that holds a date, is a 500 that says so.

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
    """What the server itself has to say against a request: `{"ok": false, "error": …}`.

    Example:
        >>> refused("no", 404).body
        b'{"ok":false,"error":"no"}'
    """
    return answer({"ok": False, "error": message}, status)
