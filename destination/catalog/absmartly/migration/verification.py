"""Runs events through ABsmartly Classic and through what was migrated from it, and says where they differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from destination.catalog.absmartly.classic import ClassicSettings, absmartly_classic
from destination.catalog.absmartly.definition import absmartly
from destination.catalog.absmartly.migration.differences import Difference, Naming
from destination.catalog.absmartly.migration.expectation import CameTo, expect
from destination.catalog.absmartly.migration.subscriptions import migrate
from destination.definition import Subscription
from destination.event import Event
from destination.runtime import EventResult

MAX_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One event that came out differently.

    Attributes:
        place: Where it stands, such as `line 7`.
        classic: What classic would send: `nothing`, `fails: …`, or the body as JSON.
        actions: The same of ABsmartly (Actions).
    """

    place: str
    classic: str
    actions: str


@dataclass(slots=True)
class Verification:
    """What a corpus came to.

    Attributes:
        events: How many events there were.
        equal: How many came to the same, or to nothing on both sides.
        counts: The events that met each entry of the list; one event may meet several.
        faults: How many differ in a way that is on no list.
        samples: The first events of each entry, and of the faults under None.
    """

    events: int = 0
    equal: int = 0
    counts: Counter[Difference] = field(default_factory=Counter)
    faults: int = 0
    samples: dict[Difference | None, list[Sample]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "events": self.events,
            "equal": self.equal,
            "differences": [
                {
                    "code": entry.code,
                    "sentence": entry.sentence,
                    "events": self.counts[entry],
                    "samples": _samples(self.samples.get(entry, ())),
                }
                for entry in Difference
                if self.counts[entry]
            ],
            "faults": {"events": self.faults, "samples": _samples(self.samples.get(None, ()))},
        }


def _samples(found: Iterable[Sample]) -> list[dict[str, str]]:
    return [{"at": sample.place, "classic": sample.classic, "actions": sample.actions} for sample in found]


class Verifier:
    """Classic and its migration, side by side; feed it events with `add`.

    Args:
        settings: The classic settings.
        naming: How page and screen goals are called.
        subscriptions: What is held against classic; what `migrate` makes when None.

    Attributes:
        result: What the events so far came to.

    Raises:
        DefinitionError: As `migrate` does.

    Example:
        >>> settings = ClassicSettings(collector_endpoint="https://h.test/v1", api_key="s3cr3t", environment="e",
        ...                            unit_mapping={"userId": "user_id"})
        >>> verifier = Verifier(settings)
        >>> event = {"type": "track", "event": "Login", "userId": " ", "timestamp": "2023-01-01", "properties": {}}
        >>> sorted(entry.code for entry in verifier.add(event, "line 1")), verifier.result.faults
        (['blank-units', 'times'], 0)
    """

    def __init__(
        self, settings: ClassicSettings, naming: Naming = "title", subscriptions: Sequence[Subscription] | None = None
    ) -> None:
        self._settings = settings
        self._naming: Naming = naming
        self._classic = absmartly_classic.instance(settings)
        account = {
            "collectorEndpoint": settings.collector_endpoint,
            "apiKey": settings.api_key,
            "environment": settings.environment,
        }
        made = migrate(settings, naming) if subscriptions is None else subscriptions
        self._actions = absmartly.instance(account, made)
        self.result = Verification()

    def add(self, event: Event, place: str) -> frozenset[Difference] | None:
        """Compares one event; the entries that it met (none where both do the same), or None for a fault.

        Args:
            event: The event; it stays as it is.
            place: Where it stands, for samples.
        """
        classic, actions = self._classic.plan(event), self._actions.plan(event)
        was, now = CameTo.of(classic), CameTo.of(actions)
        check, met = expect(event, self._settings, self._naming)
        result = self.result
        result.events += 1
        if not check(now) or (was.addresses != now.addresses and was.sent and now.sent) or (not met and was != now):
            result.faults += 1
            self._sample(None, place, classic, actions)
            return None
        if (was.failed and now.failed) or was == now:
            result.equal += 1
            return frozenset()
        for entry in met:
            result.counts[entry] += 1
            self._sample(entry, place, classic, actions)
        return frozenset(met)

    def _sample(self, entry: Difference | None, place: str, classic: EventResult, actions: EventResult) -> None:
        samples = self.result.samples.setdefault(entry, [])
        if len(samples) < MAX_SAMPLES:
            samples.append(Sample(place, self._shown(classic), self._shown(actions)))

    def _shown(self, result: EventResult) -> str:
        failures = [f"fails: {error}" for error in result.errors]
        bodies = [(request.body or b"").decode("utf-8", "replace") for request in result.requests]
        return self._classic.redactor.text("; ".join([*failures, *bodies]) or "nothing")
