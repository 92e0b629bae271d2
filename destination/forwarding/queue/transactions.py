"""What waits to be written to the queue's file, and what is written together."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from destination.errors import DestinationError
from destination.forwarding.accepted import Accepted
from destination.forwarding.queue.cursors import Cursor, Statement


class Bounds(NamedTuple):
    """The bounds of a queue.

    Attributes:
        rows: The maximum number of events.
        bytes: The maximum size of the events, in bytes.
    """

    rows: int
    bytes: int


class Put(NamedTuple):
    """Events that wait to be accepted.

    Attributes:
        events: The events.
        done: Gets the number of those that are not duplicates, after the commit.
    """

    events: Sequence[Accepted]
    done: "asyncio.Future[int]"


class Deletable(NamedTuple):
    """An event that all its destinations have settled.

    Attributes:
        event: Its id.
        size: Its size in bytes.
        cursor: The cursor of the destination that settled it last. Until it is deleted, that is in the file as not
            settled, so that a process that is killed leaves no event behind that nobody deletes.
    """

    event: int
    size: int
    cursor: Cursor


class Transaction:
    """What is written together; it counts only after the commit.

    Args:
        last_id: The id of the last event before it.

    Attributes:
        puts: The puts whose events it keeps.
        counts: The number of events of each that are not duplicates.
        last_id: The id of its last event.
        rows: The number of events that the file has more after it.
        bytes: Their size in bytes.
        added: The number and the size of its new events, by route.
        deleted: The events that it deletes.
        cursors: The cursors that changed before it.
        statements: Other statements.
        settled: The number of events that were settled before it.
    """

    def __init__(self, last_id: int) -> None:
        self.puts: list[Put] = []
        self.counts: list[int] = []
        self.last_id = last_id
        self.rows = self.bytes = 0
        self.added: dict[int, tuple[int, int]] = {}
        self.deleted: list[Deletable] = []
        self.cursors: list[Cursor] = []
        self.statements: list[Statement] = []
        self.settled = 0


def refuse(put: Put, error: DestinationError) -> None:
    """Has a put raise an error, unless nobody waits for it any more."""
    if not put.done.done():
        put.done.set_exception(error)


def size_of(puts: Sequence[Put]) -> int:
    """Returns the size of the events of puts, in bytes."""
    return sum([len(event.body) for put in puts for event in put.events])


def runs_of(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Returns the first and last id of each run of ids without a gap."""
    first = last = -1
    for event in ids:
        if event != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = event
        last = event
    if first >= 0:
        yield first, last
