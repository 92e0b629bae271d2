"""Uses events as a test: their outcomes with the unchanged mappings are expected of the mutants."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

from destination.errors import EngineTypeError
from destination.event import Event
from destination.fql import Trigger, compile_trigger
from destination.mapping import CompiledMapping, compile_mapping
from destination.runtime import Instance
from destination.runtime.compiled import CompiledSubscription
from destination.values import deep_equals
from destination.workbench.mutate.mutant import Mutant

_Outcome: TypeAlias = tuple[str, Any]
"""The outcome of an event that matches: `payload` and the payload, or the kind of an error and its message."""


class Corpus:
    """Tries all mutants on events, in one pass over the events.

    An event notices a mutant if only one of the two triggers matches it, or if the payload or the error differs. If
    the unchanged mapping makes another payload each time, as with the time of day, no mutant of it is noticed.

    Args:
        instance: The instance with the unchanged mappings.
        mutants: The mutants of the enabled subscriptions.
        indexes: For each subscription of the instance, its index in the mappings.

    Attributes:
        events: The number of events so far.

    Example:
        >>> from destination.runtime import Destination
        >>> from destination.workbench.mutate.mutants import find_mutants
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {"a": 1}}
        >>> instance = Destination(name="Demo", slug="demo", actions={}).instance({}, [pages])
        >>> mutants = find_mutants([item.subscription for item in instance.subscriptions], {}).tried
        >>> corpus = Corpus(instance, mutants, [0])
        >>> corpus.take({"type": "track"})
        >>> [str(mutant) for mutant in corpus.noticed]
        ['Pages: subscribe: type = "page" becomes type != "page"']
    """

    def __init__(self, instance: Instance[Any], mutants: Iterable[Mutant], indexes: Iterable[int]) -> None:
        by_index: defaultdict[int, list[Mutant]] = defaultdict(list)
        for mutant in mutants:
            by_index[mutant.index].append(mutant)
        self._subscriptions = [
            _SubscriptionMutants(item, by_index[index])
            for item, index in zip(instance.subscriptions, indexes, strict=True)
        ]
        self.events = 0

    def take(self, event: Event) -> None:
        """Tries the mutants that were not noticed so far on an event."""
        self.events += 1
        for each in self._subscriptions:
            if each.triggers or each.mappings:
                each.take(event)

    @property
    def noticed(self) -> list[Mutant]:
        """The mutants that were noticed so far."""
        return [mutant for each in self._subscriptions for mutant in each.noticed]

    @property
    def left(self) -> int:
        """The number of mutants that were not noticed so far."""
        return sum(len(each.triggers) + len(each.mappings) for each in self._subscriptions)


class _SubscriptionMutants:
    """A subscription and its mutants that were not noticed so far."""

    def __init__(self, item: CompiledSubscription, mutants: list[Mutant]) -> None:
        self._item = item
        self.noticed: list[Mutant] = []
        self.triggers: list[tuple[Mutant, Trigger | None]] = [
            (mutant, compile_trigger(mutant.value) if mutant.part == "trigger" else None)
            for mutant in mutants
            if mutant.part != "mapping"
        ]
        self.mappings = [(mutant, compile_mapping(mutant.value)) for mutant in mutants if mutant.part == "mapping"]

    def take(self, event: Event) -> None:
        verdict = _verdict(self._item.trigger, event)
        if self.triggers:
            self.triggers = [
                pair for pair in self.triggers if _verdict(pair[1], event) == verdict or self._notice(pair[0])
            ]
        if verdict != "matched" or not self.mappings:
            return
        before = self._outcome(self._item.mapping, event)
        if _same(before, self._outcome(self._item.mapping, event)):
            self.mappings = [
                pair for pair in self.mappings if _same(before, self._outcome(pair[1], event)) or self._notice(pair[0])
            ]

    def _notice(self, mutant: Mutant) -> bool:
        self.noticed.append(mutant)
        return False

    def _outcome(self, mapping: CompiledMapping, event: Event) -> _Outcome:
        fields = self._item.fields
        try:
            payload = mapping(event)
            return "payload", payload if fields is None else fields.clean_and_validate(payload)
        except Exception as error:  # noqa: BLE001  whatever a mapping or a field raises is an outcome
            return type(error).__name__, str(error)


def _verdict(trigger: Trigger | None, event: Event) -> str:
    try:
        return "matched" if trigger is not None and trigger(event) else "not matched"
    except EngineTypeError as error:
        return str(error)


def _same(one: _Outcome, other: _Outcome) -> bool:
    return one[0] == other[0] and deep_equals(one[1], other[1])
