"""Finds out whether a paused destination takes events again, with one event at a time."""

import asyncio
from dataclasses import replace
from typing import Final

from destination.delivery import DeliveryOptions, Record
from destination.delivery.scheduling import Ordering
from destination.forwarding.queue import QueueSource

WINDOW: Final = 100
"""The number of the oldest events from which one is tried; each pause tries them in turn."""


def probing_options(options: DeliveryOptions) -> DeliveryOptions:
    """Returns the options of a probe: the first failure that may be the partner's ends it, and its event is deferred.

    Example:
        >>> probing_options(DeliveryOptions()).alike_in_a_row
        0
    """
    # A second attempt, which no probe makes: after the last one an event would be dead.
    retry = replace(options.retry, attempts=2, retry_for_s=0.0, unanswered_s=0.0)
    return replace(options, retry=retry, linger_s=0.0, alike_in_a_row=0)


class ProbeSource:
    """A source of single events that ends as soon as the partner was called for one.

    An event that is settled without a call says nothing about the partner, so that another one follows it. The events
    of earlier probes are left out, so that a single event at fault does not keep its destination paused. So are
    events that have to wait for one of these because of the order.

    Args:
        source: The source of the destination's events.
        tried: The ids of the events of earlier probes; the next one is added.
        ordered_by: The path of the value that events are ordered by, or None.
    """

    def __init__(self, source: QueueSource, tried: set[int], ordered_by: str | None) -> None:
        self.was_attempted = False
        self._source = source
        self._tried = tried
        self._ordering = Ordering(ordered_by)
        self._window: list[Record] = []
        self._candidates: list[Record] = []
        self._is_closed = False
        self._current: int | None = None
        self._changed = asyncio.Event()

    async def next(self) -> list[Record] | None:
        """Returns the next event to try; None after a call of the partner or after `close`."""
        if self._current is not None:
            await self._changed.wait()
        if self.was_attempted or self._is_closed:
            return None
        while not self._candidates:
            records = await self._source.next()
            if records is None:
                return None
            self._candidates = self._choose(records)
        record = self._candidates.pop(0)
        self._tried.add(record.ordinal)
        self._changed.clear()
        self._current = record.ordinal
        return [record]

    def _choose(self, records: list[Record]) -> list[Record]:
        """Returns the events that may be tried, in their order."""
        chosen, waiting = [], set()
        for record in records:
            key = self._ordering.key_of(record.event)
            if record.ordinal not in self._tried and (key is None or key not in waiting):
                chosen.append(record)
            waiting.add(key)
        if chosen:
            return chosen
        self._tried.clear()
        return records[:1]

    def attempted(self) -> None:
        """Notes that the partner was called."""
        self.was_attempted = True
        self._changed.set()

    def settled(self, record: Record) -> None:
        """Notes the end of an event."""
        if record.ordinal == self._current:
            self._changed.set()

    def close(self) -> None:
        """Ends the source; a waiting `next` returns None."""
        self._is_closed = True
        self._changed.set()
        self._source.close()
