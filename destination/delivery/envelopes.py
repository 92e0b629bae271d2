"""Objects that hold a list of events: what Segment's SDKs post, and dumps of other tools.

```json
{"batch": [{"type": "track", "event": "Order Completed"}], "context": {"ip": "192.0.2.1"}, "sentAt": "…"}
```

The envelope's `context`, `integrations` and `sentAt` are merged into each event, whose own keys win. Nothing else of an
event is changed.
"""

import re
from typing import Final, NamedTuple

from destination.delivery.errors import UnreadableRecordError
from destination.event import Event
from destination.values import read_json

LIST_KEYS: Final = ("batch", "items", "data", "events")
"""The keys under which an object without a `type` may have a list of events."""

_MERGED: Final = ("context", "integrations")
_SENT_AT: Final = "sentAt"
_QUOTED: Final = tuple(f'"{key}"'.encode() for key in LIST_KEYS)
_KEY: Final = re.compile(rb'\s*("(?:[^"\\]++|\\.)*+")\s*:\s*', re.DOTALL)


def list_key(value: Event) -> str | None:
    """Returns the key of the list of events in an object without a `type`; None where it has none.

    Raises:
        UnreadableRecordError: It has two lists, so that it is not clear which of them holds the events.

    Example:
        >>> list_key({"batch": [], "sentAt": "2026-03-01T12:00:00.000Z"}), list_key({"data": {}})
        ('batch', None)
    """
    found = [key for key in LIST_KEYS if isinstance(value.get(key), list)]
    if len(found) > 1:
        raise UnreadableRecordError(f"not an event: it has no type, and lists under {' and '.join(found)}: keep one")
    return found[0] if found else None


def may_hold_list(raw: bytes) -> bool:
    """Whether bytes may be an object with a list of events; a quick look, for lines that are not parsed."""
    return any(key in raw for key in _QUOTED)


class Envelope(NamedTuple):
    """What an object with a list of events says about each of them, as JSON; None where it says nothing.

    Example:
        >>> Envelope(context=b'{"ip": "192.0.2.1", "locale": "de"}').merged_into({"context": {"locale": "en"}})
        {'context': {'ip': '192.0.2.1', 'locale': 'en'}}
    """

    context: bytes | None = None
    integrations: bytes | None = None
    sent_at: bytes | None = None

    def merged_into(self, event: Event) -> Event:
        """Returns an event with what the envelope says; the event's own keys win.

        `context` and `integrations` are merged key by key. Each event gets its own copy.
        """
        merged = dict(event)
        for key, raw in zip(_MERGED, (self.context, self.integrations), strict=True):
            shared = None if raw is None else read_json(raw)
            if not isinstance(shared, dict):
                continue
            own = event.get(key, {})
            if isinstance(own, dict):
                merged[key] = {**shared, **own}
        if self.sent_at is not None and _SENT_AT not in event:
            merged[_SENT_AT] = read_json(self.sent_at)
        return merged


class Members:
    """The members of an object that matter, found one by one.

    Attributes:
        has_type: Whether it has a `type`: then it is an event.
        lists: The values of the keys of lists, as JSON; as a number the value's member begins at that offset.
        twice: A key of lists that is there twice with a list; None where none is.
    """

    def __init__(self) -> None:
        self.has_type = False
        self.lists: dict[str, bytes | int] = {}
        self.twice: str | None = None
        self._raw: dict[str, bytes] = {}

    def add(self, raw: bytes, offset: int | None = None) -> None:
        """Takes a member.

        Args:
            raw: Its key and value; the beginning of one that is too long.
            offset: Where one that is too long begins; None for one that is whole.
        """
        found = _KEY.match(raw)
        if found is None:
            return
        try:
            key = read_json(found[1])
        except ValueError:
            return
        value = raw[found.end() :]
        if key == "type":
            self.has_type = True
        elif key in LIST_KEYS:
            if self.lists.pop(key, None) is not None:  # JSON takes the last one, and loses the events of the first
                self.twice = key
            if value.startswith(b"["):
                self.lists[key] = value if offset is None else offset
        elif offset is None and key in (*_MERGED, _SENT_AT):
            self._raw[key] = value

    @property
    def envelope(self) -> Envelope:
        """What they say about each event of the list."""
        return Envelope(*(self._raw.get(key) for key in (*_MERGED, _SENT_AT)))


def start_of_list(raw: bytes) -> int | None:
    """Returns the index after the opening bracket of a member that is a list; None where more bytes are needed.

    Example:
        >>> start_of_list(b'"batch": [{'), start_of_list(b'"bat')
        (10, None)
    """
    found = _KEY.match(raw)
    return found.end() + 1 if found is not None and raw[found.end() : found.end() + 1] == b"[" else None
