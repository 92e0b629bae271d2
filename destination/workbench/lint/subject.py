"""Prepares the enabled subscriptions for the rules: parses their triggers once, proves what they have in common."""

from collections.abc import Sequence
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

from destination.definition import Action, DestinationDefinition, Subscription
from destination.event import EVENT_TYPES
from destination.fql import Condition, ErrorCondition, Impossible, Undecided, Witness, satisfy
from destination.fql.nodes import GroupCondition
from destination.fql.parser import Remark, parse_closely
from destination.fql.program import make_program
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
        """All pairs of the same action, each with an event that matches both, the proof that none does, or neither.

        Subscriptions that match no event at all make no pairs.
        """
        live = [item for item in self.checked if not isinstance(item.condition, ErrorCondition) and not item.never]
        return tuple(
            (one, other, satisfy(one.prepared, other.prepared))
            for one, other in combinations(live, 2)
            if one.subscription.partner_action == other.subscription.partner_action
        )

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
