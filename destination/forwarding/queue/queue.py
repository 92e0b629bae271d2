"""The queue of accepted events, and what each destination has settled of it."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from destination.delivery import FailedSubscription, InputError, Record, Verdict
from destination.forwarding.accepted import Accepted
from destination.forwarding.queue.cursors import Cursor, Depth
from destination.forwarding.queue.duplicates import DEFAULT_DEDUPE_ROWS
from destination.forwarding.queue.file import QueueFile, QueueFileError
from destination.forwarding.queue.reading import oldest_unread, read_again, read_next, received_ms, sizes, sizes_of
from destination.forwarding.queue.source import BLOCK, QueuedRecord, QueueSource
from destination.forwarding.queue.transactions import Bounds
from destination.forwarding.queue.writer import Writer

DEFAULT_MAX_ROWS: Final = 10_000_000
DEFAULT_MAX_BYTES: Final = 10 << 30

_MOST_UNCOMMITTED: Final = 256
"""The maximum number of settled events that are not on the disk while others are read."""
_DROPPED_AT_ONCE: Final = 1_000


class Queue:
    """A queue of events in an SQLite file, which keeps each event until all of its destinations have settled it.

    Args:
        path: The file.
        routes: The destinations by name, each with the write keys whose events it gets; None: all. A name that the
            file does not know begins with the next event. Events of a name that is not given stay in the file.
        dedupe_rows: The maximum number of events that are remembered for 24 hours to recognise duplicates.
        max_rows: The maximum number of events in the file.
        max_bytes: The maximum size of these events, in bytes.
        clock: Returns seconds since 1970.

    Raises:
        QueueFileError: The file cannot be used, or another process uses it.

    Example:
        >>> import tempfile
        >>> async def main():
        ...     queue = Queue(tempfile.mkdtemp() + "/queue.db", {"shop": None})
        ...     event = Accepted("wk", "m-1", b'{"type":"track","messageId":"m-1"}', 1_700_000_000.0)
        ...     print(await queue.put([event]), await queue.put([event]))
        ...     source = queue.source("shop")
        ...     for record in await source.next():
        ...         print(record.event["messageId"])
        ...         queue.settled("shop", record, "acknowledged")
        ...     await queue.close()
        >>> asyncio.run(main())
        1 0
        m-1
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        routes: Mapping[str, frozenset[str] | None],
        *,
        dedupe_rows: int = DEFAULT_DEDUPE_ROWS,
        max_rows: int = DEFAULT_MAX_ROWS,
        max_bytes: int = DEFAULT_MAX_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = QueueFile(path)
        self._clock = clock
        try:
            self._writer = Writer(self._file, Bounds(max_rows, max_bytes), dedupe_rows, clock)
            self._writer.begin(routes)
        except BaseException as error:
            self._file.close()
            if isinstance(error, sqlite3.Error):
                raise QueueFileError(f"{self._file.path}: cannot be used as a queue: {error}") from None
            raise
        self._thread = ThreadPoolExecutor(1, "queue reading")
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def error(self) -> str | None:
        """Why the file cannot be written at the moment, or None."""
        return self._writer.error

    @property
    def rows(self) -> int:
        """The number of events in the file."""
        return self._writer.rows

    @property
    def bytes(self) -> int:
        """The size of the events in the file, in bytes."""
        return self._writer.bytes

    # --- accepting -------------------------------------------------------------------------------------------

    async def put(self, events: Sequence[Accepted]) -> int:
        """Keeps events; returns after they are on the disk, with the number of those that are not duplicates.

        Raises:
            QueueFullError: There is no room for them within the queue's bounds; none of them is kept.
            QueueUnavailableError: The file cannot be written; none of them is kept.
        """
        return await self._writer.put(events)

    def replace_routes(self, routes: Mapping[str, frozenset[str] | None]) -> None:
        """Replaces the destinations and their write keys; it counts for events that are accepted from now on."""
        self._writer.replace_routes(routes)

    # --- reading and settling --------------------------------------------------------------------------------

    def source(self, destination: str, *, block: int = BLOCK) -> QueueSource:
        """Returns a source of the events that a destination has not settled, for a delivery.

        Args:
            destination: The destination's name.
            block: The maximum number of events that are read at once.
        """
        return QueueSource(self, self._writer.cursors[destination], block=block)

    def settled(
        self,
        destination: str,
        record: Record,
        verdict: Verdict,
        remaining: tuple[FailedSubscription, ...] | None = None,
    ) -> None:
        """Notes what a delivery reports on an event; it is on the disk shortly after.

        Args:
            destination: The destination's name.
            record: The event, from a source of that destination.
            verdict: A deferred event stays, and the next source returns it again.
            remaining: The subscriptions that are left of a deferred event; None: those that were left before.
        """
        cursor = self._writer.cursors[destination]
        event = record.ordinal
        if event not in cursor.unsettled:
            return
        if verdict == "deferred":
            if remaining is not None:
                cursor.remaining[event] = remaining
                self._writer.changed(cursor)
            return
        assert isinstance(record, QueuedRecord)  # noqa: S101  its sources return no others
        self._settle(cursor, event, record.route, len(record.raw))
        self._writer.changed(cursor, settled=1)

    def _settle(self, cursor: Cursor, event: int, route: int, size: int) -> None:
        """Counts an event as settled, and deletes it unless another destination has not settled it."""
        cursor.unsettled.pop(event, None)
        cursor.remaining.pop(event, None)
        cursor.rows -= 1
        cursor.bytes -= size
        members = self._writer.routes.members[route]
        if len(members) > 1 and any(
            other.number in members and other.owes(event) for other in self._writer.cursors.values()
        ):
            return
        self._writer.delete(event, size, cursor)

    async def read(self, cursor: Cursor, again: Sequence[int], count: int) -> list[QueuedRecord]:
        """Reads events that were read before by their ids, or else the next unread ones.

        Args:
            cursor: The destination's cursor.
            again: The ids.
            count: The maximum number of events.

        Raises:
            InputError: The file cannot be read.
        """
        writer, loop = self._writer, asyncio.get_running_loop()
        while writer.uncommitted > _MOST_UNCOMMITTED:
            await writer.next_end()
        async with self._locks.setdefault(cursor.name, asyncio.Lock()):
            last_id, routes = writer.last_id, writer.routes.with_member(cursor.number)
            if not again and cursor.read_to >= last_id:
                return []
            reader = self._file.reader
            try:
                if again:
                    rows = await loop.run_in_executor(self._thread, read_again, reader, again)
                else:
                    rows = await loop.run_in_executor(
                        self._thread, read_next, reader, cursor.read_to, last_id, routes, count
                    )
            except (sqlite3.Error, ValueError) as error:
                raise InputError(f"{self._file.path}: cannot be read: {error}") from None
            records = [QueuedRecord(*row) for row in rows]
            if again:
                for record in records:
                    record.retry_only = cursor.remaining.get(record.ordinal, record.retry_only)
                return records
            for record in records:
                cursor.unsettled[record.ordinal] = None
            cursor.read_to = last_id if len(records) < count else records[-1].ordinal
            return records

    async def unread(self, destination: str, count: int) -> list[QueuedRecord]:
        """Reads the oldest events that no source has read, while a source of the destination is in use.

        Settle them, or give them to that source by its `put_back`.

        Args:
            destination: The destination's name.
            count: The maximum number of events.

        Raises:
            InputError: The file cannot be read.
        """
        return await self.read(self._writer.cursors[destination], (), count)

    async def wait_for_events(self, cursor: Cursor) -> None:
        """Waits until there may be unread events."""
        while cursor.read_to >= self._writer.last_id:
            await self._writer.next_end()

    # --- what there is ---------------------------------------------------------------------------------------

    def depth(self, destination: str) -> Depth:
        """Returns what a destination has not settled yet.

        Args:
            destination: The destination's name, also of one that left the configuration.
        """
        cursor = self._writer.cursors[destination]
        if not cursor.rows:
            return Depth()
        try:
            moment = self._oldest_ms(cursor)
        except sqlite3.Error:
            moment = None
        age_s = 0.0 if moment is None else max(self._clock() - moment / 1000, 0.0)
        return Depth(cursor.rows, cursor.bytes, age_s)

    def _oldest_ms(self, cursor: Cursor) -> int | None:
        first = next(iter(cursor.unsettled), None)
        if first is not None:
            return received_ms(self._file.lookup, first)
        if cursor.oldest is None or cursor.oldest[0] <= cursor.read_to:
            routes = self._writer.routes.with_member(cursor.number)
            cursor.oldest = oldest_unread(self._file.lookup, cursor.read_to, routes)
        return None if cursor.oldest is None else cursor.oldest[1]

    def gone(self) -> list[str]:
        """Returns the names that left the configuration and have events in the file."""
        known = self._writer.routes.names
        return [name for name, cursor in self._writer.cursors.items() if name not in known and cursor.rows]

    async def drop(self, destination: str) -> int:
        """Deletes the events of a destination that left the configuration; returns their number.

        Raises:
            ValueError: The destination is in the configuration, or the file does not know it.
        """
        writer = self._writer
        if destination in writer.routes.names:
            raise ValueError(f"{destination!r} is in the configuration")
        cursor = writer.cursors.get(destination)
        if cursor is None:
            raise ValueError(f"the queue has no events of {destination!r}")
        count = cursor.rows
        reader, loop = self._file.reader, asyncio.get_running_loop()
        while True:
            left = list(cursor.unsettled)[:_DROPPED_AT_ONCE]
            if left:
                rows = await loop.run_in_executor(self._thread, sizes_of, reader, left)
            else:
                routes, last_id = writer.routes.with_member(cursor.number), writer.last_id
                rows = await loop.run_in_executor(
                    self._thread, sizes, reader, cursor.read_to, last_id, routes, _DROPPED_AT_ONCE
                )
                if not rows:
                    break
                cursor.read_to = rows[-1][0]
            for event, route, size in rows:
                self._settle(cursor, event, route, size)
            for event in left:
                cursor.unsettled.pop(event, None)
            writer.changed(cursor, settled=len(rows))
            await writer.next_end()
        await writer.flush()
        del writer.cursors[destination]
        writer.remove(cursor)
        await writer.flush()
        return count

    async def flush(self) -> None:
        """Waits until everything that was settled so far is on the disk."""
        await self._writer.flush()

    async def close(self) -> None:
        """Writes what waits and closes the file; sources end."""
        self._thread.shutdown()
        await self._writer.close()
