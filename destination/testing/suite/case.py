"""Runs one case of the generated suite: trigger, mapping, validation, perform. Nothing is sent."""

from dataclasses import field
from typing import Any

from destination.records import dataclass
from destination.runtime import Instance
from destination.testing.clock import FrozenClock, frozen
from destination.values import MISSING, read_json, write_json


@dataclass(frozen=True, slots=True)
class SuiteCase:
    """An event that tries one thing of one subscription.

    Attributes:
        name: The subscription and the label of the case: `Track Calls / name absent`. It is one line without `::`,
            so that it can be the name of a test.
        subscription: The subscription's name.
        index: Its index in `instance.subscriptions`.
        event: The event.
        why: How the event differs from the others, as a sentence.
        notes: The values of the payload that no event can bring about, or that the trigger changed, with the reason.
        instance: The instance that the case was made for.
        left_out: The number of cases beyond the limit; only the last case of a subscription has it.

    Example:
        >>> from destination.testing.suite import suite_cases
        >>> from destination.testing.suite.targets import instance_of
        >>> case = suite_cases(instance_of("actions-absmartly"))[0]
        >>> case.subscription, case.index, case.event["type"]
        ('Track Calls', 0, 'track')
    """

    name: str
    subscription: str
    index: int
    event: dict[str, Any]
    why: str
    notes: tuple[str, ...]
    instance: Instance[Any] = field(repr=False, compare=False)
    left_out: int = 0

    @property
    def label(self) -> str:
        """The name without the subscription."""
        return self.name.rpartition(" / ")[2]


def run_case(case: SuiteCase, instance: Instance[Any] | None = None) -> dict[str, Any]:
    """Runs a case and returns the result as JSON, with secrets masked. In templates, the time is 2026-01-01T00:00:00Z.

    The result has `why`, `notes` (if there are any), `event`, `matched`, and as far as the event gets `payload`,
    `requests`, `incomplete` (further requests depend on an answer) and `error`.

    Args:
        case: The case.
        instance: The instance to run the case with; its own if None.

    Example:
        >>> from destination.definition import find
        >>> from destination.testing.suite import suite_cases
        >>> settings = {"collectorEndpoint": "https://a.test/v1", "apiKey": "s3cr3t", "environment": "test"}
        >>> case = suite_cases(find("actions-absmartly").instance(settings))[0]
        >>> result = run_case(case)
        >>> result["matched"], result["payload"]["name"] == case.event["event"], result["requests"][0]["url"]
        (True, True, 'https://a.test/v1/context')
    """
    instance = case.instance if instance is None else instance
    item = instance.subscriptions[case.index]
    with frozen(FrozenClock()):
        outcome = item.match(case.event)
        if outcome.matched:
            outcome = item.plan(case.event)
    result: dict[str, Any] = {"why": case.why, "event": case.event, "matched": outcome.matched}
    if case.notes:
        result["notes"] = list(case.notes)
    if outcome.payload is not MISSING:
        result["payload"] = outcome.payload
    if outcome.requests:
        result["requests"] = [instance.redactor.request(request) for request in outcome.requests]
    if outcome.incomplete:
        result["incomplete"] = True
    if outcome.error is not None:
        result["error"] = {"type": type(outcome.error).__name__, "message": str(outcome.error)}
    elif not outcome.matched and item.unmatched.results[0]["output"] != "not subscribed":
        result["error"] = {"type": "Invalid subscription", "message": item.unmatched.results[0]["output"]}
    shown: dict[str, Any] = instance.redactor(read_json(write_json(result)))
    return shown
