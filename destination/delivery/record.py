"""One line or item of an input: an event, an event in the envelope of a file of failed events, or why there is none.

The envelope is around the event, so that the event itself stays as it came:

```json
{"deadLetter": 1, "source": "events.ndjson", "at": "line 7", "failures": [{"subscription": "Track Calls",
 "index": 0, "error": "503 Service Unavailable", "type": "HTTPError", "status": 503, "retryable": true,
 "attempts": 5}], "event": {"type": "track"}}
```

A file of failed events is an input like others. An event from it goes to the subscriptions that failed only; a failure
whose `subscription` is null concerns the whole event. What was not an event has its text in `raw` instead of `event`:
mend it there, and it is read as an event.
"""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from destination.delivery.errors import InputError, UnreadableRecordError, without_traces
from destination.errors import DestinationError
from destination.event import Event, as_event
from destination.values import MISSING, read_json, real_type_of, write_json

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""A longer line or item is an error of its own; an event of this size could not be sent anyway."""

MARKER = "deadLetter"
VERSION = 1


class Piece(NamedTuple):
    """One line or item.

    Attributes:
        position: Its number, from 1.
        raw: Its bytes; the first 200 of one that is too long.
        complete: False for one that is longer than the limit.
    """

    position: int
    raw: bytes
    complete: bool


@dataclass(frozen=True, slots=True)
class FailedSubscription:
    """A subscription that an earlier run left undelivered.

    Attributes:
        name: The subscription's name.
        index: Its index among the enabled subscriptions of that run, which distinguishes those of one name.

    Example:
        >>> FailedSubscription("Track Calls", 2).name
        'Track Calls'
    """

    name: str
    index: int | None = None


class Record:
    """One line or item of an input.

    Attributes:
        label: Its name in messages, such as `line 7` or `item 3`; counted from 1.
        raw: Its bytes as they came, without the line's end.
        event: The event, or None where it holds none.
        error: Why it holds none.
        retry_only: In a file of failed events, the subscriptions that are left. None: all of them.
        complete: False where it was too long, and `raw` is only its beginning.
        ordinal: Its number among all records of the input, from 1.

    Example:
        >>> record = Record("line", Piece(7, b'{"type": "track"}', True))
        >>> record, record.event
        (<Record line 7: an event>, {'type': 'track'})
        >>> Record("line", Piece(8, b"oops", True)).event is None
        True
    """

    __slots__ = ("_enveloped", "complete", "error", "event", "ordinal", "position", "raw", "retry_only", "unit")

    def __init__(self, unit: str, piece: Piece, max_bytes: int = MAX_RECORD_BYTES, ordinal: int = 0) -> None:
        self.unit = unit
        self.ordinal = ordinal
        self.position, self.raw, self.complete = piece
        self.event: Event | None = None
        self.error: DestinationError | None = None
        self.retry_only: tuple[FailedSubscription, ...] | None = None
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
        event, raw, self.retry_only = open_envelope(envelope)
        if event is MISSING:
            if raw is None:
                raise UnreadableRecordError("a dead letter that does not hold its event: take it from the first input")
            self.raw = raw
            return as_event(_parse(raw))
        self._enveloped = True
        return as_event(event)

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"{self.unit} {self.position}"

    @property
    def event_bytes(self) -> bytes:
        """The event as JSON: as it came, or written anew where it came in an envelope."""
        return write_json(self.event) if self._enveloped else self.raw

    def __repr__(self) -> str:
        return f"<Record {self.label}: {self.error or 'an event'}>"


_POSITION = re.compile(r": line 1 column (\d+) \(char \d+\)$")


def _parse(raw: bytes) -> object:
    if not raw:
        raise UnreadableRecordError("not JSON: it is empty")
    try:
        return read_json(raw)
    except ValueError as error:
        hint = ""
        if raw.strip() in (b"{", b"["):
            hint = " (an event must stand on one line, or in a JSON array)"
        raise UnreadableRecordError(f"not JSON: {_POSITION.sub(_column, str(error))}{hint}") from None


def _column(match: re.Match[str]) -> str:
    return f" at column {match[1]}"


# --- the envelope ---------------------------------------------------------------------------------------


def is_envelope(value: dict[str, Any]) -> bool:
    """Whether an object is a line of a file of failed events; every Segment event has a `type`, no envelope has."""
    return MARKER in value and "type" not in value


def open_envelope(value: dict[str, Any]) -> tuple[Any, bytes | None, tuple[FailedSubscription, ...] | None]:
    """Returns the event or MISSING, the raw text or None, and the subscriptions to retry (None: all of them).

    Raises:
        InputError: It is not as this module writes it.
    """
    failures = value.get("failures")
    if value[MARKER] != VERSION or not isinstance(failures, list):
        raise InputError(f"a dead letter of an unknown form: expected {MARKER} = {VERSION} and a list of failures")
    raw = value.get("raw")
    if "event" not in value:
        return MISSING, raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else None, None
    failed = []
    for failure in failures:
        name = failure.get("subscription") if isinstance(failure, dict) else MISSING
        if name is None:
            return value["event"], None, None
        if not isinstance(name, str):
            raise InputError(f"a dead letter whose failure names its subscription by: {real_type_of(name)}")
        index = failure.get("index")
        failed.append(FailedSubscription(name, index if isinstance(index, int) else None))
    return value["event"], None, tuple(failed)
