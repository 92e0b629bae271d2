"""What the rules look at: the enabled subscriptions, taken apart once."""

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
        index: Its place among the enabled ones.
        name: How it is called in messages.
        subscription: It.
        action: Its action, or None for one that the destination does not have.
        condition: Its parsed trigger.
        remarks: What the parser did with the trigger's words.
    """

    index: int
    name: str
    subscription: Subscription
    action: Action[Any, Any] | None
    condition: GroupCondition | ErrorCondition
    remarks: tuple[Remark, ...]

    @cached_property
    def problems(self) -> tuple[MappingProblem, ...]:
        """What is wrong with the mapping's directives."""
        return compile_mapping(self.subscription.mapping).problems

    @cached_property
    def never(self) -> str:
        """The proof that the trigger matches nothing; empty where there is none."""
        found = satisfy(self.condition)
        return found.reason if isinstance(found, Impossible) else ""

    @cached_property
    def fields_by_key(self) -> dict[str, Any]:
        """The mapping, where its keys are the action's fields: not where a directive makes the whole payload."""
        mapping = self.subscription.mapping
        if self.action is None or not isinstance(mapping, dict) or "__segment_internal_directive" in mapping:
            return {}
        return {} if any(key.startswith("@") for key in mapping) else dict(mapping)

    @property
    def has_fields_by_key(self) -> bool:
        """Whether that is so: also for a mapping that is empty."""
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
        plan: The tracking plan of the events that come, where one is given.
    """

    definition: DestinationDefinition[Any]
    checked: tuple[Checked, ...]
    plan: TrackingPlan | None = None

    @cached_property
    def pairs(self) -> "tuple[Pair, ...]":
        """All pairs that name the same action, with what is known of events that both take.

        Subscriptions that take no event at all make no pairs.
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
    """Takes named subscriptions apart."""
    checked = []
    for index, (name, subscription) in enumerate(enabled):
        condition, remarks = parse_closely(subscription.subscribe)
        slug = subscription.partner_action
        action = definition.actions.get(slug) if isinstance(slug, str) else None
        checked.append(Checked(index, name, subscription, action, condition, remarks))
    return Subject(definition, tuple(checked), plan)
