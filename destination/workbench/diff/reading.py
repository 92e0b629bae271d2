"""What a subscription makes of an event, and how the readings of two versions differ."""

import inspect
from typing import Any, Final, Literal, NamedTuple

from destination.event import Event
from destination.request import Request
from destination.runtime.compiled import CompiledSubscription
from destination.values import write_json
from destination.workbench.diff.differences import Differences, value_differences

Kind = Literal["newly-sent", "no-longer-sent", "newly-failing", "no-longer-failing", "failing-otherwise", "changed"]

KINDS: Final[tuple[Kind, ...]] = (
    "newly-sent",
    "no-longer-sent",
    "newly-failing",
    "no-longer-failing",
    "failing-otherwise",
    "changed",
)
"""How the outcome of an event can change, in the order of reports."""


class Reading(NamedTuple):
    """What a subscription makes of an event that its trigger matches.

    Attributes:
        payload: The validated payload, or `MISSING`.
        requests: The requests it would send; of an `async` perform those up to the first answer.
        error: Why it fails, or None.
    """

    payload: Any
    requests: tuple[Request, ...]
    error: Exception | None


def read(item: CompiledSubscription, event: Event) -> Reading | None:
    """Reads what a subscription makes of an event; None if its trigger does not match. Nothing is sent.

    A subscription without an action sends nothing: it matches no event here.
    """
    if item.action is None:
        return None
    outcome = item.match(event)
    if outcome.error is not None:
        return Reading(outcome.payload, (), outcome.error)
    if not outcome.matched:
        return None
    attempt = item.prepare(event)
    error, output = attempt.error, attempt.output
    if error is None:
        if inspect.iscoroutine(output):
            output.close()  # it would send: a plan's own client only looks
            outcome = item.plan(event)
            return Reading(outcome.payload, outcome.requests, outcome.error)
        try:
            return Reading(attempt.payload, tuple(attempt.requests), None)
        except Exception as raised:  # noqa: BLE001  what cannot be written fails when it is sent
            error = raised
    return Reading(attempt.payload, (), error)


def kind_of(before: Reading | None, after: Reading | None) -> Kind | None:
    """Returns how an outcome changed as a whole; None if it did not, or if both are sent and have to be compared.

    Example:
        >>> kind_of(None, Reading({}, (), None)), kind_of(Reading({}, (), ValueError("no")), None)
        ('newly-sent', 'no-longer-failing')
    """
    failed = before is not None and before.error is not None
    fails = after is not None and after.error is not None
    if failed and fails:
        return "failing-otherwise" if error_text(before) != error_text(after) else None
    if fails:
        return "newly-failing"
    if failed:
        return "no-longer-failing"
    if before is None and after is not None:
        return "newly-sent"
    return "no-longer-sent" if before is not None and after is None else None


def error_text(reading: Reading | None) -> str:
    """Returns the error of a reading in one line; empty if there is none.

    Example:
        >>> error_text(Reading({}, (), KeyError("x"))), error_text(None)
        ("KeyError: 'x'", '')
    """
    error = None if reading is None else reading.error
    if error is None:
        return ""
    text = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
    if type(error).__module__.startswith("destination."):
        return text or type(error).__name__
    return f"{type(error).__name__}: {text}"


def payload_differences(before: Reading, after: Reading) -> Differences:
    """Finds where the payloads of two readings without an error differ.

    Example:
        >>> list(payload_differences(Reading({"a": 1, "b": 2}, (), None), Reading({"b": 2, "a": 3}, (), None)))
        ['/a']
    """
    try:
        if write_json(before.payload) == write_json(after.payload):
            return {}
    except (TypeError, ValueError):  # deeper than can be written, or no JSON: compared value by value
        pass
    return value_differences(before.payload, after.payload)
