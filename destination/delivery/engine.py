"""Sends the events of a source through an instance, with limited memory and without losing one."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from destination.delivery.dead_letters import Failure
from destination.delivery.errors import InputError, LedgerError, without_traces
from destination.delivery.in_flight import AttemptMade, Capacity, InFlightEvent, Job, jobs_of, message_id, payload_size
from destination.delivery.intake_rules import rules_for
from destination.delivery.ledger import WHOLE_EVENT, Ledger
from destination.delivery.loop import failure_of
from destination.delivery.options import DeliveryOptions
from destination.delivery.record import Record
from destination.delivery.recorder import FailureLog, Observe, Recorder, Settled, guarded
from destination.delivery.report import Pause, Report, StopReason
from destination.delivery.retry import Clock, LoopClock
from destination.delivery.scheduling import DEFAULT_BATCHES, Batches, Ordering, Preparer, Rest, TokenBucket
from destination.delivery.sender import Sender
from destination.delivery.source import EventSource, Intake, Source
from destination.delivery.stop_rules import Refusals
from destination.errors import RetryableError
from destination.runtime import Instance, Outcome
from destination.runtime.acknowledged import Exchange

DEFAULT_CONCURRENCY = 50


class Delivery:
    r"""A run that sends all events of a source through an instance.

    Args:
        instance: The instance that sends the events. If a perform makes several requests, the instance's transport
            must be an `AcknowledgingTransport`; otherwise another attempt sends all of them again.
        concurrency: The maximum number of requests in flight. Without batches each has one event. The reader waits
            for a free slot. None means 50, or 8 in batches.
        failures: Keeps failed events and, without a ledger and without `settled`, deferred ones.
        observe: Called after each record with the report so far, the record and its failures.
        options: Retries, batches, rate and order. By default each event is sent once, by itself.
        ledger: Records what is settled. The slot of an event is free after the commit.
        attempts: Called after each attempt with its duration and its errors.
        clock: The clock; tests pass one of their own.
        settled: Called once for each record that was started, after everything about it is written, with
            `acknowledged`, `dead` or `deferred`. A deferred record was not finished when the run stopped. It stays
            with its source.
        notify: Called with lines for people about an outage of the partner.

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

    def __init__(  # noqa: PLR0913  each is a part of the delivery that can be replaced
        self,
        instance: Instance[Any],
        *,
        concurrency: int | None = None,
        failures: FailureLog | None = None,
        observe: Observe | None = None,
        options: DeliveryOptions | None = None,
        ledger: Ledger | None = None,
        attempts: Callable[[AttemptMade], None] | None = None,
        clock: Clock | None = None,
        settled: Settled | None = None,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self.report = Report([item.name for item in instance.subscriptions], instance.redactor.text)
        self._instance = instance
        self._options = options = options or DeliveryOptions()
        self._ledger = ledger
        self._notify = guarded(notify, self.raised)
        self._limits = limits = options.batch_limits(instance.subscriptions)
        self._payload_sizes = {index: payload_size(instance.subscriptions[index].subscription) for index in limits}
        self._concurrency = slots = concurrency or (DEFAULT_BATCHES if limits else DEFAULT_CONCURRENCY)
        largest = max((found.events for found in limits.values()), default=1)
        self._capacity = Capacity(slots * largest, options.memory_bytes)
        clock = clock or LoopClock()
        bucket = None if options.rate is None else TokenBucket(options.rate, clock)
        attempts = guarded(attempts, self.raised)
        self._rest = Rest(self.go_on)
        self._sender = Sender(
            self,
            options,
            clock,
            bucket,
            slots,
            rest=self._rest,
            refusals=Refusals(instance.test_authentication, clock, self, options.refused_wait_s),
            observe=attempts,
        )
        self._batches = Batches(limits, options.linger_s, self._send_batch)
        self._preparer = Preparer(self._batches.add, self.finished, self._rest, attempts)
        self._ordering = Ordering(options.ordered_by, options.look_ahead)
        self._recorder = Recorder(self, self.report, ledger, failures, observe, settled)
        self._under_way = 0  # events that wait neither for their turn nor for the ledger
        self._read: deque[Record] = deque()
        self._ready: deque[InFlightEvent] = deque()  # events whose turn has come
        self._left = 0  # the number of records that may wait to be started when more are read
        self._needs_more = asyncio.Event()  # set when no more than these are left, or no more will be started
        self._is_filling = False  # a task was made and has not begun
        self._tasks: dict[asyncio.Task[None], list[Job]] = {}
        self._has_stopped = self._given_up = False
        self._last: Record | None = None
        self._source: Source | None = None
        self._intake_rules = rules_for(options, instance.definition.name, ledger)
        self._error: BaseException | None = None

    async def run(self, source: EventSource | Source) -> Report:
        """Sends all events and returns after the last answer. It raises for nothing that the input holds."""
        self._source = source = Intake(source.batches()) if isinstance(source, EventSource) else source
        try:
            while self.report.stop is None and (batch := await source.next()) is not None:
                self._read.extend(batch)
                await self._start_until_left(len(batch) // 2)  # the next ones are read while the others are sent
            await self._start_until_left(0)
        except InputError as error:
            await self._start_until_left(0)
            self.end("input", str(error))
        finally:
            source.close()
            self._batches.drain()
            await self._capacity.idle.wait()
            self._sender.refusals.end_of_input(has_taken=self._sender.outage.successes > 0)
            await self._capacity.idle.wait()
            self._sender.outage.close()
            await self._sender.refusals.close()
            self.report.pause = None
            self.report.last_record = None if self._last is None else self._last.label
        if self._error is not None:
            raise self._error
        if self._ledger is not None and not self._ledger.shared and self.report.stop is None:
            self._ledger.finish()
        return self.report

    def stop(self) -> None:
        """Reads no more events and finishes those in flight. A second call abandons these as well."""
        if self._has_stopped:
            self._given_up = True
            self._batches.flush()
            for task in tuple(self._tasks):
                task.cancel()
        self._has_stopped = True
        self.end("signal", "stopped before the end of the input")

    def end(self, kind: StopReason, message: str) -> None:
        """Reads no more events, and records why."""
        if self.report.stop is None:
            self.report.stop, self.report.stop_message = kind, message
        if kind != "input":  # if the input ends too early, what was read still gets all its attempts
            self._sender.stop()
            self._sender.refusals.defer()
            for in_flight in self._ordering.abandon():
                in_flight.deferred.append(Failure(RetryableError("the run stopped before its turn"), deferred=True))
                self._under_way += 1
                self._settle(in_flight)
        self._batches.drain()
        if self._source is not None:
            self._source.close()
        self._needs_more.set()

    # --- reading ---------------------------------------------------------------------------------------------

    async def _start_until_left(self, count: int) -> None:
        """Starts records until at most that many are left, or the run stops."""
        self._left = count
        self._needs_more.clear()
        self._fill()
        await self._needs_more.wait()

    def _fill(self) -> None:
        """Starts records as long as there are slots; more tasks only if the last one waits for an answer."""
        if not self._is_filling and (job := self._next()) is not None:
            self._launch(job)
            self._is_filling = True
            asyncio.get_running_loop().call_soon(self._fill_further)

    def _fill_further(self) -> None:
        self._is_filling = False
        self._fill()

    async def _send_singly(self, held: list[Job]) -> None:
        """Sends events one after the other as long as there are some; a task for each would take as long again."""
        while True:
            await self._sender.send(held)
            job = self._next()
            if job is None:
                return
            held[0] = job

    def _next(self) -> Job | None:
        """Reads records until one is to be sent by itself; None if all were read or there is no slot."""
        try:
            while self._capacity.slots and not self._rest.is_on:
                if self._ready:
                    in_flight = self._ready.popleft()
                elif self._read and self.report.stop is None and self._ordering.has_room and self._capacity.has_room:
                    taken = self._take(self._read.popleft())
                    if len(self._read) == self._left:
                        self._needs_more.set()
                    if taken is None or (taken.key is not None and not self._ordering.may_go(taken)):
                        continue
                    in_flight = taken
                else:
                    break
                jobs = self._start(in_flight)
                if jobs:
                    for job in jobs[1:]:
                        self._launch(job)
                    return jobs[0]
        except LedgerError as error:
            self.end("recording", str(error))
        if len(self._read) <= self._left or self.report.stop is not None:  # it may have stopped since they were read
            self._needs_more.set()
        if self._read and self.report.stop is None and len(self._tasks) < self._concurrency:
            self._batches.relieve()
        return None

    def _take(self, record: Record) -> InFlightEvent | None:
        """Starts a record; returns None if an earlier run settled it, or if it is not sent.

        Raises:
            LedgerError: The ledger cannot be read, or has another event at this position.
        """
        reason = self._intake_rules.reason(record)
        settled = None if self._ledger is None else self._ledger.settled(record.ordinal)
        if settled is not None:
            if settled.message_id != message_id(record.event):
                raise LedgerError(f"{record.label}: is not the event that the ledger has there; nothing more was sent")
            if WHOLE_EVENT in settled.subscriptions:
                self.report.skipped += 1
                return None
        self._last = record
        self.report.in_flight += 1
        in_flight = InFlightEvent(record, settled, self._ordering.key_of(record.event))
        self._capacity.take_up(in_flight)
        if reason is None:
            return in_flight
        in_flight.key = None
        self._recorder.leave_out(in_flight, reason, under_way=self._under_way)
        return None

    def _start(self, in_flight: InFlightEvent) -> list[Job]:
        """Starts an event; returns its jobs that are sent by themselves and not in a batch."""
        self._under_way += 1
        self._capacity.occupy(in_flight)
        record, jobs = in_flight.record, []
        if record.event is None:
            in_flight.failures.append(Failure(record.error or InputError("no event")))
        else:
            try:
                jobs = jobs_of(in_flight, record.event, self._instance)
            except Exception as error:  # noqa: BLE001  no error of one event may end the others
                in_flight.outcomes = []
                in_flight.failures = [Failure(without_traces(error))]
        in_flight.pending = len(jobs)
        if not jobs:
            self._settle(in_flight)
        if not self._limits:
            return jobs
        singles = []
        for job in jobs:
            # A perform that was interrupted between its requests cannot be part of a batch.
            interrupted = in_flight.settled is not None and job.index in in_flight.settled.exchanges
            if job.index in self._limits and not interrupted:
                self._capacity.grow(in_flight, self._payload_sizes[job.index] + len(record.raw))
                self._preparer.prepare(job)
            else:
                singles.append(job)
        return singles

    # --- sending ---------------------------------------------------------------------------------------------

    def _launch(self, job: Job) -> None:
        self._spawn(held := [job], self._send_singly(held))

    def _send_batch(self, jobs: list[Job]) -> None:
        self._spawn(jobs, self._sender.send(jobs, self._limits[jobs[0].index]))

    def _spawn(self, jobs: list[Job], sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(sending)
        self._tasks[task] = jobs
        task.add_done_callback(self._ended)
        if self._given_up:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        jobs = self._tasks.pop(task)
        error = failure_of(task)
        if error is not None:
            self._sender.outage.lost()
            for job in jobs:
                if not job.done:
                    self.finished(job, Outcome(job.item.name, matched=True, error=error), deferred=task.cancelled())
        self._fill()

    # --- what the sender reports -------------------------------------------------------------------------------

    def halt(self, kind: StopReason, message: str, error: Exception) -> None:
        """Stops the run, because the next event would fail in the same way."""
        self._sender.halt(error)
        self.end(kind, message)

    def paused(self, pause: Pause) -> None:
        """Notes that the partner is unavailable."""
        self.report.pause = pause
        if self._notify is not None:
            self._notify(str(pause))

    def recovered(self) -> None:
        """Notes that the partner took an event again."""
        was, self.report.pause = self.report.pause, None
        if self._notify is not None and was is not None:
            self._notify("the partner is available again")

    def unavailable(self, message: str, error: Exception) -> None:
        """Stops the run, because the outage is too long."""
        self.halt("outage", message, error)

    def one_more(self) -> None:
        """Reads one event even if no slot is free, to have another one to try in an outage."""
        if not self._limits and self._capacity.lend_slot():
            self._fill()

    def keep(self, job: Job, number: int, exchange: Exchange) -> None:
        """Records that one of several requests was acknowledged."""
        self._recorder.keep(job, number, exchange)

    def hold(self, job: Job) -> None:
        """Frees the slot of an event if each of its subscriptions without an outcome waits for a decision."""
        job.done = True
        job.in_flight.held += 1
        self._park(job.in_flight)

    def released(self, job: Job) -> None:
        """Counts an event again that was held, since its outcome follows now."""
        in_flight = job.in_flight
        in_flight.held -= 1
        if in_flight.is_parked:
            self._under_way += 1
            self._capacity.resume(in_flight)

    def _park(self, in_flight: InFlightEvent) -> None:
        if in_flight.held == in_flight.pending:
            self._under_way -= 1
            self._capacity.park(in_flight)
            self._pass_turn(in_flight)  # if the next event of its key is taken, that decides about this one
            asyncio.get_running_loop().call_soon(self._fill)

    def finished(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """Records the outcome of one subscription of an event."""
        in_flight = job.in_flight
        job.done = True
        in_flight.pending -= 1
        self._recorder.outcome(job, outcome, deferred=deferred)
        if not in_flight.pending:
            self._settle(in_flight)
        elif in_flight.held:
            self._park(in_flight)

    # --- recording -------------------------------------------------------------------------------------------

    def _settle(self, in_flight: InFlightEvent) -> None:
        self._under_way -= 1
        self.report.retried = self._sender.retried
        self._recorder.settle(in_flight, under_way=self._under_way)

    def settled(self, in_flight: InFlightEvent) -> None:
        """Ends an event, after everything about it is written."""
        if in_flight.key is not None:
            self._pass_turn(in_flight)
        self._capacity.release(in_flight)

    def _pass_turn(self, in_flight: InFlightEvent) -> None:
        following = self._ordering.ended(in_flight)
        in_flight.key = None
        if following is not None:
            self._ready.append(following)

    def go_on(self) -> None:
        """Continues after a pause or a commit."""
        self._preparer.go_on(is_stopped=self.report.stop not in (None, "input"))
        self._fill()

    def raised(self, error: Exception) -> None:
        """Keeps an error of the caller's own function; `run` raises it after everything in flight has ended."""
        self._error = self._error or error
        self.end("error", "")
