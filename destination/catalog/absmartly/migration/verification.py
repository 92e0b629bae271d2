"""Compares ABsmartly Classic with the subscriptions migrated from it, event by event."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from destination.catalog.absmartly.classic import ClassicSettings, absmartly_classic
from destination.catalog.absmartly.definition import absmartly
from destination.catalog.absmartly.migration.differences import Difference, Naming
from destination.catalog.absmartly.migration.expectation import PlanSummary, expect, has_null_context
from destination.catalog.absmartly.migration.subscriptions import migrate
from destination.definition import Subscription
from destination.event import Event
from destination.records import dataclass
from destination.runtime import EventResult

_MAX_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One event whose requests differ.

    Attributes:
        line: Its line in the file, such as `line 7`.
        classic: What classic would send: `nothing`, `fails: …`, or the body as JSON.
        actions: What ABsmartly (Actions) would send, in the same form.

    Example:
        >>> Sample("line 7", "nothing", '{"units": []}').classic
        'nothing'
    """

    line: str
    classic: str
    actions: str


@dataclass(slots=True)
class Verification:
    """The result of comparing many events.

    Attributes:
        events: The number of events.
        equal: The number of events for which both send the same requests, both send nothing, or both fail.
        counts: The number of events for each known difference; an event may count for several.
        faults: The number of events that differ in a way that no known difference explains.
        samples: The first 5 events of each difference; those of the faults are under None.

    Example:
        >>> verification = Verification(events=10, equal=9, counts=Counter({Difference.NO_UNITS: 1}))
        >>> verification.to_json()["equal"], verification.faults
        (9, 0)
    """

    events: int = 0
    equal: int = 0
    counts: Counter[Difference] = field(default_factory=Counter)
    faults: int = 0
    samples: dict[Difference | None, list[Sample]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Returns the result as JSON."""
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
    return [{"at": sample.line, "classic": sample.classic, "actions": sample.actions} for sample in found]


class Verifier:
    """A comparison of ABsmartly Classic with its migration; pass each event to `add`.

    Args:
        settings: The classic settings.
        naming: How page and screen goals are named.
        subscriptions: The subscriptions to compare with classic; those of `migrate` when None.

    Attributes:
        result: The result for the events so far.

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

    def add(self, event: Event, line: str) -> frozenset[Difference] | None:
        """Compares what both send for an event.

        Returns:
            The known differences that explain what differs, empty if nothing does; None if no known difference explains
            it.

        Args:
            event: The event; it is not changed.
            line: Its line in the file, for samples, such as `line 7`.
        """
        # Classic is a function that never reads a context. As a destination it would fail if the context is null.
        of_function = {**event, "context": {}} if has_null_context(event) else event
        classic, actions = self._classic.plan(of_function), self._actions.plan(event)
        was, now = PlanSummary.of(classic), PlanSummary.of(actions)
        check, met = expect(event, self._settings, self._naming)
        result = self.result
        result.events += 1
        if was == now:
            result.equal += 1
            return frozenset()
        if not check(now) or (was.addresses != now.addresses and was.sent and now.sent) or not met:
            result.faults += 1
            self._sample(None, line, classic, actions)
            return None
        for entry in met:
            result.counts[entry] += 1
            self._sample(entry, line, classic, actions)
        return frozenset(met)

    def _sample(self, entry: Difference | None, line: str, classic: EventResult, actions: EventResult) -> None:
        samples = self.result.samples.setdefault(entry, [])
        if len(samples) < _MAX_SAMPLES:
            samples.append(Sample(line, self._shown(classic), self._shown(actions)))

    def _shown(self, result: EventResult) -> str:
        failures = [f"fails: {error}" for error in result.errors]
        bodies = [(request.body or b"").decode("utf-8", "replace") for request in result.requests]
        return self._classic.redactor.text("; ".join([*failures, *bodies]) or "nothing")
