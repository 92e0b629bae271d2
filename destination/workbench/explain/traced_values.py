"""Finds where the values of a payload are in the requests that a perform makes of it.

A perform is code, so only a call shows where it puts a value. `trace_values` calls it again with another value in the
payload and compares the requests. Nothing is sent. A location counts only if all such calls agree. A value is `unknown`
if the fields or perform reject every other value, or if perform makes different requests of the same payload.

Other values come in families (`markers.other_values`): text with something behind it, text with something before it,
another number. Perform may reject one family, such as text that is not a date any more, and accept another.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any, Final, Literal, TypeAlias

from destination.records import dataclass
from destination.request import Request
from destination.values import MISSING, deep_equals, is_number
from destination.workbench.explain.locations import Location, Locations, Position, locate, value_at, with_value
from destination.workbench.explain.markers import appears, carries, other_values

MAX_RUNS: Final = 600
"""Maximum number of calls of perform for one subscription; values that are not traced by then are `unknown`."""
MAX_VALUES: Final = 150_000
"""Maximum number of values compared for one subscription; it lowers the number of calls if requests are large."""

Run: TypeAlias = Callable[[Any], tuple[Request, ...] | None]
"""Returns the requests that perform makes from a payload, or None if it fails."""

Validate: TypeAlias = Callable[[Any], Any]
"""Returns a payload as the fields pass it to perform, or `MISSING` if they reject it."""

_Index: TypeAlias = dict[tuple[bool, Any], set[Location]]


@dataclass(frozen=True, slots=True)
class TracedValue:
    """One value of a payload, and where it is in the requests.

    Attributes:
        position: The value's position in the payload that perform gets.
        state: `found`: the value is at `locations`, unchanged or within a text; `computed`: the value itself is
            nowhere, but the content of `locations` changes with it; `unused`: no request changes with it; `unknown`:
            no other value could be tried.
        locations: The locations that `state` is about.

    Example:
        >>> value = TracedValue(("name",), "found", (Location(0, "body", ("goals", 0, "name")),))
        >>> value.state, [str(location) for location in value.locations]
        ('found', ['body.goals[0].name'])
    """

    position: Position
    state: Literal["found", "computed", "unused", "unknown"]
    locations: tuple[Location, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Returns the value's position, state and locations as JSON."""
        return {
            "position": list(self.position),
            "state": self.state,
            "locations": [location.to_json() for location in self.locations],
        }


def trace_values(
    payload: Any,
    requests: tuple[Request, ...],
    positions: Iterable[Position],
    run: Run,
    validate: Validate | None = None,
) -> dict[Position, tuple[TracedValue, ...]]:
    """Finds the values at some positions of a payload in the requests.

    Args:
        payload: The payload that perform got.
        requests: The requests that it made from this payload.
        positions: The positions of the values.
        run: Makes requests from a payload; called many times, each time with a copy.
        validate: Validates a payload with another value in it; if None, every value is valid.

    Returns:
        For each position one traced value, or one for each part of the value if perform splits it.

    Example:
        >>> from destination.values import write_json
        >>> def run(payload):
        ...     return (Request("POST", "https://h.test/", body=write_json({"to": payload["a"], "n": 1})),)
        >>> found = trace_values({"a": "x", "b": "x"}, run({"a": "x"}), [("a",), ("b",)], run)
        >>> [(value.state, *map(str, value.locations)) for values in found.values() for value in values]
        [('found', 'body.to'), ('unused',)]
    """
    base = locate(requests)
    wanted = list(positions)
    try:
        before = _located(run, payload)
        found: dict[Position, tuple[TracedValue, ...]] = {}
        if before is not None and before.keys() == base.keys():
            tracer = _Tracer(payload, base, run, validate)
            found = {position: tuple(tracer.parts(position)) for position in wanted}
        after = _located(run, payload)
    except RecursionError:  # the payload is nested too deeply to be copied
        after = None
    if after is None or before is None or after.keys() != base.keys() or not found:
        return {position: (TracedValue(position, "unknown"),) for position in wanted}
    # A value that differs between two runs with the same payload proves nothing.
    unstable = _differing(base, before) | _differing(base, after)
    return {position: tuple(_stable(value, unstable) for value in values) for position, values in found.items()}


def _stable(value: TracedValue, unstable: set[Location]) -> TracedValue:
    if value.state != "computed":
        return value
    kept = tuple(location for location in value.locations if location not in unstable)
    return TracedValue(value.position, "computed" if kept else "unknown", kept)


def _differing(left: Locations, right: Locations) -> set[Location]:
    return {at for at, value in left.items() if at not in right or not deep_equals(value, right[at])}


def _located(run: Run, payload: Any) -> Locations | None:
    """Returns every value of the requests for a copy of a payload; None if perform fails."""
    requests = run(deepcopy(payload))
    return None if requests is None else locate(requests)


# --- one value at a time ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ProbeRun:
    """A call of perform with another value in the payload.

    Attributes:
        other: The other value.
        found: Every value of the requests that perform made.
    """

    other: Any
    found: Locations


class _Tracer:
    """Traces the values of one payload, one by one.

    Args:
        payload: The payload that perform got.
        base: Every value of the requests that it made from this payload.
        run: Makes requests from a payload.
        validate: Validates a payload.
    """

    def __init__(self, payload: Any, base: Locations, run: Run, validate: Validate | None) -> None:
        self._payload = payload
        self._base = base
        self._run = run
        self._validate = validate
        self._runs = 0
        self._max_runs = min(MAX_RUNS, MAX_VALUES // (len(base) or 1))

    def parts(self, position: Position) -> Iterator[TracedValue]:
        """Traces the value at a position, or each of its parts."""
        todo: list[tuple[Position, _BulkProbe | None]] = [(position, None)]
        while todo:
            at, bulk = todo.pop()
            value = value_at(self._payload, at)
            locations = None if bulk is None else bulk.locations(at)
            if locations is not None:
                yield TracedValue(at, "found", locations)
                continue
            is_container = isinstance(value, (dict, list)) and bool(value)
            # A part may be found as a whole although it changes with others: up to a quarter of the runs look for it.
            if bulk is None or not is_container or self._runs < self._max_runs // 4 or not bulk.has_part(at):
                families = self._families(at, value)
                whole = self._whole(at, value, families)
                if not is_container or whole.state in ("found", "unused") or self._runs >= self._max_runs:
                    yield whole
                    continue
                bulk = _BulkProbe(self._payload, self._base, at, [one for probes in families for one in probes])
            keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
            todo.extend(((*at, key), bulk) for key in reversed(keys))

    def _families(self, position: Position, value: Any) -> list[tuple[_ProbeRun, ...]]:
        """Runs perform with the families of other values; leaves out those that prove nothing."""
        return [probes for probes in (self._probes(position, family) for family in other_values(value)) if probes]

    def _probes(self, position: Position, family: tuple[Any, ...]) -> tuple[_ProbeRun, ...]:
        """Runs perform with each value of a family; returns no runs if one of them proves nothing."""
        probes = []
        for other in family:
            probe = self._probe(position, other) if self._runs < self._max_runs else None
            if probe is None:
                return ()
            probes.append(probe)
        return tuple(probes)

    def _probe(self, position: Position, other: Any) -> _ProbeRun | None:
        """Runs perform; returns None if the value is rejected or the number of requests changes."""
        self._runs += 1
        payload = with_value(self._payload, position, other)
        if self._validate is not None:
            # Fields may change the other value or remove it; then perform would not get a different one.
            other = value_at(self._validate(deepcopy(payload)), position)
            if other is MISSING or deep_equals(other, value_at(self._payload, position)):
                return None
            payload = with_value(self._payload, position, other)
        found = _located(self._run, payload)
        return None if found is None or _methods(found) != _methods(self._base) else _ProbeRun(other, found)

    def _whole(self, position: Position, value: Any, families: list[tuple[_ProbeRun, ...]]) -> TracedValue:
        """Traces a value as a whole, from the runs of each family."""
        every = [one for probes in families for one in probes]
        if not every:
            return TracedValue(position, "unknown")
        copies = {
            location
            for probes in families
            for location in self._carrying(value, probes)
            if not any(self._contradicts(location, value, one) for one in every)
        }
        if copies:
            return TracedValue(position, "found", tuple(location for location in self._base if location in copies))
        changed = [location for location in self._base if any(self._changes(location, one) for one in every)]
        around = {
            (location.request, location.part, location.position[:-1]) for location in changed if location.position
        }
        # A container changes with what is in it: only its parts are reported.
        innermost = tuple(
            location for location in changed if (location.request, location.part, location.position) not in around
        )
        if innermost:
            return TracedValue(position, "computed", innermost)
        more = any(one.found.keys() != self._base.keys() for one in every)
        return TracedValue(position, "unknown" if more else "unused")

    def _carrying(self, value: Any, probes: tuple[_ProbeRun, ...]) -> Iterator[Location]:
        """Yields the locations that carry the value, and in each run of the family the other value instead."""
        for location, found in self._base.items():
            others = [(one.found[location], one.other) for one in probes if location in one.found]
            if len(others) < len(probes) or any(deep_equals(found, then) for then, _ in others):
                continue  # a value that did not change proves nothing
            if carries(found, value, others):
                yield location

    def _contradicts(self, location: Location, value: Any, one: _ProbeRun) -> bool:
        """Whether a run has the other value, but not at this location; a container must be at this location."""
        if location in one.found and carries(self._base[location], value, [(one.found[location], one.other)]):
            return False
        return isinstance(value, (dict, list)) or appears(one.other, list(one.found.values()))

    def _changes(self, location: Location, one: _ProbeRun) -> bool:
        return location not in one.found or not deep_equals(self._base[location], one.found[location])


def _methods(found: Locations) -> list[tuple[Location, Any]]:
    return [(location, value) for location, value in found.items() if location.part == "method"]


# --- all parts of a container at once --------------------------------------------------------------------


class _BulkProbe:
    """Finds all parts of a container by runs in which every text and number in it was replaced.

    This finds a part only if it is unchanged and at the same locations in every run. Other parts are traced one by
    one.

    Args:
        payload: The payload that perform got.
        base: Every value of the requests that it made from this payload.
        position: The position of the container in the payload.
        probes: The runs.
    """

    def __init__(self, payload: Any, base: Locations, position: Position, probes: list[_ProbeRun]) -> None:
        self._payload = payload
        self._base = base
        self._depth = len(position)
        self._probes = [(one.other, one.found, _index(one.found)) for one in probes]

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
        first: set[Location] | None = None
        for other, _, index in self._probes:
            there = value_at(other, inside)
            here = index.get(_key(there), set()) if _is_marked(there) else set()
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
            deep_equals(found.get(location), value_at(other, inside)) for other, found, _ in self._probes
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
    return isinstance(value, str) or (is_number(value) and not isinstance(value, bool))


def _key(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _index(found: Locations) -> _Index:
    index: _Index = {}
    for location, value in found.items():
        if _is_marked(value):
            index.setdefault(_key(value), set()).add(location)
    return index
