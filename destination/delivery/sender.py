"""Sends single events and batches, and tries again what may succeed."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from destination.definition.event_options import NO_OPTIONS
from destination.delivery.exchanges import Exchange, Exchanges, current
from destination.delivery.flights import AttemptMade, Job
from destination.delivery.rate import TokenBucket
from destination.delivery.retry import Clock, RetryPolicy, classify
from destination.errors import RetryableError
from destination.mapping.bounds import worked_hard
from destination.runtime import BatchOutcome, Outcome
from destination.runtime.batch import execute_batch


class Ends(Protocol):
    """Where the sender tells what came of its jobs."""

    def finished(self, job: Job, outcome: Outcome, *, left: bool) -> None:
        """A job has its outcome; `left` where the run ended before its last attempt."""
        ...

    def refused(self, error: Exception) -> None:
        """The partner refused the credentials."""
        ...

    def keep(self, job: Job, number: int, exchange: Exchange) -> None:
        """A request of several was acknowledged."""
        ...

    def prepared(self, job: Job) -> None:
        """A job has its payload, later than it was asked for."""
        ...

    def rested(self) -> None:
        """Events may be taken up again."""
        ...


class Sender:
    """Sends jobs until each has its final outcome.

    Args:
        ends: Is told of it.
        policy: How often to try.
        clock: The time.
        bucket: Limits the requests a second.
        batches: So many batches are sent at once.
        observe: Is told of each attempt.

    Attributes:
        retried: So many times an event was tried again.
        resting: Whether a mapping took long, and the event loop has not had its turn since: nothing is mapped until
            it has seen whether the run is to end.
    """

    def __init__(
        self,
        ends: Ends,
        policy: RetryPolicy,
        clock: Clock,
        bucket: TokenBucket | None,
        batches: int,
        observe: Callable[[AttemptMade], None] | None,
    ) -> None:
        self.retried = 0
        self.resting = False
        self._rested = asyncio.Event()
        self._unprepared: deque[Job] = deque()
        self._ends = ends
        self._policy = policy
        self._clock = clock
        self._bucket = bucket
        self._slots = asyncio.Semaphore(batches)
        self._observe = observe
        self._stopped = asyncio.Event()
        self._refusal: Exception | None = None

    def stop(self) -> None:
        """What waits to be tried again is left; what is being sent is finished."""
        self._stopped.set()

    # --- one event -------------------------------------------------------------------------------------------

    async def single(self, job: Job) -> None:
        """Sends one event through one subscription."""
        exchanges: Exchanges | None = None
        started = self._clock.time()
        while True:
            if self._refusal is not None:
                self._ends.finished(job, _failed(job, self._refusal), left=True)
                return
            if self._bucket is not None:
                await self._bucket.take()
            if self.resting and not await self._rest():
                self._leave(job)
                return
            job.attempts += 1
            began = self._clock.time() if self._observe is not None else started
            attempt = job.item.begin(job.event)
            if worked_hard():
                self._begin_rest()
            # A single request needs no memory of what was acknowledged before it.
            if exchanges is None and not attempt.is_plain:
                exchanges = self._exchanges_of(job)
            current.set(None if attempt.is_plain else exchanges)
            outcome = await job.item.finish(attempt)
            if self._bucket is not None:
                self._bucket.charge(len(outcome.requests) - 1)
            error = outcome.error
            wait = None if error is None else self._wait(error, job.attempts, started)
            if self._observe is not None:
                errors = [] if error is None else [error]
                again = wait is not None and not self._stopped.is_set()
                self._observe(AttemptMade(job.item.name, 1, self._clock.time() - began, errors, int(again)))
            if wait is None or not await self._pause(wait):
                left = wait is not None or (error is not None and classify(error) == "credentials")
                self._ends.finished(job, outcome, left=left)
                return
            self.retried += 1
            if exchanges is not None:
                exchanges.begin()

    def _exchanges_of(self, job: Job) -> Exchanges:
        """The memory of a perform that makes several requests, with what an earlier run knew of it."""
        settled = job.flight.settled
        known = settled.exchanges.get(job.index, ()) if settled is not None else ()
        return Exchanges(known, lambda number, exchange: self._ends.keep(job, number, exchange))

    # --- many events -----------------------------------------------------------------------------------------

    def prepare(self, job: Job) -> bool:
        """Makes the payload that an event has in its batch; where it has none, that is the job's outcome.

        Returns:
            Whether it has one now. After a mapping that took long the others wait, and are told of by `prepared`.
        """
        if self.resting:
            self._unprepared.append(job)
            return False
        payloads = job.item.batch_payloads
        assert payloads is not None  # noqa: S101  only the events of actions that take batches are collected
        try:
            job.payload = payloads.of(job.event, may_share=job.flight.record.may_share)
        except Exception as error:  # noqa: BLE001  whatever is wrong with an event is its own failure
            job.attempts = 1
            if self._observe is not None:
                self._observe(AttemptMade(job.item.name, 1, 0.0, [error], 0))
            self._ends.finished(job, _failed(job, error), left=False)
            return False
        finally:
            if worked_hard():
                self._begin_rest()
        return True

    async def batch(self, jobs: list[Job]) -> None:
        """Sends events through one subscription as a batch; tries again those that failed in a way that passes."""
        current.set(None)
        started, item = self._clock.time(), jobs[0].item
        while jobs:
            if self._refusal is not None:
                for job in jobs:
                    self._ends.finished(job, _failed(job, self._refusal), left=True)
                return
            async with self._slots:
                if self._bucket is not None:
                    await self._bucket.take()
                began = self._clock.time()
                payloads = [job.payload for job in jobs]
                outcome = await execute_batch(item, [job.event for job in jobs], NO_OPTIONS, payloads=payloads)
                seconds = self._clock.time() - began
                if self._bucket is not None:
                    self._bucket.charge(len(outcome.requests) - 1)
            if len(jobs) > 1 and _is_spoiled(outcome):
                # One event that a perform cannot work on rejects its batch; here the others go out.
                half = len(jobs) // 2
                await self.batch(jobs[:half])
                await self.batch(jobs[half:])
                return
            waiting, wait = self._read(jobs, outcome, seconds, started)
            if waiting and not await self._pause(wait):
                for job, result in waiting:
                    self._ends.finished(job, result, left=True)
                return
            jobs = [job for job, _ in waiting]
            self.retried += len(jobs)
            if item.batch_payloads is not None and not item.batch_payloads.reusable:
                for job in jobs:
                    job.payload = item.batch_payloads.of(job.event)

    def _read(
        self, jobs: list[Job], batch: BatchOutcome, seconds: float, started: float
    ) -> tuple[list[tuple[Job, Outcome]], float]:
        """Finishes the events that have their outcome; gives those to try again, and how long to wait for that."""
        waiting: list[tuple[Job, Outcome]] = []
        errors: list[Exception] = []
        longest = 0.0
        waits: dict[int, float | None] = {}  # one call's failure is the same object for all of its events
        told, taken = batch.told(), Outcome(batch.name, matched=True)
        finished = self._ends.finished
        for place, job in enumerate(jobs):
            job.attempts += 1
            if place not in told:
                finished(job, taken, left=False)
                continue
            outcome = batch.event(place)
            error = outcome.error
            if error is None:
                finished(job, outcome, left=False)
                continue
            errors.append(error)
            if id(error) not in waits:
                waits[id(error)] = self._wait(error, job.attempts, started)
            wait = waits[id(error)]
            if wait is None:
                finished(job, outcome, left=classify(error) == "credentials")
            else:
                waiting.append((job, outcome))
                longest = max(longest, wait)
        if self._observe is not None:
            again = 0 if self._stopped.is_set() else len(waiting)
            self._observe(AttemptMade(jobs[0].item.name, len(jobs), seconds, errors, again))
        return waiting, longest

    def _wait(self, error: Exception, attempts: int, started: float) -> float | None:
        """The seconds until the next attempt; None where there is none."""
        if classify(error) == "credentials":
            if self._refusal is None:
                self._refusal = error
                self._ends.refused(error)
            return None
        return self._policy.wait(error, attempts, self._clock.time() - started, self._clock.now())

    def _begin_rest(self) -> None:
        if not self.resting:
            self.resting = True
            self._rested.clear()
            # In one turn the loop notices a signal, in the next it tells of it.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._end_rest)

    def _end_rest(self) -> None:
        self.resting = False
        self._rested.set()
        while self._unprepared and not self.resting:
            job = self._unprepared.popleft()
            if self._stopped.is_set():
                self._leave(job)
            elif self.prepare(job):
                self._ends.prepared(job)
        self._ends.rested()

    def _leave(self, job: Job) -> None:
        error = RetryableError("the run was stopped before this event was sent")
        self._ends.finished(job, _failed(job, error), left=True)

    async def _rest(self) -> bool:
        """Waits until the event loop has had its turn; false where the run stops meanwhile."""
        while self.resting and not self._stopped.is_set():
            await self._rested.wait()
        return not self._stopped.is_set()

    async def _pause(self, seconds: float) -> bool:
        """Waits; false where the run stops meanwhile."""
        if self._stopped.is_set():
            return False
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


def _is_spoiled(outcome: BatchOutcome) -> bool:
    """Whether the batch as a whole was rejected before anything was sent."""
    return outcome.error is not None and not outcome.requests and classify(outcome.error) == "never"
