"""What the collector says to the events it was sent (divergence 2)."""

from dataclasses import dataclass, field
from typing import Any

from actions.absmartly.wire import BATCH_PATH
from destination import CollectorRejectedError, HTTPError, Request, RequestOptions, Response

_READ_STATUSES = (200, 400)
_UNREADABLE = "the collector answered 200 with a body that cannot be read"
_NO_REASON = "the collector answered ok: false and named no reason"


def read_answer(request: Request, options: RequestOptions, response: Response) -> None:
    """Fails an event that the collector's answer refuses, and keeps its warnings; a hook after each response.

    A 200 or 400 carries `{"ok", "warnings", "errors"}`. Any error, or `ok: false`, fails the one event of the
    call. A 200 whose body cannot be read counts as delivered, with a warning. The answer to a batch is read by its
    `perform_batch`.

    Raises:
        CollectorRejectedError: The collector refused the event.
    """
    if response.status not in _READ_STATUSES or request.url.endswith(BATCH_PATH):
        return
    answer = None if response.too_large else response.data
    if not isinstance(answer, dict):
        if response.status == 200 and not response.too_large and request.method != "GET":
            response.warnings.append(_UNREADABLE)
        return
    errors = _items(answer.get("errors"))
    if errors:
        raise rejection(errors)
    if answer.get("ok") is False:
        raise CollectorRejectedError(_NO_REASON)
    response.warnings.extend(map(_sentence, _items(answer.get("warnings"))))


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What the collector says to the events of one call.

    Attributes:
        failure: What fails all of them, or None.
        errors: Its findings against single events, by their place in the call.
        warnings: What it remarks on single events, by their place.
    """

    failure: Exception | None = None
    errors: dict[int, list[Any]] = field(default_factory=dict)
    warnings: dict[int, list[str]] = field(default_factory=dict)


def read_batch_answer(request: Request, response: Response, size: int) -> BatchAnswer:
    """Reads the answer to a call of so many events, and keeps all its warnings on the response.

    Errors fail the events that they name by `batchIndex`; those that name none, and `ok: false`, fail all events
    only where no event is named. A 200 that cannot be read delivers all events, each with a warning. Any other
    status that is no success, and a 400 that names no reason, fails all of them with an HTTPError.

    Example:
        >>> found = {"ok": False, "errors": [{"batchIndex": 1, "subject": "goals.0", "message": "no such goal"}]}
        >>> answer = read_batch_answer(Request("PUT", "https://h/"), Response(400, json=found), 2)
        >>> answer.failure, list(answer.errors), rejection(answer.errors[1])
        (None, [1], CollectorRejectedError('goals.0: no such goal'))
    """
    answer = response.data if response.status in _READ_STATUSES and not response.too_large else None
    if not isinstance(answer, dict):
        if not response.ok:
            return BatchAnswer(HTTPError(response, request))
        if response.status != 200:
            return BatchAnswer()
        if not response.too_large:  # that has its own warning
            response.warnings.append(_UNREADABLE)
        return BatchAnswer(warnings=dict.fromkeys(range(size), response.warnings[-1:]))
    errors, unplaced = _by_place(_items(answer.get("errors")), size)
    if not errors:
        if unplaced:
            return BatchAnswer(rejection(unplaced))
        if answer.get("ok") is False:
            return BatchAnswer(CollectorRejectedError(_NO_REASON))
        if not response.ok:
            return BatchAnswer(HTTPError(response, request))
    remarks = _items(answer.get("warnings"))
    response.warnings.extend(map(_sentence, (*remarks, *unplaced)))
    warnings, _ = _by_place(remarks, size)
    return BatchAnswer(None, errors, {place: list(map(_sentence, items)) for place, items in warnings.items()})


def rejection(findings: list[Any]) -> CollectorRejectedError:
    """The error that tells findings against an event.

    Example:
        >>> rejection([{"subject": "units", "message": "unknown"}, {"message": "late"}])
        CollectorRejectedError('units: unknown; late')
    """
    return CollectorRejectedError("; ".join(map(_sentence, findings)), _subject(findings[0]))


def _by_place(items: list[Any], size: int) -> tuple[dict[int, list[Any]], list[Any]]:
    placed: dict[int, list[Any]] = {}
    unplaced = []
    for item in items:
        place = item.get("batchIndex") if isinstance(item, dict) else None
        if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < size:
            placed.setdefault(place, []).append(item)
        else:
            unplaced.append(item)
    return placed, unplaced


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
