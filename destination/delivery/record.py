"""One line or item of an input: an event, what stands in for one, or why there is none."""

import re

from destination.delivery.envelope import Owed, is_envelope, open_envelope
from destination.delivery.errors import UnreadableRecordError, without_traces
from destination.delivery.splitters import MAX_RECORD_BYTES, Piece
from destination.errors import DestinationError
from destination.event import Event, as_event
from destination.values import MISSING, read_json, write_json


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
            self.event, self.error = None, without_traces(error)  # which would hold this record

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
