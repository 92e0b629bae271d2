"""Events of one key go out one after the other; keys side by side."""

from collections import deque
from typing import Any

from destination.delivery.flights import Flight
from destination.values import MISSING, get_property, write_json


class Ordering:
    """The events that wait for an earlier one of their key.

    Args:
        path: Where an event has its key, such as `userId` or `context.groupId`; None for no order at all. Events
            without it wait for nothing.

    Example:
        >>> Ordering("context.groupId").key_of({"type": "track", "context": {"groupId": 7}})
        '7'
        >>> Ordering("userId").key_of({"type": "track", "userId": None}) is None
        True
    """

    def __init__(self, path: str | None) -> None:
        self._path = path.removeprefix("$.").split(".") if path else None
        self._waiting: dict[str, deque[Flight]] = {}

    def key_of(self, event: Any) -> str | None:
        """What an event is ordered by, or None."""
        if self._path is None:
            return None
        value = event
        for name in self._path:
            value = get_property(value, name) if isinstance(value, (dict, list)) else MISSING
        if value is MISSING or value is None:
            return None
        # The JSON text, so that the user 7 is not the user "7".
        return write_json(value).decode("utf-8")

    def may_go(self, flight: Flight) -> bool:
        """Whether an event may go out now; else it is given by `landed` when it is its turn."""
        key = flight.key
        if key is None:
            return True
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = deque()
            return True
        waiting.append(flight)
        return False

    def landed(self, flight: Flight) -> Flight | None:
        """The event whose turn it is when another is done."""
        if flight.key is None:
            return None
        waiting = self._waiting[flight.key]
        if waiting:
            return waiting.popleft()
        del self._waiting[flight.key]
        return None
