"""Counts what happens to events, for Prometheus."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.registry import Collector

_LATENCIES_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200)
_WHOLE_EVENT = ""


class WaitingEvents(Protocol):
    """How much waits for a destination."""

    @property
    def rows(self) -> int:
        """The number of events."""
        ...

    @property
    def bytes(self) -> int:
        """Their size, in bytes."""
        ...

    @property
    def age_s(self) -> float:
        """The age of the oldest, in seconds; 0 if none waits."""
        ...


class ShownState(Protocol):
    """The state of a destination, as far as it is shown."""

    @property
    def is_paused(self) -> bool:
        """Whether it gets no events now, except to try whether it is available again."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether more waits for it than its `max_behind`."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it is paused."""
        ...

    @property
    def depth(self) -> WaitingEvents:
        """What waits for it."""
        ...


States = Callable[[], Mapping[str, ShownState]]


class Metrics:
    """The metrics of a forwarder.

    Args:
        states: Returns the state of each destination, by name.

    Example:
        >>> metrics = Metrics(lambda: {})
        >>> metrics.refused("too_large", 2)
        >>> [line for line in metrics.text().decode().splitlines() if "too_large" in line][0]
        'destination_events_refused_total{reason="too_large"} 2.0'
    """

    content_type = CONTENT_TYPE_PLAIN_1_0_0

    def __init__(self, states: States) -> None:
        self._registry = registry = CollectorRegistry()
        both = ("destination", "subscription")

        def counter(name: str, what: str, labels: Iterable[str] = ()) -> Counter:
            return Counter(f"destination_{name}", what, labels, registry=registry)

        self._accepted = counter("events_accepted", "Events that the queue took.")
        self._duplicates = counter("events_duplicate", "Events that the queue had already.")
        self._refused = counter("events_refused", "Events and requests that were refused.", ["reason"])
        self._delivered = counter("events_delivered", "Events that the partner acknowledged.", both)
        self._unsent = counter(
            "events_unsent", "Events that no subscription matched, or that opted out.", ["destination"]
        )
        self._retried = counter("events_retried", "Attempts after the first.", both)
        self._dead = counter("events_dead", "Events that failed for good.", both)
        self._pauses = counter("pauses", "Pauses of a destination.", ["destination"])
        self._latency = Histogram(
            "destination_latency_seconds",
            "From accepted to acknowledged.",
            both,
            buckets=_LATENCIES_S,
            registry=registry,
        )
        self._known: dict[tuple[str, str], _Children] = {}
        registry.register(_States(states))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def text(self) -> bytes:
        """Returns the metrics in Prometheus' text format."""
        return bytes(generate_latest(self._registry))

    def declare(self, destination: str, subscriptions: Iterable[str]) -> None:
        """Makes the counters of a destination appear with 0, before its first event."""
        self._unsent.labels(destination)
        self._pauses.labels(destination)
        self._dead.labels(destination, _WHOLE_EVENT)
        for subscription in subscriptions:
            self._of(destination, subscription)

    # --- what the intake reports -----------------------------------------------------------------------------

    def accepted(self, write_key: str, count: int) -> None:
        """Counts events that the queue took; not by write key, which would show it."""
        del write_key
        self._accepted.inc(count)

    def duplicate(self, count: int) -> None:
        """Counts events that the queue had already."""
        self._duplicates.inc(count)

    def refused(self, reason: str, count: int) -> None:
        """Counts events or requests that were refused."""
        self._refused.labels(reason).inc(count)

    # --- what the forwarder reports --------------------------------------------------------------------------

    def delivered(self, destination: str, subscription: str, latency_s: float) -> None:
        """Counts an event that the partner acknowledged."""
        found = self._of(destination, subscription)
        found.delivered.inc()
        found.latency.observe(latency_s)

    def unsent(self, destination: str) -> None:
        """Counts an event that is settled without a request."""
        self._unsent.labels(destination).inc()

    def retried(self, destination: str, subscription: str, count: int) -> None:
        """Counts further attempts."""
        self._of(destination, subscription).retried.inc(count)

    def dead(self, destination: str, subscription: str | None) -> None:
        """Counts an event that failed for good; without a subscription, the whole event failed."""
        if subscription is None:
            self._dead.labels(destination, _WHOLE_EVENT).inc()
        else:
            self._of(destination, subscription).dead.inc()

    def paused(self, destination: str) -> None:
        """Counts a pause."""
        self._pauses.labels(destination).inc()

    def _of(self, destination: str, subscription: str) -> "_Children":
        key = (destination, subscription)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _Children(self._delivered, self._retried, self._dead, self._latency, key)
        return found


class _Children:
    """The counters of one subscription; looking them up for each event would take as long as counting."""

    __slots__ = ("dead", "delivered", "latency", "retried")

    def __init__(
        self, delivered: Counter, retried: Counter, dead: Counter, latency: Histogram, labels: tuple[str, str]
    ) -> None:
        self.delivered: Any = delivered.labels(*labels)
        self.retried: Any = retried.labels(*labels)
        self.dead: Any = dead.labels(*labels)
        self.latency: Any = latency.labels(*labels)


class _States(Collector):
    """The gauges, which are read when somebody looks."""

    def __init__(self, states: States) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """Returns depth, size, age, and whether each destination is paused or behind."""
        rows = _gauge("queue_rows", "Events that wait.")
        size = _gauge("queue_bytes", "Size of the events that wait, in bytes.")
        age = _gauge("queue_age_seconds", "Age of the oldest event that waits.")
        paused = _gauge("paused", "1 if the destination is paused.")
        behind = _gauge("behind", "1 if more waits for the destination than its max_behind.")
        for name, state in self._states().items():
            rows.add_metric([name], state.depth.rows)
            size.add_metric([name], state.depth.bytes)
            age.add_metric([name], state.depth.age_s)
            paused.add_metric([name], float(state.is_paused))
            behind.add_metric([name], float(state.is_behind))
        yield from (rows, size, age, paused, behind)


def _gauge(name: str, what: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"destination_{name}", what, labels=["destination"])
