"""Where the values of a payload stand in the requests.

Nothing tells that but the perform itself, which is code. So it is called again with other values in the place of
one, and what it then makes is compared, place by place, with what it made before (`trace_places`). Nothing is sent.
A place is only named where every such run agrees; where perform refuses other values, or does not give the same
twice, the place is `unknown`.
"""

from collections.abc import Iterable
from typing import Any

from destination.request import Request
from destination.values import deep_equals
from destination.workbench.explain.finder import Finder, Place, Run, Validate, located
from destination.workbench.explain.locations import Location, Locations, Position, locate


def trace_places(
    payload: Any,
    requests: tuple[Request, ...],
    positions: Iterable[Position],
    run: Run,
    validate: Validate | None = None,
) -> dict[Position, tuple[Place, ...]]:
    """Where the values at some positions of a payload stand in the requests.

    Args:
        payload: The payload that perform saw.
        requests: What it made of it.
        positions: The positions to ask for.
        run: Makes requests of a payload, None where that fails; called many times, with copies.
        validate: What the fields make of a payload with another value in it; as it is when None.

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
        before = located(run, payload)
        found: dict[Position, tuple[Place, ...]] = {}
        if before is not None and before.keys() == base.keys():
            finder = Finder(payload, base, run, validate)
            found = {position: tuple(finder.parts(position)) for position in wanted}
        after = located(run, payload)
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


def _differing(left: Locations, right: Locations) -> set[Location]:
    return {place for place, value in left.items() if place not in right or not deep_equals(value, right[place])}
