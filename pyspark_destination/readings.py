"""The rows of `plan`, `explain`, `diff` and `coverage` of one partition, on an executor."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from destination.delivery import InputError, Record, describe, message_id
from destination.delivery.loop import seldom_collected
from destination.errors import MappingError, SchemaValidationError
from destination.event import opted_out_by
from destination.request import Request
from destination.runtime import Instance, Outcome, Redactor
from destination.runtime.redaction import request_head
from destination.values import MISSING, write_json
from pyspark_destination.given import GivenInstance
from pyspark_destination.rows import records_of

if TYPE_CHECKING:
    from pyarrow import RecordBatch

    from destination.workbench.diff import Sample
    from destination.workbench.diff.reading import Kind

Rows = list[tuple[Any, ...]]
_MISSING_FIELD: Final = re.compile(r" is missing the required field '(.*)'\.$")
_PARTITION_BITS: Final = 33
"""A row's number is that of its partition, shifted, and its own, as Spark's `monotonically_increasing_id` has it."""


def _numbered(batches: "Iterator[RecordBatch]") -> Iterator[list[tuple[int, Record]]]:
    from pyspark import TaskContext

    context = TaskContext.get()
    first = (0 if context is None else context.partitionId()) << _PARTITION_BITS
    with seldom_collected():
        for records in records_of(batches):
            yield [(first + record.ordinal - 1, record) for record in records]


def _name_of(event: Any) -> str | None:
    from destination.workbench.diff.groups import event_name

    return event_name(event)


def _text(value: Any, redactor: Redactor) -> str:
    """Writes a value as JSON without secrets."""
    raw = write_json(value)
    return (raw if redactor.is_surely_free(raw) else write_json(redactor(value))).decode("utf-8", "replace")


# --- plan ------------------------------------------------------------------------------------------------


def plan_rows(given: GivenInstance, ignore_integrations: bool, batches: "Iterator[RecordBatch]") -> Iterator[Rows]:
    """Yields the rows of `plan`."""
    from destination.delivery import match_failed

    instance = given.instance()
    items, redactor, name = instance.subscriptions, instance.redactor, instance.definition.name
    idle = [(item.name, False, None, "[]", None, None, False, False) for item in items]
    excluded = [(*row[:-1], True) for row in idle]
    for numbered in _numbered(batches):
        rows: Rows = []
        for row, record in numbered:
            event = record.event
            if event is None:
                error = describe(record.error or InputError("no event"))
                rows.append((row, None, None, None, False, None, None, error, None, False, False))
                continue
            head = (row, message_id(event), _name_of(event))
            if not ignore_integrations and "integrations" in event and opted_out_by(event, name) is not None:
                rows += [(*head, *tail) for tail in excluded]
                continue
            tails = idle.copy()
            for index, item in instance.candidates(event):
                outcome = item.match(event)
                tails[index] = _plan_tail(item.prepare_shown(event).plan() if outcome.matched else outcome, redactor)
            if record.retry_only is not None:
                wanted = {match_failed(failed, items) for failed in record.retry_only}
                tails = [tail for index, tail in enumerate(tails) if index in wanted]
            rows += [(*head, *tail) for tail in tails]
        yield rows


def _plan_tail(outcome: Outcome, redactor: Redactor) -> tuple[Any, ...]:
    error, payload = outcome.error, outcome.payload
    if not outcome.matched and error is None:
        return (outcome.name, False, None, "[]", None, None, False, False)
    try:
        shown = None if payload is MISSING else _text(payload, redactor)
        requests = _requests_text(outcome.requests, redactor)
        reason = None if error is None else redactor.text(describe(error))
    except (ValueError, RecursionError) as failure:  # a payload may nest deeper than JSON can be written
        shown, requests, reason = None, "[]", f"cannot be shown: {failure}"
    return (outcome.name, outcome.matched, shown, requests, reason, _field_of(error), bool(outcome.incomplete), False)


def _requests_text(requests: Sequence[Request], redactor: Redactor) -> str:
    """Writes requests as JSON without secrets; bodies without one are taken over as they are."""
    raw = b"[%b]" % b",".join(map(_request_json, requests))
    if not redactor.is_surely_free(raw):
        raw = write_json([redactor.request(request) for request in requests])
    return raw.decode("utf-8", "replace")


def _request_json(request: Request) -> bytes:
    body = request.body
    if body is None:
        body = b"null"
    elif not request.has_json_body:
        body = write_json(request.data)
    return b'%b,"body":%b}' % (write_json(request_head(request))[:-1], body)


def _field_of(error: Exception | None) -> str | None:
    """Returns the field that an error is about: the JSON pointer of the first finding, or the path in the mapping."""
    if isinstance(error, SchemaValidationError) and error.errors:
        first = error.errors[0]
        missing = _MISSING_FIELD.search(first.message)
        return f"{first.pointer}/{missing[1]}" if missing else str(first.pointer)
    if isinstance(error, MappingError) and error.path:
        return "".join(f"/{key}" for key in error.path)
    return None


# --- explain ---------------------------------------------------------------------------------------------


def explain_rows(given: GivenInstance, ignore_integrations: bool, batches: "Iterator[RecordBatch]") -> Iterator[Rows]:
    """Yields the rows of `explain`."""
    from destination.workbench.explain import explain_event

    instance = given.instance()
    for numbered in _numbered(batches):
        for row, record in numbered:
            event = record.event
            if event is None:
                error = write_json({"error": describe(record.error or InputError("no event"))}).decode()
                yield [(row, None, None, None, "unreadable", error)]
                continue
            explanation = explain_event(instance, event, ignore_integrations=ignore_integrations)
            head = (row, message_id(event), _name_of(event))
            yield [
                (*head, item.name, item.state, write_json(item.to_json(instance.redactor)).decode("utf-8", "replace"))
                for item in explanation.subscriptions
            ]


# --- diff ------------------------------------------------------------------------------------------------


class ChangeRows:
    """Keeps each change of a subscription, instead of groups of changes that are alike.

    Args:
        subscription: The subscription's name.
    """

    def __init__(self, subscription: str) -> None:
        self._subscription = subscription
        self.found: Rows = []

    def add(self, kind: "Kind", detail: str, name: str, *, allowed: bool, sample: "Callable[[], Sample]") -> None:
        """Keeps a change; see `Groups.add`."""
        from destination.workbench.diff.groups import cut

        shown = sample()
        sides = (
            None if value is MISSING else write_json(value).decode("utf-8", "replace")
            for value in (shown.before, shown.after)
        )
        self.found.append((name, self._subscription, kind, cut(detail, 300), shown.at, *sides))


def diff_rows(
    old: GivenInstance, new: GivenInstance, ignore_integrations: bool, batches: "Iterator[RecordBatch]"
) -> Iterator[Rows]:
    """Yields the rows of `diff`."""
    from destination.workbench.diff import Allow, pair_subscriptions
    from destination.workbench.diff.comparison import PairComparison
    from destination.workbench.diff.groups import Masking

    before, after = old.instance(), new.instance()
    name = after.definition.name
    masking = Masking((after.redactor,))
    comparisons = []
    for pair in pair_subscriptions(before.subscriptions, after.subscriptions):
        if pair.state != "same":
            comparison = PairComparison(pair, runs=True, allow=Allow(), masking=masking, samples=0)
            comparison.groups = changes = ChangeRows(pair.name)  # type: ignore[assignment]
            comparisons.append((comparison, changes))
    for numbered in _numbered(batches):
        rows: Rows = []
        for row, record in numbered:
            event = record.event
            if event is None:
                rows.append(
                    (row, None, None, None, "unreadable", describe(record.error or InputError("")), "", None, None)
                )
                continue
            if not ignore_integrations and "integrations" in event and opted_out_by(event, name) is not None:
                continue
            for comparison, changes in comparisons:
                comparison.take(event, row, record.label)
                if changes.found:
                    identifier = message_id(event)
                    rows += [(row, identifier, *found) for found in changes.found]
                    changes.found.clear()
        yield rows


# --- coverage --------------------------------------------------------------------------------------------


def coverage_rows(given: GivenInstance, ignore_integrations: bool, batches: "Iterator[RecordBatch]") -> Iterator[Rows]:
    """Yields the rows of `coverage`: the counts of this partition, which Spark adds up."""
    from destination.workbench.coverage import Coverage
    from destination.workbench.coverage.event_paths import path_text

    instance: Instance[Any] = given.instance()
    reached = Coverage(
        [item.subscription for item in instance.subscriptions],
        None if ignore_integrations else instance.definition.name,
    )
    unreadable = 0
    for numbered in _numbered(batches):
        for _, record in numbered:
            if record.event is None:
                unreadable += 1
            else:
                reached.take(record.event)
    rows: Rows = [
        _count_row(what, None, None, count)
        for what, count in (("events", reached.events), ("optedOut", reached.opted_out), ("unreadable", unreadable))
    ]
    for number, item in enumerate(reached.subscriptions):
        rows += (
            _count_row("matched", number, item.name, item.matched),
            _count_row("failed", number, item.name, item.failed),
        )
        rows += [
            ("point", number, item.name, "/".join(point.path), point.text, point.result, item.count(point), None)
            for point in item.points
        ]
    for kind, paths in reached.paths.types.items():
        rows += [
            _count_row(what, None, kind, count)
            for what, count in (
                ("type events", paths.events),
                ("type taken", paths.taken),
                ("type others", paths.others),
            )
        ]
        rows += [
            ("path", None, kind, path_text(keys), None, None, count, keys in paths.read)
            for keys, count in paths.seen.items()
        ]
    yield rows


def _count_row(what: str, number: int | None, name: str | None, count: int) -> tuple[Any, ...]:
    return (what, number, name, None, None, None, count, None)
