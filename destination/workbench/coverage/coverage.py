"""What many events reached of all subscriptions."""

from collections.abc import Iterable, Mapping
from typing import Any

from destination.definition import Subscription
from destination.event import opted_out_by
from destination.workbench.coverage.event_paths import EventPaths
from destination.workbench.coverage.subscription import SubscriptionCoverage


class Coverage:
    """Which points of subscriptions events reached, and which of the events' paths nothing reads.

    Memory does not grow with the number of events.

    Args:
        subscriptions: The subscriptions; disabled ones have no points.
        destination: The destination's name: events whose `integrations` exclude it reach nothing. None: all events
            count.

    Attributes:
        subscriptions: Each with its points.
        paths: What was in the events.
        events: How many there were, without those that are opted out.
        opted_out: How many events' `integrations` exclude the destination.

    Example:
        >>> page = Subscription(name="Pages", subscribe='type = "page"', partner_action="x", mapping={})
        >>> coverage = Coverage([page])
        >>> coverage.take({"type": "page"})
        >>> coverage.reached, coverage.total, coverage.percent
        (1, 2, 50.0)
    """

    def __init__(self, subscriptions: Iterable[Subscription], destination: str | None = None) -> None:
        self.subscriptions = [
            SubscriptionCoverage(item, item.name or f"subscription {index}")
            for index, item in enumerate(subscriptions)
            if item.enabled
        ]
        self.paths = EventPaths()
        self.events = self.opted_out = 0
        self._destination = destination

    @classmethod
    def of(cls, items: Iterable[SubscriptionCoverage], events: int) -> "Coverage":
        """What was noted elsewhere, together; nothing is known of the events' paths.

        Args:
            items: The subscriptions, with what was reached of them.
            events: How many events there were.
        """
        coverage = cls([])
        coverage.subscriptions += items
        coverage.events = events
        return coverage

    def take(self, event: Any) -> None:
        """Notes what an event reaches."""
        name = self._destination
        if name is not None and isinstance(event, dict) and opted_out_by(event, name) is not None:
            self.opted_out += 1
            return
        self.events += 1
        taken = [item.take(event) for item in self.subscriptions]
        self.paths.take(event, [read for _, reads in taken for read in reads], any(matched for matched, _ in taken))

    @property
    def total(self) -> int:
        """How many points there are."""
        return sum(item.total for item in self.subscriptions)

    @property
    def reached(self) -> int:
        """How many of them were reached."""
        return sum(item.reached for item in self.subscriptions)

    @property
    def percent(self) -> float:
        """The share that was reached, in percent; 100 where there is nothing to reach."""
        return percent(self.reached, self.total)

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON: paths and counts, no value of any event.

        Example:
            >>> found = Coverage([]).to_json()
            >>> found["events"], found["optedOut"], found["percent"], found["neverRead"]
            (0, 0, 100.0, {})
        """
        return {
            "events": self.events,
            "optedOut": self.opted_out,
            "points": self.total,
            "reached": self.reached,
            "percent": self.percent,
            "subscriptions": [_subscription_as_json(item) for item in self.subscriptions],
            "neverRead": {
                name: {
                    "events": paths.events,
                    "taken": paths.taken,
                    "paths": dict(paths.unread),
                    **({"others": paths.others} if paths.others else {}),
                }
                for name, paths in self.paths.types.items()
            },
        }


def percent(reached: int, total: int) -> float:
    """A share in percent, rounded down to a tenth, so that 100 means all.

    Example:
        >>> percent(1, 3), percent(9999, 10000), percent(0, 0)
        (33.3, 99.9, 100.0)
    """
    return 100.0 if not total else reached * 1000 // total / 10


def _subscription_as_json(item: SubscriptionCoverage) -> Mapping[str, Any]:
    return {
        "name": item.name,
        "points": item.total,
        "reached": item.reached,
        "percent": percent(item.reached, item.total),
        "matched": item.matched,
        "failed": item.failed,
        "problems": [problem.message for problem in item.mapping.problems],
        "at": [
            {
                "kind": point.kind,
                "place": "/".join(point.place),
                "text": point.text,
                "result": point.result,
                "count": item.count(point),
            }
            for point in item.points
        ],
    }
