"""Counts which points many events reach, for a list of subscriptions or for all instances that are made."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from destination.definition import Subscription
from destination.event import Event, opted_out_by
from destination.runtime import Instance, Redactor
from destination.values import write_json
from destination.workbench.coverage.event_paths import EventPaths
from destination.workbench.coverage.reads import EventReads
from destination.workbench.coverage.subscription import SubscriptionCoverage

_Key = tuple[str, str, bytes]
"""Destination, name and content: subscriptions with equal keys count as one."""


class Coverage:
    """The points of subscriptions that events reach, and the paths of events that nothing reads.

    Memory does not grow with the number of events.

    Args:
        subscriptions: The subscriptions; disabled ones have no points.
        destination: The destination's name. Events whose `integrations` exclude it reach nothing. If None, all events
            count.

    Attributes:
        subscriptions: The enabled subscriptions with their points.
        paths: The paths of the events.
        events: The number of events that are not opted out.
        opted_out: The number of events whose `integrations` exclude the destination.

    Example:
        >>> page = Subscription(name="Pages", subscribe='type = "page"', partner_action="x", mapping={})
        >>> coverage = Coverage([page])
        >>> coverage.take({"type": "page"})
        >>> coverage.reached, coverage.total, coverage.percent
        (1, 2, 50.0)
    """

    def __init__(self, subscriptions: Iterable[Subscription], destination: str | None = None) -> None:
        self._reads = EventReads()
        self.subscriptions = [
            SubscriptionCoverage(item, item.name or f"subscription {index}", self._reads)
            for index, item in enumerate(subscriptions)
            if item.enabled
        ]
        self.paths = EventPaths()
        self.events = self.opted_out = 0
        self._destination = destination

    @classmethod
    def of(cls, items: Iterable[SubscriptionCoverage], events: int) -> "Coverage":
        """Combines the counts of several subscriptions; `paths` stays empty.

        Args:
            items: The subscriptions, with the counts of their points.
            events: The number of events.
        """
        coverage = cls([])
        coverage.subscriptions += items
        coverage.events = events
        return coverage

    def take(self, event: Any) -> None:
        """Counts what an event reaches."""
        name = self._destination
        if name is not None and isinstance(event, dict) and opted_out_by(event, name) is not None:
            self.opted_out += 1
            return
        self.events += 1
        self._reads.begin()
        taken = False
        for item in self.subscriptions:
            taken |= item.take(event)
        self.paths.take(event, self._reads, taken)

    @property
    def total(self) -> int:
        """The number of points."""
        return sum(item.total for item in self.subscriptions)

    @property
    def reached(self) -> int:
        """The number of points that were reached."""
        return sum(item.reached for item in self.subscriptions)

    @property
    def percent(self) -> float:
        """The share of points that were reached, in percent; 100 if there are none."""
        return percent(self.reached, self.total)

    def to_json(self) -> dict[str, Any]:
        """Returns everything as JSON: paths and counts, and no value of any event.

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


class CollectedCoverage:
    """The coverage of many instances; pass its `watch` to `destination.runtime.instance.watching`.

    Attributes:
        events: The number of events.

    Example:
        >>> from destination.runtime import Destination
        >>> from destination.runtime.instance import watching
        >>> demo = Destination(name="Demo", slug="demo", actions={})
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {}}
        >>> collected = CollectedCoverage()
        >>> with watching(collected.watch):
        ...     plans = [demo.instance({}, [pages]).plan({"type": kind}) for kind in ("page", "track")]
        >>> [(item.name, item.reached, item.total) for item in collected.coverage().subscriptions]
        [('demo: Pages', 2, 2)]
    """

    def __init__(self) -> None:
        self.events = 0
        self._items: dict[_Key, SubscriptionCoverage] = {}
        self._secrets: set[str] = set()
        self._redactor: Redactor | None = None
        self._lock = Lock()

    def watch(self, instance: Instance[Any]) -> Callable[[Event], None]:
        """Adds the subscriptions of an instance; returns a function to call with each of its events."""
        slug = instance.definition.slug or instance.definition.name
        self._hide(instance.redactor.secrets)
        items = [self._item(slug, each.name, each.subscription) for each in instance.subscriptions]

        def take(event: Event) -> None:
            with self._lock:  # tests may pass events in several threads
                self.events += 1
                for item in items:
                    item.take(event)

        return take

    def coverage(self) -> Coverage:
        """Returns the coverage of all subscriptions; several of one name are numbered."""
        return Coverage.of(self._items.values(), self.events)

    def hide(self, text: str) -> str:
        """Masks the secrets of all instances in a text: a mapping may hold the value of a setting."""
        if self._redactor is None:
            self._redactor = Redactor({secret: secret for secret in self._secrets}, self._secrets)
        return self._redactor.text(text)

    def to_data(self) -> dict[str, Any]:
        """Returns the counts as plain data for `add`, without those of mappings that are not valid JSON."""
        items = [
            {"destination": slug, "name": name, "subscription": item.subscription.to_json(), **item.to_data()}
            for (slug, name, content), item in self._items.items()
            if content.startswith(b"[")
        ]
        return {"events": self.events, "items": items, "secrets": sorted(self._secrets)}

    def add(self, data: dict[str, Any]) -> None:
        """Adds the data that `to_data` returned in another process."""
        self.events += data["events"]
        self._hide(data["secrets"])
        for each in data["items"]:
            subscription = Subscription.from_json(each["subscription"])
            self._item(each["destination"], each["name"], subscription).add(each)

    def _hide(self, secrets: Iterable[str]) -> None:
        self._secrets.update(secrets)
        self._redactor = None

    def _item(self, slug: str, name: str, subscription: Subscription) -> SubscriptionCoverage:
        key = (slug, name, _content(subscription))
        if key not in self._items:
            shown = _numbered(f"{slug}: {name}", (item.name for item in self._items.values()))
            self._items[key] = SubscriptionCoverage(subscription, shown)
        return self._items[key]


def percent(reached: int, total: int) -> float:
    """Returns a share in percent, rounded down to a tenth; so 100 means all.

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
                "place": "/".join(point.path),
                "text": point.text,
                "result": point.result,
                "count": item.count(point),
            }
            for point in item.points
        ],
    }


def _content(subscription: Subscription) -> bytes:
    try:
        return write_json([subscription.subscribe, subscription.mapping])
    except (TypeError, ValueError):  # a mapping made in code may hold anything
        return repr(subscription).encode("utf-8", "replace")


def _numbered(name: str, taken: Iterable[str]) -> str:
    names, number, free = set(taken), 2, name
    while free in names:
        free, number = f"{name} ({number})", number + 1
    return free
