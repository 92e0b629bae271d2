"""Defines a mutant: mappings with one small change."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import unified_diff
from typing import Any, Final, Literal, TypeAlias

from destination.definition import Subscription
from destination.mapping.validate import MappingPath
from destination.records import dataclass
from destination.workbench.coverage.json_lines import json_lines

Part: TypeAlias = Literal["trigger", "mapping", "subscription"]

_BECOMES: Final = " becomes "
_LONGEST: Final = 80
_KEPT_BEGINNING: Final = 50


@dataclass(frozen=True, slots=True)
class Mutant:
    """The mappings with one small change.

    Attributes:
        index: The index of the changed subscription, from 0; disabled ones count.
        name: The subscription's name.
        part: The part that is changed; `subscription` if all of it is taken out.
        path: The keys of the change: `("subscribe",)`, `("subscribe", "0")` for a condition, `("mapping", …)`.
        change: The change for people, such as `"a" becomes "b"`; long values are shortened.
        value: The new trigger or mapping; None if the subscription is taken out.

    Example:
        >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="x")
        >>> mutant = Mutant(0, "Pages", "trigger", ("subscribe",), '"page" becomes "screen"', 'type = "screen"')
        >>> mutant.changed(pages).subscribe
        'type = "screen"'
    """

    index: int
    name: str
    part: Part
    path: MappingPath
    change: str
    value: Any = None

    def __str__(self) -> str:
        return f"{self.name}: {'/'.join(self.path)}: {self.change}" if self.path else f"{self.name}: {self.change}"

    def changed(self, subscription: Subscription) -> Subscription | None:
        """Returns the subscription with the change, or None if it is taken out."""
        if self.part == "trigger":
            return replace(subscription, subscribe=self.value)
        return replace(subscription, mapping=self.value) if self.part == "mapping" else None

    def applied(self, subscriptions: Sequence[Subscription]) -> tuple[Subscription, ...]:
        """Returns all subscriptions with the change.

        Example:
            >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="x")
            >>> gone = Mutant(0, "Pages", "subscription", (), "taken out")
            >>> gone.applied([pages, pages]) == (pages,)
            True
        """
        changed = self.changed(subscriptions[self.index])
        return (*subscriptions[: self.index], *([changed] if changed else []), *subscriptions[self.index + 1 :])

    def diff(self, subscription: Subscription) -> list[str]:
        r"""Returns the change as a diff of the subscription's JSON, with one line of context.

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


def shortened(text: str) -> str:
    """Shortens each side of a "becomes" to its beginning and its end. Mask secrets before.

    Example:
        >>> shortened(f'"{"a" * 200}" becomes "b"')
        '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…aaaaaaaaaaaaaaaaaaaaaaaaaaaa" becomes "b"'
    """
    return _BECOMES.join(_middle_cut(part) for part in text.split(_BECOMES))


def _middle_cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_KEPT_BEGINNING]}…{text[_KEPT_BEGINNING + 1 - _LONGEST :]}"
