"""Finds where the values of a payload are in the requests that a perform makes of it.

A perform is code, so only a call shows where it puts a value. `trace_values` calls it again with another value in the
payload and compares the requests. Nothing is sent. A location counts only if all such calls agree. A value is `unknown`
if the fields or perform reject every other value, or if perform makes different requests of the same payload.

Other values come in families (`markers.other_values`): text with something behind it, text with something before it,
another number. Perform may reject one family, such as text that is not a date any more, and accept another.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from destination.records import dataclass
from destination.request import Request
from destination.values import MISSING, deep_equals
from destination.workbench.explain.locations import (
    Changes,
    LocatedRequests,
    Location,
    Position,
    value_at,
    with_value,
)
from destination.workbench.explain.markers import appears, carries, other_values
from destination.workbench.explain.probe_runs import BulkProbe, Index, ProbeRun, index_of

MAX_RUNS: Final = 600
"""Maximum number of calls of perform for one subscription; values that are not traced by then are `unknown`."""
MAX_VALUES: Final = 150_000
"""Maximum number of values compared for one subscription; it lowers the number of calls if requests are large."""

Run: TypeAlias = Callable[[Any], tuple[Request, ...] | None]
"""Returns the requests that perform makes from a payload, or None if it fails."""

Validate: TypeAlias = Callable[[Any], Any]
"""Returns a payload as the fields pass it to perform, or `MISSING` if they reject it."""


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
    *,
    reads_only: bool = False,
) -> dict[Position, tuple[TracedValue, ...]]:
    """Finds the values at some positions of a payload in the requests.

    Args:
        payload: The payload that perform got.
        requests: The requests that it made from this payload.
        positions: The positions of the values.
        run: Makes requests from a payload; called many times, each time with a copy.
        validate: Validates a payload with another value in it, without changing it; if None, every value is valid.
        reads_only: Whether `run` does not change payloads. Then it gets no copies.

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
    base = LocatedRequests(requests)
    run_copy = run if reads_only else lambda changed: run(deepcopy(changed))
    wanted = list(positions)
    found: dict[Position, tuple[TracedValue, ...]] = {}
    try:
        before = _changes(base, run_copy(payload))
        if before is not None and before.same_locations:
            tracer = _Tracer(payload, base, run_copy, validate)
            found = {position: tuple(tracer.parts(position)) for position in wanted}
        after = _changes(base, run_copy(payload))
    except RecursionError:  # the payload is nested too deeply to be copied
        after = None
    if after is None or before is None or not after.same_locations or not found:
        return {position: (TracedValue(position, "unknown"),) for position in wanted}
    # A value that differs between two runs with the same payload proves nothing.
    unstable = {*before.values, *after.values}
    return {position: tuple(_stable(value, unstable) for value in values) for position, values in found.items()}


def _stable(value: TracedValue, unstable: set[Location]) -> TracedValue:
    if value.state != "computed":
        return value
    kept = tuple(location for location in value.locations if location not in unstable)
    return TracedValue(value.position, "computed" if kept else "unknown", kept)


def _changes(base: LocatedRequests, requests: tuple[Request, ...] | None) -> Changes | None:
    """Returns the changes that a run made; None if perform failed or made another number of requests."""
    return None if requests is None else base.changes(requests)


# --- one value at a time ---------------------------------------------------------------------------


class _Tracer:
    """Traces the values of one payload, one by one.

    Args:
        payload: The payload that perform got.
        requests: The requests that it made from this payload.
        run: Makes requests from a payload, without changing it.
        validate: Validates a payload, without changing it.
    """

    def __init__(self, payload: Any, requests: LocatedRequests, run: Run, validate: Validate | None) -> None:
        self._payload = payload
        self._requests = requests
        self._base = requests.values
        self._run = run
        self._validate = validate
        self._runs = 0
        self._max_runs = min(MAX_RUNS, MAX_VALUES // (len(self._base) or 1))

    @cached_property
    def _base_index(self) -> Index:
        return index_of(self._base)

    def parts(self, position: Position) -> Iterator[TracedValue]:
        """Traces the value at a position, or each of its parts."""
        todo: list[tuple[Position, BulkProbe | None]] = [(position, None)]
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
                every = [one for probes in families for one in probes]
                bulk = BulkProbe(self._payload, self._base, self._base_index, at, every)
            keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
            todo.extend(((*at, key), bulk) for key in reversed(keys))

    def _families(self, position: Position, value: Any) -> list[tuple[ProbeRun, ...]]:
        """Runs perform with the families of other values; leaves out those that prove nothing."""
        return [probes for probes in (self._probes(position, family) for family in other_values(value)) if probes]

    def _probes(self, position: Position, family: tuple[Any, ...]) -> tuple[ProbeRun, ...]:
        """Runs perform with each value of a family; returns no runs if one of them proves nothing."""
        probes = []
        for other in family:
            probe = self._probe(position, other) if self._runs < self._max_runs else None
            if probe is None:
                return ()
            probes.append(probe)
        return tuple(probes)

    def _probe(self, position: Position, other: Any) -> ProbeRun | None:
        """Runs perform; returns None if the value is rejected or the number of requests changes."""
        self._runs += 1
        payload = with_value(self._payload, position, other)
        if self._validate is not None:
            # Fields may change the other value or remove it; then perform would not get a different one.
            fitted = value_at(self._validate(payload), position)
            if fitted is MISSING or deep_equals(fitted, value_at(self._payload, position)):
                return None
            if fitted is not other:
                other, payload = fitted, with_value(self._payload, position, fitted)
        requests = self._run(payload)
        changes = _changes(self._requests, requests)
        if requests is None or changes is None or any(location.part == "method" for location in changes.values):
            return None
        return ProbeRun(other, requests, changes, self._base)

    def _whole(self, position: Position, value: Any, families: list[tuple[ProbeRun, ...]]) -> TracedValue:
        """Traces a value as a whole, from the runs of each family."""
        every = [one for probes in families for one in probes]
        if not every:
            return TracedValue(position, "unknown")
        copies = {
            location
            for probes in families
            for location in self._carrying(value, probes)
            if not any(
                self._contradicts(location, value, one) for others in families if others is not probes for one in others
            )
        }
        if copies:
            return TracedValue(position, "found", tuple(location for location in self._base if location in copies))
        changed_in_any = set().union(*(one.changed for one in every))
        changed = [location for location in self._base if location in changed_in_any]
        around = {
            (location.request, location.part, location.position[:-1]) for location in changed if location.position
        }
        # A container changes with what is in it: only its parts are reported.
        innermost = tuple(
            location for location in changed if (location.request, location.part, location.position) not in around
        )
        if innermost:
            return TracedValue(position, "computed", innermost)
        more = not all(one.same_locations for one in every)
        return TracedValue(position, "unknown" if more else "unused")

    def _carrying(self, value: Any, probes: tuple[ProbeRun, ...]) -> Iterator[Location]:
        """Yields the locations that carry the value, and in each run of the family the other value instead."""
        for location, then in probes[0].changed.items():  # a value that did not change proves nothing
            others = [(then, probes[0].other)]
            others += [(one.changed.get(location, MISSING), one.other) for one in probes[1:]]
            if all(then is not MISSING for then, _ in others) and carries(self._base[location], value, others):
                yield location

    def _contradicts(self, location: Location, value: Any, one: ProbeRun) -> bool:
        """Whether a run has the other value, but not at this location; a container must be at this location."""
        then = one.at(location)
        if then is not MISSING and carries(self._base[location], value, [(then, one.other)]):
            return False
        return isinstance(value, (dict, list)) or appears(one.other, one.values)
