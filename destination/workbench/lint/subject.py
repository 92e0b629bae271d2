"""Prepares the enabled subscriptions for the rules: parses their triggers once, proves what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

from destination.definition import Action, DestinationDefinition, Subscription
from destination.fql import ErrorCondition, Impossible, Undecided, Witness, satisfy
from destination.fql.nodes import GroupCondition
from destination.fql.parser import Remark, parse_closely
from destination.mapping import MappingProblem, compile_mapping
from destination.workbench.lint.tracking_plan import TrackingPlan


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
    def never(self) -> str:
        """The proof that the trigger matches nothing; empty if there is none."""
        found = satisfy(self.condition)
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
    plan: TrackingPlan | None = None

    @cached_property
    def pairs(self) -> "tuple[Pair, ...]":
        """All pairs of the same action, each with an event that matches both, the proof that none does, or neither.

        Subscriptions that match no event at all make no pairs.
        """
        live = [item for item in self.checked if not isinstance(item.condition, ErrorCondition) and not item.never]
        return tuple(
            (one, other, satisfy(one.condition, other.condition))
            for one, other in combinations(live, 2)
            if one.subscription.partner_action == other.subscription.partner_action
        )


Pair: TypeAlias = tuple[Checked, Checked, Witness | Impossible | Undecided]


def make_subject(
    definition: DestinationDefinition[Any], enabled: Sequence[tuple[str, Subscription]], plan: TrackingPlan | None
) -> Subject:
    """Parses the triggers of named subscriptions, and finds their actions."""
    checked = []
    for index, (name, subscription) in enumerate(enabled):
        condition, remarks = parse_closely(subscription.subscribe)
        slug = subscription.partner_action
        action = definition.actions.get(slug) if isinstance(slug, str) else None
        checked.append(Checked(index, name, subscription, action, condition, remarks))
    return Subject(definition, tuple(checked), plan)
