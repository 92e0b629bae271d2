"""Reads the counters of a forwarder: how many events were accepted, delivered, tried again or failed, and how fast."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

_TOTALS: Final = {"accepted": "accepted", "duplicate": "duplicate", "refused": "refused"}
_BY_SUBSCRIPTION: Final = ("delivered", "retried", "dead")


def read_counts(text: str) -> dict[str, Any]:
    r"""Reads the text that `GET /metrics` answers.

    Args:
        text: The metrics in Prometheus' text format.

    Returns:
        `accepted`, `duplicate`, `refused`, `delivered`, `retried`, `dead` and `unsent` since the start; `p50Ms` and
        `p95Ms`, upper bounds of the time from accepted to acknowledged in milliseconds, or None; `subscriptions`, with
        the counts and times of each.

    Example:
        >>> text = 'destination_events_dead_total{destination="shop",subscription="Pages"} 2.0\n'
        >>> found = read_counts(text)
        >>> found["dead"], found["subscriptions"]
        (2, [{'destination': 'shop', 'subscription': 'Pages', 'delivered': 0, 'retried': 0, 'dead': 2, 'p50Ms': None,
          'p95Ms': None}])
    """
    samples = list(_samples(text))
    buckets = [(labels, value) for name, labels, value in samples if name == "destination_latency_seconds_bucket"]
    counts: dict[str, Any] = {
        name: _sum(samples, f"destination_events_{name}_total") for name in (*_TOTALS, *_BY_SUBSCRIPTION, "unsent")
    }
    counts |= _latencies(buckets)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for name, labels, value in samples:
        kind = name.removeprefix("destination_events_").removesuffix("_total")
        if kind not in _BY_SUBSCRIPTION or not name.startswith("destination_events_"):
            continue
        key = (labels.get("destination", ""), labels.get("subscription", ""))
        row = rows.setdefault(key, dict.fromkeys(_BY_SUBSCRIPTION, 0))
        row[kind] += int(value)
    counts["subscriptions"] = [
        {
            "destination": destination,
            "subscription": subscription,
            **row,
            **_latencies([one for one in buckets if _is_of(one[0], destination, subscription)]),
        }
        for (destination, subscription), row in rows.items()
        if subscription
    ]
    return counts


def _samples(text: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                yield sample.name, sample.labels, sample.value
    except ValueError:  # another version's text: what was read until here counts
        return


def _sum(samples: Sequence[tuple[str, Mapping[str, str], float]], name: str) -> int:
    return int(sum(value for found, _, value in samples if found == name))


def _is_of(labels: Mapping[str, str], destination: str, subscription: str) -> bool:
    return labels.get("destination") == destination and labels.get("subscription") == subscription


def _latencies(buckets: Sequence[tuple[Mapping[str, str], float]]) -> dict[str, int | None]:
    """Returns the bounds in milliseconds below which half and 95 % of the events were acknowledged."""
    below: dict[float, float] = {}
    for labels, value in buckets:
        bound = float(labels.get("le", "+Inf"))
        below[bound] = below.get(bound, 0) + value
    total = max(below.values(), default=0)
    found: dict[str, int | None] = {}
    for name, share in (("p50Ms", 0.5), ("p95Ms", 0.95)):
        enough = [bound for bound, value in sorted(below.items()) if total and value >= share * total]
        found[name] = round(enough[0] * 1000) if enough and enough[0] != inf else None
    return found
