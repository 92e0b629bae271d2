"""For those who want to see each event that an instance is asked about, such as a measurement of coverage.

Whether anybody watches is decided when an instance is made: one that nobody watches has nothing of it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from destination.definition import EventOptions
from destination.definition.inputs import NO_OPTIONS
from destination.event import Event
from destination.runtime.attempt import Attempt
from destination.runtime.batch_results import BatchResult
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.instance import Instance
from destination.runtime.results import EventResult, Plan

S = TypeVar("S")
Tell: TypeAlias = Callable[[Event], None]
"""Told of each event, before the instance works on it. It must neither change the event nor raise."""
Watch: TypeAlias = Callable[[Instance[Any]], Tell]
"""Told of each instance that is made; gives what to tell of its events."""

_watches: list[Watch] = []


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Has every instance watched that a destination makes meanwhile, for as long as it lives.

    Example:
        >>> from destination.runtime.destination import Destination
        >>> seen = []
        >>> with watching(lambda instance: seen.append):
        ...     instance = Destination(name="Demo", slug="demo", actions={}).instance({})
        >>> plan = instance.plan({"type": "track"})
        >>> seen
        [{'type': 'track'}]
    """
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.remove(watch)


def instance_class() -> type[Instance[Any]]:
    """What an instance is to be made of.

    Example:
        >>> issubclass(instance_class(), Instance)
        True
    """
    return WatchedInstance if _watches else Instance


class WatchedInstance(Instance[S]):
    """An instance that tells of each event, whichever way it comes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._tells = [watch(self) for watch in _watches]

    def _tell(self, events: Sequence[Event]) -> None:
        for tell in self._tells:
            for event in events:
                tell(event)

    def plan(self, event: Event, options: EventOptions = NO_OPTIONS) -> Plan:
        self._tell((event,))
        return super().plan(event, options)

    def candidates(self, event: Event) -> tuple[tuple[int, CompiledSubscription], ...]:
        self._tell((event,))
        return super().candidates(event)

    def begin(self, event: Event, options: EventOptions = NO_OPTIONS) -> list[Attempt]:
        self._tell((event,))
        return super().begin(event, options)

    async def on_event(self, event: Event, options: EventOptions = NO_OPTIONS) -> EventResult:
        self._tell((event,))
        return await super().on_event(event, options)

    def plan_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        self._tell(events)
        return super().plan_batch(events, options)

    async def on_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        self._tell(events)
        return await super().on_batch(events, options)
