"""Reads the events of a destination from the queue, as a source of a delivery."""

import asyncio
from typing import Final, Protocol

from destination.delivery import Record
from destination.delivery.record import Piece
from destination.forwarding.queue.cursors import Cursor

BLOCK: Final = 256
"""The maximum number of events that are read at once."""


class QueuedRecord(Record):
    """An event of the queue.

    Attributes:
        route: The number of the set of destinations that it is for.
        received_at: When it was received, in seconds since 1970.

    Example:
        >>> record = QueuedRecord(7, 1, 1_700_000_000_000, b'{"type":"track"}')
        >>> record.label, record.ordinal, record.received_at
        ('event 7', 7, 1700000000.0)
    """

    __slots__ = ("received_at", "route")

    def __init__(self, number: int, route: int, received_ms: int, body: bytes) -> None:
        super().__init__("event", Piece(number, body, complete=True), ordinal=number)
        self.route = route
        self.received_at = received_ms / 1000


class ReadableQueue(Protocol):
    """What a source needs of its queue."""

    async def read(self, cursor: Cursor, again: list[int], count: int) -> list[QueuedRecord]:
        """Reads events that were read before by their ids, or else the next unread ones.

        Raises:
            InputError: The file cannot be read.
        """
        ...

    async def wait_for_events(self, cursor: Cursor) -> None:
        """Waits until there may be unread events, and settled ones are committed."""
        ...


class QueueSource:
    """The events of a destination that are not settled, the oldest first; it waits for new ones.

    Events that an earlier source has read and that are not settled come first. Close a source before another one of
    the same destination is read.

    Args:
        queue: The queue.
        cursor: The destination's cursor.
        block: The maximum number of events that are read at once.
        is_endless: Whether `next` waits for new events. Otherwise the source ends with the last one.

    Example:
        >>> import asyncio, tempfile
        >>> from destination.forwarding.queue import Queue
        >>> async def main():
        ...     queue = Queue(tempfile.mkdtemp() + "/queue.db", {"shop": None})
        ...     source = queue.source("shop")
        ...     source.close()
        ...     print(await source.next())
        ...     await queue.close()
        >>> asyncio.run(main())
        None
    """

    def __init__(self, queue: ReadableQueue, cursor: Cursor, *, block: int = BLOCK, is_endless: bool = True) -> None:
        self.is_endless = is_endless
        self._queue = queue
        self._cursor = cursor
        self._block = block
        self._again = list(cursor.unsettled)
        self._returned: list[Record] = []
        self._closed = asyncio.Event()
        self._finishing = asyncio.Event()

    async def next(self) -> list[Record] | None:
        """Returns the next events; None after `close`.

        Raises:
            InputError: The queue cannot be read.
        """
        while not self._closed.is_set():
            records = await self.available()
            if self._closed.is_set():
                return None  # they are read again by the next source
            if records:
                return records
            if not self.is_endless:
                return None
            await self._wait()
        return None

    async def available(self) -> list[Record]:
        """Returns the next events without waiting for new ones; an empty list if there are none.

        Raises:
            InputError: The queue cannot be read.
        """
        if self._returned:
            returned, self._returned = self._returned, []
            return returned
        again: list[int] = []
        while self._again and not again:
            again, self._again = self._again[: self._block], self._again[self._block :]
            again = [event for event in again if event in self._cursor.unsettled]
        return list(await self._queue.read(self._cursor, again, len(again) or self._block))

    async def _wait(self) -> None:
        waiting = asyncio.ensure_future(self._queue.wait_for_events(self._cursor))
        closing = asyncio.ensure_future(self._finishing.wait())
        try:
            await asyncio.wait((waiting, closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            closing.cancel()

    def put_back(self, records: list[Record]) -> None:
        """Has `next` return records again."""
        self._returned = records + self._returned

    def finish(self) -> None:
        """Ends the source with the last event that is there."""
        self.is_endless = False
        self._finishing.set()

    def close(self) -> None:
        """Ends the source; a waiting `next` returns None."""
        self._closed.set()
        self._finishing.set()
