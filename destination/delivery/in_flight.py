"""An event from the moment it is read until its outcome is recorded."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from destination.definition.subscription import Subscription
from destination.delivery.dead_letters import Failure
from destination.delivery.ledger import Row, Settled, storable
from destination.delivery.record import FailedSubscription, Record
from destination.errors import DefinitionError
from destination.event import Event
from destination.late import asyncio
from destination.runtime import Instance, Outcome
from destination.runtime.acknowledged import Acknowledged
from destination.runtime.compiled import CompiledSubscription
from destination.values import MISSING, write_json

_BYTES_AN_EVENT = 500
_BYTES_A_NODE = 60
_BYTES_AN_OBJECT = 200
_PARSED_TO_RAW = 4
"""Estimated memory of a small event, as a multiple of the length of its JSON."""
_COUNTED_FROM = 16_384
"""The length of JSON from which its values are counted, in bytes; for a small event this would take 1 µs."""


class InFlightEvent:
    """A record that was read and is not settled yet.

    Attributes:
        record: The record.
        pending: The number of subscriptions without an outcome.
        held: The number of pending subscriptions that wait for a decision about refused events.
        has_slot: Whether it counts against the limit of events in flight.
        is_parked: Whether all of its pending subscriptions are held.
        outcomes: The outcomes so far, each with the subscription's index.
        failures: What failed for good.
        deferred: What was not finished when the run stopped.
        skipped: The number of subscriptions that an earlier run had settled.
        pending_rows: The rows for the ledger, which are written when all outcomes are known.
        has_committed_rows: Whether rows of it were committed before all outcomes were known.
        settled: What an earlier run settled.
        key: The value that it is ordered by, or None.
        size: An estimate of the memory that it uses, in bytes.
    """

    __slots__ = (
        "deferred",
        "failures",
        "has_committed_rows",
        "has_slot",
        "held",
        "is_parked",
        "key",
        "outcomes",
        "pending",
        "pending_rows",
        "record",
        "settled",
        "size",
        "skipped",
    )

    def __init__(self, record: Record, settled: Settled | None, key: str | None) -> None:
        self.record = record
        self.settled = settled
        self.key = key
        self.size = event_size(record.raw)
        self.pending = self.held = self.skipped = 0
        self.has_slot = self.has_committed_rows = self.is_parked = False
        self.outcomes: list[tuple[int, Outcome]] = []
        self.failures: list[Failure] = []
        self.deferred: list[Failure] = []
        self.pending_rows: list[Row] = []


class Job:
    """One subscription of one event that is to be sent.

    Attributes:
        in_flight: The event in flight.
        event: The event.
        index: The subscription's index in the instance.
        item: The subscription.
        payload: Its payload if it is sent in a batch, else `MISSING`.
        tries: The number of times it was tried.
        attempts: The number of tries that count against the limit of attempts.
        recoveries: How often the partner had recovered when this job last found it unavailable; -1 if it never did.
        is_suspect: Whether it found the partner unavailable again after other events succeeded.
        acknowledged: The acknowledged requests of a perform that makes several, over all attempts, or None.
        met: The outcome of the last attempt, if another one follows.
        done: Whether it has its outcome.
    """

    __slots__ = (
        "acknowledged",
        "attempts",
        "done",
        "event",
        "in_flight",
        "index",
        "is_suspect",
        "item",
        "met",
        "payload",
        "recoveries",
        "tries",
    )

    def __init__(self, in_flight: InFlightEvent, event: Event, index: int, item: CompiledSubscription) -> None:
        self.in_flight = in_flight
        self.event = event
        self.index = index
        self.item = item
        self.payload: Any = MISSING
        self.tries = 0
        self.attempts = 0
        self.recoveries = -1
        self.is_suspect = False
        self.acknowledged: Acknowledged | None = None
        self.met: Outcome | None = None
        self.done = False


class Capacity:
    """Limits the number and the memory of the events in flight.

    Args:
        slots: The maximum number of events that are being sent or recorded.
        memory_bytes: The maximum memory of all events in flight, in bytes, by estimate.

    Attributes:
        slots: The number of free slots.
        in_flight: The number of events in flight that are not parked.
        idle: Set while there are none.
    """

    def __init__(self, slots: int, memory_bytes: int) -> None:
        self.slots = slots
        self.in_flight = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self._memory_bytes = memory_bytes
        self._used_bytes = 0
        self._lent = 0

    @property
    def has_room(self) -> bool:
        """Returns whether there is memory for another event; for a single event there always is."""
        return self._used_bytes < self._memory_bytes or not self.in_flight

    def take_up(self, in_flight: InFlightEvent) -> None:
        """Counts an event."""
        self._used_bytes += in_flight.size
        if not self.in_flight:
            self.idle.clear()
        self.in_flight += 1

    def occupy(self, in_flight: InFlightEvent) -> None:
        """Assigns a slot to an event."""
        self.slots -= 1
        in_flight.has_slot = True

    def grow(self, in_flight: InFlightEvent, size: int) -> None:
        """Counts the memory of a payload, in bytes."""
        in_flight.size += size
        self._used_bytes += size

    def park(self, in_flight: InFlightEvent) -> None:
        """Frees the slot of an event that waits for a decision."""
        in_flight.is_parked = True
        self._leave(in_flight)

    def resume(self, in_flight: InFlightEvent) -> None:
        """Counts an event again that was parked."""
        in_flight.is_parked = False
        self.in_flight += 1
        self.idle.clear()

    def release(self, in_flight: InFlightEvent) -> None:
        """Forgets an event that has ended."""
        self._used_bytes -= in_flight.size
        self._leave(in_flight)

    def lend_slot(self) -> bool:
        """Adds a slot until the next one becomes free; returns False if a slot is free already."""
        if self.slots or self._lent:
            return False
        self.slots = self._lent = 1
        return True

    def _leave(self, in_flight: InFlightEvent) -> None:
        if in_flight.has_slot:
            in_flight.has_slot = False
            if self._lent:
                self._lent = 0
            else:
                self.slots += 1
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()


class AttemptMade(NamedTuple):
    """One call of a perform, as reported to the caller of a delivery.

    Attributes:
        subscription: The subscription's name.
        events: The number of events in the call.
        seconds: The duration of the call and its answers, in seconds.
        errors: The errors of the events that failed.
        again: The number of events that will be tried again.

    Example:
        >>> attempt = AttemptMade("Goals", events=20, seconds=0.05, errors=[], again=2)
        >>> attempt.events / attempt.seconds
        400.0
    """

    subscription: str
    events: int
    seconds: float
    errors: list[Exception]
    again: int


def message_id(event: Any) -> str | None:
    """Returns an event's messageId, or None if it is not a string.

    Example:
        >>> message_id({"messageId": "m-1"}), message_id({"messageId": 5})
        ('m-1', None)
    """
    found = event.get("messageId") if isinstance(event, dict) else None
    return storable(found) if isinstance(found, str) else None


def event_size(raw: bytes) -> int:
    """Estimates the memory of an event with its JSON and the body of its request, in bytes.

    Many small values take up to thirty times the length of their JSON, and a long text takes as much again.

    Example:
        >>> event_size(b'{"type": "page"}'), event_size(b'{"a": "' + b"x" * 100_000 + b'"}')
        (564, 300787)
        >>> event_size(b'{"a": [' + b'{"b": 1}, ' * 10_000 + b"1]}")
        3500790
    """
    length = len(raw)
    if length < _COUNTED_FROM:
        return _BYTES_AN_EVENT + _PARSED_TO_RAW * length
    parts = raw.count(b",") + raw.count(b":")  # values, and keys
    return _BYTES_AN_EVENT + 3 * length + _BYTES_A_NODE * parts + _BYTES_AN_OBJECT * raw.count(b"{")


def payload_size(subscription: Subscription) -> int:
    """Estimates the memory of a payload without the values that it shares with its event, in bytes.

    Example:
        >>> mapping = {"a": {"b": {"@path": "$.x"}}}
        >>> payload_size(Subscription(subscribe="", partner_action="send", mapping=mapping))
        180
    """
    return _BYTES_A_NODE * write_json(subscription.mapping).count(b":")


# --- the jobs of an event ------------------------------------------------------------------------------------


def jobs_of(in_flight: InFlightEvent, event: Event, instance: Instance[Any]) -> list[Job]:
    """Makes a job for each subscription that matches the event; notes the outcomes and failures of the others."""
    done = in_flight.settled.subscriptions if in_flight.settled is not None else ()
    jobs = []
    is_whole = in_flight.record.retry_only is None
    for index, item in instance.candidates(event) if is_whole else _failed(in_flight, instance):
        if index in done:
            in_flight.skipped += 1
            continue
        outcome = item.match(event)
        if outcome.matched:
            jobs.append(Job(in_flight, event, index, item))
            continue
        in_flight.outcomes.append((index, outcome))
        if outcome.error is not None:
            in_flight.failures.append(Failure(outcome.error, item.name, index))
    return jobs


def _failed(in_flight: InFlightEvent, instance: Instance[Any]) -> Iterable[tuple[int, CompiledSubscription]]:
    found: dict[int, CompiledSubscription] = {}
    for item in in_flight.record.retry_only or ():
        index = match_failed(item, instance.subscriptions)
        if index is None:
            error = DefinitionError(f"there is no enabled subscription {item.name!r} (any more) to send it through")
            # Without the index: another subscription may have it now, and that one is not settled by this failure.
            in_flight.failures.append(Failure(error, item.name))
        else:
            found[index] = instance.subscriptions[index]
    return found.items()


def match_failed(failed: FailedSubscription, subscriptions: tuple[CompiledSubscription, ...]) -> int | None:
    """Returns the index of the subscription of that name; of several, the one that has that index too.

    Example:
        >>> from destination.runtime import Destination
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {}}
        >>> subscriptions = Destination(name="Demo", slug="demo", actions={}).instance({}, [pages]).subscriptions
        >>> [match_failed(FailedSubscription(name), subscriptions) for name in ("Pages", "Goals")]
        [0, None]
    """
    named = [index for index, item in enumerate(subscriptions) if item.name == failed.name]
    if len(named) == 1:
        return named[0]
    return failed.index if failed.index in named else None
