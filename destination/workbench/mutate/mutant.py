"""One small change of the mappings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any, Literal, TypeAlias

from destination.definition import Subscription
from destination.mapping.validate import MappingPath
from destination.workbench.coverage.json_lines import json_lines

Part: TypeAlias = Literal["trigger", "mapping", "subscription"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """The mappings with one small change.

    Attributes:
        index: The number of the subscription that is changed, from 0, disabled ones counted.
        name: What it is called.
        part: What of it is changed; `subscription` where it is taken out.
        place: Where: `("subscribe",)`, `("subscribe", "0")` for a condition, `("mapping", …)`.
        change: What became what.
        value: The new trigger or mapping; None where the subscription is taken out.
    """

    index: int
    name: str
    part: Part
    place: MappingPath
    change: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.name}: {'/'.join(self.place)}: {self.change}" if self.place else f"{self.name}: {self.change}"

    def changed(self, subscription: Subscription) -> Subscription | None:
        """The subscription with the change, or None where it is taken out."""
        if self.part == "trigger":
            return replace(subscription, subscribe=self.value)
        return replace(subscription, mapping=self.value) if self.part == "mapping" else None

    def applied(self, subscriptions: Sequence[Subscription]) -> tuple[Subscription, ...]:
        """All subscriptions, with the change.

        Example:
            >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="x")
            >>> gone = Mutant(0, "Pages", "subscription", (), "taken out")
            >>> gone.applied([pages, pages]) == (pages,)
            True
        """
        changed = self.changed(subscriptions[self.index])
        return (*subscriptions[: self.index], *([changed] if changed else []), *subscriptions[self.index + 1 :])

    def diff(self, subscription: Subscription) -> list[str]:
        r"""What changes in the subscription's JSON, with a line before and after.

        Example:
            >>> pages = Subscription(name="P", subscribe='type = "page"', partner_action="x", mapping={"n": 1})
            >>> print("\n".join(Mutant(0, "P", "mapping", ("mapping", "n"), "", {"n": 2}).diff(pages)))
               "subscribe": "type = \"page\"",
            -  "mapping": {"n": 1}
            +  "mapping": {"n": 2}
             }
        """
        changed = self.changed(subscription)
        old, new = _json_text(subscription), [] if changed is None else _json_text(changed)
        lines = unified_diff(old, new, n=1, lineterm="")
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _json_text(subscription: Subscription) -> list[str]:
    return [text for text, _ in json_lines(subscription.to_json())]
