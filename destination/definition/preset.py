"""A subscription that a destination ships."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from destination.definition.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A ready-made subscription.

    Attributes:
        name: For people.
        subscribe: The trigger, in FQL; empty for a preset of type `specificEvent`.
        partner_action: The slug of the action.
        mapping: The mapping; the action's default values are usual.
        type: `automatic`, or `specificEvent` for one that Segment's app ties to an event of its own.
        event_slug: That event's name.

    Example:
        >>> Preset(name="Pages", subscribe='type = "page"', partner_action="trackGoal").subscription().name
        'Pages'
    """

    name: str
    subscribe: str
    partner_action: str
    mapping: Mapping[str, Any] = field(default_factory=dict)
    type: Literal["automatic", "specificEvent"] = "automatic"
    event_slug: str | None = None

    def subscription(self) -> Subscription:
        """The subscription that enabling this preset makes."""
        return Subscription(
            name=self.name, subscribe=self.subscribe, partner_action=self.partner_action, mapping=self.mapping
        )
