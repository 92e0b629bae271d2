"""Two versions of the mappings, and a corpus of events through both."""

from collections.abc import Iterable
from typing import Any

from destination.event import Event, opted_out_by
from destination.runtime import Instance
from destination.workbench.diff.allow import UNREADABLE, Allow
from destination.workbench.diff.lane import Lane
from destination.workbench.diff.masking import Masking
from destination.workbench.diff.pairing import pair_subscriptions
from destination.workbench.diff.report import DiffReport, SubscriptionDiff


class Comparison:
    """Takes events one by one; its memory does not grow with their number.

    Subscriptions that are equal in both versions are not run. Nothing is ever sent.

    Args:
        old: The instance with the old mappings.
        new: The instance with the new mappings; of the same destination and settings, usually.
        allow: Which changes are meant; none when None.
        samples: So many samples of each group of changes are kept.
        ignore_integrations: Compare events also where their `integrations` exclude the destination.

    Attributes:
        events: How many events were compared.
        opted_out: How many were not, because their `integrations` exclude the destination in both versions.
        changed: How many of them have another outcome.
        not_allowed: How many of those have a change that nobody said was meant.
        unreadable: How many lines held no event.
    """

    def __init__(
        self,
        old: Instance[Any],
        new: Instance[Any],
        *,
        allow: Allow | None = None,
        samples: int = 5,
        ignore_integrations: bool = False,
    ) -> None:
        self.events = self.changed = self.not_allowed = self.unreadable = self.opted_out = 0
        self._destinations = set() if ignore_integrations else {old.definition.name, new.definition.name}
        self._allow = Allow() if allow is None else allow
        alike = old.definition is new.definition and old.settings == new.settings
        masking = Masking((new.redactor,) if alike else (new.redactor, old.redactor))
        self._lanes = [
            Lane(
                pair,
                runs=pair.state != "same" or not alike,
                allow=self._allow,
                masking=masking,
                samples=samples,
            )
            for pair in pair_subscriptions(old.subscriptions, new.subscriptions)
        ]
        self._running = [lane for lane in self._lanes if lane.runs]

    def add(self, event: Event, place: str) -> None:
        """Compares what becomes of an event.

        Args:
            event: The event.
            place: Where it stands in its input, for samples.
        """
        if "integrations" in event and self._is_opted_out(event):
            self.opted_out += 1
            return
        self.events += 1
        changed, meant = False, True
        for lane in self._running:
            allowed = lane.take(event, self.events, place)
            if allowed is not None:
                changed = True
                meant = meant and allowed
        self.changed += changed
        self.not_allowed += not meant

    def _is_opted_out(self, event: Event) -> bool:
        names = self._destinations
        return bool(names) and all(opted_out_by(event, name) is not None for name in names)

    def add_unreadable(self) -> None:
        """Counts a line that holds no event."""
        self.unreadable += 1

    def report(self) -> DiffReport:
        """What was found so far."""
        unreadable_allowed = self.unreadable > 0 and self._allow.covers(("",), UNREADABLE)
        return DiffReport(
            events=self.events,
            changed=self.changed,
            not_allowed=self.not_allowed,
            unreadable=self.unreadable,
            unreadable_allowed=unreadable_allowed,
            unused=tuple(self._allow.unused),
            subscriptions=tuple(_result(lane) for lane in self._lanes),
            opted_out=self.opted_out,
        )


def _result(lane: Lane) -> SubscriptionDiff:
    pair = lane.pair
    return SubscriptionDiff(
        name=pair.name,
        old_name=pair.old_name,
        state=pair.state,
        differs=pair.differs,
        runs=lane.runs,
        taken=(lane.taken[0], lane.taken[1]),
        counts={kind: (events, unmeant) for kind, (events, unmeant) in lane.counts.items() if events},
        unsteady=lane.unsteady,
        groups=lane.groups.sorted(),
    )


def compare(
    old: Instance[Any],
    new: Instance[Any],
    events: Iterable[Event],
    *,
    allow: Iterable[str] = (),
    samples: int = 5,
    ignore_integrations: bool = False,
) -> DiffReport:
    """What a change of the mappings does to events. Nothing is sent.

    Args:
        old: The instance with the old mappings.
        new: The instance with the new mappings.
        events: The events, in any number.
        allow: Patterns of changes that are meant; see `Allow`.
        samples: So many samples of each group of changes are kept.
        ignore_integrations: Compare events also where their `integrations` exclude the destination.

    Raises:
        DefinitionError: A pattern of `allow` can match nothing.

    Example:
        >>> from destination.definition import find
        >>> absmartly = find("actions-absmartly")
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> goal = {"name": "Goals", "subscribe": 'type = "track"', "partnerAction": "trackGoal"}
        >>> def version(name):
        ...     return absmartly.instance(settings, [{**goal, "mapping": {
        ...         "name": name, "units": {"userId": {"@path": "$.userId"}}, "properties": {}}}])
        >>> event = {"type": "track", "event": "Signed Up", "userId": "u1", "timestamp": "2026-01-01T00:00:00Z"}
        >>> report = compare(version({"@path": "$.event"}), version({"@template": "Goal: {{event}}"}), [event])
        >>> [(group.kind, group.detail, group.events) for group in report.subscriptions[0].groups]
        [('changed', '/name', 1), ('changed', 'request/body/goals/*/name', 1)]
        >>> sample = report.subscriptions[0].groups[0].samples[0]
        >>> sample.before, sample.after, report.ok
        ('Signed Up', 'Goal: Signed Up', False)
    """
    comparison = Comparison(old, new, allow=Allow(allow), samples=samples, ignore_integrations=ignore_integrations)
    for number, event in enumerate(events, 1):
        comparison.add(event, f"event {number}")
    return comparison.report()
