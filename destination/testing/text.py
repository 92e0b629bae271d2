"""Writes plans, results, requests and traces as stable text for review, with sorted keys and masked secrets."""

import json
from collections.abc import Iterator
from typing import Any

from destination.mapping import FieldTrace
from destination.request import Request
from destination.runtime import BatchOutcome, BatchResult, EventResult, Outcome, Redactor
from destination.testing.compare import as_json, pointer
from destination.testing.integration import TestIntegration
from destination.values import MISSING


def review_text(value: Any, redactor: Redactor) -> str:
    """Writes a value as the text of a snapshot.

    Args:
        value: A plan or result of an event or a batch, one of its outcomes, a request, a test integration after a
            call, a trace of a mapping (`FieldTrace`), or any JSON; or a list of these.
        redactor: Masks the secrets; take that of the instance.

    Raises:
        TypeError: The value is something else.
        ValueError: The value is nested too deeply.

    Example:
        >>> request = Request("PUT", "https://h/v1", headers={"x-api-key": "k"}, body=b'{"b":1,"a":[]}')
        >>> print(review_text(request, Redactor({}, ())))
        PUT https://h/v1
        x-api-key: <redacted>
        <BLANKLINE>
        {
          "a": [],
          "b": 1
        }
    """
    return "\n".join(_lines(value, redactor)).rstrip()


def _lines(value: Any, redactor: Redactor) -> Iterator[str]:
    if isinstance(value, (EventResult, BatchResult)):
        for outcome in value.outcomes:
            yield from _lines(outcome, redactor)
            yield ""
    elif isinstance(value, Outcome):
        yield from _outcome(value, redactor)
    elif isinstance(value, BatchOutcome):
        yield from _batch(value, redactor)
    elif isinstance(value, TestIntegration):
        yield from _lines(list(value.requests), redactor)
    elif isinstance(value, Request):
        yield from _request(value, redactor)
    elif isinstance(value, FieldTrace):
        yield from _trace(value, redactor)
    elif isinstance(value, (list, tuple)) and any(_is_record(item) for item in value):
        for item in value:
            yield from _lines(item, redactor)
            if not isinstance(item, FieldTrace):
                yield ""
    else:
        yield _json(redactor(value))


def _is_record(value: Any) -> bool:
    return isinstance(value, (EventResult, BatchResult, Outcome, BatchOutcome, TestIntegration, Request, FieldTrace))


def _outcome(outcome: Outcome, redactor: Redactor) -> Iterator[str]:
    state = "matches" if outcome.matched else "does not match"
    yield f"# {outcome.name}: {state if outcome.error is None else 'fails'}"
    if outcome.error is not None:
        yield _error(outcome.error, redactor)
    if outcome.payload is not MISSING:
        yield "payload"
        yield _json(redactor(outcome.payload))
    yield from _requests(outcome, redactor)


def _batch(outcome: BatchOutcome, redactor: Redactor) -> Iterator[str]:
    yield f"# {outcome.name}: {len(outcome.matched)} of {outcome.size} event(s) match"
    if outcome.error is not None:
        yield _error(outcome.error, redactor)
    for index in sorted(outcome.payloads):
        yield f"payload of event {index}"
        yield _json(redactor(outcome.payloads[index]))
    for index, node in enumerate(outcome.nodes):
        if node is not None:
            yield f"result of event {index}"
            yield _json(redactor(node))
    yield from _requests(outcome, redactor)


def _requests(outcome: Outcome | BatchOutcome, redactor: Redactor) -> Iterator[str]:
    for request in outcome.requests:
        yield ""
        yield from _request(request, redactor)
    if outcome.incomplete:
        yield "… and requests that depend on the answer"


def _request(request: Request, redactor: Redactor) -> Iterator[str]:
    shown = redactor.request(request)
    yield f"{shown['method']} {shown['url']}"
    yield from (f"{name}: {value}" for name, value in shown["headers"].items())
    if request.body is not None:
        body = shown["body"]
        yield ""
        yield body if isinstance(body, str) else _json(body)


def _error(error: Exception, redactor: Redactor) -> str:
    return f"{type(error).__name__}: {redactor.text(str(error))}"


def _trace(field: FieldTrace, redactor: Redactor) -> Iterator[str]:
    yield f"{pointer(field.position)} = {_on_one_line(field.value, redactor)}  ({field.directive or 'as it stands'})"
    for read in field.reads:
        yield f"  {read.path} is {_on_one_line(read.value, redactor)}"


def _on_one_line(value: Any, redactor: Redactor) -> str:
    return "nothing" if value is MISSING else _json(redactor(value), indent=None)


def _json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(as_json(value), ensure_ascii=False, indent=indent, sort_keys=True)
