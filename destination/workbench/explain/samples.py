"""Traces large values by a small sample of each: quickly, and with the result checked against the true requests."""

from collections.abc import Iterable
from typing import Any, Final

from destination.request import Request
from destination.values import deep_equals
from destination.workbench.explain.locations import Locations, Position, locate, value_at, with_value
from destination.workbench.explain.traced_values import Run, TracedValue, Validate, trace_values

_KEYS: Final = 8
_ITEMS: Final = 2
_LARGE: Final = 40
"""The number of values in an object or list above which a sample of it is traced."""
_MAX_DEPTH: Final = 20


def trace_samples(
    payload: Any,
    requests: tuple[Request, ...],
    positions: Iterable[Position],
    run: Run,
    validate: Validate | None = None,
    *,
    reads_only: bool = False,
) -> dict[Position, tuple[TracedValue, ...]]:
    """Finds values in requests as `trace_values` does, with samples in place of large objects and lists.

    What is found with the samples counts only where the true requests have the true value at the same location.
    Otherwise, and if perform refuses the samples, splits one or does not use it, the values themselves are traced.

    Args:
        payload: The payload that perform got.
        requests: The requests that it made from this payload.
        positions: The positions of the values.
        run: Makes requests from a payload; called many times, each time with a copy.
        validate: Validates a payload with another value in it, without changing it; if None, every value is valid.
        reads_only: Whether `run` does not change payloads. Then it gets no copies.

    Example:
        >>> from destination.values import write_json
        >>> payload = {"all": {f"key {number}": number for number in range(1000)}}
        >>> runs = []
        >>> def run(payload):
        ...     runs.append(len(payload["all"]))
        ...     return (Request("POST", "https://h.test/", body=write_json({"to": payload["all"]})),)
        >>> requests = run(payload)
        >>> (value,) = trace_samples(payload, requests, [("all",)], run)[("all",)]
        >>> value.state, str(value.locations[0]), max(runs[1:]) < 10
        ('found', 'body.to', True)
    """
    wanted = list(positions)
    small = payload
    sampled: set[Position] = set()
    for position in wanted:
        value = value_at(payload, position)
        if isinstance(value, (dict, list)) and _is_large(value):
            small = with_value(small, position, _sample(value))
            sampled.add(position)
    if not sampled:
        return trace_values(payload, requests, wanted, run, validate, reads_only=reads_only)
    made = run(small)
    found: dict[Position, tuple[TracedValue, ...]] = {}
    if made is not None and len(made) == len(requests):
        found = trace_values(small, made, wanted, run, validate, reads_only=reads_only)
        true = locate(requests)
        found = {at: values for at, values in found.items() if _holds(payload, true, at, values, at in sampled)}
    missing = [position for position in wanted if position not in found]
    if missing:
        found |= trace_values(payload, requests, missing, run, validate, reads_only=reads_only)
    return found


def _holds(payload: Any, true: Locations, at: Position, values: tuple[TracedValue, ...], is_sampled: bool) -> bool:
    """Whether the result of a sample is also that of the true value."""
    if any(location not in true for value in values for location in value.locations):
        return False
    if not is_sampled:
        return True
    (first, *parts) = values
    if parts or first.position != at or first.state != "found":
        return False
    value = value_at(payload, at)
    return all(deep_equals(true[location], value) for location in first.locations)


def _is_large(value: Any) -> bool:
    count = 0
    todo = [value]
    while todo and count <= _LARGE:
        item = todo.pop()
        count += len(item)
        todo.extend(
            inner for inner in (item.values() if isinstance(item, dict) else item) if isinstance(inner, (dict, list))
        )
    return count > _LARGE


def _sample(value: Any, depth: int = 0) -> Any:
    """Returns the first members, each with its own first members."""
    if depth == _MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return {key: _sample(value[key], depth + 1) for key in list(value)[:_KEYS]}
    return [_sample(item, depth + 1) for item in value[:_ITEMS]] if isinstance(value, list) else value
