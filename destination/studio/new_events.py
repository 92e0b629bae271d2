"""Makes new events: those of Segment's spec, those that a subscription takes, and those that it just does not take."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from destination.fql import Impossible, Witness, boundary_events, satisfy
from destination.runtime import Instance
from destination.studio.session import Draft, Studio, StudioProblem, members_of
from destination.testing import SuiteCase, create_test_event, suite_cases
from destination.values import MISSING, write_json
from destination.values.printable import indent_json

_KINDS: Final = ("spec", "match", "outside")
_TRAITS: Final = {"email": "ann@example.com", "name": "Ann Example", "plan": "pro"}
_PAGE: Final = {"path": "/pricing", "title": "Pricing", "url": "https://example.com/pricing", "referrer": ""}
_ORDER: Final = {
    "order_id": "50314b8e",
    "total": 27.5,
    "revenue": 25,
    "currency": "EUR",
    "products": [{"product_id": "507f1f77", "name": "Monopoly", "price": 12.5, "quantity": 2}],
}
_OF_TYPE: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "track": ("a person did something: an order was completed", {"event": "Order Completed", "properties": _ORDER}),
    "page": ("a person saw a page", {"name": "Pricing", "properties": _PAGE}),
    "screen": ("a person saw a screen of an app", {"name": "Pricing", "properties": {"variation": "blue"}}),
    "identify": ("who a person is", {"traits": _TRAITS}),
    "group": ("which company a person belongs to", {"groupId": "acme-7", "traits": {"name": "Acme", "employees": 40}}),
    "alias": ("an anonymous person got an identifier", {"previousId": "anonId1234"}),
}
"""For each type of Segment's spec: what such an event says, and its members beside the common ones."""
_OWN_MEMBERS: Final = ("event", "properties", "traits")


def new_events(studio: Studio, draft: Draft, selected: Any, kind: Any) -> dict[str, Any]:
    """Makes events to choose from.

    Args:
        studio: What the page works on.
        draft: The draft.
        selected: The key of the subscription that is chosen, whether it is enabled or not.
        kind: `spec` for one event of each type of Segment's spec, `match` for events that the subscription takes, with
            a valid payload where one can be made, `outside` for events that its trigger just does not match.

    Returns:
        `events`, each with a `title` and its `text`, and `error`, why there are none, or None.

    Raises:
        StudioProblem: There is no such kind or no such subscription.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> studio = Studio(absmartly, placeholders(absmartly), None, None)
        >>> pages = {"key": "s0", "subscribe": 'type = "page"', "partnerAction": "trackGoal", "mapping": {}}
        >>> new_events(studio, [pages], "s0", "outside")["events"][0]["title"]
        'type = "page": "pag" is just outside'
    """
    if kind not in _KINDS:
        raise StudioProblem(f"there is no kind {kind!r} of new events; the kinds are: {', '.join(_KINDS)}")
    if kind == "spec":
        found = [(f"{name}: {what}", spec_event(name)) for name, (what, _) in _OF_TYPE.items()]
        return _answer(studio, found)
    item = next((one for one in draft if one.get("key") == selected), None)
    if item is None:
        raise StudioProblem(f"the draft has no subscription {selected!r}")
    instance = studio.instance_of([{**members_of(item), "enabled": True}])
    error = _why_none(instance)
    if error is not None:
        return {"events": [], "error": error}
    matching = list(_matching(instance))
    if kind == "match":
        return _answer(studio, matching, "No event was found that the trigger matches.")
    base = matching[0][1] if matching else None
    around = boundary_events(instance.subscriptions[0].trigger, base=base)
    outside = [(one.note, one.event) for one in around if not one.matches]
    return _answer(studio, outside, "No condition of the trigger has an event just outside.")


def spec_event(kind: str) -> dict[str, Any]:
    """Makes an event of a type of Segment's spec, with the members that the type has.

    Example:
        >>> event = spec_event("page")
        >>> event["name"], event["properties"]["path"], "event" in event, "traits" in event
        ('Pricing', '/pricing', False, False)
    """
    own = _OF_TYPE[kind][1]
    others = {key: MISSING for key in _OWN_MEMBERS if key not in own}
    return create_test_event(kind, **others, **deepcopy(dict(own)))


def _answer(studio: Studio, found: list[tuple[str, dict[str, Any]]], otherwise: str | None = None) -> dict[str, Any]:
    mask = studio.redactor.text  # a condition may contain a secret setting
    events = [{"title": mask(title), "text": indent_json(write_json(event).decode())} for title, event in found]
    return {"events": events, "error": None if events else otherwise}


def _why_none(instance: Instance[Any]) -> str | None:
    """Says why no event matches a trigger, if that is so."""
    trigger = instance.subscriptions[0].trigger
    if trigger is None:
        return "The trigger is empty, so no event matches it."
    if trigger.error is not None:
        return f"The trigger cannot be read: {trigger.error}"
    found = satisfy(trigger)
    if isinstance(found, Impossible):
        return f"No event matches the trigger: {found.reason}"
    return None if isinstance(found, Witness) else f"No event was found for the trigger: {found.reason}"


def _matching(instance: Instance[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Makes events that the subscription takes; those with a valid payload are first."""
    failing: list[tuple[str, dict[str, Any]]] = []
    cases = suite_cases(instance)
    full = next((case for case in cases if case.label == "all fields"), None)
    few = next((case for case in cases if case.label == "required fields only"), None)
    branches = [case for case in cases if case.why.startswith("The condition of")]
    for case in [*([full] if full else []), *([few] if few else []), *branches]:
        event = _usual(instance, case) if case is full else case.event
        outcome = instance.plan(event).outcomes[0]
        if not outcome.matched:
            continue
        title = _title(case)
        if outcome.error is None:
            yield title, event
        else:
            failing.append((f"{title}; the action fails: {outcome.error}", event))
    yield from failing


def _title(case: SuiteCase) -> str:
    if case.label == "all fields":
        return "Every field of the mapping has a value"
    if case.label == "required fields only":
        return "Only the required fields have a value"
    return f"{case.label}: {case.why[:1].lower()}{case.why[1:].rstrip('.')}"


def _usual(instance: Instance[Any], case: SuiteCase) -> dict[str, Any]:
    """Returns an event with the values of the spec where they are good enough, else the event of the case."""
    kind = case.event.get("type")
    if not isinstance(kind, str) or kind not in _OF_TYPE:
        return case.event
    usual = spec_event(kind)
    for event in (_laid_over(case.event, usual), _laid_over(usual, case.event)):
        found = satisfy(instance.subscriptions[0].trigger, base=event)
        if isinstance(found, Witness):
            outcome = instance.plan(found.event).outcomes[0]
            if outcome.matched and outcome.error is None:
                return deepcopy(found.event)
    return case.event


def _laid_over(base: Any, event: Any) -> Any:
    """Merges two events, object by object; the values of the second win."""
    if not (isinstance(base, dict) and isinstance(event, dict)):
        return event
    return {**base, **{key: _laid_over(base.get(key), value) for key, value in event.items()}}
