"""Reads events from NDJSON, a JSON array or a file of failed events; in constant memory."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from destination.delivery.byte_input import ByteInput
from destination.delivery.dead_letters import Owed, is_envelope, open_envelope
from destination.delivery.errors import InputError, UnreadableRecordError
from destination.delivery.splitters import MAX_RECORD_BYTES, ArraySplitter, LineSplitter, Piece
from destination.errors import DestinationError
from destination.event import Event, as_event
from destination.values import MISSING, read_json, write_json

BLOCK = 512


class Share(NamedTuple):
    """Every so many-th block of the records of an input.

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


class Record:
    """One line or item of an input.

    Attributes:
        place: Where it stands, such as `line 7` or `item 3`; counted from 1.
        raw: Its bytes as they came, without the line's end.
        event: The event, or None where it holds none.
        error: Why it holds none.
        owed: In a file of failed events: the subscriptions to ask. None: all of them.
        complete: False where it was too long, and `raw` is only its beginning.
        ordinal: Its number among all records of the input, from 1.
    """

    __slots__ = ("_enveloped", "complete", "error", "event", "ordinal", "owed", "position", "raw", "unit")

    def __init__(self, unit: str, piece: Piece, max_bytes: int = MAX_RECORD_BYTES, ordinal: int = 0) -> None:
        self.unit = unit
        self.ordinal = ordinal
        self.position, self.raw, self.complete = piece
        self.event: Event | None = None
        self.error: DestinationError | None = None
        self.owed: tuple[Owed, ...] | None = None
        self._enveloped = False
        if not self.complete:
            self.error = UnreadableRecordError(f"longer than {max_bytes:,} bytes: too long for an event")
            return
        try:
            self.event = as_event(_parse(self.raw))
            if is_envelope(self.event):
                self.event = self._unwrap(self.event)
        except DestinationError as error:
            self.event, self.error = None, error

    def _unwrap(self, envelope: Event) -> Event:
        event, raw, self.owed = open_envelope(envelope)
        if event is MISSING:
            if raw is None:
                raise UnreadableRecordError("a dead letter that does not hold its event: take it from the first input")
            self.raw = raw
            return as_event(_parse(raw))
        self._enveloped = True
        return as_event(event)

    @property
    def place(self) -> str:
        """Where it stands in its input."""
        return f"{self.unit} {self.position}"

    @property
    def event_bytes(self) -> bytes:
        """The event as JSON: as it came, or written anew where it came in an envelope."""
        return write_json(self.event) if self._enveloped else self.raw

    def __repr__(self) -> str:
        return f"<Record {self.place}: {self.error or 'an event'}>"


_PLACE = re.compile(r": line 1 column (\d+) \(char \d+\)$")


def _parse(raw: bytes) -> object:
    if not raw:
        raise UnreadableRecordError("not JSON: it is empty")
    try:
        return read_json(raw)
    except ValueError as error:
        hint = ""
        if raw.strip() in (b"{", b"["):
            hint = " (an event must stand on one line, or in a JSON array)"
        raise UnreadableRecordError(f"not JSON: {_PLACE.sub(_column, str(error))}{hint}") from None


def _column(match: re.Match[str]) -> str:
    return f" at column {match[1]}"


class EventSource:
    r"""The records of an input.

    NDJSON and JSON arrays are told apart by their first character; memory is bound by the longest record.

    Args:
        data: The bytes.
        max_record_bytes: A longer line or item becomes a record with an error.
        share: Only the records of this share are given; the others are not even parsed.

    Example:
        >>> import io
        >>> source = EventSource(ByteInput(io.BytesIO(b'{"type": "track"}\noops\n')))
        >>> [(record.place, record.event) for record in source]
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
                if pieces and (records := self._records(splitter.unit, pieces)):
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
