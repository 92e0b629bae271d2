"""Writes down what became of each event, and says so once that is durable."""

from collections.abc import Callable
from typing import Protocol

from destination.delivery.dead_letters import Failure
from destination.delivery.errors import LedgerError, RecordingError, without_traces
from destination.delivery.guarded import guarded
from destination.delivery.in_flight import Commits, InFlightEvent, Job, message_id
from destination.delivery.intake_rules import NotSent, not_sent_row
from destination.delivery.ledger import ACKNOWLEDGED, DEAD, WHOLE_EVENT, Ledger, Row
from destination.delivery.record import Record
from destination.delivery.report import Report, StopReason, Verdict
from destination.runtime import Outcome
from destination.runtime.acknowledged import Exchange

Observe = Callable[[Report, Record, list[Failure]], None]
Settled = Callable[[Record, Verdict], None]


class FailureLog(Protocol):
    """Where failed events go."""

    def add(self, record: Record, failures: list[Failure]) -> None:
        """Keeps one of them.

        Raises:
            RecordingError: It cannot.
        """
        ...


class RecorderSink(Protocol):
    """Who needs to know what was written down."""

    def settled(self, flight: InFlightEvent) -> None:
        """All that is known of an event is written down."""
        ...

    def go_on(self) -> None:
        """A group of events was written down: others may be taken up."""
        ...

    def end(self, kind: StopReason, message: str) -> None:
        """Something cannot be written down: take up nothing more."""
        ...

    def raised(self, error: Exception) -> None:
        """What the caller gave raised."""
        ...


class Recorder:
    """Counts, keeps dead letters, writes the ledger, and gives each event its verdict.

    Args:
        sink: Is told of it.
        report: The counts.
        ledger: Where is written what is settled, or None.
        failures: Keeps what failed, or None.
        observe: Is told of each event as soon as its outcomes are known.
        settled: Is told the verdict on each event, after whatever is durable for it is durable.
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
        """Writes down that a request of several was acknowledged."""
        if self._commits is not None:
            record = job.flight.record
            row = Row(record.ordinal, job.index, number, ACKNOWLEDGED, message_id(record.event), exchange.to_bytes())
            self._commits.add((row,))
            job.flight.has_committed_rows = True

    def outcome(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """Takes the outcome of one subscription of an event."""
        flight = job.flight
        flight.outcomes.append((job.index, outcome))
        if outcome.error is not None:
            failure = Failure(without_traces(outcome.error), outcome.name, job.index, job.tries, deferred)
            (flight.deferred if deferred else flight.failures).append(failure)
        elif self._commits is not None:
            row = Row(flight.record.ordinal, job.index, 0, ACKNOWLEDGED, message_id(job.event))
            if flight.pending:
                self._commits.add((row,))
                flight.has_committed_rows = True
            else:
                flight.pending_rows.append(row)

    def leave_out(self, flight: InFlightEvent, reason: NotSent, *, under_way: int) -> None:
        """Settles an event without sending it.

        Args:
            flight: The event.
            reason: Why it is not sent.
            under_way: How many events are still being sent.
        """
        self._report.in_flight -= 1
        self._report.add_not_sent(reason)
        self._tell(flight.record, [])
        if self._commits is None:
            self._end(flight, None)
        else:
            self._commits.add((not_sent_row(flight.record, reason),), flight, under_way=under_way)

    def settle(self, flight: InFlightEvent, *, under_way: int) -> None:
        """Writes down an event whose outcomes are all known.

        Args:
            flight: The event.
            under_way: How many events are still being sent.
        """
        record, failures, report = flight.record, flight.failures, self._report
        if record.event is None and not flight.deferred:
            report.add_unreadable(record)
        else:
            report.add(flight.outcomes, failures, deferred=flight.deferred, skipped=flight.skipped)
        kept = failures
        if flight.deferred and self._commits is None:  # nothing else would know of it
            kept = failures + flight.deferred
        elif flight.deferred:  # what settles the whole event waits until nothing of it is open
            kept = [failure for failure in failures if failure.index is not None]
        is_kept = bool(kept) and self._keep(record, kept)
        report.in_flight -= 1
        self._tell(record, failures + flight.deferred if flight.deferred else failures)
        if self._commits is None:
            self._end(flight, None)
            return
        if is_kept:
            flight.pending_rows += (
                Row(
                    record.ordinal,
                    WHOLE_EVENT if failure.index is None else failure.index,
                    0,
                    DEAD,
                    message_id(record.event),
                )
                for failure in kept
            )
        if flight.pending_rows or flight.has_committed_rows:
            self._commits.add(flight.pending_rows, flight, under_way=under_way)
        else:
            self._end(flight, None)

    def _keep(self, record: Record, failures: list[Failure]) -> bool:
        """Whether the failures are in the file of failed events."""
        if self._failures is None:
            return False
        try:
            self._failures.add(record, failures)
        except Exception as error:  # noqa: BLE001  whatever it is, the event has to end
            self._report.unrecorded.append(record.place)
            if isinstance(error, RecordingError):
                self._sink.end("recording", str(error))
            else:
                self._sink.raised(error)
            return False
        return True

    def _committed(self, flights: list[InFlightEvent], error: LedgerError | None) -> None:
        for flight in flights:
            self._end(flight, error)
        self._sink.go_on()

    def _end(self, flight: InFlightEvent, error: LedgerError | None) -> None:
        record = flight.record
        unrecorded = self._report.unrecorded
        if error is not None:
            if record.place not in unrecorded[-1:]:
                unrecorded.append(record.place)
            self._sink.end("recording", str(error))
        if self._settled is not None:
            verdict: Verdict = "acknowledged"
            if flight.deferred or (unrecorded and record.place in unrecorded):
                verdict = "deferred"
            elif flight.failures:
                verdict = "dead"
            self._settled(record, verdict)
        self._sink.settled(flight)

    def _tell(self, record: Record, failures: list[Failure]) -> None:
        if self._observe is not None:
            self._observe(self._report, record, failures)
