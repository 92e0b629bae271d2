"""Reads events from the queue's file, a block at once.

A statement returns a block as one row. Otherwise a thread would wait for the interpreter's lock once for each event.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class StoredEvent(NamedTuple):
    """An event of the file.

    Attributes:
        id: Its number.
        route: The number of the set of destinations that it is for.
        received_ms: When it was received, in milliseconds since 1970.
        body: The event as JSON, without line breaks.
    """

    id: int
    route: int
    received_ms: int
    body: bytes


_BLOCK = (
    "SELECT group_concat(id), group_concat(route), group_concat(received_ms), group_concat(body, char(10)) FROM ({})"
)
_AGAIN = "SELECT id, route, received_ms, body FROM events WHERE id IN ({}) ORDER BY id"
_NEXT = "SELECT id, route, received_ms, body FROM events WHERE id > ? AND id <= ? AND route IN ({}) ORDER BY id LIMIT ?"
_SIZES = "SELECT id, route, length(body) FROM events WHERE id > ? AND id <= ? AND route IN ({}) ORDER BY id LIMIT ?"
_SIZES_AGAIN = "SELECT id, route, length(body) FROM events WHERE id IN ({}) ORDER BY id"
_OLDEST = "SELECT id, received_ms FROM events WHERE id > ? AND route IN ({}) ORDER BY id LIMIT 1"


def read_again(reader: sqlite3.Connection, ids: Iterable[int]) -> list[StoredEvent]:
    """Returns events by their ids, in ascending order.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    return _block(reader, _AGAIN.format(_listed(ids)), ())


def read_next(
    reader: sqlite3.Connection, after: int, last: int, routes: Iterable[int], count: int
) -> list[StoredEvent]:
    """Returns the first events of some routes, after an id and up to another one.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    return _block(reader, _NEXT.format(_listed(routes)), (after, last, count))


def _block(reader: sqlite3.Connection, query: str, values: tuple[int, ...]) -> list[StoredEvent]:
    ids, routes, received, bodies = reader.execute(_BLOCK.format(query), values).fetchone()
    if ids is None:
        return []
    return [
        StoredEvent(int(event), int(route), int(moment), body)
        for event, route, moment, body in zip(
            ids.split(b","), routes.split(b","), received.split(b","), bodies.split(b"\n"), strict=True
        )
    ]


def sizes(
    reader: sqlite3.Connection, after: int, last: int, routes: Iterable[int], count: int
) -> list[tuple[int, int, int]]:
    """Returns id, route and size in bytes of the first events of some routes.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    return reader.execute(_SIZES.format(_listed(routes)), (after, last, count)).fetchall()


def sizes_of(reader: sqlite3.Connection, ids: Iterable[int]) -> list[tuple[int, int, int]]:
    """Returns id, route and size in bytes of events by their ids.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    return reader.execute(_SIZES_AGAIN.format(_listed(ids))).fetchall()


def received_ms(reader: sqlite3.Connection, event: int) -> int | None:
    """Returns when an event was received, in milliseconds since 1970; None if it is not in the file.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    found = reader.execute("SELECT received_ms FROM events WHERE id = ?", (event,)).fetchone()
    return None if found is None else found[0]


def oldest_unread(reader: sqlite3.Connection, after: int, routes: Sequence[int]) -> tuple[int, int] | None:
    """Returns the id of the first event of some routes after an id, and when it was received, in milliseconds.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    found: tuple[int, int] | None = reader.execute(_OLDEST.format(_listed(routes)), (after,)).fetchone()
    return found


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
