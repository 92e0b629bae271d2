"""Sends the events of a source through an instance: bounded, counted, and with nothing lost."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from destination.delivery.batching import DEFAULT_BATCHES, Batches
from destination.delivery.commits import Commits
from destination.delivery.dead_letters import Failure
from destination.delivery.errors import InputError, LedgerError, RecordingError
from destination.delivery.exchanges import Exchange
from destination.delivery.flights import AttemptMade, Flight, Job, message_id
from destination.delivery.intake import Intake
from destination.delivery.jobs import jobs_of
from destination.delivery.ledger import ACKNOWLEDGED, DEAD, WHOLE_EVENT, Ledger, Row
from destination.delivery.options import DeliveryOptions
from destination.delivery.ordering import Ordering
from destination.delivery.rate import TokenBucket
from destination.delivery.record import Record
from destination.delivery.report import Report, StopReason
from destination.delivery.retry import Clock, LoopClock
from destination.delivery.sender import Sender
from destination.delivery.source import EventSource
from destination.errors import RequestClientError
from destination.runtime import Instance, Outcome

DEFAULT_CONCURRENCY = 50


class FailureLog(Protocol):
    """Where failed events go."""

    def add(self, record: Record, failures: list[Failure]) -> None:
        """Keeps one of them.

        Raises:
            RecordingError: It cannot.
        """
        ...


class Delivery:
    r"""One pass of a source through an instance.

    Args:
        instance: Where the events go. For a perform that makes several requests, its transport is an
            `AcknowledgingTransport`: else another attempt sends all of them again.
        concurrency: So many requests are under way at most, each with one event, or in batches with as many as make
            a batch; the reader waits for a free place. None: 50, in batches 8.
        failures: Keeps what failed.
        observe: Called after each record with the report so far, and with the record and its failures.
        options: Retries, batches, rate, order; by default each event is sent once, by itself.
        ledger: Where is written what is settled; an event's place is free when that is committed.
        attempts: Called after each attempt, with how long it took and what it came to.
        clock: The time.

    Attributes:
        report: The counts so far.

    Example:
        >>> import io
        >>> from destination.delivery import ByteInput
        >>> from destination.runtime import Destination
        >>> demo = Destination(name="Demo", slug="demo", actions={})
        >>> source = EventSource(ByteInput(io.BytesIO(b'{"type": "track"} \n oops')))
        >>> report = asyncio.run(Delivery(demo.instance({})).run(source))
        >>> report.events, report.unmatched, report.unreadable
        (1, 1, 1)
    """

    def __init__(
        self,
        instance: Instance[Any],
        *,
        concurrency: int | None = None,
        failures: FailureLog | None = None,
        observe: Callable[[Report, Record, list[Failure]], None] | None = None,
        options: DeliveryOptions | None = None,
        ledger: Ledger | None = None,
        attempts: Callable[[AttemptMade], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.report = Report([item.name for item in instance.subscriptions])
        self._instance = instance
        self._options = options = options or DeliveryOptions()
        self._ledger = ledger
        self._failures = failures
        self._observe = observe
        sizes = {
            index: size for index, item in enumerate(instance.subscriptions) if (size := options.batch_size_of(item))
        }
        self._slots = slots = concurrency or (DEFAULT_BATCHES if sizes else DEFAULT_CONCURRENCY)
        self._places = slots * max(sizes.values(), default=1)
        clock = clock or LoopClock()
        bucket = None if options.rate is None else TokenBucket(options.rate, clock)
        self._sender = Sender(self, options.retry, clock, bucket, slots, attempts)
        self._batches = Batches(sizes, options.linger_s, self._send_batch)
        self._ordering = Ordering(options.ordered_by)
        self._under_way = 0  # events that neither wait for their turn nor for the ledger
        self._commits = None if ledger is None else Commits(ledger, self._committed)
        self._read: deque[Record] = deque()
        self._due: deque[Flight] = deque()  # it is their turn
        self._hungry = asyncio.Event()  # all that was read is taken up, or nothing more will be
        self._tasks: dict[asyncio.Task[None], list[Job]] = {}
        self._flying = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._given_up = False
        self._last: Record | None = None
        self._intake: Intake | None = None
        self._error: BaseException | None = None

    async def run(self, source: EventSource) -> Report:
        """Sends everything; returns when the last answer is in. It never raises for what is in the input."""
        self._intake = Intake(source.batches())
        try:
            while self.report.stop is None and (batch := await self._intake.next()) is not None:
                self._read.extend(batch)
                self._hungry.clear()
                self._fill()
                await self._hungry.wait()
        except InputError as error:
            self._end("input", str(error))
        finally:
            self._intake.close()
            self._batches.drain()
            await self._idle.wait()
            if self._last is not None:
                self.report.last_place = self._last.place
        if self._error is not None:
            raise self._error
        if self._ledger is not None and not self._ledger.shared and self.report.stop is None:
            self._ledger.finish()
        return self.report

    def stop(self) -> None:
        """Takes up no further event; what is under way is finished. A second call gives that up, too."""
        if self.report.stop == "signal":
            self._given_up = True
            self._batches.flush()
            for task in tuple(self._tasks):
                task.cancel()
        self._end("signal", "stopped before the end of the input")

    def _end(self, kind: StopReason, message: str) -> None:
        if self.report.stop is None:
            self.report.stop, self.report.stop_message = kind, message
        if kind != "input":  # what was read of an input that breaks off gets all its attempts
            self._sender.stop()
        self._batches.drain()
        if self._intake is not None:
            self._intake.close()
        self._hungry.set()

    # --- taking up -------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Takes up records as long as there are places."""
        while (job := self._next()) is not None:
            self._launch(job)

    async def _send_singly(self, held: list[Job]) -> None:
        """Sends one event after the other, as long as there are some: a task for each would cost as much again."""
        while True:
            await self._sender.single(held[0])
            job = self._next()
            if job is None:
                return
            held[0] = job

    def _next(self) -> Job | None:
        """Takes up records until one is to be sent by itself; None where all was read or there is no place.

        Whatever frees a place asks here what is next.
        """
        try:
            while True:
                if self._sender.resting:
                    return None  # `rested` goes on
                if self._due:
                    flight = self._due.popleft()
                elif self._places and self._read and self.report.stop is None:
                    taken = self._take(self._read.popleft())
                    if taken is None or not self._ordering.may_go(taken):
                        continue
                    flight = taken
                else:
                    break
                jobs = self._start(flight)
                if jobs:
                    for job in jobs[1:]:
                        self._launch(job)
                    return jobs[0]
        except LedgerError as error:
            self._end("recording", str(error))
        if not self._read or self.report.stop is not None:  # which may come after records were read and before here
            self._hungry.set()
        elif not self._places and len(self._tasks) < self._slots:
            self._batches.relieve()
        return None

    def _take(self, record: Record) -> Flight | None:
        """A record under way; None where an earlier run settled it.

        Raises:
            LedgerError: It cannot be read, or has another event there.
        """
        settled = None if self._ledger is None else self._ledger.settled(record.ordinal)
        if settled is not None:
            if settled.message_id != message_id(record.event):
                raise LedgerError(f"{record.place}: is not the event that the ledger has there; nothing more was sent")
            if WHOLE_EVENT in settled.subscriptions:
                self.report.skipped += 1
                return None
        self._places -= 1
        self._last = record
        self._idle.clear()
        self._flying += 1
        self.report.in_flight += 1
        return Flight(record, settled, self._ordering.key_of(record.event))

    def _start(self, flight: Flight) -> list[Job]:
        """Begins with an event; gives what of it is to be sent by itself."""
        self._under_way += 1
        record = flight.record
        if record.event is None:
            flight.failures.append(Failure(record.error or InputError("no event")))
            self._settle(flight)
            return []
        try:
            jobs = jobs_of(flight, record.event, self._instance)
        except Exception as error:  # noqa: BLE001  one event must not end the others, whatever it meets
            flight.outcomes = []
            flight.failures = [Failure(error)]
            self._settle(flight)
            return []
        if not jobs:
            self._settle(flight)
            return []
        flight.open = len(jobs)
        singles = []
        for job in jobs:
            # A perform that was interrupted between its requests goes on by itself.
            interrupted = flight.settled is not None and job.index in flight.settled.exchanges
            if self._batches.takes(job.index) and not interrupted:
                if self._sender.prepare(job):
                    self._batches.add(job)
            else:
                singles.append(job)
        return singles

    # --- sending ---------------------------------------------------------------------------------------------

    def _launch(self, job: Job) -> None:
        held = [job]
        self._spawn(held, self._send_singly(held))

    def _send_batch(self, jobs: list[Job]) -> None:
        self._spawn(jobs, self._sender.batch(jobs))

    def _spawn(self, jobs: list[Job], sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(sending)
        self._tasks[task] = jobs
        task.add_done_callback(self._ended)
        if self._given_up:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        jobs = self._tasks.pop(task)
        if task.cancelled():  # perhaps before it began
            error: BaseException | None = RequestClientError("given up before an answer came: it may have arrived")
        else:
            error = task.exception()
        if error is not None:
            kept = error if isinstance(error, Exception) else RequestClientError(str(error))
            for job in jobs:
                if not job.done:
                    self.finished(job, Outcome(job.item.name, matched=True, error=kept), left=task.cancelled())
        self._fill()

    def refused(self, error: Exception) -> None:
        """Stops the run: the next event would meet the same."""
        self._end("credentials", "the partner refuses the credentials, so the rest was not tried: check the settings")

    def prepared(self, job: Job) -> None:
        """Puts an event that had to wait for its payload into its batch."""
        self._batches.add(job)

    def rested(self) -> None:
        """Goes on taking up."""
        self._fill()

    def keep(self, job: Job, number: int, exchange: Exchange) -> None:
        """Writes down that a request of several was acknowledged."""
        if self._commits is not None:
            record = job.flight.record
            row = Row(record.ordinal, job.index, number, ACKNOWLEDGED, message_id(record.event), exchange.to_bytes())
            self._commits.add((row,))
            job.flight.early = True

    def finished(self, job: Job, outcome: Outcome, *, left: bool) -> None:
        """Takes the outcome of one subscription of an event."""
        flight = job.flight
        job.done = True
        flight.open -= 1
        flight.outcomes.append((job.index, outcome))
        if outcome.error is not None:
            failure = Failure(outcome.error, outcome.name, job.index, job.attempts)
            (flight.left if left and self._ledger is not None else flight.failures).append(failure)
        elif self._commits is not None:
            row = Row(flight.record.ordinal, job.index, 0, ACKNOWLEDGED, message_id(job.event))
            if flight.open:
                self._commits.add((row,))
                flight.early = True
            else:
                flight.rows.append(row)
        if not flight.open:
            self._settle(flight)

    # --- writing down ----------------------------------------------------------------------------------------

    def _settle(self, flight: Flight) -> None:
        record, failures, report = flight.record, flight.failures, self.report
        told = failures
        if flight.left:
            told = failures + flight.left
            report.left += 1
        if record.event is None:
            report.add_unreadable(record)
        else:
            report.add(flight.outcomes, told, skipped=flight.skipped)
        report.retried = self._sender.retried
        recorded = bool(failures) and self._write_letter(record, failures)
        report.in_flight -= 1
        self._tell(record, told)
        self._under_way -= 1
        if self._commits is None:
            self._land(flight)
            return
        if recorded:
            flight.rows += (
                Row(
                    record.ordinal,
                    WHOLE_EVENT if failure.index is None else failure.index,
                    0,
                    DEAD,
                    message_id(record.event),
                )
                for failure in failures
            )
        if flight.rows or flight.early:
            self._commits.add(flight.rows, flight, under_way=self._under_way)
        else:
            self._land(flight)

    def _write_letter(self, record: Record, failures: list[Failure]) -> bool:
        """Whether the failures are in the file of failed events."""
        if self._failures is None:
            return False
        try:
            self._failures.add(record, failures)
        except RecordingError as error:
            self.report.unrecorded.append(record.place)
            self._end("recording", str(error))
            return False
        return True

    def _committed(self, flights: list[Flight], error: LedgerError | None) -> None:
        for flight in flights:
            if error is not None:
                if flight.record.place not in self.report.unrecorded[-1:]:
                    self.report.unrecorded.append(flight.record.place)
                self._end("recording", str(error))
            self._land(flight)
        self._fill()

    def _tell(self, record: Record, failures: list[Failure]) -> None:
        if self._observe is None:
            return
        try:
            self._observe(self.report, record, failures)
        except Exception as error:  # noqa: BLE001  raised by `run` when all that is under way has ended
            self._error = self._error or error
            self._end("error", "")

    def _land(self, flight: Flight) -> None:
        self._places += 1
        self._flying -= 1
        following = self._ordering.landed(flight)
        if following is not None:
            self._due.append(following)
        if not self._flying:
            self._idle.set()
