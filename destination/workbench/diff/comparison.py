"""Runs events through two versions of the mappings, with one comparison for each pair of subscriptions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from destination.event import Event, opted_out_by
from destination.runtime import Instance
from destination.workbench.diff.allow import ADDED, REMOVED, UNREADABLE, Allow
from destination.workbench.diff.differences import MAX_DIFFERENCES, Difference, Differences, request_differences
from destination.workbench.diff.groups import Change, Groups, Masking, Sample, event_name
from destination.workbench.diff.pairing import Pair, pair_subscriptions, source_changes
from destination.workbench.diff.reading import (
    KINDS,
    Kind,
    Reading,
    Readings,
    error_text,
    kind_of,
    payload_differences,
    read,
)
from destination.workbench.diff.report import DiffReport, SubscriptionDiff

_ASKED_AGAIN: Final = 100
"""The number of changed events of each subscription whose requests are made twice, to find unsteady ones."""
_NOT_TAKEN: Final = Readings(None, None)


def compare(
    old: Instance[Any],
    new: Instance[Any],
    events: Iterable[Event],
    *,
    allow: Iterable[str] = (),
    samples: int = 5,
    ignore_integrations: bool = False,
) -> DiffReport:
    """Compares two versions of the mappings by events. Nothing is sent.

    Args:
        old: The instance with the old mappings.
        new: The instance with the new mappings.
        events: The events.
        allow: Patterns of changes that are allowed; see `Allow`.
        samples: The maximum number of samples of a group of changes.
        ignore_integrations: Whether events are compared whose `integrations` exclude the destination.

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


class Comparison:
    """A comparison of two versions of the mappings; pass each event to `add`. Memory is bounded.

    Subscriptions that are equal in both versions are not run. Nothing is sent.

    Args:
        old: The instance with the old mappings.
        new: The instance with the new mappings, usually of the same destination and settings.
        allow: Which changes are allowed; none when None.
        samples: The maximum number of samples of a group of changes.
        ignore_integrations: Whether events are compared whose `integrations` exclude the destination.
        pairs: Which subscriptions belong together, for a caller that knows; found by `pair_subscriptions` when None.

    Attributes:
        pairs: The comparison of each pair of subscriptions.
        events: The number of compared events.
        opted_out: The number of events that were not compared, because their `integrations` exclude the destination in
            both versions.
        changed: The number of compared events that end differently.
        not_allowed: The number of changed events with a change that is not allowed.
        unreadable: The number of lines that hold no event.

    Example:
        >>> from destination.definition import find
        >>> absmartly = find("actions-absmartly")
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> pages = {"name": "Pages", "partnerAction": "trackGoal", "mapping": {"name": "Page"}}
        >>> old = absmartly.instance(settings, [{**pages, "subscribe": 'type = "page"'}])
        >>> new = absmartly.instance(settings, [{**pages, "subscribe": 'type = "screen"'}])
        >>> comparison = Comparison(old, new)
        >>> comparison.add({"type": "page"}, "line 1")
        >>> comparison.report().changed
        1
        >>> comparison.pairs[0].change.kind, comparison.pairs[0].taken
        ('no-longer-failing', [1, 0])
    """

    def __init__(
        self,
        old: Instance[Any],
        new: Instance[Any],
        *,
        allow: Allow | None = None,
        samples: int = 5,
        ignore_integrations: bool = False,
        pairs: Sequence[Pair] | None = None,
    ) -> None:
        self.events = self.changed = self.not_allowed = self.unreadable = self.opted_out = 0
        self._destinations = set() if ignore_integrations else {old.definition.name, new.definition.name}
        self._allow = Allow() if allow is None else allow
        alike = old.definition is new.definition and old.settings == new.settings
        masking = Masking((new.redactor,) if alike else (new.redactor, old.redactor))
        found = pair_subscriptions(old.subscriptions, new.subscriptions) if pairs is None else pairs
        self.pairs = tuple(
            PairComparison(
                pair,
                runs=pair.state != "same" or not alike,
                allow=self._allow,
                masking=masking,
                samples=samples,
            )
            for pair in found
        )
        self._running = [comparison for comparison in self.pairs if comparison.runs]

    def add(self, event: Event, line: str) -> None:
        """Compares the outcomes of an event.

        Args:
            event: The event.
            line: Its line in the input, for samples.
        """
        if "integrations" in event and self._is_opted_out(event):
            self.opted_out += 1
            return
        self.events += 1
        changed, covered = False, True
        for comparison in self._running:
            change = comparison.take(event, self.events, line)
            if change is not None:
                changed = True
                covered = covered and change.allowed
        self.changed += changed
        self.not_allowed += not covered

    def _is_opted_out(self, event: Event) -> bool:
        names = self._destinations
        return bool(names) and all(opted_out_by(event, name) is not None for name in names)

    def add_unreadable(self) -> None:
        """Counts a line that holds no event."""
        self.unreadable += 1

    def count(self, events: int, *, opted_out: int = 0, unreadable: int = 0) -> None:
        """Counts events that were not run, because their outcomes are known to be equal.

        Args:
            events: The number of events.
            opted_out: The number of further events whose `integrations` exclude the destination.
            unreadable: The number of lines that hold no event.
        """
        self.events += events
        self.opted_out += opted_out
        self.unreadable += unreadable

    def report(self) -> DiffReport:
        """Returns the result for the events so far."""
        unreadable_allowed = self.unreadable > 0 and self._allow.covers(("",), UNREADABLE)
        return DiffReport(
            events=self.events,
            changed=self.changed,
            not_allowed=self.not_allowed,
            unreadable=self.unreadable,
            unreadable_allowed=unreadable_allowed,
            unused=tuple(self._allow.unused),
            subscriptions=tuple(_result(comparison) for comparison in self.pairs),
            opted_out=self.opted_out,
            allows=self._allow.has_patterns,
        )


class PairComparison:
    """A comparison of the two versions of one subscription; `Comparison` makes one for each pair.

    Args:
        pair: The two versions.
        runs: Whether outcomes can differ. If not, no event is run.
        allow: Which changes are allowed.
        masking: Takes the secrets out of samples.
        samples: The maximum number of samples of a group.

    Attributes:
        pair: The two versions.
        runs: Whether events are run.
        taken: The numbers of events that the old and the new trigger match.
        counts: For each kind, the number of events, and the number of those that are not allowed.
        unsteady: The number of events for which the old version makes other requests the second time. Such
            differences do not count.
        groups: The changes.
        readings: How the latest event ended in both versions; None if it was enough that their triggers agree.
        change: How the latest event ended differently, or None.

    Example:
        >>> from destination.definition import find
        >>> from destination.workbench.diff import Pair
        >>> absmartly = find("actions-absmartly")
        >>> settings = {"collectorEndpoint": "https://h.test", "apiKey": "<key>", "environment": "e"}
        >>> pages = {"name": "Pages", "partnerAction": "trackGoal", "mapping": {}, "subscribe": 'type = "page"'}
        >>> instance = absmartly.instance(settings, [pages])
        >>> comparison = Comparison(instance, instance, pairs=[Pair(instance.subscriptions[0], None)])
        >>> comparison.add({"type": "page"}, "line 1")
        >>> [pair] = comparison.pairs
        >>> pair.change.kind, pair.readings.after, pair.groups.sorted()[0].events
        ('no-longer-failing', None, 1)
    """

    def __init__(self, pair: Pair, *, runs: bool, allow: Allow, masking: Masking, samples: int) -> None:
        self.pair = pair
        self.runs = runs
        self.taken = [0, 0]
        self.counts: dict[Kind, list[int]] = {kind: [0, 0] for kind in KINDS}
        self.unsteady = 0
        self.groups = Groups(samples)
        self.readings: Readings | None = None
        self.change: Change | None = None
        self._masking = masking
        self._covers = lru_cache(1024)(partial(allow.covers, pair.names))
        differs = set(pair.differs) - {"name"}
        both = pair.old is not None and pair.new is not None
        self._unsteady_locations: set[str] = set()
        # An action that does not exist takes nothing, whatever the trigger says.
        self._one_trigger = both and "trigger" not in differs and "action" not in differs
        self._only_trigger = both and differs == {"trigger"}

    def take(self, event: Event, ordinal: int, line: str) -> Change | None:
        """Runs an event through both versions; `readings` and `change` say how it ended.

        Args:
            event: The event.
            ordinal: Its number, from 1.
            line: Its line in the input.

        Returns:
            How the event ends differently; None if the outcomes are equal.
        """
        old, new = self.pair.old, self.pair.new
        self.change = self.readings = None
        if self._only_trigger and self._taken_alike(event):
            return None
        before = None if old is None else read(old, event)
        if before is None and self._one_trigger:
            self.readings = _NOT_TAKEN
            return None
        after = None if new is None else read(new, event)
        self.readings = Readings(before, after)
        self.taken[0] += before is not None
        self.taken[1] += after is not None
        kind = kind_of(before, after)
        name = self._masking.text(event_name(event))
        sample = partial(Sample, ordinal, name, line, _message_id(event))
        if kind is not None:
            change = self._became(kind, before, after, name, sample)
        elif before is None or after is None or before.error is not None:
            return None
        else:
            changed = self._changed(event, before, after, name, sample)
            if changed is None:
                return None
            change = changed
        count = self.counts[change.kind]
        count[0] += 1
        count[1] += not change.allowed
        self.change = change
        return change

    def source(self) -> Iterator[str]:
        """Yields the text diff of the two versions, without secrets."""
        return map(self._masking.text, source_changes(self.pair))

    def _taken_alike(self, event: Event) -> bool:
        """Whether both triggers agree, for a pair of which nothing else can make the outcomes differ."""
        old, new = self.pair.old, self.pair.new
        assert old is not None  # noqa: S101  only pairs of two come here
        assert new is not None  # noqa: S101
        before, after = old.match(event), new.match(event)
        if before.matched and after.matched:
            taken = old.action is not None
            self.taken[0] += taken
            self.taken[1] += taken
            return True
        return not before.matched and not after.matched and before.error is None and after.error is None

    def _became(
        self, kind: Kind, before: Reading | None, after: Reading | None, name: str, sample: Callable[..., Sample]
    ) -> Change:
        allowed = self._covers(kind)
        state = self.pair.state
        if state in (ADDED, REMOVED):
            allowed = self._covers(state) or allowed
        detail = " → ".join(filter(None, (error_text(before), error_text(after))))
        show = self._masking.reading
        group = self.groups.add(
            kind,
            self._masking.text(detail),
            name,
            allowed=allowed,
            sample=lambda: sample("", show(before), show(after)),
        )
        return Change(kind, allowed, (group,))

    def _changed(
        self, event: Event, before: Reading, after: Reading, name: str, sample: Callable[..., Sample]
    ) -> Change | None:
        payload = payload_differences(before, after)
        requests = request_differences(before.requests, after.requests, zip(before.bodies, after.bodies, strict=False))
        if requests:
            requests = self._steady(event, before, requests, doubtful=not payload)
        if not payload and not requests:
            return None
        always = self._covers("changed")
        covered = {location: self._covers(location) or always for location in (*payload, *requests)}
        # Requests are made of the payload: if all changes of it are allowed, so are those of the requests.
        follows = bool(payload) and all(covered[location] for location in payload)
        groups = []
        for differences in (payload, requests):
            for location, difference in differences.items():
                allowed = covered[location] = covered[location] or (follows and differences is requests)
                group = self.groups.add(
                    "changed",
                    self._masking.text(location),
                    name,
                    allowed=allowed,
                    sample=partial(self._location_sample, sample, location, difference),
                )
                groups.append(group)
        return Change("changed", all(covered.values()), tuple(groups))

    def _location_sample(self, sample: Callable[..., Sample], location: str, difference: Difference) -> Sample:
        show = self._masking.difference
        at = self._masking.text(difference.at)
        return sample(at, show(location, difference.before), show(location, difference.after))

    def _steady(self, event: Event, before: Reading, differences: Differences, *, doubtful: bool) -> Differences:
        """Leaves out differences that the old version has with itself, because it reads a clock for example.

        The old version runs again if the payloads are equal, and for the first 100 changes. A location that differs
        then is left out for all events.
        """
        unsteady = self._unsteady_locations
        if doubtful or self.counts["changed"][0] < _ASKED_AGAIN:
            assert self.pair.old is not None  # noqa: S101  it gave `before`
            again = read(self.pair.old, event)
            if again is not None and again.error is None:
                found = request_differences(before.requests, again.requests)
                unsteady.update(list(found)[: MAX_DIFFERENCES - len(unsteady)])
        if unsteady.isdisjoint(differences):
            return differences
        self.unsteady += 1
        return {location: found for location, found in differences.items() if location not in unsteady}


def _message_id(event: Event) -> str | None:
    found = event.get("messageId")
    return found if isinstance(found, str) else None


def _result(comparison: PairComparison) -> SubscriptionDiff:
    pair = comparison.pair
    return SubscriptionDiff(
        name=pair.name,
        old_name=pair.old_name,
        state=pair.state,
        differs=pair.differs,
        runs=comparison.runs,
        taken=(comparison.taken[0], comparison.taken[1]),
        counts={kind: (events, not_allowed) for kind, (events, not_allowed) in comparison.counts.items() if events},
        unsteady=comparison.unsteady,
        groups=comparison.groups.sorted(),
        source=tuple(comparison.source()),
    )
