"""What each destination has settled of the queue, in a form whose size does not grow with the backlog.

A cursor is a position up to which a destination has read, and the events before it that are not settled yet: those in
flight, and those that a delivery left when it stopped. An event is settled if it is before the position and not among
these.
"""

import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from destination.delivery import FailedSubscription
from destination.values import read_json, write_json

Statement: TypeAlias = tuple[str, tuple[object, ...]]
"""An SQL statement with its values."""

_MOST_KEYS: Final = 10_000
_INSERT: Final = "INSERT INTO cursors VALUES (?, ?, ?, ?, ?, ?, ?)"
_UPDATE: Final = "UPDATE cursors SET read_to = ?, unsettled = ?, remaining = ?, rows = ?, bytes = ? WHERE number = ?"


@dataclass(frozen=True, slots=True)
class Depth:
    """The events that a destination has not settled yet.

    Attributes:
        rows: The number of events.
        bytes: The size of the events, in bytes.
        age_s: The time since the oldest one was received, in seconds; 0 if there is none.

    Example:
        >>> Depth(rows=2, bytes=1_000, age_s=60.0).rows
        2
    """

    rows: int = 0
    bytes: int = 0
    age_s: float = 0.0


@dataclass(slots=True)
class Cursor:
    """The cursor of a destination.

    Attributes:
        number: Its number in the file, which stays the same when the name leaves the configuration and returns.
        name: The destination's name.
        read_to: The id of the last event that was read.
        unsettled: The ids up to there that are not settled, in ascending order.
        remaining: By id, the subscriptions that are left of an event of which others have ended.
        rows: The number of events that are not settled, read or not.
        bytes: Their size in bytes.
        oldest: The first event that is not read: its id and when it was received, in milliseconds, if known.
    """

    number: int
    name: str
    read_to: int
    unsettled: dict[int, None] = field(default_factory=dict)
    remaining: dict[int, tuple[FailedSubscription, ...]] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0
    oldest: tuple[int, int] | None = None

    def owes(self, event: int) -> bool:
        """Returns whether an event that is for this destination is not settled."""
        return event > self.read_to or event in self.unsettled

    def write(self, connection: sqlite3.Connection, rows: int, size: int, left: Sequence[int] = ()) -> None:
        """Writes the cursor within the current transaction.

        Args:
            connection: The connection.
            rows: The number of events that the transaction adds for it, and of those in `left`.
            size: Their size in bytes.
            left: The ids of settled events that are not deleted yet. They are in the file as not settled.
        """
        unsettled = array("q", sorted([*self.unsettled, *left]) if left else self.unsettled).tobytes()
        remaining = write_json(
            {str(event): [[item.name, item.index] for item in items] for event, items in self.remaining.items()}
        )
        values = (self.read_to, unsettled, remaining, self.rows + rows, self.bytes + size, self.number)
        connection.execute(_UPDATE, values)


def read_cursors(connection: sqlite3.Connection) -> dict[str, Cursor]:
    """Reads the cursors of a file, by name."""
    found = {}
    for number, name, read_to, unsettled, remaining, rows, size in connection.execute("SELECT * FROM cursors"):
        cursor = Cursor(number, name, read_to, rows=rows, bytes=size)
        ids = array("q")
        ids.frombytes(unsettled)
        cursor.unsettled = dict.fromkeys(ids)
        cursor.remaining = {
            int(event): tuple(FailedSubscription(*item) for item in items)
            for event, items in read_json(remaining).items()
        }
        found[name] = cursor
    return found


class Routes:
    """Which destinations an event is for: a set of them for each write key, numbered in the file.

    A set is fixed when an event is accepted. So a new destination begins with the next event, and one that is gone
    gets no further ones.

    Args:
        connection: The connection that writes.
        cursors: The cursors by name; those of new names are added.

    Attributes:
        members: The numbers of the destinations, by the number of their set.
    """

    def __init__(self, connection: sqlite3.Connection, cursors: dict[str, Cursor]) -> None:
        self.members: dict[int, tuple[int, ...]] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._added: list[int] = []
        self._connection = connection
        self._cursors = cursors
        self._keys: dict[str, frozenset[str] | None] = {}
        self._by_key: dict[str, int] = {}
        for number, destinations in connection.execute("SELECT id, destinations FROM routes"):
            self._add(number, tuple(read_json(destinations)))

    @property
    def names(self) -> frozenset[str]:
        """The names of the configuration."""
        return frozenset(self._keys)

    def replace(self, keys: Mapping[str, frozenset[str] | None], last_id: int) -> list[Statement]:
        """Replaces the write keys of each destination; returns the statements that write new cursors.

        Args:
            keys: By destination, the write keys whose events it gets; None: all.
            last_id: The id of the last event, after which a new destination begins.
        """
        statements: list[Statement] = []
        for name in keys:
            if name not in self._cursors:
                number = 1 + max((cursor.number for cursor in self._cursors.values()), default=0)
                statements.append((_INSERT, (number, name, last_id, b"", b"{}", 0, 0)))
                self._cursors[name] = Cursor(number, name, last_id)
        self._keys = dict(keys)
        self._by_key.clear()
        return statements

    def of(self, write_key: str) -> int:
        """Returns the number of the set for a write key, or 0 if no destination gets its events.

        Call it within a transaction; a new set is written.
        """
        found = self._by_key.get(write_key)
        if found is None:
            found = self._find(write_key)
            if len(self._by_key) < _MOST_KEYS:  # where any key is accepted, clients choose them
                self._by_key[write_key] = found
        return found

    def _find(self, write_key: str) -> int:
        members = tuple(
            sorted(self._cursors[name].number for name, keys in self._keys.items() if keys is None or write_key in keys)
        )
        if not members:
            return 0
        number = self._numbers.get(members)
        if number is None:
            number = 1 + max(self.members, default=0)
            self._connection.execute("INSERT INTO routes VALUES (?, ?)", (number, write_json(list(members)).decode()))
            self._add(number, members)
            self._added.append(number)
        return number

    def committed(self) -> None:
        """Ends the current transaction."""
        self._added.clear()

    def rolled_back(self) -> None:
        """Ends the current transaction, and forgets the sets that it added."""
        for number in self._added:
            del self._numbers[self.members.pop(number)]
        self._added.clear()
        self._by_key.clear()

    def with_member(self, number: int) -> Sequence[int]:
        """Returns the numbers of the sets that a destination is in."""
        return [route for route, members in self.members.items() if number in members]

    def _add(self, number: int, members: tuple[int, ...]) -> None:
        self.members[number] = members
        self._numbers[members] = number
