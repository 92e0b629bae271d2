"""Recognises changes that make no difference to any event, so that no test can notice them."""

from typing import Any

from destination.definition import Subscription
from destination.errors import DestinationError
from destination.fql import Impossible, Trigger, Witness, compile_trigger, satisfy
from destination.mapping import compile_mapping
from destination.mapping.compiled import is_constant
from destination.mapping.compiler import effective_mapping
from destination.mapping.directive import Knowledge
from destination.mapping.knowledge import is_dead
from destination.mapping.validate import MappingPath, is_directive
from destination.values import MISSING, deep_equals
from destination.workbench.coverage.trigger_knowledge import known_when_matched
from destination.workbench.mutate.mutant import Mutant


class Equivalence:
    """Recognises the mutants of one subscription that do the same as it for every event.

    Only simple reasons are recognised: a mutant without a reason may still make no difference.

    Args:
        subscription: The subscription.
        fields: The keys of the action's fields; None if it takes any key.

    Example:
        >>> pages = Subscription(subscribe='type = "page" and type != "track"', partner_action="x", mapping={"a": 1})
        >>> equivalence = Equivalence(pages, None)
        >>> equivalence.reason(Mutant(0, "P", "trigger", ("subscribe", "1"), "", 'type = "page"'))
        'both triggers match the same events'
        >>> equivalence.reason(Mutant(0, "P", "mapping", ("mapping", "a"), "", {"a": 2})) is None
        True
    """

    def __init__(self, subscription: Subscription, fields: frozenset[str] | None) -> None:
        self._subscription = subscription
        self._fields = fields
        self._trigger: Trigger = compile_trigger(subscription.subscribe)
        self._known: Knowledge = known_when_matched(self._trigger)
        self._never = _never(self._trigger)

    def reason(self, mutant: Mutant) -> str | None:
        """Returns why a mutant does the same for every event; None if no reason is known."""
        if mutant.part == "trigger":
            return "both triggers match the same events" if _same_events(self._trigger, mutant.value) else None
        if self._never:
            return "its trigger matches no event"
        if mutant.part == "mapping":
            return self._same_payload(mutant)
        return None

    def _same_payload(self, mutant: Mutant) -> str | None:
        mapping, path = self._subscription.mapping, mutant.path[1:]
        if self._fields is not None and not _from_a_directive(mapping) and path and path[0] not in self._fields:
            return f"the action has no field {path[0]!r}"
        if is_dead(effective_mapping(mapping), path, self._known):
            return "no event that matches the trigger takes this branch"
        return "its value is the same for every event" if _same_constant(mapping, mutant.value, path) else None


def distinguishing_event(old: str, new: str) -> dict[str, Any] | None:
    """Returns an event that one of two triggers matches and the other does not; None if none is found.

    Example:
        >>> distinguishing_event('type = "page" and properties.n > 5', 'type = "page" and properties.n >= 5')
        {'type': 'page', 'properties': {'n': 5}}
    """
    for matched, refused in ((old, new), (new, old)):
        found = _asked(matched, refused)
        if isinstance(found, Witness):
            return found.event
    return None


def _asked(matched: Any, refused: Any) -> Any:
    try:
        return satisfy(matched, refused=refused)
    except DestinationError:
        return None


def _same_events(old: Trigger, new: str) -> bool:
    return isinstance(_asked(old, new), Impossible) and isinstance(_asked(new, old), Impossible)


def _never(trigger: Trigger) -> bool:
    try:
        return isinstance(satisfy(trigger), Impossible)
    except DestinationError:
        return False


def _from_a_directive(mapping: Any) -> bool:
    return not isinstance(mapping, dict) or is_directive(mapping) or "__segment_internal_directive" in mapping


def _item(value: Any, key: str) -> Any:
    return value[int(key)] if isinstance(value, list) and key.isdigit() and int(key) < len(value) else None


def _same_constant(old: Any, new: Any, path: MappingPath) -> bool:
    """Whether the first constant part on the way to a path has the same value in two mappings."""
    for key in path:
        old, new = (value.get(key, MISSING) if isinstance(value, dict) else _item(value, key) for value in (old, new))
        if any(value is None or value is MISSING for value in (old, new)):
            return False
        if is_constant(old) and is_constant(new):
            before, after = (compile_mapping({"": value}).steps({}) for value in (old, new))
            return before.error is None and after.error is None and deep_equals(before.payload, after.payload)
    return False
