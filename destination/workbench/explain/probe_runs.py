"""Keeps the requests of other runs of a perform, and finds values in them."""

from collections.abc import Iterator, Set
from functools import cached_property
from typing import Any, Final, TypeAlias

from destination.request import Request
from destination.values import MISSING, deep_equals, is_number
from destination.workbench.explain.locations import (
    Changes,
    Location,
    Locations,
    Position,
    locate,
    value_at,
)

Index: TypeAlias = dict[tuple[bool, Any], set[Location]]
"""The locations of texts and numbers."""

_NOWHERE: Final[frozenset[Location]] = frozenset()


class ProbeRun:
    """A call of perform with another value in the payload.

    Args:
        other: The other value.
        requests: The requests that perform made.
        changes: Their differences from those of the unchanged payload.
        base: Every value of these.

    Example:
        >>> old, new = ((Request("GET", f"https://h.test/?k={key}&l=1"),) for key in "ab")
        >>> from destination.workbench.explain.locations import LocatedRequests
        >>> before = LocatedRequests(old)
        >>> run = ProbeRun("b", new, before.changes(new), before.values)
        >>> [str(location) for location in run.locations_of("b", index_of(before.values))], len(run.values)
        (['query k'], 5)
    """

    def __init__(self, other: Any, requests: tuple[Request, ...], changes: Changes, base: Locations) -> None:
        self.other = other
        self.changed = changes.values
        self.same_locations = changes.same_locations
        self._requests = requests
        self._has_more = changes.has_more
        self._base = base

    def at(self, location: Location) -> Any:
        """Returns the value at a location that the unchanged payload's requests have, too; `MISSING` if none is."""
        return self.changed[location] if location in self.changed else self._base[location]

    @cached_property
    def values(self) -> list[Any]:
        """Every value of the requests."""
        return list(self._found.values())

    def locations_of(self, value: Any, base_index: Index) -> Set[Location]:
        """Returns the locations of a text or a number, with the index of the unchanged payload's requests."""
        key = _key(value)
        kept = (location for location in base_index.get(key, ()) if location not in self.changed)
        return self._index.get(key, _NOWHERE).union(() if self._has_more else kept)

    @cached_property
    def _found(self) -> Locations:
        return locate(self._requests)

    @cached_property
    def _index(self) -> Index:
        return index_of(self._found if self._has_more else self.changed)


# --- all parts of a container at once --------------------------------------------------------------------


class BulkProbe:
    """Finds all parts of a container by runs in which every text and number in it was replaced.

    This finds a part only if it is unchanged and at the same locations in every run. Other parts are traced one by
    one.

    Args:
        payload: The payload that perform got.
        base: Every value of the requests that it made from this payload.
        base_index: The locations of each text and number in these.
        position: The position of the container in the payload.
        probes: The runs.

    Example:
        >>> def request(n):
        ...     return (Request("POST", "https://h.test/", body=b'{"sent":[%d]}' % n),)
        >>> from destination.workbench.explain.locations import LocatedRequests
        >>> before = LocatedRequests(request(1))
        >>> run = ProbeRun({"n": 2}, request(2), before.changes(request(2)), before.values)
        >>> bulk = BulkProbe({"n": 1}, before.values, index_of(before.values), (), [run])
        >>> [str(location) for location in bulk.locations(("n",))]
        ['body.sent[0]']
    """

    def __init__(
        self, payload: Any, base: Locations, base_index: Index, position: Position, probes: list[ProbeRun]
    ) -> None:
        self._payload = payload
        self._base = base
        self._base_index = base_index
        self._depth = len(position)
        self._probes = probes

    def locations(self, position: Position) -> tuple[Location, ...] | None:
        """Returns the locations of a part, or None if these runs do not show them."""
        value = value_at(self._payload, position)
        if isinstance(value, (dict, list)):
            return self._of_container(position, value)
        return self._of_scalar(position, value)

    def has_part(self, position: Position) -> bool:
        """Whether these runs find anything in a part."""
        return any(self._of_scalar(inner, value_at(self._payload, inner)) for inner in self._scalars(position))

    def _of_scalar(self, position: Position, value: Any) -> tuple[Location, ...] | None:
        if not self._probes or not _is_marked(value):
            return None
        inside = position[self._depth :]
        first: Set[Location] | None = None
        for one in self._probes:
            there = value_at(one.other, inside)
            here = one.locations_of(there, self._base_index) if _is_marked(there) else _NOWHERE
            if first is not None and here != first:
                return None
            first = here
        if not first or not all(
            location in self._base and deep_equals(self._base[location], value) for location in first
        ):
            return None
        return tuple(sorted(first, key=str))

    def _of_container(self, position: Position, value: Any) -> tuple[Location, ...] | None:
        """Returns the locations of a container, which are around those of its first text or number."""
        inner = next(self._scalars(position), None)
        found = None if inner is None else self._of_scalar(inner, value_at(self._payload, inner))
        if inner is None or found is None:
            return None
        inside = inner[len(position) :]
        around = [
            Location(location.request, location.part, location.position[: -len(inside)])
            for location in found
            if location.position[-len(inside) :] == inside
        ]
        whole = tuple(location for location in around if self._is_at(location, position, value))
        return whole or None

    def _is_at(self, location: Location, position: Position, value: Any) -> bool:
        inside = position[self._depth :]
        return deep_equals(self._base.get(location), value) and all(
            (then := one.at(location)) is not MISSING and deep_equals(then, value_at(one.other, inside))
            for one in self._probes
        )

    def _scalars(self, position: Position) -> Iterator[Position]:
        """Yields the positions of the texts and numbers in a part."""
        todo = [position]
        while todo:
            at = todo.pop()
            value = value_at(self._payload, at)
            if isinstance(value, dict):
                todo.extend((*at, key) for key in reversed(value))
            elif isinstance(value, list):
                todo.extend((*at, index) for index in reversed(range(len(value))))
            elif _is_marked(value):
                yield at


def _is_marked(value: Any) -> bool:
    return isinstance(value, str) or is_number(value)


def _key(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def index_of(found: Locations) -> Index:
    """Returns the locations of each text and number.

    Example:
        >>> [len(locations) for locations in index_of(locate((Request("GET", "https://h.test/?k=1&l=1"),))).values()]
        [1, 1, 1, 2]
    """
    index: Index = {}
    for location, value in found.items():
        if _is_marked(value):
            index.setdefault(_key(value), set()).add(location)
    return index
