"""One pair of subscriptions, and all events through both of them."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final

from destination.event import Event
from destination.workbench.diff.allow import ADDED, REMOVED, Allow
from destination.workbench.diff.groups import Groups, Sample
from destination.workbench.diff.masking import Masking
from destination.workbench.diff.pairing import Pair
from destination.workbench.diff.places import MAX_PLACES, Differences, request_differences
from destination.workbench.diff.reading import KINDS, Kind, Reading, error_text, kind_of, payload_differences, read

_ASKED_AGAIN: Final = 100
"""So many changed events of a subscription have their requests made a second time, to see whether they are steady."""


class Lane:
    """Compares what both versions of a subscription make of each event.

    Args:
        pair: The two.
        runs: Whether their outcomes may differ at all; else no event is run.
        allow: Which changes are meant.
        masking: Takes the secrets out of what is kept.
        samples: So many samples of each group are kept.

    Attributes:
        pair: The two.
        runs: Whether events are run.
        taken: How many events the old version takes (or fails of), and the new one.
        counts: By kind: how many events became so, and how many of them nobody said were meant.
        unsteady: Events whose requests differ from themselves when made twice; what differs so is not compared.
        groups: What changed.
    """

    def __init__(self, pair: Pair, *, runs: bool, allow: Allow, masking: Masking, samples: int) -> None:
        self.pair = pair
        self.runs = runs
        self.taken = [0, 0]
        self.counts: dict[Kind, list[int]] = {kind: [0, 0] for kind in KINDS}
        self.unsteady = 0
        self.groups = Groups(samples)
        self._masking = masking
        self._covers = lru_cache(1024)(partial(allow.covers, pair.names))
        differs = set(pair.differs) - {"name"}
        both = pair.old is not None and pair.new is not None
        self._unsteady_places: set[str] = set()
        self._one_trigger = both and "trigger" not in differs
        self._only_trigger = both and differs == {"trigger"}

    def take(self, event: Event, ordinal: int, place: str) -> bool | None:
        """Runs an event through both.

        Args:
            event: The event.
            ordinal: Its number, from 1.
            place: Where it stands in the input.

        Returns:
            None where its outcome is the same; else whether all that changed is meant.
        """
        old, new = self.pair.old, self.pair.new
        if self._only_trigger and self._taken_alike(event):
            return None
        before = None if old is None else read(old, event)
        if before is None and self._one_trigger:
            return None
        after = None if new is None else read(new, event)
        self.taken[0] += before is not None
        self.taken[1] += after is not None
        kind = kind_of(before, after)
        sample = partial(Sample, ordinal, place, _message_id(event))
        if kind is not None:
            allowed = self._became(kind, before, after, sample)
        elif before is None or after is None or before.error is not None:
            return None
        else:
            changed = self._changed(event, before, after, sample)
            if changed is None:
                return None
            kind, allowed = "changed", changed
        count = self.counts[kind]
        count[0] += 1
        count[1] += not allowed
        return allowed

    def _taken_alike(self, event: Event) -> bool:
        """Whether both triggers say the same, where nothing else can make the outcome differ."""
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

    def _became(self, kind: Kind, before: Reading | None, after: Reading | None, sample: Callable[..., Sample]) -> bool:
        allowed = self._covers(kind)
        state = self.pair.state
        if state in (ADDED, REMOVED):
            allowed = self._covers(state) or allowed
        detail = " → ".join(filter(None, (error_text(before), error_text(after))))
        show = self._masking.reading
        self.groups.add(
            kind,
            self._masking.text(detail),
            allowed=allowed,
            sample=lambda: sample("", show(before), show(after)),
        )
        return allowed

    def _changed(self, event: Event, before: Reading, after: Reading, sample: Callable[..., Sample]) -> bool | None:
        payload = payload_differences(before, after)
        requests = request_differences(before.requests, after.requests)
        if requests:
            requests = self._steady(event, before, requests, doubtful=not payload)
        if not payload and not requests:
            return None
        always = self._covers("changed")
        meant = {place: self._covers(place) or always for place in (*payload, *requests)}
        # Requests are made of the payload: where all that changed in it is meant, so is what that comes to.
        follows = bool(payload) and all(meant[place] for place in payload)
        for differences in (payload, requests):
            for place, difference in differences.items():
                allowed = meant[place] = meant[place] or (follows and differences is requests)
                self.groups.add(
                    "changed",
                    self._masking.text(place),
                    allowed=allowed,
                    sample=partial(self._place_sample, sample, place, difference),
                )
        return all(meant.values())

    def _place_sample(self, sample: Callable[..., Sample], place: str, difference: Any) -> Sample:
        show = self._masking.difference
        at = self._masking.text(difference.at)
        return sample(at, show(place, difference.before), show(place, difference.after))

    def _steady(self, event: Event, before: Reading, differences: Differences, *, doubtful: bool) -> Differences:
        """The differences without those that the old version has with itself, such as of a clock that it reads.

        It is asked again where the payloads are equal, and of the first changes. What was found so is left out of all.
        """
        unsteady = self._unsteady_places
        if doubtful or self.counts["changed"][0] < _ASKED_AGAIN:
            assert self.pair.old is not None  # noqa: S101  it gave `before`
            again = read(self.pair.old, event)
            if again is not None and again.error is None:
                found = request_differences(before.requests, again.requests)
                unsteady.update(list(found)[: MAX_PLACES - len(unsteady)])
        if unsteady.isdisjoint(differences):
            return differences
        self.unsteady += 1
        return {place: found for place, found in differences.items() if place not in unsteady}


def _message_id(event: Event) -> str | None:
    found = event.get("messageId")
    return found if isinstance(found, str) else None
