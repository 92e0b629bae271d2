"""The parts of events that no subscription reads."""

from collections import Counter
from dataclasses import field
from typing import Any, Final

from destination.mapping.paths import join_path
from destination.records import dataclass
from destination.workbench.coverage.reads import EventReads, ReadKey
from destination.workbench.coverage.shapes import ITEM, Path, Shape, Shapes, name_of

MAX_PATHS: Final = 500
"""The maximum number of paths that are counted one by one in the events of one type."""
MAX_TYPES: Final = 20
OTHER_TYPES: Final = "(other types)"
NO_TYPE: Final = "(no type)"

_SUBJECTS: Final = (("properties",), ("traits",))
_MAX_KEPT: Final = 100_000
"""The number of paths in the groups of events that are counted together."""


@dataclass(slots=True)
class TypePaths:
    """The events of one type.

    Attributes:
        events: The number of events.
        taken: How many of them at least one subscription matched.
        seen: How many events had a value at each path. Items of lists are under `[]`, keys that look like data are
            under `*`.
        read: The paths in `seen` that were ever read.
        others: How many values were at paths beyond the bound.

    Example:
        >>> paths, reads = EventPaths(), EventReads()
        >>> reads.mask |= reads.bit_of(("name",))
        >>> paths.take({"type": "page", "name": "Home"}, reads, taken=True)
        >>> pages = paths.types["page"]
        >>> pages.events, pages.taken, pages.unread
        (1, 1, [('$.type', 1)])
    """

    events: int = 0
    taken: int = 0
    seen: Counter[Path] = field(default_factory=Counter)
    read: set[Path] = field(default_factory=set)
    others: int = 0

    @property
    def unread(self) -> list[tuple[str, int]]:
        """Returns the paths that were never read, as text, each with the number of events that have it.

        Properties and traits come first, then the paths of most events.
        """
        rows = [(keys, count) for keys, count in self.seen.items() if keys not in self.read]
        rows.sort(key=lambda row: (row[0][:1] not in _SUBJECTS, -row[1], row[0]))
        return [(path_text(keys), count) for keys, count in rows]


class EventPaths:
    """Counts the paths of events by event type, and whether anything reads them, in bounded memory.

    Events of equal shape of which the same is read are looked into once, and then only counted.

    Example:
        >>> paths, reads = EventPaths(), EventReads()
        >>> reads.mask |= reads.bit_of(("type",)) | reads.bit_of(("name",))
        >>> paths.take({"type": "page", "name": "Home", "tags": [{"id": 1}, {"id": 2}]}, reads, taken=True)
        >>> paths.types["page"].unread
        [('$.tags[].id', 1)]
    """

    def __init__(self) -> None:
        self._types: dict[str, TypePaths] = {}
        self._shapes = Shapes()
        self._alike: dict[tuple[str, Shape, ReadKey], _Alike] = {}
        self._kept = 0

    @property
    def types(self) -> dict[str, TypePaths]:
        """The paths of the events, by type."""
        self._count()
        return self._types

    def take(self, event: Any, reads: EventReads, taken: bool) -> None:
        """Counts the paths of an event.

        Args:
            event: The event.
            reads: What subscriptions read of it.
            taken: Whether a subscription matched it.
        """
        name = self._type_of(event)
        paths = self._types[name]
        paths.events += 1
        paths.taken += taken
        key = reads.key(event)
        shape = self._shapes.shape_of(event)
        alike = self._alike.get((name, shape, key))
        if alike is None:
            if self._kept > _MAX_KEPT or self._shapes.is_full:
                self._count()
                self._alike.clear()
                self._shapes.clear()
                self._kept = 0
                shape = self._shapes.shape_of(event)
            alike = self._alike[name, shape, key] = _look_into(paths, shape, reads.paths(event, key))
            self._kept += len(alike.seen)
        alike.events += 1

    def _type_of(self, event: Any) -> str:
        kind = event.get("type") if isinstance(event, dict) else None
        name = name_of(kind) if isinstance(kind, str) else NO_TYPE
        if name not in self._types:
            if len(self._types) >= MAX_TYPES:
                name = OTHER_TYPES
            self._types.setdefault(name, TypePaths())
        return name

    def _count(self) -> None:
        for (name, _, _), alike in self._alike.items():
            paths = self._types[name]
            for path in alike.seen:
                paths.seen[path] += alike.events
            paths.others += alike.events * alike.others
            alike.events = 0


@dataclass(slots=True)
class _Alike:
    """Events of one type and shape of which the same is read.

    Attributes:
        seen: Those of their paths that are counted one by one.
        others: The number of their other paths.
        events: The number of events that are not counted yet.
    """

    seen: list[Path]
    others: int
    events: int = 0


def _look_into(paths: TypePaths, shape: Shape, read: set[Path]) -> _Alike:
    """Notes the paths of an event, and which of them are read: it, or what it is in."""
    seen = []
    for path in shape.leaves:
        if path not in paths.seen:
            if len(paths.seen) >= MAX_PATHS:
                continue
            paths.seen[path] = 0
        seen.append(path)
        if path not in paths.read and any(path[:end] in read for end in range(len(path) + 1)):
            paths.read.add(path)
    return _Alike(seen, len(shape.leaves) - len(seen))


def path_text(keys: Path) -> str:
    """Writes keys as a path for people.

    Example:
        >>> path_text(("products", "[]", "unit price"))
        "$.products[]['unit price']"
    """
    text = "$"
    for key in keys:
        text += key if key == ITEM else join_path((key,))[1:]
    return text
