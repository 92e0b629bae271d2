"""The result of a comparison: as an object, as JSON, and as a page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from destination.pages import Mask, render
from destination.records import dataclass
from destination.values import MISSING, write_json
from destination.values.printable import indent_json
from destination.workbench.diff.groups import MAX_GROUPS, Group, cut
from destination.workbench.diff.pairing import Part, State
from destination.workbench.diff.reading import Kind

_LONGEST: Final = 8_000  # indentation can make a deep value of a few characters very long


@dataclass(frozen=True, slots=True)
class SubscriptionDiff:
    """How the events of one subscription end in the new version, compared with the old one.

    Attributes:
        name: Its name in the new version; in the old one if it was removed.
        old_name: Its name in the old version, if it was renamed.
        state: `same`, `changed`, `added` or `removed`.
        differs: The parts that differ between the versions.
        runs: Whether events were run through it. They are not if no outcome can differ.
        taken: The numbers of events that the old and the new trigger match; zeros if no event was run.
        counts: For each kind that was found, the number of events, and the number of those that are not allowed.
        unsteady: The number of events for which the old version makes other requests the second time. Such
            differences do not count.
        groups: The changes: by kind, the largest first.
        source: How action, trigger and mapping differ, as lines that begin with `-`, `+` or a space. A line `…`
            replaces equal lines. Empty if nothing differs.

    Example:
        >>> diff = SubscriptionDiff("Pages", None, "same", (), False, taken=(0, 0), counts={}, unsteady=0, groups=[])
        >>> diff.changed, diff.is_quiet
        (0, True)
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
    source: Sequence[str] = ()

    @property
    def changed(self) -> int:
        """The number of events that end differently."""
        return sum(events for events, _ in self.counts.values())

    @property
    def not_allowed(self) -> int:
        """The number of changed events whose change is not allowed."""
        return sum(not_allowed for _, not_allowed in self.counts.values())

    @property
    def is_quiet(self) -> bool:
        """Whether the subscription is equal in both versions, its name included."""
        return self.state == "same" and self.old_name is None

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON."""
        return {
            "name": self.name,
            "oldName": self.old_name,
            "state": self.state,
            "differs": list(self.differs),
            "source": list(self.source),
            "taken": {"old": self.taken[0], "new": self.taken[1]} if self.runs else None,
            "changed": self.changed,
            "notAllowed": self.not_allowed,
            "kinds": {kind: {"events": events, "notAllowed": rest} for kind, (events, rest) in self.counts.items()},
            "unsteady": self.unsteady,
            "groups": [group.to_json() for group in self.groups],
        }


@dataclass(frozen=True, slots=True)
class DiffReport:
    """The result of comparing two versions.

    Attributes:
        events: The number of compared events.
        changed: The number of compared events that end differently for at least one subscription.
        not_allowed: The number of changed events with a change that is not allowed.
        unreadable: The number of lines of the input that hold no event.
        unreadable_allowed: Whether such lines are allowed.
        unused: The allowed patterns that nothing matched.
        subscriptions: The subscriptions in the order of the new version, then those that were removed.
        opted_out: The number of events that were not compared, because their `integrations` exclude the destination.
        allows: Whether any change was declared as allowed. Otherwise `not_allowed` is the same as `changed`.

    Example:
        >>> from destination.definition import find
        >>> from destination.workbench.diff import compare
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> instance = find("actions-absmartly").instance(settings)
        >>> report = compare(instance, instance, [{"type": "page"}])
        >>> report.events, report.changed, report.ok
        (1, 0, True)
    """

    events: int
    changed: int
    not_allowed: int
    unreadable: int
    unreadable_allowed: bool
    unused: tuple[str, ...]
    subscriptions: tuple[SubscriptionDiff, ...]
    opted_out: int = 0
    allows: bool = False

    @property
    def ok(self) -> bool:
        """Whether all changes are allowed, and lines that hold no event too if there are any."""
        return self.not_allowed == 0 and (self.unreadable == 0 or self.unreadable_allowed)

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON."""
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


class Versions(NamedTuple):
    """The names of what was compared.

    Attributes:
        destination: The destination's name.
        old: The old version.
        new: The new version.
        source: The input.

    Example:
        >>> Versions("Demo", "main:a.json", "a.json", "events.ndjson").old
        'main:a.json'
    """

    destination: str
    old: str
    new: str
    source: str


def render_page(report: DiffReport, versions: Versions, mask: Mask | None = None) -> str:
    """Renders the report as an HTML page, which runs no script and loads nothing.

    Args:
        report: What was found.
        versions: What was compared.
        mask: Takes the secrets out of the names; samples are masked when they are made.

    Example:
        >>> empty = DiffReport(0, 0, 0, 0, False, (), ())
        >>> "Every event ends as before" in render_page(empty, Versions("Demo", "a.json", "b.json", "events.ndjson"))
        True
    """
    return render(
        __package__,
        "page.html",
        mask,
        report=report,
        versions=versions,
        max_groups=MAX_GROUPS,
        missing=MISSING,
        indented=_indented,
    )


def _indented(value: Any) -> str:
    """Writes a value of a sample as indented JSON.

    Example:
        >>> print(_indented({"a": 1}), _indented("x"), _indented(None))
        {
          "a": 1
        } "x" null
    """
    return cut(indent_json(write_json(value).decode("utf-8")), _LONGEST)
