"""Plans an event and shows its outcomes: for `destination plan`, and for each event of `destination run --dry-run`."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import orjson

from destination.cli.output import Output
from destination.delivery import (
    DeadLetters,
    EventSource,
    Failure,
    InputError,
    IntakeRules,
    NotSent,
    Record,
    RecordingError,
    describe,
    match_failed,
)
from destination.delivery.loop import seldom_collected
from destination.request import Request
from destination.runtime import Instance, Outcome, Redactor
from destination.runtime.redaction import request_head
from destination.values import MISSING, write_json
from destination.values.printable import is_printable_json

_AT_ONCE: Final = 16
"""The number of events that are parsed before they are planned: with more, they leave the processor's cache."""
_SURELY_SHALLOW: Final = 1_000
"""The number of objects and lists up to which no JSON text nests too deeply."""
_NO_HEAD: Final = (("",), b"")
_MOST_HEADS: Final = 256
"""The number of different requests whose method, URL and headers are kept as JSON."""
_MARKS: Final[dict[NotSent, str]] = {"opted_out": "optedOut", "duplicate": "duplicate"}
_SUBSCRIPTIONS: Final[dict[NotSent | None, bytes]] = {
    None: b',"subscriptions":[',
    **{reason: b',"%b":true,"subscriptions":[' % mark.encode() for reason, mark in _MARKS.items()},
}
# What is between the values of `outcome_as_json`.
_MATCHED, _UNMATCHED, _REQUESTS = b',"matched":true,"payload":', b',"matched":false,"payload":', b',"requests":['
_ERROR, _NO_ERROR, _INCOMPLETE = b'],"error":', b'],"error":null', b',"incomplete":true}'
_CONSTANTS: Final = (_MATCHED, _UNMATCHED, _REQUESTS, _NO_ERROR, _INCOMPLETE, *_SUBSCRIPTIONS.values(), b'"messageId":')


def outcome_as_json(outcome: Outcome, redactor: Redactor) -> dict[str, Any]:
    """Writes what a subscription would do with an event, its secrets masked."""
    record: dict[str, Any] = {
        "name": outcome.name,
        "matched": outcome.matched,
        "payload": None if outcome.payload is MISSING else outcome.payload,
        "requests": [redactor.request(request) for request in outcome.requests],
        "error": None if outcome.error is None else describe(outcome.error),
    }
    if outcome.incomplete:
        record["incomplete"] = True
    return record


def _outcomes(instance: Instance[Any], event: dict[str, Any]) -> list[Outcome]:
    outcomes = [item.unmatched for item in instance.subscriptions]
    for index, item in instance.candidates(event):
        outcome = item.match(event)
        # Its payload may share the event's values, which nothing changes before they are shown.
        outcomes[index] = item.prepare_shown(event).plan() if outcome.matched else outcome
    return outcomes


def planned(instance: Instance[Any], record: Record, event: dict[str, Any]) -> tuple[Sequence[Outcome], list[Failure]]:
    """Plans an event; of one that failed before, only the subscriptions that failed."""
    outcomes = _outcomes(instance, event)
    if record.retry_only is None:
        failures = [Failure(one.error, one.name, index) for index, one in enumerate(outcomes) if one.error is not None]
        return outcomes, failures
    wanted = {match_failed(failed, instance.subscriptions) for failed in record.retry_only}
    lost = [
        Failure(InputError(f"there is no enabled subscription {failed.name!r} (any more)"), failed.name, failed.index)
        for failed in record.retry_only
        if match_failed(failed, instance.subscriptions) is None
    ]
    chosen = [(index, outcome) for index, outcome in enumerate(outcomes) if index in wanted]
    failures = [Failure(outcome.error, outcome.name, index) for index, outcome in chosen if outcome.error is not None]
    return [outcome for _, outcome in chosen], lost + failures


def not_sent(instance: Instance[Any]) -> list[Outcome]:
    """Makes the outcomes of an event that is not sent: nothing matched."""
    return [Outcome(item.name, matched=False) for item in instance.subscriptions]


def outcomes_as_json(
    event: dict[str, Any], outcomes: Sequence[Outcome], reason: NotSent | None, redactor: Redactor
) -> dict[str, Any]:
    """Writes what would become of an event, its secrets masked.

    Args:
        event: The event.
        outcomes: Its outcomes, one for each subscription.
        reason: Why it is not sent, or None.
        redactor: Masks the secrets.
    """
    line: dict[str, Any] = {"messageId": event.get("messageId")}
    if reason is not None:
        line[_MARKS[reason]] = True
    line["subscriptions"] = [outcome_as_json(outcome, redactor) for outcome in outcomes]
    return line


class PlainLines:
    """Writes the lines of `outcomes_as_json` as JSON, many times as fast, where they have no secret.

    Args:
        redactor: Knows the secrets, which stay the same.
        unmatched: The outcomes that many events share, those that a subscription does not match.
    """

    def __init__(self, redactor: Redactor, unmatched: Sequence[Outcome] = ()) -> None:
        self._redactor = redactor
        self._unmatched = unmatched
        self._idle: dict[Outcome, bytes] | None = None
        self._titles: dict[str, bytes] = {}
        self._heads: dict[tuple[str, ...], tuple[tuple[str, ...], bytes]] = {}

    def write(self, event: dict[str, Any], outcomes: Sequence[Outcome], reason: NotSent | None) -> bytes | None:
        """Returns the line as `Output.plain_line` takes it.

        None where a value may have to be masked or escaped, or cannot be written in parts.
        """
        try:
            if self._idle is None:
                self._idle = self._begin()
            message_id, idle = event.get("messageId"), self._idle
            first = orjson.dumps(message_id) if message_id.__class__ is str else write_json(message_id)
            line, changing = [b'{"messageId":', first, _SUBSCRIPTIONS[reason]], [first]
            for outcome in outcomes:
                known = idle.get(outcome)
                if known is None:
                    self._add(outcome, line, changing)
                else:
                    line.append(known)
                line.append(b",")
        except (TypeError, ValueError):
            return None
        found = b"\n".join(changing)
        if (
            not self._redactor.is_surely_free(found)
            or not is_printable_json(found)
            or (len(found) > 2 * _SURELY_SHALLOW and not _is_shallow(changing))
        ):
            return None
        if outcomes:
            line.pop()
        line.append(b"]}\n")
        return b"".join(line)

    def _begin(self) -> dict[Outcome, bytes]:
        self._free(b"\n".join(_CONSTANTS))
        return {
            outcome: self._free(write_json(outcome_as_json(outcome, self._redactor))) for outcome in self._unmatched
        }

    def _free(self, raw: bytes) -> bytes:
        if not self._redactor.is_surely_free(raw) or not is_printable_json(raw):
            raise ValueError("it may have to be masked or escaped")
        return raw

    def _add(self, outcome: Outcome, line: list[bytes], changing: list[bytes]) -> None:
        name, payload, error = outcome.name, outcome.payload, outcome.error
        title = self._titles.get(name)
        if title is None:
            title = self._titles[name] = self._free(b'{"name":' + orjson.dumps(name))
        raw = b"null" if payload is MISSING else write_json(payload)
        changing.append(raw)
        line += (title, _MATCHED if outcome.matched else _UNMATCHED, raw, _REQUESTS)
        for number, request in enumerate(outcome.requests):
            body = request.body
            if body is None:
                body = b"null"
            elif not request.has_json_body:
                body = write_json(request.data)
            changing.append(body)
            line += (b"," if number else b"", self._head(request), body, b"}")
        if error is None:
            line.append(_NO_ERROR)
        else:
            raw = orjson.dumps(describe(error))
            changing.append(raw)
            line += (_ERROR, raw)
        line.append(_INCOMPLETE if outcome.incomplete else b"}")

    def _head(self, request: Request) -> bytes:
        """Writes method, URL and headers, which are the same for many events."""
        headers = request.headers.unsorted
        key = (request.method, request.url, *headers.values())
        names, head = self._heads.get(key, _NO_HEAD)
        if names != (*headers,):
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
            head = self._free(write_json({**request_head(request), "body": None}).removesuffix(b"null}"))
            self._heads[key] = (*headers,), head
        return head


def _is_shallow(texts: list[bytes]) -> bool:
    try:
        for text in texts:
            if text.count(b"{") + text.count(b"[") > _SURELY_SHALLOW:
                orjson.loads(text)  # it refuses more than 1,024 levels
    except ValueError:
        return False
    return True


def dry_run(
    instance: Instance[Any], source: EventSource, output: Output, dead_letters: DeadLetters | None, rules: IntakeRules
) -> int:
    """Prints one JSON line for each event; returns the exit status."""
    events = failed = 0
    left_out: Counter[NotSent] = Counter()
    status = 0
    source.most = _AT_ONCE
    lines = PlainLines(instance.redactor, [item.unmatched for item in instance.subscriptions])
    try:
        with seldom_collected(), output.in_blocks():
            for batch in source.batches():
                for record in batch:
                    events += 1
                    reason = rules.reason(record)
                    if reason is not None:
                        left_out[reason] += 1
                    failures = _show(instance, record, output, lines, reason)
                    if failures:
                        failed += 1
                        if dead_letters is not None:
                            dead_letters.add(record, failures)
                output.flush()  # the next ones may be long in coming
    except (InputError, RecordingError) as error:
        output.note(str(error))
        status = 1
    skipped = f"{left_out['opted_out']:,} opted out, " if left_out["opted_out"] else ""
    duplicates = left_out["duplicate"]
    skipped += f"{duplicates:,} duplicate{'' if duplicates == 1 else 's'}, " if duplicates else ""
    output.note(f"dry run: {events:,} read, {skipped}{failed:,} would fail; nothing was sent")
    return 1 if failed else status


def _show(
    instance: Instance[Any], record: Record, output: Output, lines: PlainLines, reason: NotSent | None
) -> list[Failure]:
    if record.event is None:
        error = record.error or InputError("no event")
        output.note(f"{record.label}: {error}")
        output.json_line({"messageId": None, "at": record.label, "error": str(error), "subscriptions": []})
        return [Failure(error)]
    outcomes, failures = planned(instance, record, record.event) if reason is None else (not_sent(instance), [])
    lost = [describe(failure.error) for failure in failures if isinstance(failure.error, InputError)]
    plain = None if lost else lines.write(record.event, outcomes, reason)
    if plain is not None:
        output.plain_line(plain)
        return failures
    line = outcomes_as_json(record.event, outcomes, reason, instance.redactor)
    if lost:
        line["error"] = "; ".join(lost)
    try:
        output.json_line(line)
    except ValueError as error:  # a payload may nest deeper than JSON can be written
        output.json_line({"messageId": line["messageId"], "error": f"cannot be shown: {error}", "subscriptions": []})
    return failures
