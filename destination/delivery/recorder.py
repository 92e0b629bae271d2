"""Records the outcome of each event, and reports its verdict after that is written."""

from collections.abc import Callable, Iterable
from typing import ParamSpec, Protocol

from destination.delivery.dead_letters import Failure
from destination.delivery.errors import LedgerError, RecordingError, without_traces
from destination.delivery.in_flight import InFlightEvent, Job, message_id
from destination.delivery.intake_rules import NotSent, not_sent_row
from destination.delivery.ledger import ACKNOWLEDGED, DEAD, WHOLE_EVENT, Ledger, Row
from destination.delivery.record import Record
from destination.delivery.report import Report, StopReason, Verdict
from destination.late import asyncio
from destination.runtime import Outcome
from destination.runtime.acknowledged import Exchange

_LONGEST_S = 0.002

P = ParamSpec("P")

Observe = Callable[[Report, Record, list[Failure]], None]
Settled = Callable[[Record, Verdict], None]


class FailureLog(Protocol):
    """Keeps failed events, as a file of failed events does."""

    def add(self, record: Record, failures: list[Failure]) -> None:
        """Keeps a failed event.

        Raises:
            RecordingError: The event cannot be kept.
        """
        ...


class RecorderSink(Protocol):
    """Continues the delivery after something is recorded."""

    def settled(self, in_flight: InFlightEvent) -> None:
        """Ends an event, after everything about it is written."""
        ...

    def go_on(self) -> None:
        """Reads further events, after a group of events was recorded."""
        ...

    def end(self, kind: StopReason, message: str) -> None:
        """Reads no more events, because something cannot be recorded."""
        ...

    def raised(self, error: Exception) -> None:
        """Keeps an error of the caller's own function."""
        ...


class Commits:
    """The rows that wait for the ledger, and the events whose slots wait for the commit.

    A group is committed when as many events wait for it as are still being sent, or two milliseconds after its first
    row. A transaction for each event would take as long as sending it. The commit is made within the event loop. A
    separate thread took several times as long: it has to get the interpreter's lock several times for each
    transaction, and the events' slots wait for that.

    Args:
        ledger: The ledger.
        committed: Called with the events of each group after its commit, or with an error if that fails.
    """

    def __init__(self, ledger: Ledger, committed: Callable[[list[InFlightEvent], LedgerError | None], None]) -> None:
        self._ledger = ledger
        self._committed = committed
        self._rows: list[Row] = []
        self._waiting: list[InFlightEvent] = []
        self._is_due = False
        self._timer: asyncio.TimerHandle | None = None

    def add(self, rows: Iterable[Row], in_flight: InFlightEvent | None = None, *, under_way: int = 1) -> None:
        """Adds rows to the next commit.

        Args:
            rows: The rows.
            in_flight: The event that waits for these rows and all earlier ones.
            under_way: The number of events that are still being sent.
        """
        self._rows.extend(rows)
        if in_flight is not None:
            self._waiting.append(in_flight)
        if self._is_due:
            return
        if len(self._waiting) >= under_way:
            # Not at once: the caller is still working on the event.
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._commit)
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LONGEST_S, self._commit)

    def _commit(self) -> None:
        self._is_due = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows, self._rows = self._rows, []
        waiting, self._waiting = self._waiting, []
        found: LedgerError | None = None
        try:
            self._ledger.add(rows)
        except LedgerError as error:
            found = error
        self._committed(waiting, found)


class Recorder:
    """Counts outcomes, keeps dead letters, writes the ledger, and reports the verdict on each event.

    Args:
        sink: Continues after an event is settled.
        report: The counts.
        ledger: Records what is settled, or None.
        failures: Keeps failed events, or None.
        observe: Called for each event as soon as its outcomes are known.
        settled: Called with the verdict on each event, after everything about it is written.
    """

    def __init__(
        self,
        sink: RecorderSink,
        report: Report,
        ledger: Ledger | None,
        failures: FailureLog | None,
        observe: Observe | None,
        settled: Settled | None,
    ) -> None:
        self._sink = sink
        self._report = report
        self._failures = failures
        self._observe = guarded(observe, sink.raised)
        self._settled = guarded(settled, sink.raised)
        self._commits = None if ledger is None else Commits(ledger, self._committed)

    def keep(self, job: Job, number: int, exchange: Exchange) -> None:
        """Records that one of several requests was acknowledged."""
        if self._commits is not None:
            record = job.in_flight.record
            row = Row(record.ordinal, job.index, number, ACKNOWLEDGED, message_id(record.event), exchange.to_bytes())
            self._commits.add((row,))
            job.in_flight.has_committed_rows = True

    def outcome(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """Records the outcome of one subscription of an event."""
        in_flight = job.in_flight
        in_flight.outcomes.append((job.index, outcome))
        if outcome.error is not None:
            failure = Failure(without_traces(outcome.error), outcome.name, job.index, job.tries, deferred)
            (in_flight.deferred if deferred else in_flight.failures).append(failure)
        elif self._commits is not None:
            row = Row(in_flight.record.ordinal, job.index, 0, ACKNOWLEDGED, message_id(job.event))
            if in_flight.pending:
                self._commits.add((row,))
                in_flight.has_committed_rows = True
            else:
                in_flight.pending_rows.append(row)

    def leave_out(self, in_flight: InFlightEvent, reason: NotSent, *, under_way: int) -> None:
        """Settles an event without sending it.

        Args:
            in_flight: The event.
            reason: Why it is not sent.
            under_way: The number of events that are still being sent.
        """
        self._report.in_flight -= 1
        self._report.add_not_sent(reason)
        if self._observe is not None:
            self._observe(self._report, in_flight.record, [])
        if self._commits is None:
            self._end(in_flight, None)
        else:
            self._commits.add((not_sent_row(in_flight.record, reason),), in_flight, under_way=under_way)

    def settle(self, in_flight: InFlightEvent, *, under_way: int) -> None:
        """Records an event whose outcomes are all known.

        Args:
            in_flight: The event.
            under_way: The number of events that are still being sent.
        """
        record, failures, report = in_flight.record, in_flight.failures, self._report
        if record.event is None and not in_flight.deferred:
            report.add_unreadable(record)
        else:
            report.add(in_flight.outcomes, failures, deferred=in_flight.deferred, skipped=in_flight.skipped)
        kept = failures
        if in_flight.deferred and self._commits is None and self._settled is None:  # there is no other record of it
            kept = failures + in_flight.deferred
        elif in_flight.deferred:  # a failure of the whole event would settle what is deferred
            kept = [failure for failure in failures if failure.index is not None]
        is_kept = bool(kept) and self._keep(record, kept)
        report.in_flight -= 1
        if self._observe is not None:
            self._observe(report, record, failures + in_flight.deferred if in_flight.deferred else failures)
        if self._commits is None:
            self._end(in_flight, None)
            return
        if is_kept:
            in_flight.pending_rows += (
                Row(
                    record.ordinal,
                    WHOLE_EVENT if failure.index is None else failure.index,
                    0,
                    DEAD,
                    message_id(record.event),
                )
                for failure in kept
            )
        if in_flight.pending_rows or in_flight.has_committed_rows:
            self._commits.add(in_flight.pending_rows, in_flight, under_way=under_way)
        else:
            self._end(in_flight, None)

    def _keep(self, record: Record, failures: list[Failure]) -> bool:
        """Keeps failures; returns whether that succeeded."""
        if self._failures is None:
            return False
        try:
            self._failures.add(record, failures)
        except Exception as error:  # noqa: BLE001  the event has to end after any error
            self._report.unrecorded.append(record.label)
            if isinstance(error, RecordingError):
                self._sink.end("recording", str(error))
            else:
                self._sink.raised(error)
            return False
        return True

    def _committed(self, waiting: list[InFlightEvent], error: LedgerError | None) -> None:
        for in_flight in waiting:
            self._end(in_flight, error)
        self._sink.go_on()

    def _end(self, in_flight: InFlightEvent, error: LedgerError | None) -> None:
        record = in_flight.record
        unrecorded = self._report.unrecorded
        if error is not None:
            if record.label not in unrecorded[-1:]:
                unrecorded.append(record.label)
            self._sink.end("recording", str(error))
        if self._settled is not None:
            verdict: Verdict = "acknowledged"
            if in_flight.deferred or (unrecorded and record.label in unrecorded):
                verdict = "deferred"
            elif in_flight.failures:
                verdict = "dead"
            self._settled(record, verdict)
        self._sink.settled(in_flight)


def guarded(function: Callable[P, object] | None, raised: Callable[[Exception], None]) -> Callable[P, None] | None:
    """Wraps a function so that its errors are passed to `raised` instead of the caller; None for None.

    Example:
        >>> errors = []
        >>> guarded(lambda: 1 / 0, errors.append)()
        >>> errors
        [ZeroDivisionError('division by zero')]
        >>> guarded(None, errors.append) is None
        True
    """
    if function is None:
        return None

    def call(*arguments: P.args, **named: P.kwargs) -> None:
        try:
            function(*arguments, **named)
        except Exception as error:  # noqa: BLE001  the caller's own function may raise anything
            raised(error)

    return call
