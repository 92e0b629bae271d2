"""The parts of a container, found with the runs in which all of them were changed at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from destination.values import deep_equals, is_number
from destination.workbench.explain.locations import Location, Locations, Position, value_at

_Index: TypeAlias = dict[tuple[bool, Any], set[Location]]


@dataclass(frozen=True, slots=True)
class Try:
    """A run with another value in the place of one.

    Attributes:
        other: The other value.
        found: What perform made of it.
    """

    other: Any
    found: Locations


class Bulk:
    """Runs in which every text and number in a container was changed to one that nothing else has.

    A part is only found here where it stands as it is, at the same places in every run; what is not found may be
    traced by itself.

    Args:
        payload: The payload that perform saw.
        base: What it made of it.
        position: Where in the payload the container is.
        tries: The runs.
    """

    def __init__(self, payload: Any, base: Locations, position: Position, tries: list[Try]) -> None:
        self._payload = payload
        self._base = base
        self._depth = len(position)
        self._tries = [(one.other, one.found, _index(one.found)) for one in tries]

    def locations(self, position: Position) -> tuple[Location, ...] | None:
        """Where a part stands; None where these runs do not tell."""
        value = value_at(self._payload, position)
        if isinstance(value, (dict, list)):
            return self._of_container(position, value)
        return self._of_scalar(position, value)

    def has_part(self, position: Position) -> bool:
        """Whether anything in a part is found."""
        return any(self._of_scalar(inner, value_at(self._payload, inner)) for inner in self._scalars(position))

    def _of_scalar(self, position: Position, value: Any) -> tuple[Location, ...] | None:
        if not self._tries or not _is_marked(value):
            return None
        inside = position[self._depth :]
        first: set[Location] | None = None
        for other, _, index in self._tries:
            places = index.get(_key(value_at(other, inside)), set())
            if first is not None and places != first:
                return None
            first = places
        if not first or not all(
            location in self._base and deep_equals(self._base[location], value) for location in first
        ):
            return None
        return tuple(sorted(first, key=str))

    def _of_container(self, position: Position, value: Any) -> tuple[Location, ...] | None:
        """Where it stands as a whole: around where its first text or number does."""
        inner = next(self._scalars(position), None)
        found = None if inner is None else self._of_scalar(inner, value_at(self._payload, inner))
        if inner is None or found is None:
            return None
        way = inner[len(position) :]
        around = [
            Location(location.request, location.part, location.position[: -len(way)])
            for location in found
            if location.position[-len(way) :] == way
        ]
        whole = tuple(location for location in around if self._stands_at(location, position, value))
        return whole or None

    def _stands_at(self, location: Location, position: Position, value: Any) -> bool:
        inside = position[self._depth :]
        return deep_equals(self._base.get(location), value) and all(
            deep_equals(found.get(location), value_at(other, inside)) for other, found, _ in self._tries
        )

    def _scalars(self, position: Position) -> Iterator[Position]:
        """Where in a part the texts and numbers are."""
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
    return isinstance(value, str) or (is_number(value) and not isinstance(value, bool))


def _key(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _index(found: Locations) -> _Index:
    index: _Index = {}
    for location, value in found.items():
        if _is_marked(value):
            index.setdefault(_key(value), set()).add(location)
    return index
