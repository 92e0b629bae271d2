"""One line or item of an input: an event, a dead letter, a list of events, or the reason why it is none of these.

A dead letter is a line of a file of failed events. It holds the event as it came:

```json
{"deadLetter": 1, "source": "events.ndjson", "at": "line 7", "failures": [{"subscription": "Track Calls",
 "index": 0, "error": "503 Service Unavailable", "type": "HTTPError", "status": 503, "retryable": true,
 "attempts": 5}], "event": {"type": "track"}}
```

A file of failed events can be run like any other file. Its events are sent to the subscriptions that failed, and to no
other. A failure whose `subscription` is null concerns the whole event. A line that was not an event has its text under
`raw`: correct it there, and it is read as an event.
"""

import re
from typing import Any, NamedTuple

from destination.delivery.envelopes import LIST_KEYS, Envelope, list_key
from destination.delivery.errors import InputError, UnreadableRecordError, without_traces
from destination.errors import DestinationError
from destination.event import Event, as_event
from destination.records import dataclass
from destination.values import MISSING, read_json, real_type_of, write_json

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""Maximum size of a line or item; a longer one is reported, and the next one is read."""

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
        ordinal: Its number among all events of the input, from 1.
        list_key: Where it holds a list of events, the key of the list; else None.

    Example:
        >>> record = Record("line", Piece(7, b'{"type": "track"}', True))
        >>> record, record.event
        (<Record line 7: an event>, {'type': 'track'})
        >>> Record("line", Piece(8, b"oops", True)).event is None
        True
    """

    __slots__ = (
        "_is_changed",
        "complete",
        "error",
        "event",
        "list_key",
        "ordinal",
        "position",
        "raw",
        "retry_only",
        "unit",
    )

    def __init__(
        self,
        unit: str,
        piece: Piece,
        max_bytes: int = MAX_RECORD_BYTES,
        ordinal: int = 0,
        envelopes: tuple[Envelope, ...] = (),
    ) -> None:
        self.unit = unit
        self.ordinal = ordinal
        self.position, self.raw, self.complete = piece
        self.event: Event | None = None
        self.error: DestinationError | None = None
        self.retry_only: tuple[FailedSubscription, ...] | None = None
        self.list_key: str | None = None
        self._is_changed = False
        if not self.complete:
            self.error = UnreadableRecordError(f"longer than {max_bytes:,} bytes: too long for an event")
            return
        try:
            value = _parse(self.raw)
            self.event = value if value.__class__ is dict and "type" in value else self._without_type(as_event(value))
            if envelopes:
                for envelope in envelopes:
                    self.event = envelope.merged_into(self.event)
                self._is_changed = True
        except DestinationError as error:
            self.event, self.error = None, without_traces(error)  # which would hold this record

    def _without_type(self, found: Event) -> Event:
        if MARKER in found:
            return self._open_dead_letter(found)
        key = list_key(found)
        if key is not None and f'"{key}"'.encode() in self.raw:  # else written with escapes, which no program does
            self.list_key = key
            raise UnreadableRecordError(f"a list of events (under {key}), where one event is expected")
        raise _typeless()

    def _open_dead_letter(self, dead_letter: Event) -> Event:
        event, raw, self.retry_only = open_dead_letter(dead_letter)
        if event is MISSING:
            if raw is None:
                raise UnreadableRecordError("a dead letter without its event: take the event from the first input")
            self.raw = raw
            event = as_event(_parse(raw))
            if "type" not in event:
                raise _typeless()
            return event
        self._is_changed = True
        return as_event(event)

    def refuse_list(self, reason: str) -> None:
        """Makes a list of events that cannot be read an error.

        Args:
            reason: Why it cannot be read.
        """
        self.list_key, self.error = None, UnreadableRecordError(reason)

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"{self.unit} {self.position}"

    @property
    def event_bytes(self) -> bytes:
        """The event as JSON: as it came, or written anew where it came in a dead letter or an envelope."""
        return write_json(self.event) if self._is_changed else self.raw

    def __repr__(self) -> str:
        return f"<Record {self.label}: {self.error or 'an event'}>"


def _typeless() -> UnreadableRecordError:
    keys = f"{', '.join(LIST_KEYS[:-1])} or {LIST_KEYS[-1]}"
    return UnreadableRecordError(f"not an event: it has no type, and no list of events under {keys}")


_POSITION = re.compile(r": line 1 column (\d+) \(char \d+\)$")


def _parse(raw: bytes) -> Any:
    if not raw:
        raise UnreadableRecordError("not JSON: it is empty")
    try:
        return read_json(raw)
    except ValueError as error:
        hint = ""
        if raw.strip() in (b"{", b"["):
            hint = " (write an event on one line, or close its brackets)"
        raise UnreadableRecordError(f"not JSON: {_POSITION.sub(_column, str(error))}{hint}") from None


def _column(match: re.Match[str]) -> str:
    return f" at column {match[1]}"


# --- dead letters ---------------------------------------------------------------------------------------


def open_dead_letter(value: dict[str, Any]) -> tuple[Any, bytes | None, tuple[FailedSubscription, ...] | None]:
    """Returns the event or MISSING, the raw text or None, and the subscriptions to retry (None: all of them).

    Args:
        value: An object with a `deadLetter` and without a `type`.

    Raises:
        InputError: Its form is not the one that this version writes.
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
