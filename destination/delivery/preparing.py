"""Makes the payloads of events that go out in batches."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from destination.delivery.in_flight import AttemptMade, Job
from destination.delivery.scheduling import Rest
from destination.errors import RetryableError
from destination.runtime import Outcome


class Finished(Protocol):
    """Who gets a job that has no payload, and so its outcome."""

    def __call__(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """Takes it."""
        ...


class Preparer:
    """Makes payloads, each as its event is taken up; after a mapping that took long the others wait for their turn.

    Args:
        prepared: Gets each job that has its payload.
        finished: Gets the others.
        rest: Whether nothing is mapped until the event loop had its turn.
        observe: Is told of an event that cannot be mapped, as of an attempt.
    """

    def __init__(
        self,
        prepared: Callable[[Job], None],
        finished: Finished,
        rest: Rest,
        observe: Callable[[AttemptMade], None] | None,
    ) -> None:
        self._prepared = prepared
        self._finished = finished
        self._rest = rest
        self._observe = observe
        self._waiting: deque[Job] = deque()

    def prepare(self, job: Job) -> None:
        """Makes the payload that an event has in its batch; where it has none, that is the job's outcome."""
        if self._rest.is_on:
            self._waiting.append(job)
            return
        payloads = job.item.batch_payloads
        assert payloads is not None  # noqa: S101  only the events of actions that take batches are collected
        try:
            job.payload = payloads.of(job.event)
        except Exception as error:  # noqa: BLE001  whatever is wrong with an event is its own failure
            job.tries = 1
            if self._observe is not None:
                self._observe(AttemptMade(job.item.name, 1, 0.0, [error], 0))
            self._finished(job, Outcome(job.item.name, matched=True, error=error), deferred=False)
        else:
            self._prepared(job)
        finally:
            self._rest.begin_if_due()

    def go_on(self, *, is_stopped: bool) -> None:
        """Goes on after a rest; where the run has stopped, what waits is deferred."""
        while self._waiting and not self._rest.is_on:
            job = self._waiting.popleft()
            if is_stopped:
                error = RetryableError("the run stopped before this event was sent")
                self._finished(job, Outcome(job.item.name, matched=True, error=error), deferred=True)
            else:
                self.prepare(job)
