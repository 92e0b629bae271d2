"""Where the values of a payload stand in the requests.

Nothing tells that but the perform itself, which is code. So it is called again with other values in the place of
one, and what it then makes is compared, place by place, with what it made before (`trace_places`). Nothing is sent.
A place is only named where every such run agrees; where perform refuses other values, or does not give the same
twice, the place is `unknown`.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, Literal

from destination.request import Request
from destination.workbench.explain.locations import Location, Locations, Position, locate
from destination.workbench.explain.markers import appears, carries, other_values, same_value

MAX_RUNS: Final = 600
"""So often perform is called for one explanation; what is not traced by then is `unknown`."""

Run = Callable[[Any], tuple[Request, ...] | None]
"""From a payload to the requests that perform makes of it, or None where it fails."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value of a payload stands in the requests.

    Attributes:
        position: The value's position in the payload that perform sees.
        state: `found`: it stands at `locations`, as it is or in a text; `computed`: it stands nowhere, but what
            is at `locations` changes with it; `unused`: other values in its place changed nothing; `unknown`.
        locations: See `state`.
    """

    position: Position
    state: Literal["found", "computed", "unused", "unknown"]
    locations: tuple[Location, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "position": list(self.position),
            "state": self.state,
            "locations": [location.to_json() for location in self.locations],
        }


def trace_places(
    payload: Any, requests: tuple[Request, ...], positions: Iterable[Position], run: Run
) -> dict[Position, tuple[Place, ...]]:
    """Where the values at some positions of a payload stand in the requests.

    Args:
        payload: The payload that perform saw.
        requests: What it made of it.
        positions: The positions to ask for.
        run: Makes requests of a payload, None where that fails; called many times, with copies.

    Returns:
        For each position one place, or one for each part of the value that goes a way of its own.

    Example:
        >>> from destination.values import write_json
        >>> def run(payload):
        ...     return (Request("POST", "https://h.test/", body=write_json({"to": payload["a"], "n": 1})),)
        >>> found = trace_places({"a": "x", "b": "x"}, run({"a": "x"}), [("a",), ("b",)], run)
        >>> [(place.state, *map(str, place.locations)) for places in found.values() for place in places]
        [('found', 'body.to'), ('unused',)]
    """
    base = locate(requests)
    wanted = list(positions)
    try:
        before = _located(run, payload)
        found: dict[Position, tuple[Place, ...]] = {}
        if before is not None and before.keys() == base.keys():
            finder = _Finder(payload, base, run)
            found = {position: tuple(finder.parts(position)) for position in wanted}
        after = _located(run, payload)
    except RecursionError:  # what nests too deeply to be copied
        after = None
    if after is None or before is None or after.keys() != base.keys() or not found:
        return {position: (Place(position, "unknown"),) for position in wanted}
    # Perform may not give the same twice: what differs although nothing was changed tells nothing.
    unstable = _differing(base, before) | _differing(base, after)
    return {position: tuple(_stable(place, unstable) for place in places) for position, places in found.items()}


def _stable(place: Place, unstable: set[Location]) -> Place:
    if place.state != "computed":
        return place
    kept = tuple(location for location in place.locations if location not in unstable)
    return Place(place.position, "computed" if kept else "unknown", kept)


@dataclass(frozen=True, slots=True)
class _Try:
    """A run with another value in the place of one."""

    other: Any
    found: Locations


class _Finder:
    """Traces the values of one payload, one after the other."""

    def __init__(self, payload: Any, base: Locations, run: Run) -> None:
        self._payload = payload
        self._base = base
        self._run = run
        self._runs = 0

    def parts(self, position: Position) -> Iterator[Place]:
        """The place of the value at a position, or those of its parts."""
        todo = [position]
        while todo:
            at = todo.pop()
            value = value_at(self._payload, at)
            place = self._whole(at, value)
            if place.state in ("found", "unused") or not isinstance(value, (dict, list)) or not value:
                yield place
            else:
                keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
                todo.extend((*at, key) for key in reversed(keys))

    def _whole(self, position: Position, value: Any) -> Place:
        families = [tries for tries in (self._tries(position, family) for family in other_values(value)) if tries]
        every = [one for tries in families for one in tries]
        if not every:
            return Place(position, "unknown")
        copies = {
            location
            for tries in families
            for location in self._carrying(value, tries)
            if not any(self._contradicts(location, value, one) for one in every)
        }
        if copies:
            return Place(position, "found", tuple(location for location in self._base if location in copies))
        changed = [location for location in self._base if any(self._changes(location, one) for one in every)]
        around = {
            (location.request, location.part, location.position[:-1]) for location in changed if location.position
        }
        innermost = tuple(
            location for location in changed if (location.request, location.part, location.position) not in around
        )
        if innermost:
            return Place(position, "computed", innermost)
        more = any(one.found.keys() != self._base.keys() for one in every)
        return Place(position, "unknown" if more else "unused")

    def _tries(self, position: Position, family: tuple[Any, ...]) -> tuple[_Try, ...]:
        """The runs of one family; none where perform refuses one of them or makes another number of requests."""
        tries = []
        for other in family:
            found = None
            if self._runs < MAX_RUNS:
                self._runs += 1
                found = _located(self._run, with_value(self._payload, position, other))
            if found is None or _methods(found) != _methods(self._base):
                return ()
            tries.append(_Try(other, found))
        return tuple(tries)

    def _carrying(self, value: Any, tries: tuple[_Try, ...]) -> Iterator[Location]:
        for location, found in self._base.items():
            others = [(one.found[location], one.other) for one in tries if location in one.found]
            if len(others) < len(tries) or any(same_value(found, then) for then, _ in others):
                continue  # what did not change tells nothing
            if carries(found, value, others):
                yield location

    def _contradicts(self, location: Location, value: Any, one: _Try) -> bool:
        """Whether in a run the other value stood somewhere, but not here."""
        if location in one.found and carries(self._base[location], value, [(one.found[location], one.other)]):
            return False
        return appears(one.other, list(one.found.values()))

    def _changes(self, location: Location, one: _Try) -> bool:
        return location not in one.found or not same_value(self._base[location], one.found[location])


def _located(run: Run, payload: Any) -> Locations | None:
    requests = run(deepcopy(payload))
    return None if requests is None else locate(requests)


def value_at(payload: Any, position: Position) -> Any:
    """The value at a position that is there."""
    for key in position:
        payload = payload[key]
    return payload


def with_value(payload: Any, position: Position, value: Any) -> Any:
    """A copy of a payload with another value at one position.

    Example:
        >>> with_value({"a": [1, {"b": 2}]}, ("a", 1, "b"), 3)
        {'a': [1, {'b': 3}]}
    """
    if not position:
        return value
    top = container = _copied(payload)
    for key in position[:-1]:
        container[key] = _copied(container[key])
        container = container[key]
    container[position[-1]] = value
    return top


def _copied(container: Any) -> Any:
    return dict(container) if isinstance(container, dict) else list(container)


def _methods(found: Locations) -> list[tuple[Location, Any]]:
    return [(location, value) for location, value in found.items() if location.part == "method"]


def _differing(left: Locations, right: Locations) -> set[Location]:
    return {place for place, value in left.items() if place not in right or not same_value(value, right[place])}
