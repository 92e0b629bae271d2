"""Which subscriptions take an event: an index by the event's type and name, so that most are never asked."""

from collections.abc import Sequence
from typing import Any, Final

from destination.event import Event
from destination.runtime.compiled import CompiledSubscription

Candidate = tuple[int, CompiledSubscription]
"""A subscription that may take an event, and its place among all."""

_OTHER: Final = object()
"""Stands for a type or a name that no trigger asks for."""


class Dispatch:
    """The subscriptions of an instance by what their triggers ask for; made once.

    A trigger that is never true for a type or a name, and never raises for it, is not asked about its events.

    Attributes:
        outcomes: For an event that nothing takes: the outcome of every subscription.
    """

    __slots__ = ("_all", "_by_type", "_other", "outcomes")

    def __init__(self, items: Sequence[CompiledSubscription]) -> None:
        self.outcomes = tuple(item.unmatched for item in items)
        self._all: tuple[Candidate, ...] = tuple(enumerate(items))
        bounds = [item.trigger for item in items if item.trigger is not None]
        types: set[Any] = {_OTHER}.union(*(trigger.event_types or () for trigger in bounds))
        names: set[Any] = {_OTHER}.union(*(trigger.event_names or () for trigger in bounds))
        self._by_type = {
            event_type: _by_name({name: self._taking(event_type, name) for name in names}) for event_type in types
        }
        self._other = self._by_type[_OTHER]

    def candidates(self, event: Event) -> tuple[Candidate, ...]:
        """The subscriptions to ask about an event, in their order."""
        if event.__class__ is not dict:
            return self._all
        try:
            by_name, others = self._by_type.get(event.get("type"), self._other)
            return by_name.get(event.get("event"), others)
        except TypeError:  # what cannot be hashed equals no text
            texts = {key: event[key] for key in ("type", "event") if isinstance(event.get(key), str)}
            return self.candidates(texts)

    def _taking(self, event_type: Any, name: Any) -> tuple[Candidate, ...]:
        return tuple(one for one in self._all if _may_take(one[1], event_type, name))


def _by_name(found: dict[Any, tuple[Candidate, ...]]) -> tuple[dict[Any, tuple[Candidate, ...]], tuple[Candidate, ...]]:
    return found, found[_OTHER]


def _may_take(item: CompiledSubscription, event_type: Any, name: Any) -> bool:
    trigger = item.trigger
    if trigger is None:
        return False
    types, names = trigger.event_types, trigger.event_names
    return (types is None or event_type in types) and (names is None or name in names)
