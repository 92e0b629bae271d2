"""What of an event is to be sent."""

from collections.abc import Iterable
from typing import Any

from destination.delivery.dead_letters import Failure
from destination.delivery.envelope import Owed
from destination.delivery.flights import Flight, Job
from destination.errors import DefinitionError
from destination.event import Event
from destination.runtime import Instance
from destination.runtime.compiled import CompiledSubscription


def jobs_of(flight: Flight, event: Event, instance: Instance[Any]) -> list[Job]:
    """A job for each subscription that takes the event; the outcomes and failures of the others go to the flight."""
    done = flight.settled.subscriptions if flight.settled is not None else ()
    jobs = []
    for index, item in _asked(flight, event, instance):
        if index in done:
            flight.skipped += 1
            continue
        refused = item.refuse(event)
        if refused is None:
            jobs.append(Job(flight, event, index, item))
            continue
        flight.outcomes.append((index, refused))
        if refused.error is not None:
            flight.failures.append(Failure(refused.error, item.name, index))
    return jobs


def _asked(flight: Flight, event: Event, instance: Instance[Any]) -> Iterable[tuple[int, CompiledSubscription]]:
    owed = flight.record.owed
    if owed is None:
        return instance.candidates(event)
    found: dict[int, CompiledSubscription] = {}
    for item in owed:
        index = find_owed(item, instance.subscriptions)
        if index is None:
            error = DefinitionError(f"there is no enabled subscription {item.name!r} (any more) to send it through")
            flight.failures.append(Failure(error, item.name, item.index))
        else:
            found[index] = instance.subscriptions[index]
    return found.items()


def find_owed(owed: Owed, subscriptions: tuple[CompiledSubscription, ...]) -> int | None:
    """The index of the subscription that is meant: the one of that name, or of several the one at that place."""
    named = [index for index, item in enumerate(subscriptions) if item.name == owed.name]
    if len(named) == 1:
        return named[0]
    return owed.index if owed.index in named else None
