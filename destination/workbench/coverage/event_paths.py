"""The parts of events that no subscription reads."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import lru_cache
from typing import Any, Final

from destination.late import late_pattern
from destination.mapping import Read
from destination.mapping.paths import join_path
from destination.records import dataclass

MAX_PATHS: Final = 500
"""The maximum number of paths that are counted one by one in the events of one type."""
MAX_TYPES: Final = 20
MAX_DEPTH: Final = 32
"""The maximum number of levels that are looked into; what is deeper counts with its container."""
OTHER_TYPES: Final = "(other types)"
NO_TYPE: Final = "(no type)"

_Keys = tuple[str, ...]
_ITEM: Final = "[]"
_ANY_KEY: Final = "*"
_SUBJECTS: Final = (("properties",), ("traits",))
_DATA = late_pattern(r"@|\d{6}|[0-9a-f]{8}-[0-9a-f]{4}-|.{65}", re.IGNORECASE | re.DOTALL)
"""A key that matches this is data, such as an address, a number or an identifier, rather than a name."""


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
        >>> paths = EventPaths()
        >>> paths.take({"type": "page", "name": "Home"}, [Read(("name",), "Home")], taken=True)
        >>> pages = paths.types["page"]
        >>> pages.events, pages.taken, pages.unread
        (1, 1, [('$.type', 1)])
    """

    events: int = 0
    taken: int = 0
    seen: Counter[_Keys] = field(default_factory=Counter)
    read: set[_Keys] = field(default_factory=set)
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

    Example:
        >>> paths = EventPaths()
        >>> event = {"type": "page", "name": "Home", "tags": [{"id": 1}, {"id": 2}]}
        >>> paths.take(event, [Read(("type",), "page"), Read(("name",), "Home")], taken=True)
        >>> paths.types["page"].unread
        [('$.tags[].id', 1)]
    """

    def __init__(self) -> None:
        self.types: dict[str, TypePaths] = {}

    def take(self, event: Any, reads: Iterable[Read], taken: bool) -> None:
        """Counts the paths of an event.

        Args:
            event: The event.
            reads: What subscriptions read of it.
            taken: Whether a subscription matched it.
        """
        paths = self._paths_of(event)
        paths.events += 1
        paths.taken += taken
        read = {_without_indexes(event, each.keys) for each in reads if not each.derived}
        for keys, is_read in dict(_leaves(event, read)).items():
            if keys not in paths.seen and len(paths.seen) >= MAX_PATHS:
                paths.others += 1
                continue
            paths.seen[keys] += 1
            if is_read:
                paths.read.add(keys)

    def _paths_of(self, event: Any) -> TypePaths:
        kind = event.get("type") if isinstance(event, dict) else None
        name = _name(kind) if isinstance(kind, str) else NO_TYPE
        if name not in self.types and len(self.types) >= MAX_TYPES:
            name = OTHER_TYPES
        return self.types.setdefault(name, TypePaths())


def path_text(keys: _Keys) -> str:
    """Writes keys as a path for people.

    Example:
        >>> path_text(("products", "[]", "unit price"))
        "$.products[]['unit price']"
    """
    text = "$"
    for key in keys:
        text += key if key == _ITEM else join_path((key,))[1:]
    return text


@lru_cache(4096)
def _name(key: str) -> str:
    return _ANY_KEY if _DATA.search(key) else key


def _leaves(event: Any, read: set[_Keys]) -> Iterator[tuple[_Keys, bool]]:
    """The paths of everything that has no parts, and whether they, or what they are in, were read.

    All items of a list have one path, and so it comes several times.
    """
    todo: list[tuple[_Keys, Any, bool]] = [((), event, () in read)]
    while todo:
        keys, value, is_read = todo.pop()
        kind = value.__class__
        if (kind is not dict and kind is not list) or not value or len(keys) >= MAX_DEPTH:
            yield keys, is_read
        elif kind is dict:
            for key, item in value.items():
                inner = (*keys, _name(key))
                todo.append((inner, item, is_read or inner in read))
        else:
            inner = (*keys, _ITEM)
            todo.extend([(inner, item, is_read or inner in read) for item in value])


def _without_indexes(event: Any, keys: _Keys) -> _Keys:
    """Returns the keys of a read, with `[]` instead of list indexes."""
    plain: list[str] = []
    value = event
    for key in keys:
        if isinstance(value, list):
            if not key.isdigit():  # such as `length`
                break
            plain.append(_ITEM)
            value = value[int(key)] if int(key) < len(value) else None
        else:
            plain.append(_name(key))
            value = value.get(key) if isinstance(value, dict) else None
    return tuple(plain)
