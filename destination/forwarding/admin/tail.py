"""Remembers the last events with what became of them, in limited memory."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from time import time
from typing import Any, Final

from destination.forwarding.accepted import Accepted
from destination.values import read_json

_LONGEST_BODY: Final = 32 * 1024
_MEMORY_BYTES: Final = 16 << 20
_MAX_OUTCOMES: Final = 200
_RUN_BYTES: Final = 8


class EventTail:
    """The last events, each with its outcomes so far.

    Args:
        limit: The maximum number of events.
        memory_bytes: The maximum size of their bodies, in bytes.
        clock: Returns seconds since 1970.

    Attributes:
        run: A text that is another one after each start, since the versions begin at 1 again.

    Example:
        >>> tail = EventTail(limit=2, clock=lambda: 1_672_531_200.5)
        >>> tail.accepted([Accepted("wk", "m-1", b'{"type": "page"}', 1_672_531_200.0)])
        >>> tail.outcome("m-1", "absmartly", "Pages", "delivered")
        >>> (shown,) = tail.after(0)
        >>> shown["messageId"], shown["event"], shown["outcomes"][0]["outcome"]
        ('m-1', {'type': 'page'}, 'delivered')
        >>> tail.after(shown["version"])
        []
    """

    def __init__(self, limit: int = 500, memory_bytes: int = _MEMORY_BYTES, clock: Callable[[], float] = time) -> None:
        self._limit = limit
        self._memory_bytes = memory_bytes
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._size = 0
        self._version = 0
        self.run = token_hex(_RUN_BYTES)

    def accepted(self, events: Sequence[Accepted]) -> None:
        """Notes events that the queue took."""
        for event in events[-self._limit :]:
            self._version += 1
            known = self._entries.pop(event.message_id, None)
            if known is not None:
                self._size -= known.size
            entry = _Entry(event, self._version)
            self._entries[event.message_id] = entry
            self._size += entry.size
        while len(self._entries) > self._limit or self._size > self._memory_bytes:
            self._size -= self._entries.popitem(last=False)[1].size

    def outcome(
        self,
        message_id: str | None,
        destination: str,
        subscription: str | None,
        outcome: str,
        reason: str | None = None,
    ) -> None:
        """Notes what became of an event, if it is still remembered."""
        entry = self._entries.get(message_id or "")
        if entry is None or len(entry.outcomes) >= _MAX_OUTCOMES:
            return
        self._version += 1
        entry.version = self._version
        found = {
            "destination": destination,
            "subscription": subscription,
            "outcome": outcome,
            "at": _time(self._clock()),
        }
        if reason is not None:
            found["reason"] = reason
        entry.outcomes.append(found)

    def after(self, version: int, limit: int = 100) -> list[dict[str, Any]]:
        """Returns the events that are new or have a new outcome since a version, the oldest change first.

        Args:
            version: The highest `version` that the caller knows; 0 for none.
            limit: The maximum number of events.
        """
        changed = sorted(
            (entry for entry in self._entries.values() if entry.version > version), key=lambda one: one.version
        )
        return [entry.to_json() for entry in changed[:limit]]


class _Entry:
    __slots__ = ("body", "message_id", "outcomes", "received_at", "size", "version")

    def __init__(self, event: Accepted, version: int) -> None:
        self.message_id = event.message_id
        self.received_at = event.received_at
        self.body: bytes | None = event.body if len(event.body) <= _LONGEST_BODY else None
        self.size = 0 if self.body is None else len(self.body)
        self.version = version
        self.outcomes: list[dict[str, Any]] = []

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "messageId": self.message_id,
            "receivedAt": _time(self.received_at),
            "event": None if self.body is None else read_json(self.body),
            "outcomes": list(self.outcomes),
        }


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
