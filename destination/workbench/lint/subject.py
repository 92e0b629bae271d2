"""Prepares the enabled subscriptions for the rules: parses their triggers once, proves what they have in common."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any, TypeAlias

from destination.definition import Action, DestinationDefinition, Subscription
from destination.event import EVENT_TYPES
from destination.fql import Condition, ErrorCondition, Impossible, Undecided, Witness, satisfy
from destination.fql.nodes import GroupCondition
from destination.fql.parser import Remark, parse_closely
from destination.fql.program import NOWHERE, Reach, make_program, reach_of
from destination.fql.satisfy.solve import Subject as PreparedTrigger
from destination.fql.satisfy.solve import subject_of
from destination.mapping import MappingProblem, compile_mapping
from destination.records import dataclass

if TYPE_CHECKING:
    from destination.workbench.tracking_plan import PlannedEvent, TrackingPlan

_UNNAMED = "\ue000"
"""Replaces the name of an event whose type has none: no trigger asks for this text."""


@dataclass(frozen=True)
class Checked:
    """One enabled subscription.

    Attributes:
        index: Its index among the enabled ones.
        name: Its name in messages.
        subscription: The subscription itself.
        action: Its action; None if the destination does not have it.
        condition: Its parsed trigger.
        remarks: The parser's remarks on how it read the trigger.
    """

    index: int
    name: str
    subscription: Subscription
    action: Action[Any, Any] | None
    condition: GroupCondition | ErrorCondition
    remarks: tuple[Remark, ...]

    @cached_property
    def problems(self) -> tuple[MappingProblem, ...]:
        """The problems of the mapping's directives."""
        return compile_mapping(self.subscription.mapping).problems

    @cached_property
    def prepared(self) -> PreparedTrigger:
        """The trigger, prepared once for all questions about the events that it matches."""
        return subject_of(self.condition)

    @cached_property
    def reach(self) -> Reach:
        """The types and names of the events that the trigger may match."""
        program = self.prepared.program
        return NOWHERE if program is None else reach_of(program)

    @cached_property
    def never(self) -> str:
        """The proof that the trigger matches nothing; empty if there is none."""
        found = satisfy(self.prepared)
        return found.reason if isinstance(found, Impossible) else ""

    @cached_property
    def fields_by_key(self) -> dict[str, Any]:
        """The mapping if its keys are the action's fields; empty if a directive makes the whole payload."""
        mapping = self.subscription.mapping
        if self.action is None or not isinstance(mapping, dict) or "__segment_internal_directive" in mapping:
            return {}
        return {} if any(key.startswith("@") for key in mapping) else dict(mapping)

    @property
    def has_fields_by_key(self) -> bool:
        """Whether the mapping's keys are the action's fields; true of an empty mapping, too."""
        return self.action is not None and (bool(self.fields_by_key) or self.subscription.mapping == {})

    @property
    def source(self) -> str:
        """The trigger's text."""
        text = self.subscription.subscribe
        return text if isinstance(text, str) else ""


@dataclass(frozen=True)
class Subject:
    """A destination's subscriptions.

    Attributes:
        definition: The destination.
        checked: The enabled subscriptions.
        plan: The tracking plan of the events that the subscriptions get, or None.
    """

    definition: DestinationDefinition[Any]
    checked: tuple[Checked, ...]
    plan: "TrackingPlan | None" = None

    @cached_property
    def pairs(self) -> "tuple[Pair, ...]":
        """The pairs of the same action that may match an event in common by its type and its name.

        Each has an event that matches both, the proof that none does, or neither. Subscriptions that match no event at
        all make no pairs.
        """
        return tuple(
            (one, other, satisfy(one.prepared, other.prepared))
            for live in self._live_by_action
            for one, other in _meeting(live)
        )

    @property
    def all_pairs(self) -> "Iterator[Pair]":
        """Yields all pairs of the same action, also those that `pairs` leaves out; their number is the square."""
        known = {(one.index, other.index): found for one, other, found in self.pairs}
        for one, other in combinations(sorted(chain(*self._live_by_action), key=lambda item: item.index), 2):
            if one.subscription.partner_action == other.subscription.partner_action:
                found = known.get((one.index, other.index))
                yield one, other, satisfy(one.prepared, other.prepared) if found is None else found

    @cached_property
    def _live_by_action(self) -> list[list[Checked]]:
        groups: dict[str, list[Checked]] = {}
        for item in self.checked:
            if not isinstance(item.condition, ErrorCondition) and not item.never:
                groups.setdefault(repr(item.subscription.partner_action), []).append(item)
        return list(groups.values())

    @cached_property
    def planned(self) -> "tuple[Planned, ...]":
        """What of the plan each enabled subscription may match, in their order; nothing without a plan."""
        return () if self.plan is None else tuple(_planned(self.plan, item) for item in self.checked)


@dataclass(frozen=True)
class Planned:
    """What of a tracking plan a subscription may match.

    Attributes:
        item: The subscription.
        events: The planned events that its trigger may match.
        uncovered: The types of events that its trigger may match and that the plan has no rules for.
    """

    item: Checked
    events: "tuple[PlannedEvent, ...]"
    uncovered: tuple[str, ...]


def _planned(plan: "TrackingPlan", item: Checked) -> Planned:
    if isinstance(item.condition, ErrorCondition):
        return Planned(item, (), ())
    steps = [step for step in make_program(item.condition).steps if step.path in (("type",), ("event",))]
    known: dict[tuple[bool | None, ...], bool] = {}

    def may_match(kind: str, name: str | None) -> bool:
        # Events on which the conditions about type and name agree are equal for the rest of the trigger.
        read = {"type": kind, "event": name}
        verdicts = tuple(None if read[it.path[0]] is None else bool(it.test(read[it.path[0]])) for it in steps)
        if verdicts not in known:
            wanted = [Condition("event-type", "=", kind)]
            wanted += [] if name is None else [Condition("event", "=", name)]
            known[verdicts] = not isinstance(satisfy(item.prepared, *wanted), Impossible)
        return known[verdicts]

    events = tuple(it for it in plan.events if may_match(it.type, it.name if it.type == "track" else None))
    uncovered = [kind for kind in EVENT_TYPES if kind not in plan.types]
    return Planned(item, events, tuple(it for it in uncovered if may_match(it, None if it == "track" else _UNNAMED)))


def _meeting(items: list[Checked]) -> Iterator[tuple[Checked, Checked]]:
    """Yields the pairs whose triggers have a type and a name of events in common, in their order."""
    by_name: dict[str, list[int]] = {}
    any_name: list[int] = []
    for at, item in enumerate(items):
        for name in item.reach.names or ():
            by_name.setdefault(name, []).append(at)
        if item.reach.names is None:
            any_name.append(at)
    for at, item in enumerate(items):
        names = item.reach.names
        others = range(len(items)) if names is None else chain(any_name, *(by_name[name] for name in names))
        for other in sorted({other for other in others if other > at}):
            if item.reach.and_(items[other].reach) != NOWHERE:
                yield item, items[other]


Pair: TypeAlias = tuple[Checked, Checked, Witness | Impossible | Undecided]


def make_subject(
    definition: DestinationDefinition[Any], enabled: Sequence[tuple[str, Subscription]], plan: "TrackingPlan | None"
) -> Subject:
    """Parses the triggers of named subscriptions, and finds their actions."""
    checked = []
    for index, (name, subscription) in enumerate(enabled):
        condition, remarks = parse_closely(subscription.subscribe)
        slug = subscription.partner_action
        action = definition.actions.get(slug) if isinstance(slug, str) else None
        checked.append(Checked(index, name, subscription, action, condition, remarks))
    return Subject(definition, tuple(checked), plan)
