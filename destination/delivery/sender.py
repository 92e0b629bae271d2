"""Sends events, one by one or in batches, and tries again what may succeed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from operator import attrgetter
from typing import Final, NamedTuple, Protocol

from destination.availability import is_unavailable
from destination.definition.inputs import NO_OPTIONS
from destination.delivery.in_flight import AttemptMade, InFlightEvent, Job
from destination.delivery.options import DeliveryOptions
from destination.delivery.outage import STOPPED, Outage, OutageSink
from destination.delivery.retry import Answer, Clock, call_failure, classify, took_none
from destination.delivery.scheduling import BatchLimits, Rest, TokenBucket
from destination.delivery.stop_rules import FailuresAlike, Refusals, StopSink
from destination.errors import RetryableError
from destination.request import Response
from destination.runtime import Outcome
from destination.runtime.acknowledged import Acknowledged, Exchange, current
from destination.runtime.attempt import Attempt
from destination.runtime.batch import execute_batch
from destination.values import MISSING

_NO_JOBS: Final[list[Job]] = []
_ONLY: Final = (0,)


class OutcomeSink(StopSink, OutageSink, Protocol):
    """Receives the outcomes of the sender's jobs."""

    def keep(self, job: Job, number: int, exchange: Exchange) -> None:
        """Records that one of several requests was acknowledged."""
        ...


class _AnswerToOne:
    """The result of a call that sent an event by itself."""

    __slots__ = ("_outcome",)

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    error = property(attrgetter("_outcome.error"))
    requests = property(attrgetter("_outcome.requests"))
    responses = property(attrgetter("_outcome.responses"))

    def notable_indexes(self) -> Collection[int]:
        return _ONLY

    def event(self, _index: int) -> Outcome:
        return self._outcome


class Call(NamedTuple):
    """A call that was made.

    Attributes:
        jobs: The events that were sent.
        answer: Its result.
        seconds: Its duration; 0 if attempts are not observed.
        epoch: The epoch of the outage in which it was made.
        successes: The number of attempts that had succeeded when it began.
    """

    jobs: list[Job]
    answer: Answer
    seconds: float
    epoch: int
    successes: int


class Next(NamedTuple):
    """What follows a call.

    Attributes:
        groups: Events that are sent at once, each group in a call of its own.
        again: Events that are sent again after a wait.
        wait_s: The wait in seconds.
    """

    groups: tuple[list[Job], ...] = ()
    again: list[Job] = _NO_JOBS
    wait_s: float = 0.0


_NOTHING: Final = Next()


class Sender:
    """Sends jobs until each has its final outcome.

    Args:
        sink: Receives the outcomes.
        options: How often to try, how long to wait for the end of an outage, and whether to keep going.
        clock: The clock.
        bucket: Limits the requests a second.
        slots: The maximum number of batches that are sent at once.
        rest: The pause after a slow mapping.
        refusals: Decides about refused events.
        observe: Called after each attempt.

    Attributes:
        retried: The number of times that an event was tried again.
        outage: The pauses while the partner is unavailable.
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
        self._alike = None if options.keep_going else FailuresAlike(sink, options.alike_in_a_row)
        self._observe = observe
        self._stopped = asyncio.Event()
        self._halted: Exception | None = None

    def stop(self) -> None:
        """Defers the events that wait for another attempt. Calls that were begun are finished."""
        self._stopped.set()
        self.outage.close()

    def halt(self, error: Exception) -> None:
        """Stops and sends nothing more, since it would fail with that error."""
        self._halted = error
        self.stop()

    async def send(self, jobs: list[Job], limits: BatchLimits | None = None) -> None:
        """Sends events through one subscription; tries again those that failed in a way that may pass.

        Args:
            jobs: The events of a batch, or a single one.
            limits: The limits of a batch. None: the event is sent by itself, with `perform`.
        """
        outage, observe, bucket = self.outage, self._observe, self._bucket
        groups = [jobs]  # a stack: the last group is sent next
        while groups:
            group, later = groups.pop(), _NO_JOBS
            if limits is not None:
                await self._slots.acquire()
            try:
                epoch = outage.epoch
                if outage.is_on or self._rest.is_on or bucket is not None or self._halted is not None:
                    epoch = await self._admit(group[0].in_flight)
                    if epoch == STOPPED:
                        self._defer(group)
                        continue
                    if outage.is_on and outage.is_probing:
                        group, later = group[:1], group[1:]  # an outage is probed with one event
                successes = outage.successes
                began = 0.0 if observe is None else self._clock.time()
                for job in group:
                    job.tries += 1
                answer: Answer
                if limits is None:
                    answer = _AnswerToOne(await self._prepare(group[0]).send())
                else:
                    answer = await _send_batch(group, limits)
                seconds = 0.0 if observe is None else self._clock.time() - began
                if bucket is not None:
                    bucket.charge(len(answer.requests) - 1)  # `_admit` has taken the token of the first one
            finally:
                if limits is not None:
                    self._slots.release()
            failures = self._finish(group, answer, epoch)
            if failures:
                following = await self._read(Call(group, answer, seconds, epoch, successes), failures)
                groups.extend(reversed(following.groups))
                later = await self._wait(following, later)
            elif observe is not None:
                observe(AttemptMade(group[0].item.name, len(group), seconds, [], 0))
            if later:
                groups.insert(0, later)  # the bottom of the stack: other groups go first

    async def _wait(self, following: Next, later: list[Job]) -> list[Job]:
        """Waits for another attempt; returns the events after `later`, or nothing if the run stops meanwhile."""
        again = following.again
        if not again:
            return later
        if not await self._pause(following.wait_s):
            self._defer([*again, *later])
            return _NO_JOBS
        self.retried += len(again)
        self._renew(again)
        return later + again  # so that the next probe has another event

    async def _admit(self, in_flight: InFlightEvent) -> int:
        """Waits until a call may be made; returns its epoch, or `STOPPED`."""
        if self._halted is not None:
            return STOPPED
        if self._bucket is not None and (wait := self._bucket.reserve()) > 0 and not await self._pause(wait):
            return STOPPED
        epoch = await self.outage.turn(in_flight) if self.outage.is_on else self.outage.epoch
        if self._rest.is_on:
            await self._rest.over()
            return STOPPED if self._stopped.is_set() else epoch
        return epoch

    def _prepare(self, job: Job) -> Attempt:
        """Maps an event that is sent by itself."""
        attempt = job.item.prepare(job.event)
        self._rest.begin_if_due()
        if attempt.is_plain:
            if current.get() is not None:
                current.set(None)  # no request of a perform with a single one was acknowledged before
            return attempt
        if job.acknowledged is None:
            settled = job.in_flight.settled  # by an earlier run
            known = settled.exchanges.get(job.index, ()) if settled is not None else ()
            job.acknowledged = Acknowledged(known, lambda number, exchange: self._sink.keep(job, number, exchange))
        current.set(job.acknowledged)
        return attempt

    def _renew(self, jobs: list[Job]) -> None:
        """Prepares events for another attempt."""
        payloads = jobs[0].item.batch_payloads
        for job in jobs:
            if job.acknowledged is not None:
                job.acknowledged.restart()
            if job.payload is not MISSING and payloads is not None and not payloads.reusable:
                job.payload = payloads.of(job.event)

    # --- results of calls ------------------------------------------------------------------------------------

    async def _read(self, call: Call, failures: list[tuple[Job, Outcome, Exception]]) -> Next:
        """Finishes the events that have failed for good; returns what follows for the others."""
        jobs, answer = call.jobs, call.answer  # `error` is None if only some failed, or each for a reason of its own
        error = call_failure(answer, len(jobs)) if len(failures) == len(jobs) else None
        if error is not None:
            counts = self._assess(call, error)
            kind = classify(error)
            if kind == "refused":
                await self.refusals.question(error)
                if self._halted is not None:
                    self._notify(call, [error] * len(jobs), 0)
                    self._defer(jobs, answer)
                    return _NOTHING
            if len(jobs) > 1 and took_none(answer, error, jobs[0].item.action):
                for job in jobs:
                    job.tries -= 1  # the batch was tried, and not this event
                return Next(_halves(jobs))
            if kind == "retry":
                following = self._call_failed(jobs, error, answer, counts=counts)
                self._notify(call, [error] * len(jobs), len(following.again) + sum(map(len, following.groups)))
                return following
        elif len(failures) == len(jobs):
            self.outage.answered(call.epoch, by_partner=bool(answer.responses))
        again, longest = [], 0.0
        for job, outcome, reason in failures:
            wait = await self._judge(job, outcome, reason, answer.responses, is_known=error is not None)
            if wait is not None:
                job.met = outcome
                again.append(job)
                longest = max(longest, wait)
        self._notify(call, [reason for _, _, reason in failures], len(again))
        return Next(again=again, wait_s=longest) if again else _NOTHING

    def _finish(self, jobs: list[Job], answer: Answer, epoch: int) -> list[tuple[Job, Outcome, Exception]]:
        """Finishes the events that the partner took; returns the others, each with its outcome and error."""
        notable, failures, finished = answer.notable_indexes(), [], self._sink.finished
        taken = None if len(notable) == len(jobs) else Outcome(jobs[0].item.name, matched=True)
        for index, job in enumerate(jobs):
            if taken is not None and index not in notable:
                finished(job, taken, deferred=False)
                continue
            outcome = answer.event(index)
            if outcome.error is None:
                finished(job, outcome, deferred=False)
            else:
                failures.append((job, outcome, outcome.error))
        if len(failures) < len(jobs):
            self.outage.succeeded(epoch)
            if self.refusals.held:
                self.refusals.taken()
        return failures

    def _assess(self, call: Call, error: Exception) -> bool:
        """Returns whether a failure uses up an attempt of its events; one in an outage does not."""
        if self._policy.retry_for_s is not None and is_unavailable(error):
            return self.outage.failed(call.jobs, error, call.epoch, call.successes)
        self.outage.answered(call.epoch, by_partner=bool(call.answer.responses))
        return True

    def _call_failed(self, jobs: list[Job], error: Exception, answer: Answer, *, counts: bool) -> Next:
        """Decides what follows a call that failed as a whole, in a way that may pass."""
        wait: float | None = 0.0  # until its turn
        if counts:
            for job in jobs:
                job.attempts += 1
            wait = self._policy.wait(error, max(job.attempts for job in jobs), self._clock.now())
        if wait is not None:
            for index, job in enumerate(jobs):
                job.met = answer.event(index)
            return Next(again=jobs, wait_s=wait)
        if len(jobs) > 1 and self._policy.attempts > 1:
            # One event may make the others fail, so each half has one more attempt.
            for job in jobs:
                job.attempts = self._policy.attempts - 1
            return Next(_halves(jobs))
        for index, job in enumerate(jobs):
            self._give_up(job, answer.event(index), answer.responses)
        return _NOTHING

    async def _judge(
        self, job: Job, outcome: Outcome, error: Exception, responses: tuple[Response, ...], *, is_known: bool
    ) -> float | None:
        """Returns the seconds until the next attempt of a failed event; None if it has ended or is held.

        Args:
            job: The event.
            outcome: Its outcome.
            error: Its failure.
            responses: The answers to its call.
            is_known: Whether the call failed as a whole, so that the credentials were tested already.
        """
        kind = classify(error)
        if kind == "refused":
            if not is_known:
                await self.refusals.question(error)
            if self._halted is not None:
                self._sink.finished(job, outcome, deferred=True)
            else:
                self.refusals.add(job, outcome)
            return None
        if kind == "retry":
            job.attempts += 1
            wait = self._policy.wait(error, job.attempts, self._clock.now())
            if wait is not None:
                return wait
        self._give_up(job, outcome, responses)
        return None

    def _give_up(self, job: Job, outcome: Outcome, responses: tuple[Response, ...]) -> None:
        deferred = False
        if responses and self._alike is not None and outcome.error is not None:
            deferred = self._alike.add(outcome.error, self.outage.successes) and not any(
                response.ok
                for response in responses[:-1]  # the last one is its failure
            )
        self._sink.finished(job, outcome, deferred=deferred)

    def _defer(self, jobs: list[Job], answer: Answer | None = None) -> None:
        """Defers events, each with the error of its call, of an earlier attempt, or of the end of the run."""
        for index, job in enumerate(jobs):
            outcome = job.met if answer is None else answer.event(index)
            if outcome is None or outcome.error is None:
                error = self._halted or RetryableError("the run stopped before this event was sent")
                outcome = Outcome(job.item.name, matched=True, error=error)
            self._sink.finished(job, outcome, deferred=True)

    def _notify(self, call: Call, errors: list[Exception], again: int) -> None:
        if self._observe is not None:
            again = 0 if self._stopped.is_set() else again
            self._observe(AttemptMade(call.jobs[0].item.name, len(call.jobs), call.seconds, errors, again))

    async def _pause(self, seconds: float) -> bool:
        """Waits; returns False if the run stops meanwhile."""
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


def _halves(jobs: list[Job]) -> tuple[list[Job], ...]:
    if len(jobs) == 1:
        return (jobs,)
    half = len(jobs) // 2
    return jobs[:half], jobs[half:]


def _send_batch(jobs: list[Job], limits: BatchLimits) -> Awaitable[Answer]:
    current.set(None)
    payloads, events = [job.payload for job in jobs], [job.event for job in jobs]
    return execute_batch(jobs[0].item, events, NO_OPTIONS, payloads=payloads, max_bytes=limits.bytes)
