"""The collector's answers to the events it was sent (divergence 2)."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from destination import (
    CollectorRejectedError,
    HTTPError,
    PartnerUnavailableError,
    Request,
    RequestOptions,
    Response,
)
from destination.actions.absmartly.wire import BATCH_PATH

_READ_STATUSES = (200, 400)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
# White space, and the byte order marks of UTF-8 and UTF-16 with the zero bytes of the latter.
_BEFORE_A_PAGE = b" \t\r\n\f\v\xef\xbb\xbf\xff\xfe\0"
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_INDEX = re.compile(r"\s*([0-9]{1,9})(?:\.0*)?\s*", re.ASCII)
_UNREADABLE = "the collector answered 200 with a body that cannot be read"
_NO_REASON = "the collector answered ok: false and named no reason"


def read_answer(request: Request, options: RequestOptions, response: Response) -> None:
    """Fails an event that the collector's answer refuses, and keeps its warnings; a hook after each response.

    A 200 or 400 carries `{"ok", "warnings", "errors"}`. Any error, or `ok: false`, fails the one event of the
    call. A page instead of an acknowledgement is not the collector's: with any status of success it means that the
    collector is unavailable. A 200 whose body cannot be read otherwise counts as delivered, with a warning. The
    answer to a batch is read by its `perform_batch`.

    Raises:
        CollectorRejectedError: The collector refused the event.
        PartnerUnavailableError: The answer is a page.
    """
    if request.url.endswith(BATCH_PATH):
        return
    answer = response.data if response.status in _READ_STATUSES and not response.too_large else None
    if not isinstance(answer, dict):
        if response.ok:
            check_page(response)
            if response.status == 200 and not response.too_large and request.method != "GET":
                response.warnings.append(_UNREADABLE)
        return
    errors = _items(answer.get("errors"))
    if errors:
        raise rejection(errors)
    if answer.get("ok") is False:
        raise CollectorRejectedError(_NO_REASON)
    warnings = _items(answer.get("warnings"))
    if warnings:
        response.warnings.extend(map(_sentence, warnings))


def check_page(response: Response) -> None:
    """Refuses a page of HTML, or anything that begins with `<`, as an acknowledgement.

    The collector writes JSON alone. A page comes from something between here and it, such as a proxy, a firewall or
    the login of a network.

    Raises:
        PartnerUnavailableError: It is a page; the message names its type and title.

    Example:
        >>> check_page(Response(200, b"<title>Back soon</title>", {"content-type": "text/html"}))
        Traceback (most recent call last):
        destination.errors.PartnerUnavailableError: a page came instead of the collector's answer: 200 OK, …
    """
    given = response.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    body, content = (b"", "") if response.too_large else (response.body, response.content)
    if kind not in _HTML_TYPES and not body.lstrip(_BEFORE_A_PAGE).startswith(b"<"):
        return
    seen = [f"{response.status} {response.status_text}".strip(), kind or "no content type"]
    title = _TITLE.search(content.replace("\0", ""))
    if title is not None and title[1].strip():
        seen.append(f'"{" ".join(title[1].split())}"')
    raise PartnerUnavailableError(f"a page came instead of the collector's answer: {', '.join(seen)}")


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The collector's answer to the events of one call.

    Attributes:
        failure: What fails all of them, or None.
        errors: Its findings against single events, by their index in the call.
        warnings: Its warnings about single events, by their index in the call.
    """

    failure: Exception | None = None
    errors: dict[int, list[Any]] = field(default_factory=dict)
    warnings: dict[int, list[str]] = field(default_factory=dict)


def read_batch_answer(request: Request, response: Response, size: int) -> BatchAnswer:
    """Reads the answer to a call of `size` events, and keeps all its warnings on the response.

    Errors fail the events that they name by `batchIndex`; those that name none, and `ok: false`, fail all events
    only where no event is named. A page fails all of them with a PartnerUnavailableError. A 200 that cannot be read
    otherwise delivers all events, each with a warning. Any other status that is not a success, and a 400 without a
    reason, fails all of them with an HTTPError.

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
        try:
            check_page(response)
        except PartnerUnavailableError as error:
            return BatchAnswer(error)
        if response.status != 200:
            return BatchAnswer()
        if not response.too_large:  # that has its own warning
            response.warnings.append(_UNREADABLE)
        return BatchAnswer(warnings=dict.fromkeys(range(size), response.warnings[-1:]))
    errors, others = _by_index(_items(answer.get("errors")), size)
    if not errors:
        if others:
            return BatchAnswer(rejection(others))
        if answer.get("ok") is False:
            return BatchAnswer(CollectorRejectedError(_NO_REASON))
        if not response.ok:
            return BatchAnswer(HTTPError(response, request))
    remarks = _items(answer.get("warnings"))
    response.warnings.extend(map(_sentence, (*remarks, *others)))
    warnings, _ = _by_index(remarks, size)
    return BatchAnswer(None, errors, {index: list(map(_sentence, items)) for index, items in warnings.items()})


def rejection(findings: list[Any]) -> CollectorRejectedError:
    """Makes the error for findings against an event.

    Example:
        >>> rejection([{"subject": "units", "message": "unknown"}, {"message": "late"}])
        CollectorRejectedError('units: unknown; late')
    """
    return CollectorRejectedError("; ".join(map(_sentence, findings)), _subject(findings[0]))


def _by_index(items: list[Any], size: int) -> tuple[dict[int, list[Any]], list[Any]]:
    """Sorts items by their `batchIndex`; those without a usable one come second."""
    found: dict[int, list[Any]] = {}
    others = []
    for item in items:
        index = _index(item.get("batchIndex")) if isinstance(item, dict) else None
        if index is not None and 0 <= index < size:
            found.setdefault(index, []).append(item)
        else:
            others.append(item)
    return found, others


def _index(value: Any) -> int | None:
    """Returns a whole number, also as text or as a float; None for anything else."""
    if isinstance(value, str):
        digits = _INDEX.fullmatch(value)
        return None if digits is None else int(digits[1])
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return int(value) if value == int(value) else None


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
