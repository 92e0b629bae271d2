"""Recognises changes that make no difference to any event, so that no test can notice them."""

from collections import deque
from functools import cached_property
from typing import Any, Final

from destination.definition import Subscription
from destination.errors import DestinationError
from destination.fql import Impossible, Witness, compile_trigger, satisfy
from destination.fql.satisfy.solve import Subject as PreparedTrigger
from destination.fql.satisfy.solve import subject_of
from destination.mapping import compile_mapping
from destination.mapping.compiled import is_constant
from destination.mapping.compiler import effective_mapping
from destination.mapping.directive import Knowledge
from destination.mapping.knowledge import is_dead
from destination.mapping.validate import MappingPath, is_directive
from destination.values import MISSING, deep_equals
from destination.workbench.coverage.trigger_knowledge import known_when_matched
from destination.workbench.mutate.mutant import Mutant

_KEPT_EVENTS: Final = 3


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
        trigger = compile_trigger(subscription.subscribe)
        self._trigger = subject_of(trigger)
        self._known: Knowledge = known_when_matched(trigger)
        self._never = _never(self._trigger)
        self._constants: dict[int, bool] = {}
        self._events: deque[Any] = deque(maxlen=_KEPT_EVENTS)

    def reason(self, mutant: Mutant) -> str | None:
        """Returns why a mutant does the same for every event; None if no reason is known."""
        if mutant.part == "trigger":
            return "both triggers match the same events" if self._same_events(mutant.value) else None
        if self._never:
            return "its trigger matches no event"
        if mutant.part == "mapping":
            return self._same_payload(mutant)
        return None

    def _same_payload(self, mutant: Mutant) -> str | None:
        mapping, path = self._subscription.mapping, mutant.path[1:]
        if self._fields is not None and not _from_a_directive(mapping) and path and path[0] not in self._fields:
            return f"the action has no field {path[0]!r}"
        if is_dead(self._effective, path, self._known):
            return "no event that matches the trigger takes this branch"
        return "its value is the same for every event" if self._same_constant(mutant.value, path) else None

    @cached_property
    def _effective(self) -> Any:
        return effective_mapping(self._subscription.mapping)

    def _same_constant(self, new: Any, path: MappingPath) -> bool:
        """Whether the first constant part on the way to a path has the same value in the mapping and a changed one."""
        old = self._subscription.mapping
        for key in path:
            old, new = (
                value.get(key, MISSING) if isinstance(value, dict) else _item(value, key) for value in (old, new)
            )
            if any(value is None or value is MISSING for value in (old, new)):
                return False
            if self._is_constant(old) and is_constant(new):
                before, after = (compile_mapping({"": value}).steps({}) for value in (old, new))
                return before.error is None and after.error is None and deep_equals(before.payload, after.payload)
        return False

    def _is_constant(self, part: Any) -> bool:
        """Whether a part of the unchanged mapping is constant; it is looked into once for all changes in it."""
        if not isinstance(part, (dict, list)):
            return is_constant(part)
        known = self._constants.get(id(part))
        if known is None:
            known = self._constants[id(part)] = is_constant(part)
        return known

    def _same_events(self, changed: str) -> bool:
        """Whether it is proved that the trigger and a changed one match the same events."""
        try:
            new = subject_of(changed)
        except DestinationError:
            return False
        for event in self._events:  # events that matched only one trigger before, often a change of the same condition
            verdicts = {self._trigger.verdict(event), new.verdict(event)}
            if verdicts == {True, False}:
                return False
        for matched, refused in ((self._trigger, new), (new, self._trigger)):
            found = _asked(matched, refused)
            if isinstance(found, Witness):
                self._events.appendleft(found.event)
            if not isinstance(found, Impossible):
                return False
        return True


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


def _never(trigger: PreparedTrigger) -> bool:
    try:
        return isinstance(satisfy(trigger), Impossible)
    except DestinationError:
        return False


def _from_a_directive(mapping: Any) -> bool:
    return not isinstance(mapping, dict) or is_directive(mapping) or "__segment_internal_directive" in mapping


def _item(value: Any, key: str) -> Any:
    return value[int(key)] if isinstance(value, list) and key.isdigit() and int(key) < len(value) else None
