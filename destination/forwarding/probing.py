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
        self._is_closed = False
        self._current: Record | None = None
        self._changed = asyncio.Event()

    async def next(self) -> list[Record] | None:
        """Returns the next event to try; None after a call of the partner or after `close`."""
        if self._current is not None:
            await self._changed.wait()
        if self.was_attempted or self._is_closed:
            return None
        self._window = [record for record in self._window if record is not self._current]
        record = await self._choose()
        if record is None:
            return None
        self._tried.add(record.ordinal)
        self._changed.clear()
        self._current = record
        return [record]

    async def _choose(self) -> Record | None:
        """Returns the next event to try; None after `close`."""
        while (record := self._first_untried()) is None:
            more = await self._source.available() if len(self._window) < WINDOW else []
            if not more and self._window:
                self._tried.clear()
            elif not more:
                found = await self._source.next()
                if found is None:
                    return None
                more = found
            self._window += more
        return record

    def _first_untried(self) -> Record | None:
        waiting = set()
        for record in self._window:
            key = self._ordering.key_of(record.event)
            if record.ordinal not in self._tried and (key is None or key not in waiting):
                return record
            waiting.add(key)
        return None

    def attempted(self) -> None:
        """Notes that the partner was called."""
        self.was_attempted = True
        self._changed.set()

    def settled(self, record: Record) -> None:
        """Notes the end of an event."""
        if record is self._current:
            self._changed.set()

    def close(self) -> None:
        """Ends the source; a waiting `next` returns None."""
        self._is_closed = True
        self._changed.set()
        self._source.close()
