"""Collects events until there are enough for a batch, or one has waited for long enough."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Final

from destination.delivery.flights import Job

DEFAULT_BATCH_SIZE: Final = 500
DEFAULT_LINGER_S: Final = 0.2
DEFAULT_BATCHES: Final = 8
"""So many batches are under way at most, unless told otherwise."""

Send = Callable[[list[Job]], None]


class Batches:
    """The batches that are being filled: one for each subscription and each value of what its action goes by.

    Args:
        sizes: So many events make a batch, by the index of their subscription; others are not collected.
        linger_s: The first event of a batch waits no longer than that.
        send: Gets each batch.
    """

    def __init__(self, sizes: Mapping[int, int], linger_s: float, send: Send) -> None:
        self._sizes = sizes
        self._linger_s = linger_s
        self._send = send
        self._open: dict[tuple[int, Hashable], _Batch] = {}

    def takes(self, index: int) -> bool:
        """Whether the events of a subscription are collected."""
        return index in self._sizes

    def add(self, job: Job) -> None:
        """Puts an event that has its payload into its batch, and sends that when it is full."""
        payloads = job.item.batch_payloads
        key = None if payloads is None else payloads.key_of(job.payload)
        place = (job.index, key)
        batch = self._open.get(place)
        if batch is None:
            timer = asyncio.get_running_loop().call_later(self._linger_s, self._flush, place)
            batch = self._open[place] = _Batch(timer)
        batch.jobs.append(job)
        if len(batch.jobs) >= self._sizes[job.index]:
            self._flush(place)

    def relieve(self) -> None:
        """Sends the fullest batch as it is: no event can come that would fill one before another is sent."""
        if self._open:
            self._flush(max(self._open, key=lambda place: len(self._open[place].jobs)))

    def flush(self) -> None:
        """Sends all batches as they are."""
        for place in tuple(self._open):
            self._flush(place)

    def drain(self) -> None:
        """Sends what is there; from now on nothing waits for more."""
        self._linger_s = 0.0
        self.flush()

    def _flush(self, place: tuple[int, Hashable]) -> None:
        batch = self._open.pop(place)
        batch.timer.cancel()
        self._send(batch.jobs)


class _Batch:
    """A batch that is being filled, and what sends it when its time is up."""

    __slots__ = ("jobs", "timer")

    def __init__(self, timer: asyncio.TimerHandle) -> None:
        self.jobs: list[Job] = []
        self.timer = timer
