"""Other values in the place of one, and what perform makes of them."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, Literal

from destination.request import Request
from destination.values import MISSING, deep_equals
from destination.workbench.explain.bulk import Bulk, Try
from destination.workbench.explain.locations import Location, Locations, Position, locate, value_at, with_value
from destination.workbench.explain.markers import appears, carries, other_values

MAX_RUNS: Final = 600
"""So often perform is called for one subscription; what is not traced by then is `unknown`."""
MAX_VALUES: Final = 150_000
"""The same bound for large requests: so many values of requests are compared."""

Run = Callable[[Any], tuple[Request, ...] | None]
"""From a payload to the requests that perform makes of it, or None where it fails."""

Validate = Callable[[Any], Any]
"""From a payload to the one that perform would get once its fields are validated, or `MISSING` where they refuse it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value of a payload stands in the requests.

    Attributes:
        position: The value's position in the payload that perform sees.
        state: `found`: it stands at `locations`, as it is or in a text; `computed`: it stands nowhere, but what
            is at `locations` changes with it; `unused`: perform got other values, which changed
            nothing; `unknown`.
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


class Finder:
    """Traces the values of one payload, one after the other.

    Args:
        payload: The payload that perform saw.
        base: Every value of the requests that it made of it.
        run: Makes requests of a payload.
        validate: What the fields make of a payload; as it is when None.
    """

    def __init__(self, payload: Any, base: Locations, run: Run, validate: Validate | None = None) -> None:
        self._payload = payload
        self._base = base
        self._run = run
        self._validate = validate
        self._runs = 0
        self._most = min(MAX_RUNS, MAX_VALUES // (len(base) or 1))

    def parts(self, position: Position) -> Iterator[Place]:
        """The place of the value at a position, or those of its parts."""
        todo: list[tuple[Position, Bulk | None]] = [(position, None)]
        while todo:
            at, bulk = todo.pop()
            value = value_at(self._payload, at)
            locations = None if bulk is None else bulk.locations(at)
            if locations is not None:
                yield Place(at, "found", locations)
                continue
            is_container = isinstance(value, (dict, list)) and bool(value)
            # A part may stand as a whole although it changes with others: worth a quarter of the runs.
            if bulk is None or not is_container or self._runs < self._most // 4 or not bulk.has_part(at):
                families = self._families(at, value)
                place = self._whole(at, value, families)
                if not is_container or place.state in ("found", "unused") or self._runs >= self._most:
                    yield place
                    continue
                bulk = Bulk(self._payload, self._base, at, [one for tries in families for one in tries])
            keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
            todo.extend(((*at, key), bulk) for key in reversed(keys))

    def _families(self, position: Position, value: Any) -> list[tuple[Try, ...]]:
        return [tries for tries in (self._tries(position, family) for family in other_values(value)) if tries]

    def _whole(self, position: Position, value: Any, families: list[tuple[Try, ...]]) -> Place:
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

    def _tries(self, position: Position, family: tuple[Any, ...]) -> tuple[Try, ...]:
        """The runs of one family; none where one of them proves nothing."""
        tries = []
        for other in family:
            made = self._try(position, other) if self._runs < self._most else None
            if made is None:
                return ()
            tries.append(made)
        return tuple(tries)

    def _try(self, position: Position, other: Any) -> Try | None:
        """A run; None where fields or perform refuse the value, or perform makes another number of requests."""
        self._runs += 1
        payload = with_value(self._payload, position, other)
        if self._validate is not None:
            # Fields may change the other value, or take it out again: then perform would not see a difference.
            other = value_at(self._validate(deepcopy(payload)), position)
            if other is MISSING or deep_equals(other, value_at(self._payload, position)):
                return None
            payload = with_value(self._payload, position, other)
        found = located(self._run, payload)
        return None if found is None or _methods(found) != _methods(self._base) else Try(other, found)

    def _carrying(self, value: Any, tries: tuple[Try, ...]) -> Iterator[Location]:
        for location, found in self._base.items():
            others = [(one.found[location], one.other) for one in tries if location in one.found]
            if len(others) < len(tries) or any(deep_equals(found, then) for then, _ in others):
                continue  # what did not change tells nothing
            if carries(found, value, others):
                yield location

    def _contradicts(self, location: Location, value: Any, one: Try) -> bool:
        """Whether in a run the other value stood somewhere, but not here; a container has to stand here."""
        if location in one.found and carries(self._base[location], value, [(one.found[location], one.other)]):
            return False
        return isinstance(value, (dict, list)) or appears(one.other, list(one.found.values()))

    def _changes(self, location: Location, one: Try) -> bool:
        return location not in one.found or not deep_equals(self._base[location], one.found[location])


def located(run: Run, payload: Any) -> Locations | None:
    """What perform makes of a payload, which it gets as a copy; None where it fails."""
    requests = run(deepcopy(payload))
    return None if requests is None else locate(requests)


def _methods(found: Locations) -> list[tuple[Location, Any]]:
    return [(location, value) for location, value in found.items() if location.part == "method"]
