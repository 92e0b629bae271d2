"""Reads events from NDJSON, a JSON array, an object with a list of events, or a file of failed events.

Memory does not grow with the input, and a thread of its own reads it.
"""

import queue
import re
import threading
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from destination.delivery.envelopes import LIST_KEYS, Envelope, Members, may_hold_list, start_of_list
from destination.delivery.errors import InputError
from destination.delivery.reading import CHUNK_BYTES, ByteInput
from destination.delivery.record import MAX_RECORD_BYTES, Piece, Record
from destination.delivery.splitters import ArraySplitter, LineSplitter, MemberSplitter
from destination.late import asyncio

BLOCK = 512
_KEPT_OF_TOO_LONG = 200
_GOING_ON = (b"{", b"[", b",", b":")
_LIST = re.compile(rb'"(?:' + "|".join(LIST_KEYS).encode() + rb')"\s*:\s*\[')


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
    r"""Reads the records of an input, one after the other.

    An input is NDJSON, a JSON array, or one JSON object that holds a list of events. Its first characters say which.
    Memory holds one record and what is read ahead.

    Args:
        data: The bytes.
        max_record_bytes: A longer line or item becomes a record with an error. A longer object with a list of events
            is read twice, event by event.
        share: Only the records of this share are returned; the others are not even parsed.

    Attributes:
        input: The bytes.
        most: The maximum number of records that are parsed at once.

    Example:
        >>> import io
        >>> source = EventSource(ByteInput(io.BytesIO(b'{"type": "track"}\noops\n')))
        >>> [(record.label, record.event) for record in source]
        [('line 1', {'type': 'track'}), ('line 2', None)]
        >>> source = EventSource(ByteInput(io.BytesIO(b'{"batch": [{"type": "page"}], "sentAt": "now"}')))
        >>> [(record.label, record.event) for record in source]
        [('line 1, event 1', {'type': 'page', 'sentAt': 'now'})]
    """

    def __init__(self, data: ByteInput, max_record_bytes: int = MAX_RECORD_BYTES, share: Share | None = None) -> None:
        self.input = data
        self._limit = max_record_bytes
        self._share = share
        self.most = BLOCK
        self._count = self._lines = 0
        self._next_item = self._next_event = 1

    def batches(self) -> Iterator[list[Record]]:
        """Returns the records, in lists as they come in, so that a slow input delays none of them.

        Raises:
            InputError: The input cannot be read any further.
        """
        self._count = self._lines = 0
        self._next_item = self._next_event = 1
        chunks = _Chunks(self.input.chunks())
        while chunk := next(chunks, b""):
            text = chunk.lstrip(b" \t\r\n")
            self._lines += chunk.count(b"\n", 0, len(chunk) - len(text))
            if text.startswith(b"["):
                chunks.push(text[1:])
                yield from self._array(chunks)
            elif text:
                chunks.push(text)
                yield from self._objects_or_lines(chunks)

    def _lines_of(self, chunks: "_Chunks") -> Iterator[list[Record]]:
        splitter = LineSplitter(self._limit, self._lines + 1)
        for chunk in chunks:
            if pieces := splitter.feed(chunk):
                yield from self._records("line", pieces)
        yield from self._records("line", splitter.finish())

    def _array(self, chunks: "_Chunks") -> Iterator[list[Record]]:
        splitter = ArraySplitter(self._limit, self._next_item)
        for chunk in chunks:
            yield from self._records("item", splitter.feed(chunk))
            self._lines += chunk.count(b"\n", 0, len(chunk) - len(splitter.rest))
            if splitter.closed:
                self._next_item = splitter.next_position
                chunks.push(splitter.rest)
                return
        raise InputError(
            f"{self.input.name}: the JSON array is not closed after item {splitter.next_position - 1}; "
            "the file was cut off, or an item's brackets do not pair up"
        )

    # --- objects that are written on several lines, or are too long for one -----------------------------------

    def _objects_or_lines(self, chunks: "_Chunks") -> Iterator[list[Record]]:
        head = chunks.first_line(self._limit)
        if not _may_be_object(head, self._limit):
            yield from self._lines_of(chunks)
            return
        start = chunks.offset
        members, splitter, whole, lines = Members(), MemberSplitter(self._limit), bytearray(), 0
        for chunk in chunks:
            is_first = chunks.offset - len(chunk) == start
            for piece in splitter.feed(chunk[1:] if is_first else chunk):
                members.add(piece.raw, splitter.offsets.get(piece.position))
            read = chunk[: len(chunk) - len(splitter.rest)]
            lines += read.count(b"\n")
            if len(whole) <= self._limit:
                whole += read
            if splitter.closed:
                chunks.push(splitter.rest)
                yield from self._object(bytes(whole), members, start)
                self._lines += lines
                return
        if len(whole) > self._limit:
            raise InputError(
                f"{self.input.name}: the JSON object that begins in line {self._lines + 1} is not closed; "
                "the file was cut off, or its brackets do not pair up"
            )
        chunks.push(bytes(whole))
        yield from self._lines_of(chunks)

    def _object(self, raw: bytes, members: Members, offset: int) -> Iterator[list[Record]]:
        is_whole = len(raw) <= self._limit
        if is_whole or members.has_type or members.twice or len(members.lists) != 1:
            piece = Piece(self._lines + 1, raw if is_whole else raw[:_KEPT_OF_TOO_LONG], is_whole)
            yield from self._records("line", [piece], unit_of_events="event")
            return
        (found,) = members.lists.values()
        if isinstance(found, bytes):
            yield from self._list_of(iter([found[1:]]), "event", (members.envelope,))
            return
        with self.input.again() as data:
            # One byte for the object's brace, which the offset does not count.
            items = _items_of_list(data.chunks(), offset + 1 + found)
            yield from self._list_of(self._following(data, items), "event", (members.envelope,))

    def _following(self, data: ByteInput, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Has the progress show how far the second reading is."""
        for chunk in chunks:
            self.input.bytes_read = data.bytes_read
            yield chunk

    # --- records ---------------------------------------------------------------------------------------------

    def _list_of(self, chunks: Iterator[bytes], unit: str, envelopes: tuple[Envelope, ...]) -> Iterator[list[Record]]:
        splitter = ArraySplitter(self._limit, self._next_event if unit == "event" else 1)
        for chunk in chunks:
            for first in range(0, len(chunk), CHUNK_BYTES):
                yield from self._records(unit, splitter.feed(chunk[first : first + CHUNK_BYTES]), envelopes)
                if splitter.closed:
                    break
            if splitter.closed:
                break
        if unit == "event":
            self._next_event = splitter.next_position

    def _records(
        self,
        unit: str,
        pieces: list[Piece],
        envelopes: tuple[Envelope, ...] = (),
        *,
        unit_of_events: str | None = None,
    ) -> Iterator[list[Record]]:
        limit, share, most = self._limit, self._share, self.most
        for first in range(0, len(pieces), most):  # many short lines are no reason to hold all of them
            block = pieces[first : first + most]
            if share is None:
                numbered = enumerate(block, self._count + 1)
                records = [Record(unit, piece, limit, ordinal, envelopes) for ordinal, piece in numbered]
                if not any([record.list_key for record in records]):  # noqa: C419  a list is faster than a generator
                    self._count += len(records)
                    yield records
                    continue
            yield from self._records_one_by_one(unit, block, envelopes, unit_of_events)

    def _records_one_by_one(
        self, unit: str, pieces: list[Piece], envelopes: tuple[Envelope, ...], unit_of_events: str | None
    ) -> Iterator[list[Record]]:
        """Returns records where some hold lists of events, which count one by one."""
        records: list[Record] = []
        for piece in pieces:
            is_taken = self._share is None or self._share.takes(self._count + 1)
            if is_taken or may_hold_list(piece.raw):
                record = Record(unit, piece, self._limit, self._count + 1, envelopes)
                if record.list_key is not None:
                    if records:
                        yield records
                        records = []
                    yield from self._events_in(record, unit_of_events or f"{record.label}, event", envelopes)
                    continue
                if is_taken:
                    records.append(record)
            self._count += 1
        if records:
            yield records

    def _events_in(self, record: Record, unit: str, envelopes: tuple[Envelope, ...]) -> Iterator[list[Record]]:
        raw = record.raw.strip()
        members = Members()
        for piece in MemberSplitter(len(raw)).feed(raw[1:]):
            members.add(piece.raw)
        if members.twice is not None:
            if self._share is None or self._share.takes(self._count + 1):
                record.refuse_list(f"not an event: it has no type, and two lists under {members.twice}: keep one")
                yield [record]
            self._count += 1
            return
        found = members.lists[record.list_key or ""]
        assert isinstance(found, bytes)  # noqa: S101  none is longer than the record
        yield from self._list_of(iter([found[1:]]), unit, (members.envelope, *envelopes))

    def __iter__(self) -> Iterator[Record]:
        for batch in self.batches():
            yield from batch


class _Chunks:
    """Chunks that can be put back, with the number of bytes that were taken."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._pushed = b""
        self.offset = 0

    def __iter__(self) -> "_Chunks":
        return self

    def __next__(self) -> bytes:
        chunk, self._pushed = self._pushed or next(self._chunks), b""
        self.offset += len(chunk)
        return chunk

    def push(self, chunk: bytes) -> None:
        """Puts back the last bytes that were taken."""
        self._pushed = chunk + self._pushed
        self.offset -= len(chunk)

    def first_line(self, limit: int) -> bytes:
        """Returns what follows, up to the first line break or a little more than the limit; it is not taken."""
        parts, size = [], 0
        for chunk in self:
            parts.append(chunk)
            size += len(chunk)
            if b"\n" in chunk or size > limit:
                break
        head = b"".join(parts)
        self.push(head)
        return head.partition(b"\n")[0] if size <= limit or b"\n" in head[: limit + 1] else head


def _may_be_object(line: bytes, limit: int) -> bool:
    """Whether an object goes on behind its first line, or is longer than a line may be and holds a list of events."""
    if not line.startswith(b"{"):
        return False
    return line.rstrip().endswith(_GOING_ON) if len(line) <= limit else _LIST.search(line) is not None


def _items_of_list(chunks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    """Returns the bytes of a list of events from the byte after its bracket on; its member begins at an offset."""
    head = b""
    for chunk in chunks:
        if offset >= len(chunk):
            offset -= len(chunk)
            continue
        head += chunk[offset:]
        offset = 0
        start = start_of_list(head)
        if start is not None:
            yield head[start:]
            break
    yield from chunks


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


def _answer(asked: "asyncio.Future[list[Record] | None]", batch: list[Record] | None, error: Exception | None) -> None:
    if asked.done():
        return
    if error is not None:
        asked.set_exception(error)
    else:
        asked.set_result(batch)
