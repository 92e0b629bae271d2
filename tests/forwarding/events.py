"""Events for a queue, and what a destination has not settled of them."""

from destination.delivery import Record
from destination.forwarding.queue import Accepted, Queue
from destination.values import write_json

RECEIVED = 1_700_000_000.0


def accepted(*names: str, key: str = "wk", at: float = RECEIVED, **more: object) -> list[Accepted]:
    """Track events with these `messageId`s."""
    return [
        Accepted(key, name, write_json({"type": "track", "messageId": name, "userId": "u", **more}), at)
        for name in names
    ]


def numbered(first: int, count: int, **more: object) -> list[Accepted]:
    """Track events `m1`, `m2` and so on."""
    return accepted(*(f"m{number}" for number in range(first, first + count)), **more)  # type: ignore[arg-type]


def name_of(record: Record) -> str:
    """The `messageId` of an event."""
    assert record.event is not None
    return str(record.event["messageId"])


async def unsettled(queue: Queue, destination: str) -> list[Record]:
    """All events that a destination has not settled, in their order."""
    source = queue.source(destination)
    source.finish()
    found: list[Record] = []
    while (records := await source.next()) is not None:
        found += records
    return found


async def names(queue: Queue, destination: str) -> list[str]:
    """The `messageId`s of these."""
    return [name_of(record) for record in await unsettled(queue, destination)]


async def settle_all(queue: Queue, destination: str) -> None:
    for record in await unsettled(queue, destination):
        queue.settled(destination, record, "acknowledged")
    await queue.flush()
