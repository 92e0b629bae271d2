"""Sends single events and batches, and tries again what may succeed."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from destination.availability import is_unavailable
from destination.definition.inputs import NO_OPTIONS
from destination.delivery.in_flight import AttemptMade, InFlightEvent, Job
from destination.delivery.options import DeliveryOptions
from destination.delivery.outage import STOPPED, Outage, OutageSink
from destination.delivery.retry import Clock, call_failure, classify, took_none
from destination.delivery.scheduling import BatchLimits, Rest, TokenBucket
from destination.delivery.stop_rules import FailuresAlike, Refusals, StopSink
from destination.errors import RetryableError
from destination.request import Response
from destination.runtime import BatchOutcome, Outcome
from destination.runtime.acknowledged import Acknowledged, Exchange, current
from destination.runtime.batch import execute_batch


class OutcomeSink(StopSink, OutageSink, Protocol):
    """Receives the outcomes of the sender's jobs."""

    def keep(self, job: Job, number: int, exchange: Exchange) -> None:
        """A request of several was acknowledged."""
        ...


class Call(NamedTuple):
    """A call that was made.

    Attributes:
        jobs: The events that were sent.
        later: Those that were kept back, to be sent after it.
        outcome: What it came to.
        error: What it failed for as a whole, or None.
        seconds: How long it took.
        epoch: The epoch of the outage in which it was made.
        successes: How many attempts had succeeded when it began.
    """

    jobs: list[Job]
    later: list[Job]
    outcome: BatchOutcome
    error: Exception | None
    seconds: float
    epoch: int
    successes: int


class Sender:
    """Sends jobs until each has its final outcome.

    Args:
        sink: Receives the outcomes.
        options: How often to try, how long to wait for an outage to end, and whether any number may fail alike.
        clock: The time.
        bucket: Limits the requests a second.
        slots: The maximum number of batches that are sent at once.
        rest: Whether nothing is mapped until the event loop had its turn.
        refusals: Decides about refused events.
        observe: Called after each attempt.

    Attributes:
        retried: The number of times that an event was tried again.
        outage: Whether the partner is available.
        refusals: The events that were refused and wait for a decision.
    """

    def __init__(
        self,
        sink: OutcomeSink,
        options: DeliveryOptions,
        clock: Clock,
        bucket: TokenBucket | None,
        slots: int,
        *,
        rest: Rest,
        refusals: Refusals,
        observe: Callable[[AttemptMade], None] | None,
    ) -> None:
        self.retried = 0
        self.refusals = refusals
        self.outage = Outage(options.retry, clock, sink)
        self._rest = rest
        self._sink = sink
        self._policy = options.retry
        self._clock = clock
        self._bucket = bucket
        self._slots = asyncio.Semaphore(slots)
        self._alike = None if options.keep_going else FailuresAlike(sink)
        self._observe = observe
        self._stopped = asyncio.Event()
        self._halted: Exception | None = None

    def stop(self) -> None:
        """What waits to be tried again is deferred; what is being sent is finished."""
        self._stopped.set()
        self.outage.close()

    def halt(self, error: Exception) -> None:
        """The same, and nothing more is sent: it would meet that error."""
        self._halted = error
        self.stop()

    @property
    def is_halted(self) -> bool:
        """Whether nothing more is sent."""
        return self._halted is not None

    # --- one event -------------------------------------------------------------------------------------------

    async def single(self, job: Job) -> None:
        """Sends one event through one subscription."""
        outage, observe = self.outage, self._observe
        acknowledged: Acknowledged | None = None
        outcome: Outcome | None = None
        while True:
            epoch = outage.epoch
            if outage.is_on or self._rest.is_on or self._bucket is not None or self._halted is not None:
                epoch = await self._admit(job.in_flight)
            if epoch == STOPPED:
                self._defer(job, outcome)
                return
            job.tries += 1
            successes = outage.successes
            began = 0.0 if observe is None else self._clock.time()
            attempt = job.item.prepare(job.event)
            self._rest.begin_if_due()
            # A single request needs no memory of what was acknowledged before it.
            if acknowledged is None and not attempt.is_plain:
                acknowledged = self._acknowledged_of(job)
            current.set(None if attempt.is_plain else acknowledged)
            outcome = await attempt.send()
            if self._bucket is not None:
                self._bucket.charge(len(outcome.requests) - 1)
            error = outcome.error
            if error is None:
                if observe is not None:
                    observe(AttemptMade(job.item.name, 1, self._clock.time() - began, [], 0))
                self._taken(epoch)
                self._sink.finished(job, outcome, deferred=False)
                return
            counts = self._assess([job], error, epoch, successes, by_partner=bool(outcome.responses))
            wait = await self._judge(job, outcome, outcome.responses, counts=counts)
            if observe is not None:
                again = int(wait is not None and not self._stopped.is_set())
                observe(AttemptMade(job.item.name, 1, self._clock.time() - began, [error], again))
            if wait is None:
                return
            if not await self._pause(wait):
                self._sink.finished(job, outcome, deferred=True)
                return
            self.retried += 1
            if acknowledged is not None:
                acknowledged.restart()

    async def _admit(self, in_flight: InFlightEvent) -> int:
        """Waits until a call may be made; gives its epoch, or `STOPPED`."""
        if self.is_halted:
            return STOPPED
        if self._bucket is not None and (wait := self._bucket.reserve()) > 0 and not await self._pause(wait):
            return STOPPED
        epoch = await self.outage.turn(in_flight) if self.outage.is_on else self.outage.epoch
        if self._rest.is_on:
            await self._rest.over()
            return STOPPED if self._stopped.is_set() else epoch
        return epoch

    def _acknowledged_of(self, job: Job) -> Acknowledged:
        """The memory of a perform that makes several requests, with what an earlier run knew of it."""
        settled = job.in_flight.settled
        known = settled.exchanges.get(job.index, ()) if settled is not None else ()
        return Acknowledged(known, lambda number, exchange: self._sink.keep(job, number, exchange))

    # --- many events -----------------------------------------------------------------------------------------

    async def batch(self, jobs: list[Job], limits: BatchLimits) -> None:
        """Sends events through one subscription as a batch; tries again those that failed in a way that passes."""
        current.set(None)
        groups = deque([jobs])
        while groups:
            halves, waiting = await self._group(groups.popleft(), limits)
            groups.extendleft(reversed(halves))
            if waiting:
                groups.append(waiting)

    async def _group(self, jobs: list[Job], limits: BatchLimits) -> tuple[list[list[Job]], list[Job]]:
        """Sends events in one call; gives the halves that go out next, and the events that go out again after them."""
        call = await self._call(jobs, limits)
        if call is None:
            self._defer_all(jobs)
            return [], []
        jobs, later, outcome = call.jobs, call.later, call.outcome
        if call.error is not None and classify(call.error) == "refused":
            await self.refusals.question(call.error)
            if self.is_halted:
                self._defer_all(jobs, outcome)
                self._defer_all(later)
                return [], []
        if call.error is not None and len(jobs) > 1 and took_none(outcome, call.error, jobs[0].item.action):
            self.outage.answered(call.epoch, by_partner=bool(outcome.responses))
            return _halves(jobs), []
        waiting, exhausted, wait = await self._read(call)
        if waiting and not await self._pause(wait):
            self._defer_all(waiting, outcome, among=jobs)
            self._defer_all(later)
            waiting = later = []
        self.retried += len(waiting)
        payloads = jobs[0].item.batch_payloads
        if payloads is not None and not payloads.reusable:
            for job in waiting:
                job.payload = payloads.of(job.event)
        # Of those that go out again, another event is the next one to probe with.
        return _halves(exhausted) if exhausted else [], later + waiting

    async def _call(self, jobs: list[Job], limits: BatchLimits) -> Call | None:
        """Sends what may be sent now; None where the run is over."""
        outage, item, later = self.outage, jobs[0].item, list[Job]()
        async with self._slots:
            epoch = await self._admit(jobs[0].in_flight)
            if epoch == STOPPED:
                return None
            if outage.is_on and outage.is_probing:
                jobs, later = jobs[:1], jobs[1:]  # an outage is probed with one event
            successes = outage.successes
            began = self._clock.time()
            payloads = [job.payload for job in jobs]
            events = [job.event for job in jobs]
            outcome = await execute_batch(item, events, NO_OPTIONS, payloads=payloads, max_bytes=limits.bytes)
            seconds = self._clock.time() - began
            if self._bucket is not None:
                self._bucket.charge(len(outcome.requests) - 1)
        return Call(jobs, later, outcome, call_failure(outcome, len(jobs)), seconds, epoch, successes)

    async def _read(self, call: Call) -> tuple[list[Job], list[Job], float]:
        """Finishes the events that have their outcome.

        Returns:
            The events to try again after a wait; those whose attempts are used up, but only in company; the wait in
            seconds.
        """
        jobs, batch, error, seconds = call.jobs, call.outcome, call.error, call.seconds
        for job in jobs:
            job.tries += 1
        errors: list[Exception] = []
        if error is not None:
            counts = self._assess(jobs, error, call.epoch, call.successes, by_partner=bool(batch.responses))
            if classify(error) == "retry":
                waiting, exhausted, wait = self._call_failed(jobs, error, batch, counts=counts)
                self._tell(jobs, seconds, [error] * len(jobs), len(waiting) + len(exhausted))
                return waiting, exhausted, wait
        waiting, longest = [], 0.0
        notable, taken = batch.notable_indexes(), Outcome(batch.name, matched=True)
        failures: list[tuple[Job, Outcome]] = []
        has_taken = len(notable) < len(jobs)
        finished = self._sink.finished
        for place, job in enumerate(jobs):
            if place not in notable:
                finished(job, taken, deferred=False)
                continue
            outcome = batch.event(place)
            if outcome.error is None:
                has_taken = True
                finished(job, outcome, deferred=False)
            else:
                failures.append((job, outcome))
        if has_taken:
            self._taken(call.epoch)
        elif error is None:
            self.outage.answered(call.epoch, by_partner=bool(batch.responses))
        for job, outcome in failures:
            assert outcome.error is not None  # noqa: S101  only failures; for the type checker
            errors.append(outcome.error)
            wait_of_one = await self._judge(job, outcome, batch.responses, counts=True)
            if wait_of_one is not None:
                waiting.append(job)
                longest = max(longest, wait_of_one)
        self._tell(jobs, seconds, errors, len(waiting))
        return waiting, [], longest

    def _call_failed(
        self, jobs: list[Job], error: Exception, batch: BatchOutcome, *, counts: bool
    ) -> tuple[list[Job], list[Job], float]:
        """What follows a call that failed as a whole, in a way that may pass; as `_read` gives it."""
        if not counts:
            return jobs, [], 0.0
        for job in jobs:
            job.attempts += 1
        wait = self._policy.wait(error, max(job.attempts for job in jobs), self._clock.now())
        if wait is not None:
            return jobs, [], wait
        if len(jobs) > 1 and self._policy.attempts > 1:
            # One of them may be what the others fail for: each half has one more attempt.
            for job in jobs:
                job.attempts = self._policy.attempts - 1
            return [], jobs, 0.0
        for place, job in enumerate(jobs):
            self._give_up(job, batch.event(place), batch.responses)
        return [], [], 0.0

    def _tell(self, jobs: list[Job], seconds: float, errors: list[Exception], again: int) -> None:
        if self._observe is not None:
            again = 0 if self._stopped.is_set() else again
            self._observe(AttemptMade(jobs[0].item.name, len(jobs), seconds, errors, again))

    # --- what an attempt came to -----------------------------------------------------------------------------

    def _taken(self, epoch: int) -> None:
        self.outage.succeeded(epoch)
        self.refusals.taken()
        if self._alike is not None:
            self._alike.taken()

    def _assess(self, jobs: list[Job], error: Exception, epoch: int, successes: int, *, by_partner: bool) -> bool:
        """Whether a failure counts against the events' attempts; an outage does not."""
        if self._policy.retry_for_s is not None and is_unavailable(error):
            return self.outage.failed(jobs, error, epoch, successes)
        self.outage.answered(epoch, by_partner=by_partner)
        return True

    async def _judge(
        self, job: Job, outcome: Outcome, responses: tuple[Response, ...], *, counts: bool
    ) -> float | None:
        """The seconds until the next attempt of an event that failed; None where it has ended, or waits elsewhere."""
        error = outcome.error
        assert error is not None  # noqa: S101  only failures are judged
        kind = classify(error)
        if kind == "refused":
            await self.refusals.question(error)
            if self.is_halted:
                self._sink.finished(job, outcome, deferred=True)
            else:
                self.refusals.add(job, outcome)
            return None
        if kind == "retry":
            if not counts:
                return 0.0  # until its turn
            job.attempts += 1
            wait = self._policy.wait(error, job.attempts, self._clock.now())
            if wait is not None:
                return wait
        self._give_up(job, outcome, responses)
        return None

    def _give_up(self, job: Job, outcome: Outcome, responses: tuple[Response, ...]) -> None:
        deferred = False
        if responses and self._alike is not None and outcome.error is not None:
            deferred = self._alike.add(outcome.error) and not any(response.ok for response in responses)
        self._sink.finished(job, outcome, deferred=deferred)

    def _defer(self, job: Job, outcome: Outcome | None) -> None:
        """Leaves an event to the next run, with what it met or what the run ended for."""
        if outcome is None or outcome.error is None:
            outcome = _failed(job, self._halted or RetryableError("the run stopped before this event was sent"))
        self._sink.finished(job, outcome, deferred=True)

    def _defer_all(self, jobs: list[Job], batch: BatchOutcome | None = None, among: list[Job] | None = None) -> None:
        """The same for several.

        Args:
            jobs: The events.
            batch: The call that they were in.
            among: All that were in it, where these are not all.
        """
        places = {id(job): place for place, job in enumerate(among or jobs)}
        for job in jobs:
            self._defer(job, None if batch is None else batch.event(places[id(job)]))

    async def _pause(self, seconds: float) -> bool:
        """Waits; false where the run stops meanwhile."""
        if self._stopped.is_set():
            return False
        if seconds <= 0:
            return True
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait((sleeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
        return not self._stopped.is_set()


def _failed(job: Job, error: Exception) -> Outcome:
    return Outcome(job.item.name, matched=True, error=error)


def _halves(jobs: list[Job]) -> list[list[Job]]:
    if len(jobs) == 1:
        return [jobs]
    half = len(jobs) // 2
    return [jobs[:half], jobs[half:]]
