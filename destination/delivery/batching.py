"""Collects the events of a subscription until there are enough for a batch, or one has waited for long enough."""

import asyncio
from collections.abc import Callable
from typing import Final

from destination.delivery.flights import Job

DEFAULT_BATCH_SIZE: Final = 500
DEFAULT_LINGER_S: Final = 0.02
DEFAULT_BATCHES: Final = 8
"""So many batches are under way at most, unless told otherwise."""


class Batcher:
    """The batch of one subscription that is being filled.

    Args:
        size: So many events make a batch.
        linger_s: The first of them waits no longer than that.
        send: Gets each batch.
    """

    def __init__(self, size: int, linger_s: float, send: Callable[[list[Job]], None]) -> None:
        self._size = size
        self._linger_s = linger_s
        self._send = send
        self._jobs: list[Job] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, job: Job) -> None:
        """Puts an event into the batch."""
        self._jobs.append(job)
        if len(self._jobs) >= self._size:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._linger_s, self.flush)

    def flush(self) -> None:
        """Sends the batch as it is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._jobs:
            jobs, self._jobs = self._jobs, []
            self._send(jobs)

    def drain(self) -> None:
        """Sends what is there; from now on nothing waits for more."""
        self._linger_s = 0.0
        self.flush()
