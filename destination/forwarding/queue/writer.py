"""Writes what is accepted and settled, many events in one transaction.

Everything that waits when the event loop's turn comes is written together. The transaction is made in the loop's
thread, since another one would wait for the interpreter's lock at each statement. It is committed in a thread of its
own, since a commit waits for the disk. Meanwhile the next group gathers.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from destination.forwarding.accepted import Accepted, QueueFullError, QueueUnavailableError
from destination.forwarding.queue.cursors import Cursor, Routes, Statement, read_cursors
from destination.forwarding.queue.duplicates import Duplicates, digest_of
from destination.forwarding.queue.file import QueueFile
from destination.forwarding.queue.transactions import Bounds, Deletable, Put, Transaction, refuse, runs_of, size_of

_GATHER_S: Final = 0.005
"""How long settled events wait for others, in seconds."""
_AGAIN_S: Final = 1.0
"""How long the writer waits after a second failed write, in seconds."""
_GROUP: Final = 2_000
"""The number of new events from which on others wait for the next transaction, made in the loop itself."""
_DELETED_AT_ONCE: Final = 1_000
_DELETED_AFTER_FAILURE: Final = 100  # the log of a transaction needs space too


class Writer:
    """Writes to the queue's file.

    Args:
        file: The file.
        bounds: The bounds of the queue.
        dedupe_rows: The maximum number of events that are remembered for 24 hours to recognise duplicates.
        clock: Returns seconds since 1970.

    Attributes:
        last_id: The id of the last event that is on the disk.
        rows: The number of events in the file.
        bytes: Their size in bytes.
        cursors: The cursors of the destinations, by name.
        routes: Which destinations an event is for.
        error: Why the file cannot be written at the moment, or None.
        uncommitted: The number of settled events that are not on the disk yet.
    """

    def __init__(self, file: QueueFile, bounds: Bounds, dedupe_rows: int, clock: Callable[[], float]) -> None:
        self.error: str | None = None
        self.uncommitted = 0
        self._file = file
        self._bounds = bounds
        self._clock = clock
        self._duplicates = Duplicates(file.writer, dedupe_rows, clock())
        totals = file.writer.execute("SELECT last_id, rows, bytes FROM totals").fetchone()
        self.last_id: int
        self.rows: int
        self.bytes: int
        self.last_id, self.rows, self.bytes = totals
        self.cursors = read_cursors(file.writer)
        self.routes = Routes(file.writer, self.cursors)
        self._thread = ThreadPoolExecutor(1, "queue commit")
        self._puts: deque[Put] = deque()
        self._deletable: list[Deletable] = []
        self._statements: list[Statement] = []
        self._changed: dict[int, Cursor] = {}
        self._is_busy = self._is_closing = self._is_closed = False
        self._failures = 0
        self._next_turn: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: list[asyncio.Future[None]] = []

    # --- what waits ------------------------------------------------------------------------------------------

    async def put(self, events: Sequence[Accepted]) -> int:
        """Writes events; returns after they are on the disk, with the number of those that are not duplicates.

        Raises:
            QueueFullError: There is no room for them within the queue's bounds; none of them is kept.
            QueueUnavailableError: The file cannot be written; none of them is kept.
        """
        if self._is_closing:
            raise QueueUnavailableError(f"{self._file.path}: the queue is closed")
        put = Put(events, asyncio.get_running_loop().create_future())
        self._puts.append(put)
        self._wake()
        return await put.done

    def delete(self, event: int, size: int, cursor: Cursor) -> None:
        """Deletes an event with one of the next transactions.

        Args:
            event: Its id.
            size: Its size in bytes.
            cursor: The cursor of the destination that settled it last.
        """
        self._deletable.append(Deletable(event, size, cursor))
        self._changed[cursor.number] = cursor

    def changed(self, cursor: Cursor, *, settled: int = 0) -> None:
        """Writes a cursor with the next transaction.

        Args:
            cursor: The cursor.
            settled: The number of events that it settled by this change.
        """
        self._changed[cursor.number] = cursor
        self.uncommitted += settled
        self._wake_soon()

    def remove(self, cursor: Cursor) -> None:
        """Removes a cursor with the next transaction."""
        self._changed.pop(cursor.number, None)
        self._statements.append(("DELETE FROM cursors WHERE number = ?", (cursor.number,)))
        self._wake_soon()

    async def next_end(self) -> None:
        """Waits until a transaction or a checkpoint ended, written or not, or the writer is closed."""
        if self._is_closed:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    def begin(self, keys: Mapping[str, frozenset[str] | None]) -> None:
        """Sets the destinations when the file is opened; their cursors are on the disk when it returns.

        Raises:
            sqlite3.Error: The file cannot be written.
        """
        for statement, values in self.routes.replace(keys, self.last_id):
            self._file.writer.execute(statement, values)

    def replace_routes(self, keys: Mapping[str, frozenset[str] | None]) -> None:
        """Replaces the destinations and their write keys; events that were accepted before are not affected."""
        statements = self.routes.replace(keys, self.last_id)
        if statements:
            self._statements += statements
            self._wake_soon()

    # --- transactions ----------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._next_turn is None and not self._is_busy:
            self._next_turn = asyncio.get_running_loop().call_soon(self._begin)

    def _wake_soon(self) -> None:
        if self._next_turn is None and self._timer is None and not self._is_busy:
            seconds = _AGAIN_S if self._failures > 1 or not self._has_work else _GATHER_S
            self._timer = asyncio.get_running_loop().call_later(seconds, self._begin)

    def _begin(self) -> None:
        for handle in (self._next_turn, self._timer):
            if handle is not None:
                handle.cancel()
        self._next_turn = self._timer = None
        if self._is_busy or self._is_closed or not (self._has_work or self.error is not None):
            return
        self._is_busy = True
        transaction = self._take()
        try:
            self._make(transaction)
        except sqlite3.Error as error:
            self._run(self._file.roll_back, partial(self._failed, transaction, error))
        else:
            self._run(self._file.commit, partial(self._committed, transaction))

    @property
    def _has_work(self) -> bool:
        return bool(self._puts or self._deletable or self._changed or self._statements)

    def _run(self, work: Callable[[], bool | None], then: "Callable[[bool | Exception | None], None]") -> None:
        def ended(done: "asyncio.Future[bool | None]") -> None:
            then(done.exception() or done.result())  # type: ignore[arg-type]

        asyncio.get_running_loop().run_in_executor(self._thread, work).add_done_callback(ended)

    def _take(self) -> Transaction:
        """Takes what waits, no more than may be written in one turn of the loop."""
        transaction = Transaction(self.last_id)
        count = 0
        while self._puts and (not count or count + len(self._puts[0].events) <= _GROUP):
            put = self._puts.popleft()
            count += len(put.events)
            transaction.puts.append(put)
        if transaction.puts and not self._file.has_room(size_of(transaction.puts)):
            self.error = self.error or "the disk is full"
            for put in transaction.puts:
                refuse(put, QueueUnavailableError(f"{self._file.path}: cannot be written: {self.error}"))
            transaction.puts = []
        limit = _DELETED_AT_ONCE if not self._failures else _DELETED_AFTER_FAILURE
        transaction.deleted, self._deletable = self._deletable[:limit], self._deletable[limit:]
        transaction.statements, self._statements = self._statements, []
        changed, self._changed = self._changed, {}
        transaction.cursors = list(changed.values())
        transaction.settled, self.uncommitted = self.uncommitted, 0
        return transaction

    def _make(self, transaction: Transaction) -> None:
        writer = self._file.writer
        writer.execute("BEGIN IMMEDIATE")
        for statement, values in transaction.statements:
            writer.execute(statement, values)
        now = self._clock()
        self._duplicates.forget(now)
        self._insert(transaction)
        self._duplicates.write(now)
        ids = sorted([item.event for item in transaction.deleted])
        writer.executemany("DELETE FROM events WHERE id BETWEEN ? AND ?", runs_of(ids))
        self._write_cursors(transaction)
        transaction.rows -= len(transaction.deleted)
        transaction.bytes -= sum([item.size for item in transaction.deleted])
        if transaction.rows or transaction.bytes or transaction.last_id != self.last_id:
            totals = (transaction.last_id, self.rows + transaction.rows, self.bytes + transaction.bytes)
            writer.execute("UPDATE totals SET last_id = ?, rows = ?, bytes = ?", totals)

    def _insert(self, transaction: Transaction) -> None:
        """Writes the events of the puts that are not duplicates; refuses a put that exceeds the bounds."""
        is_new, route_of = self._duplicates.is_new, self.routes.of
        last_id = transaction.last_id
        rows: list[tuple[int, int, int, bytes]] = []
        kept: list[Put] = []
        for put in transaction.puts:
            first, new, size = len(rows), 0, 0
            added: dict[int, tuple[int, int]] = {}
            for write_key, message_id, body, received_at in put.events:
                if not is_new(digest_of(write_key, message_id)):
                    continue
                new += 1
                route = route_of(write_key)
                if route:
                    last_id += 1
                    rows.append((last_id, route, int(received_at * 1000), body.replace(b"\n", b" ")))
                    size += len(body)
                    count, before = added.get(route, (0, 0))
                    added[route] = count + 1, before + len(body)
            if self.rows + len(rows) > self._bounds.rows or self.bytes + transaction.bytes + size > self._bounds.bytes:
                self._duplicates.take_back(new)
                last_id -= len(rows) - first
                del rows[first:]
                refuse(put, QueueFullError(f"{self._file.path}: the queue is full"))
                continue
            for route, (count, route_bytes) in added.items():
                before_count, before_bytes = transaction.added.get(route, (0, 0))
                transaction.added[route] = before_count + count, before_bytes + route_bytes
            transaction.bytes += size
            kept.append(put)
            transaction.counts.append(new)
        transaction.puts = kept
        transaction.last_id = last_id
        transaction.rows = len(rows)
        self._file.writer.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)

    def _write_cursors(self, transaction: Transaction) -> None:
        added = self._added_by_number(transaction)
        changed = {cursor.number: cursor for cursor in transaction.cursors}
        waiting: dict[int, list[Deletable]] = {}
        for item in self._deletable:
            waiting.setdefault(item.cursor.number, []).append(item)
            self._changed[item.cursor.number] = item.cursor
        for cursor in self.cursors.values():
            if cursor.number in changed or cursor.number in added:
                rows, size = added.get(cursor.number, (0, 0))
                left = waiting.get(cursor.number, ())
                size += sum([item.size for item in left])
                cursor.write(self._file.writer, rows + len(left), size, [item.event for item in left])

    def _added_by_number(self, transaction: Transaction) -> dict[int, tuple[int, int]]:
        added: dict[int, tuple[int, int]] = {}
        for route, (rows, size) in transaction.added.items():
            for number in self.routes.members[route]:
                before_rows, before_size = added.get(number, (0, 0))
                added[number] = before_rows + rows, before_size + size
        return added

    def _committed(self, transaction: Transaction, found: bool | Exception | None) -> None:
        if isinstance(found, Exception):
            self._run(self._file.roll_back, partial(self._failed, transaction, found))
            return
        self._duplicates.committed()
        self.routes.committed()
        self.last_id = transaction.last_id
        self.rows += transaction.rows
        self.bytes += transaction.bytes
        added = self._added_by_number(transaction)
        for cursor in self.cursors.values():
            rows, size = added.get(cursor.number, (0, 0))
            cursor.rows += rows
            cursor.bytes += size
        self._failures = 0
        for put, count in zip(transaction.puts, transaction.counts, strict=True):
            if not put.done.done():
                put.done.set_result(count)
        self._notify()
        if found:
            self._run(self._file.checkpoint_or_make_room, self._go_on)
        else:
            self._go_on(None)

    def _failed(self, transaction: Transaction, error: Exception, _found: object) -> None:
        """Refuses the new events; what is settled is written again."""
        self._duplicates.rolled_back()
        self.routes.rolled_back()
        self.error = str(error)
        self._failures += 1
        for put in transaction.puts:
            refuse(put, QueueUnavailableError(f"{self._file.path}: cannot be written: {error}"))
        self._deletable += transaction.deleted
        self._statements = transaction.statements + self._statements
        for cursor in transaction.cursors:
            if self.cursors.get(cursor.name) is cursor:
                self._changed.setdefault(cursor.number, cursor)
        self.uncommitted += transaction.settled
        self._go_on(None)

    def _go_on(self, _found: object) -> None:
        self._is_busy = False
        self._notify()  # a `flush` may have begun while the file was checkpointed
        if self.error is not None and not self._failures and self._file.has_room(0):
            self.error = None
        if self._puts:
            self._wake()
        elif self._has_work or self.error is not None:
            self._wake_soon()

    def _notify(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def flush(self) -> None:
        """Waits until everything that was noted so far is on the disk."""
        while (self._is_busy or self._has_work) and not self._is_closed:
            await self.next_end()

    async def close(self) -> None:
        """Writes what waits, unless the file cannot be written, and ends."""
        self._is_closing = True
        while self._is_busy or (self._has_work and self._failures < 2):
            if not self._is_busy:
                self._begin()
            await asyncio.sleep(0.001)
        self._is_closed = True
        for handle in (self._next_turn, self._timer):
            if handle is not None:
                handle.cancel()
        self._notify()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
        self._thread.shutdown()
