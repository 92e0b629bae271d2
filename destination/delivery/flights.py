"""Events under way, and what is left to do for each of them."""

from typing import Any, NamedTuple

from destination.delivery.dead_letters import Failure
from destination.delivery.ledger import Row, Settled, storable
from destination.delivery.record import Record
from destination.event import Event
from destination.runtime import Outcome
from destination.runtime.compiled import CompiledSubscription
from destination.values import MISSING


class Flight:
    """A record from the moment it is taken up until all that is known of it is written down.

    Attributes:
        record: The record.
        open: So many subscriptions have no outcome yet.
        outcomes: What became of the event, with the subscription's index.
        failures: What failed for good.
        left: What failed in a run that stops, and is left to `--resume`.
        skipped: Subscriptions that an earlier run had settled.
        rows: What the ledger gets when all is known.
        settled: What an earlier run settled.
        key: What it is ordered by, or None.
        early: Whether the ledger got rows of it before all was known.
    """

    __slots__ = ("early", "failures", "key", "left", "open", "outcomes", "record", "rows", "settled", "skipped")

    def __init__(self, record: Record, settled: Settled | None, key: str | None) -> None:
        self.record = record
        self.settled = settled
        self.key = key
        self.open = 0
        self.outcomes: list[tuple[int, Outcome]] = []
        self.failures: list[Failure] = []
        self.left: list[Failure] = []
        self.skipped = 0
        self.early = False
        self.rows: list[Row] = []


class Job:
    """One subscription of one event, to be sent.

    Attributes:
        flight: The event's.
        event: The event.
        index: The subscription's place in the instance.
        item: The subscription.
        payload: Where it goes out in a batch, its payload; else `MISSING`.
        attempts: How often it was tried.
        done: Whether it has its outcome.
    """

    __slots__ = ("attempts", "done", "event", "flight", "index", "item", "payload")

    def __init__(self, flight: Flight, event: Event, index: int, item: CompiledSubscription) -> None:
        self.flight = flight
        self.event = event
        self.index = index
        self.item = item
        self.payload: Any = MISSING
        self.attempts = 0
        self.done = False


class AttemptMade(NamedTuple):
    """One call of a perform, for whoever watches a delivery.

    Attributes:
        subscription: The subscription's name.
        events: How many events it was for.
        seconds: How long it took, its answers included.
        errors: What it came to for those events that it failed for.
        again: So many of them are tried again.
    """

    subscription: str
    events: int
    seconds: float
    errors: list[Exception]
    again: int


def message_id(event: Any) -> str | None:
    """An event's messageId, where it is text."""
    found = event.get("messageId") if isinstance(event, dict) else None
    return storable(found) if isinstance(found, str) else None
