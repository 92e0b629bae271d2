"""What the collector says to an event it was sent (divergence 2)."""

from typing import Any

from destination import CollectorRejectedError, Request, RequestOptions, Response

_READ_STATUSES = (200, 400)


def read_answer(request: Request, options: RequestOptions, response: Response) -> None:
    """Fails an event that the collector's answer refuses, and keeps its warnings; a hook after each response.

    A 200 or 400 carries `{"ok", "warnings", "errors"}`. Any error, or `ok: false`, fails the one event of the
    call. A 200 whose body cannot be read counts as delivered, with a warning.

    Raises:
        CollectorRejectedError: The collector refused the event.
    """
    if response.status not in _READ_STATUSES:
        return
    answer = response.data
    if not isinstance(answer, dict):
        if response.status == 200 and request.method != "GET":
            response.warnings.append("the collector answered 200 with a body that cannot be read")
        return
    errors = _items(answer.get("errors"))
    if errors:
        raise CollectorRejectedError("; ".join(map(_sentence, errors)), _subject(errors[0]))
    if answer.get("ok") is False:
        raise CollectorRejectedError("the collector answered ok: false and named no reason")
    response.warnings.extend(map(_sentence, _items(answer.get("warnings"))))


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _subject(item: Any) -> str | None:
    subject = item.get("subject") if isinstance(item, dict) else None
    return subject if isinstance(subject, str) else None


def _sentence(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    subject, message = _subject(item), str(item.get("message", "no message"))
    return f"{subject}: {message}" if subject else message
