"""Keeps the last events of a forwarder with what became of them, so that each poll reads only what is new."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from destination.studio.live.client import AdminClient
from destination.studio.live.grouping import Settled

_LIMIT: Final = 2_000
_PAGE: Final = 500


class LiveTail:
    """The last events of a forwarder, the oldest first.

    Attributes:
        run: Names the run of the forwarder: after a start, its versions begin at 1 again.
        version: The highest version that was read.

    Example:
        >>> tail = LiveTail()
        >>> tail.take("run 1", [{"version": 1, "messageId": "m1", "outcomes": []}])
        >>> tail.after(0), tail.version
        ([{'version': 1, 'messageId': 'm1', 'outcomes': []}], 1)
        >>> tail.take("run 2", [])
        >>> tail.after(0), tail.version
        ([], 0)
    """

    def __init__(self) -> None:
        self.run = ""
        self.version = 0
        self._events: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def read(self, client: AdminClient) -> None:
        """Reads what is new.

        Raises:
            StudioProblem: The forwarder does not answer, or refuses.
        """
        async with self._lock:
            while True:
                after = self.version
                answer = await client.get("/-/events", after=after, limit=_PAGE)
                run, events = str(answer.get("run", "")), answer.get("events")
                events = events if isinstance(events, list) else []
                is_other = run != self.run
                if is_other and after:
                    self.take(run, [])  # it counts from 1 again, and what it has below `after` is still to be read
                    continue
                self.take(run, events)
                if len(events) < _PAGE:
                    return

    def take(self, run: str, events: list[Mapping[str, Any]]) -> None:
        """Takes events that are new or have a new outcome; those of another run replace all."""
        if run != self.run:
            self.run, self.version = run, 0
            self._events.clear()
        for event in events:
            name = str(event.get("messageId"))
            self._events[name] = event
            self.version = max(self.version, int(event.get("version", 0)))
        while len(self._events) > _LIMIT:
            self._events.popitem(last=False)

    def after(self, version: int) -> list[Mapping[str, Any]]:
        """Returns the events that are new or have a new outcome since a version, the oldest change first.

        A version that this run does not have yet is of another run: then it returns all.
        """
        since = version if version <= self.version else 0
        changed = [event for event in self._events.values() if event["version"] > since]
        return sorted(changed, key=lambda event: event["version"])

    def settled(self) -> Iterator[Settled]:
        """Yields what became of each event, in the order of the events."""
        for name, event in self._events.items():
            for outcome in event.get("outcomes") or ():
                yield Settled(
                    name,
                    str(outcome.get("destination")),
                    outcome.get("subscription"),
                    str(outcome.get("outcome")),
                    str(outcome.get("at", "")),
                    outcome.get("reason"),
                    event.get("event"),
                )
