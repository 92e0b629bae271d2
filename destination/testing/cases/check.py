"""Checks a case: compares the result of its event with the expected one."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from destination.runtime import Instance, Outcome
from destination.runtime.problems import label
from destination.testing.cases.model import Case, proposal
from destination.testing.clock import FrozenClock, frozen
from destination.testing.compare import Difference, as_json, differences, pointer
from destination.values import MISSING


def found_in(case: Case, instance: Instance[Any]) -> dict[str, Any]:
    """Returns the result of a case's event in the form of its `expect`, with secrets masked. Nothing is sent.

    It has the subscriptions whose trigger matches or fails. In templates, the time is 2026-01-01T00:00:00Z.

    Example:
        >>> from destination.definition import find
        >>> case = Case("A page", {"type": "page"}, MISSING, (), 1)
        >>> found = found_in(case, find("actions-absmartly").instance({"apiKey": "k", "environment": "e",
        ...     "collectorEndpoint": "https://h.test"}))
        >>> found["matched"], found["subscriptions"]["Page Calls"]["error"]["type"]
        (['Page Calls'], 'SchemaValidationError')
    """
    with frozen(FrozenClock()):
        outcomes = _named(instance.plan(case.event).outcomes)
    return {
        "matched": [name for name, outcome in outcomes.items() if outcome.matched],
        "subscriptions": {
            name: _shown(outcome, instance)
            for name, outcome in outcomes.items()
            if outcome.matched or outcome.error is not None
        },
    }


def strangers(case: Case, instance: Instance[Any]) -> list[str]:
    """Returns a line for each name in a case's `expect` that no subscription has, because it would check nothing.

    Example:
        >>> from destination.definition import find
        >>> case = Case("A page", {}, {"subscriptions": {"Page Cals": {"absent": True}}}, (), 1)
        >>> strangers(case, find("actions-absmartly").instance({"apiKey": "k", "environment": "e",
        ...     "collectorEndpoint": "https://h.test"}))
        ['/subscriptions/Page Cals: is not a subscription; did you mean Page Calls?']
    """
    known = tuple(_numbered(label(one, index) for index, one in enumerate(instance.given)))
    expected = {} if case.expect is MISSING else case.expect.get("subscriptions") or {}
    return [
        f"{pointer(('subscriptions', name))}: is not a subscription; {proposal(name, known)}"
        for name in expected
        if name not in known
    ]


def _named(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    """Returns outcomes by the names of their subscriptions."""
    outcomes = list(outcomes)
    return dict(zip(_numbered(outcome.name for outcome in outcomes), outcomes, strict=True))


def _numbered(names: Iterable[str]) -> list[str]:
    """Makes names unique: a second `Name` becomes `Name (2)`."""
    numbered: dict[str, None] = {}
    for name in names:
        number, free = 1, name
        while free in numbered:
            number += 1
            free = f"{name} ({number})"
        numbered[free] = None
    return list(numbered)


def _shown(outcome: Outcome, instance: Instance[Any]) -> dict[str, Any]:
    redactor = instance.redactor
    shown: dict[str, Any] = {}
    if outcome.payload is not MISSING:
        with suppress(TypeError, ValueError):  # the request shows the error
            shown["payload"] = as_json(redactor(outcome.payload))
    if outcome.error is not None:
        shown["error"] = {"type": type(outcome.error).__name__, "message": redactor.text(str(outcome.error))}
    if outcome.requests or outcome.error is None:
        shown["requests"] = [redactor.request(request) for request in outcome.requests]
    if outcome.incomplete:
        shown["incomplete"] = True  # an `async` perform awaits an answer
    return shown


def check_case(case: Case, found: Mapping[str, Any]) -> list[Difference]:
    """Returns the differences between the `expect` of a case and the result of `found_in`.

    An expected `error` that is a string is the error's message. A key without a value is not compared.

    Example:
        >>> case = Case("A page", {}, {"matched": ["Page Calls"]}, (), 1)
        >>> [str(one) for one in check_case(case, {"matched": [], "subscriptions": {}})]
        ['/matched/0: expected "Page Calls", found nothing']
    """
    return differences(*comparable(case.expect, found))


def comparable(expect: Any, found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the expected result without its gaps, and the found one with errors in the form of the expected ones."""
    wanted = {} if expect is MISSING else {key: value for key, value in expect.items() if value is not None}
    subscriptions: dict[str, Any] = dict(found["subscriptions"])
    if "subscriptions" in wanted:
        wanted["subscriptions"] = {
            name: _without_gaps(outcome) for name, outcome in wanted["subscriptions"].items() if outcome is not None
        }
        for name, outcome in wanted["subscriptions"].items():
            error = subscriptions.get(name, {}).get("error")
            if isinstance(outcome.get("error"), str) and error is not None:
                subscriptions[name] = {**subscriptions[name], "error": error["message"]}
    return wanted, {**found, "subscriptions": subscriptions}


def _without_gaps(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in outcome.items() if value is not None}


def gaps(case: Case) -> list[tuple[str, ...]]:
    """Returns the paths in a case's `expect` that have no value yet and can be recorded; `()` is the whole.

    Example:
        >>> gaps(Case("A", {}, {"matched": ["T"], "subscriptions": {"T": {"payload": None}}}, (), 1))
        [('subscriptions', 'T', 'payload')]
        >>> gaps(Case("B", {}, MISSING, (), 1))
        [()]
    """
    expect = case.expect
    if expect is MISSING or not expect:
        return [()]
    found: list[tuple[str, ...]] = [(key,) for key, value in expect.items() if value is None]
    for name, outcome in (expect.get("subscriptions") or {}).items():
        if outcome is None:
            found.append(("subscriptions", name))
        else:
            found += [("subscriptions", name, key) for key, value in outcome.items() if value is None]
    return found
