"""Pairs each subscription of the new version with the old one that it replaces, and compares their text."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import unified_diff
from itertools import islice
from typing import Any, Final, Literal

from destination.records import dataclass
from destination.runtime.compiled import CompiledSubscription
from destination.values import write_json
from destination.values.printable import printable
from destination.workbench.coverage.json_lines import json_lines

State = Literal["same", "changed", "added", "removed"]
Part = Literal["name", "trigger", "action", "mapping", "identifiers"]


_CONTEXT: Final = 2
"""The number of equal lines that are shown around each difference."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A subscription in both versions, or in one of them.

    Attributes:
        old: The old version, or None if the subscription was added.
        new: The new version, or None if it was removed.
        differs: The parts that differ; empty if it was added or removed.

    Example:
        >>> from destination.runtime import Destination
        >>> demo = Destination(name="Demo", slug="demo", actions={})
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {}}
        >>> [item] = demo.instance({}, [pages]).subscriptions
        >>> Pair(None, item).state, Pair(item, item).state, Pair(item, None).state
        ('added', 'same', 'removed')
    """

    old: CompiledSubscription | None
    new: CompiledSubscription | None
    differs: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """The name in the new version; in the old one if the subscription was removed."""
        item = self.new or self.old
        assert item is not None  # noqa: S101  a pair has one at least
        return item.name

    @property
    def old_name(self) -> str | None:
        """The name in the old version, if the subscription was renamed."""
        return self.old.name if self.old is not None and self.old.name != self.name else None

    @property
    def names(self) -> tuple[str, ...]:
        """The new name, and the old one if the subscription was renamed."""
        return (self.name,) if self.old_name is None else (self.name, self.old_name)

    @property
    def state(self) -> State:
        """`same`, `changed`, `added` or `removed`; a subscription that was only renamed is the same."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if set(self.differs) - {"name"} else "same"


def pair_subscriptions(old: Sequence[CompiledSubscription], new: Sequence[CompiledSubscription]) -> list[Pair]:
    """Pairs the subscriptions of two versions by Segment's ID, else by name, else by trigger and action.

    Among those with equal trigger and action, equal mappings are paired first. A subscription without a partner was
    added or removed.

    Returns:
        The pairs in the order of the new version, then what was removed.

    Example:
        >>> from destination.definition import find
        >>> absmartly = find("actions-absmartly")
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> goal = {"partnerAction": "trackGoal", "mapping": {"name": {"@path": "$.event"}}}
        >>> old = absmartly.instance(settings, [{**goal, "name": "Tracks", "subscribe": 'type = "track"'}])
        >>> new = absmartly.instance(settings, [{**goal, "name": "Pages", "subscribe": 'type = "page"'},
        ...                                     {**goal, "name": "Goals", "subscribe": 'type = "track"'}])
        >>> pairs = pair_subscriptions(old.subscriptions, new.subscriptions)
        >>> [(pair.state, pair.name, pair.old_name) for pair in pairs]
        [('added', 'Pages', None), ('same', 'Goals', 'Tracks')]
    """
    partners: dict[int, int] = {}  # of each new one, the old one
    keys: tuple[Callable[[CompiledSubscription], Hashable | None], ...] = (
        lambda item: item.subscription.id or None,
        lambda item: item.subscription.name or None,
        lambda item: (_trigger(item), item.subscription.partner_action, _mapping(item)),
        lambda item: (_trigger(item), item.subscription.partner_action),
    )
    for key in keys:
        taken = set(partners.values())
        free: dict[Hashable, list[int]] = {}
        for index, item in enumerate(old):
            if index not in taken and (found := key(item)) is not None:
                free.setdefault(found, []).append(index)
        for index, item in enumerate(new):
            if index not in partners and (found := key(item)) is not None and (waiting := free.get(found)):
                partners[index] = waiting.pop(0)
    pairs = [
        make_pair(old[partners[index]], item) if index in partners else Pair(None, item)
        for index, item in enumerate(new)
    ]
    gone = set(range(len(old))) - set(partners.values())
    return pairs + [Pair(old[index], None) for index in sorted(gone)]


def make_pair(old: CompiledSubscription, new: CompiledSubscription) -> Pair:
    """Makes the pair of two versions of a subscription, and finds the parts that differ.

    Example:
        >>> from destination.runtime import Destination
        >>> demo = Destination(name="Demo", slug="demo", actions={})
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {}}
        >>> one, other = demo.instance({}, [pages, {**pages, "subscribe": 'type = "screen"'}]).subscriptions
        >>> make_pair(one, other).differs
        ('trigger',)
    """
    before, after = old.subscription, new.subscription
    sameness: tuple[tuple[Part, bool], ...] = (
        ("name", old.name == new.name),
        ("trigger", _trigger(old) == _trigger(new)),
        ("action", before.partner_action == after.partner_action),
        ("mapping", _mapping(old) == _mapping(new)),
        # A perform may read them, so that they count where nothing else differs.
        ("identifiers", _identifiers(old) == _identifiers(new)),
    )
    return Pair(old, new, tuple(part for part, same in sameness if not same))


def _trigger(item: CompiledSubscription) -> str:
    return str(item.subscription.subscribe)


def _mapping(item: CompiledSubscription) -> Hashable:
    """Writes the mapping as JSON; the order of its keys matters, as it is the order in payloads."""
    mapping: Any = item.subscription.mapping
    try:
        return write_json(mapping)
    except (TypeError, ValueError):  # no JSON, or deeper than can be written: equal to nothing but itself
        return id(mapping)


def _identifiers(item: CompiledSubscription) -> tuple[str | None, ...]:
    subscription = item.subscription
    return (subscription.id, subscription.action_id, subscription.config_id, subscription.project_id)


def source_changes(pair: Pair) -> Iterator[str]:
    """Yields how the action, the trigger and the mapping of a pair differ, as the lines of a text diff.

    Lines begin with `-` (old), `+` (new) or a space (both). A line `…` replaces equal lines that are left out.

    Example:
        >>> from destination.definition import find
        >>> absmartly = find("actions-absmartly")
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> def version(trigger, name):
        ...     return absmartly.instance(settings, [{"name": "Goals", "subscribe": trigger,
        ...                                           "partnerAction": "trackGoal", "mapping": {"name": name}}])
        >>> old, new = version('type = "track"', "a"), version('type = "page"', {"@path": "$.name"})
        >>> for line in source_changes(*pair_subscriptions(old.subscriptions, new.subscriptions)):
        ...     print(line)
          action: trackGoal
        - trigger: type = "track"
        + trigger: type = "page"
          mapping: {
        -   "name": "a"
        +   "name": {"@path": "$.name"}
          }
    """
    before, after = (_source(item) for item in (pair.old, pair.new))
    for number, line in enumerate(islice(unified_diff(before, after, n=_CONTEXT), 2, None)):
        if line.startswith("@@"):
            if number:
                yield "…"
        else:
            yield f"{line[0]} {line[1:]}"


def _source(item: CompiledSubscription | None) -> list[str]:
    if item is None:
        return []
    trigger, *mapping = [_trigger(item), *(text for text, _ in json_lines(item.subscription.mapping))]
    mapping[0] = f"mapping: {mapping[0]}"
    return [
        printable(line) for line in (f"action: {item.subscription.partner_action}", f"trigger: {trigger}", *mapping)
    ]
