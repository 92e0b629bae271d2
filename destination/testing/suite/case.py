"""One case of the free suite."""

from dataclasses import dataclass, field
from typing import Any

from destination.runtime import Instance


@dataclass(frozen=True, slots=True)
class SuiteCase:
    """An event for one subscription, and what it is to show.

    Attributes:
        name: The subscription, ` / `, and what the case does: `Track Calls / name absent`.
        subscription: The subscription's name.
        index: Its place in `instance.subscriptions`.
        event: The event, JSON.
        why: How the event differs from others, as a sentence.
        notes: What of the wanted payload no event can bring about, and where the trigger had its way.
        left_out: On the last case of a subscription with more cases than the limit: how many there would be more.
        instance: What the case was made for.
    """

    name: str
    subscription: str
    index: int
    event: dict[str, Any]
    why: str
    notes: tuple[str, ...]
    instance: Instance[Any] = field(repr=False, compare=False)
    left_out: int = 0

    @property
    def label(self) -> str:
        """The name without the subscription."""
        return self.name.removeprefix(f"{self.subscription} / ")
