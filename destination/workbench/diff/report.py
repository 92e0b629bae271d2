"""What a comparison found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination.workbench.diff.groups import Group
from destination.workbench.diff.pairing import Part, State
from destination.workbench.diff.reading import Kind


@dataclass(frozen=True, slots=True)
class SubscriptionDiff:
    """What became of a subscription's events.

    Attributes:
        name: What it is called, in the new version where it is in that.
        old_name: What it was called, where that was something else.
        state: `same`, `changed`, `added` or `removed`.
        differs: What of it is not the same in both versions.
        runs: Whether events were run through it; they are not where nothing can differ.
        taken: How many events the old version takes (or fails of), and the new one; zeros where none were run.
        counts: By kind, for the kinds that came: how many events, and how many of them nobody said were meant.
        unsteady: Events whose requests differ from themselves when made twice; what differs so was not compared.
        groups: What changed: by kind, the largest first.
    """

    name: str
    old_name: str | None
    state: State
    differs: tuple[Part, ...]
    runs: bool
    taken: tuple[int, int]
    counts: Mapping[Kind, tuple[int, int]]
    unsteady: int
    groups: Sequence[Group]

    @property
    def changed(self) -> int:
        """How many events have another outcome."""
        return sum(events for events, _ in self.counts.values())

    @property
    def not_allowed(self) -> int:
        """How many of them nobody said were meant."""
        return sum(unmeant for _, unmeant in self.counts.values())

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell of it."""
        return self.state == "same" and self.old_name is None

    def to_json(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "name": self.name,
            "oldName": self.old_name,
            "state": self.state,
            "differs": list(self.differs),
            "taken": {"old": self.taken[0], "new": self.taken[1]} if self.runs else None,
            "changed": self.changed,
            "notAllowed": self.not_allowed,
            "kinds": {kind: {"events": events, "notAllowed": rest} for kind, (events, rest) in self.counts.items()},
            "unsteady": self.unsteady,
            "groups": [group.to_json() for group in self.groups],
        }


@dataclass(frozen=True, slots=True)
class DiffReport:
    """What a comparison of two versions found.

    Attributes:
        events: How many events were compared.
        changed: How many of them at least one subscription makes something else of.
        not_allowed: How many of those have a change that nobody said was meant.
        unreadable: Lines of the input that hold no event.
        unreadable_allowed: Whether those are said to be meant.
        unused: The patterns of what is allowed that nothing was found for.
        subscriptions: The subscriptions in the order of the new version, then what was removed.
        opted_out: How many events were not compared, because their `integrations` exclude the destination.
    """

    events: int
    changed: int
    not_allowed: int
    unreadable: int
    unreadable_allowed: bool
    unused: tuple[str, ...]
    subscriptions: tuple[SubscriptionDiff, ...]
    opted_out: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing changed but what is allowed, and every line held an event."""
        return self.not_allowed == 0 and (self.unreadable == 0 or self.unreadable_allowed)

    def to_json(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "ok": self.ok,
            "events": self.events,
            "changed": self.changed,
            "notAllowed": self.not_allowed,
            "unreadable": self.unreadable,
            "optedOut": self.opted_out,
            "unusedAllow": list(self.unused),
            "subscriptions": [item.to_json() for item in self.subscriptions],
        }
