"""A case of the free suite, run: through trigger, mapping, validation and perform. Nothing is sent."""

from typing import Any

from destination.runtime import Instance
from destination.testing.clock import FrozenClock, frozen
from destination.testing.suite.case import SuiteCase
from destination.values import MISSING, read_json, write_json


def run_case(case: SuiteCase, instance: Instance[Any] | None = None) -> dict[str, Any]:
    """What became of a case's event, as JSON; secrets are masked, and templates take it to be the first moment of 2026.

    It holds `why`, `notes` (where there are any), `event`, `matched`, and where they came about `payload`,
    `requests`, `incomplete` (the perform awaits an answer, so more requests may follow) and `error`.

    Args:
        case: The case.
        instance: What to run it with in the place of the case's own instance, such as a mutant of that.

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
