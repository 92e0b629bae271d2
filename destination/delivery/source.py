"""Reads events from NDJSON, a JSON array or a file of failed events: in constant memory, and in a thread of its own."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from destination.delivery.errors import InputError
from destination.delivery.reading import ArraySplitter, ByteInput, LineSplitter
from destination.delivery.record import MAX_RECORD_BYTES, Piece, Record

BLOCK = 512


class Source(Protocol):
    """Where events come from: a file that a thread reads, a queue, a topic."""

    async def next(self) -> list[Record] | None:
        """The next records; None when there are no more, or after `close`.

        Raises:
            InputError: The source cannot be read any further.
        """
        ...

    def close(self) -> None:
        """Ends the source; a waiting `next` returns None. May be called several times."""
        ...


class Share(NamedTuple):
    """A share of the records of an input: one of `of` blocks in turn.

    Attributes:
        number: Which of the shares, from 0.
        of: How many shares there are.

    Example:
        >>> [Share(1, 2).takes(ordinal) for ordinal in (1, 512, 513, 1024, 1025)]
        [False, False, True, True, False]
    """

    number: int
    of: int

    def takes(self, ordinal: int) -> bool:
        """Whether a record, by its number from 1, belongs to this share."""
        return (ordinal - 1) // BLOCK % self.of == self.number


class EventSource:
    r"""The records of an input.

    NDJSON and JSON arrays are distinguished by their first character; memory is bound by the longest record.

    Args:
        data: The bytes.
        max_record_bytes: A longer line or item becomes a record with an error.
        share: Only the records of this share are given; the others are not even parsed.

    Example:
        >>> import io
        >>> source = EventSource(ByteInput(io.BytesIO(b'{"type": "track"}\noops\n')))
        >>> [(record.label, record.event) for record in source]
        [('line 1', {'type': 'track'}), ('line 2', None)]
    """

    def __init__(self, data: ByteInput, max_record_bytes: int = MAX_RECORD_BYTES, share: Share | None = None) -> None:
        self.input = data
        self._limit = max_record_bytes
        self._share = share
        self._count = 0

    def batches(self) -> Iterator[list[Record]]:
        """The records, in lists as they come in, so that a slow input delays none of them.

        Raises:
            InputError: The input cannot be read any further.
        """
        splitter: LineSplitter | ArraySplitter | None = None
        lines, items = 1, 1
        self._count = 0
        for chunk in self.input.chunks():
            pending = chunk
            while pending:
                if splitter is None:
                    text = pending.lstrip(b" \t\r\n")
                    if not text:
                        lines += pending.count(b"\n")
                        break
                    if text.startswith(b"["):
                        lines += pending.count(b"\n", 0, len(pending) - len(text))
                        splitter, pending = ArraySplitter(self._limit, items), text[1:]
                        continue
                    splitter = LineSplitter(self._limit, lines)
                pieces = splitter.feed(pending)
                for first in range(0, len(pieces), BLOCK):  # many short lines are no reason to hold all of them
                    if records := self._records(splitter.unit, pieces[first : first + BLOCK]):
                        yield records
                if isinstance(splitter, LineSplitter):
                    break
                rest = splitter.rest
                lines += pending.count(b"\n", 0, len(pending) - len(rest))
                if splitter.closed:
                    items, splitter = splitter.next_position, None
                pending = rest
        if isinstance(splitter, ArraySplitter):
            raise InputError(
                f"{self.input.name}: the JSON array is not closed after item {splitter.next_position - 1}; "
                "the file was cut off, or an item's brackets do not pair up"
            )
        if splitter is not None:
            records = self._records(splitter.unit, splitter.finish())
            if records:
                yield records

    def _records(self, unit: str, pieces: list[Piece]) -> list[Record]:
        first = self._count + 1
        self._count += len(pieces)
        numbered = enumerate(pieces, first)
        if self._share is not None:
            takes = self._share.takes
            return [Record(unit, piece, self._limit, ordinal) for ordinal, piece in numbered if takes(ordinal)]
        return [Record(unit, piece, self._limit, ordinal) for ordinal, piece in numbered]

    def __iter__(self) -> Iterator[Record]:
        for batch in self.batches():
            yield from batch


class Intake:
    """Records for an event loop that must not wait for a file or a pipe.

    The thread is a daemon: one that waits for standard input does not keep the process alive.
    """

    def __init__(self, batches: Iterator[list[Record]]) -> None:
        self._batches = batches
        self._asked: queue.SimpleQueue[asyncio.Future[list[Record] | None] | None] = queue.SimpleQueue()
        self._waiting: asyncio.Future[list[Record] | None] | None = None
        self._closed = False
        threading.Thread(target=self._read, daemon=True, name="event intake").start()

    async def next(self) -> list[Record] | None:
        """The next records, or None at the end of the input or after `close`.

        Raises:
            InputError: The input cannot be read any further.
        """
        if self._closed:
            return None
        self._waiting = asyncio.get_running_loop().create_future()
        self._asked.put(self._waiting)
        return await self._waiting

    def close(self) -> None:
        """Ends the source; a waiting `next` returns None."""
        self._closed = True
        self._asked.put(None)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _read(self) -> None:
        while (asked := self._asked.get()) is not None:
            batch, error = None, None
            try:
                batch = next(self._batches, None)
            except Exception as raised:  # noqa: BLE001  it is raised where the records are awaited
                error = raised
            try:
                asked.get_loop().call_soon_threadsafe(_answer, asked, batch, error)
            except RuntimeError:  # the loop has ended meanwhile
                return


def _answer(asked: asyncio.Future[list[Record] | None], batch: list[Record] | None, error: Exception | None) -> None:
    if asked.done():
        return
    if error is not None:
        asked.set_exception(error)
    else:
        asked.set_result(batch)
