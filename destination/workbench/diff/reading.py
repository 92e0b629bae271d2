"""Runs an event through one version of a subscription, and compares the results of two versions."""

import inspect
from typing import Any, Final, Literal, NamedTuple

from destination.event import Event
from destination.request import Request
from destination.runtime.compiled import CompiledSubscription
from destination.values import write_json
from destination.workbench.diff.differences import Difference, Differences, value_differences

Kind = Literal["newly-sent", "no-longer-sent", "newly-failing", "no-longer-failing", "failing-otherwise", "changed"]

KINDS: Final[tuple[Kind, ...]] = (
    "newly-sent",
    "no-longer-sent",
    "newly-failing",
    "no-longer-failing",
    "failing-otherwise",
    "changed",
)
"""The kinds of change, in the order of reports."""


class Reading(NamedTuple):
    """The result of running an event through a subscription whose trigger matches it.

    Attributes:
        payload: The validated payload, or `MISSING`.
        requests: The requests that would be sent; of an `async` perform those up to the first answer.
        error: The error if the event fails, or None.
        bodies: For each request the JSON value that its body was written from, or `MISSING`; empty if unknown.
    """

    payload: Any
    requests: tuple[Request, ...]
    error: Exception | None
    bodies: tuple[Any, ...] = ()


class Readings(NamedTuple):
    """The results of an event in both versions; None where the trigger does not match, or there is no subscription.

    Attributes:
        before: The result in the old version.
        after: The result in the new version.

    Example:
        >>> Readings(None, Reading({}, (), None)).before is None
        True
    """

    before: Reading | None
    after: Reading | None


def read(item: CompiledSubscription, event: Event) -> Reading | None:
    """Runs an event through a subscription without sending anything; returns None if the trigger does not match.

    A subscription whose action does not exist sends nothing, so it counts as not matching.

    Example:
        >>> from destination.definition import find
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> goals = {"name": "Goals", "partnerAction": "trackGoal", "subscribe": 'type = "track"', "mapping": {
        ...     "name": {"@path": "$.event"}, "units": {"userId": {"@path": "$.userId"}}, "properties": {}}}
        >>> [item] = find("actions-absmartly").instance(settings, [goals]).subscriptions
        >>> event = {"type": "track", "event": "Login", "userId": "u1", "timestamp": "2026-01-01T00:00:00Z"}
        >>> reading = read(item, event)
        >>> reading.payload["name"], len(reading.requests), reading.error, read(item, {"type": "page"})
        ('Login', 1, None, None)
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
            bodies = tuple([pending.json for pending in attempt.made])
            return Reading(attempt.payload, tuple(attempt.requests), None, bodies)
        except Exception as raised:  # noqa: BLE001  what cannot be written fails when it is sent
            error = raised
    return Reading(attempt.payload, (), error)


def kind_of(before: Reading | None, after: Reading | None) -> Kind | None:
    """Returns how the outcome changed; None if it did not, or if both versions send and must be compared.

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
    found = value_differences(before.payload, after.payload)
    if not found or any(map(_shows_in_json, found.values())):
        return found
    try:
        return {} if write_json(before.payload) == write_json(after.payload) else found
    except (TypeError, ValueError):  # deeper than can be written, or no JSON: compared value by value
        return found


def _shows_in_json(difference: Difference) -> bool:
    """Whether two values certainly have different JSON, unlike NaN and null; False says nothing."""
    one, other = difference.before, difference.after
    if isinstance(one, str) and isinstance(other, str):
        return one.isascii() or other.isascii()  # a surrogate pair may be one character or two
    return isinstance(one, str) or isinstance(other, str)
