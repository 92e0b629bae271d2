"""The coverage of all instances that are made while somebody watches: what a test run reaches."""

from collections.abc import Callable, Iterable
from typing import Any

from destination.definition import Subscription
from destination.event import Event
from destination.runtime import Instance, Redactor
from destination.values import write_json
from destination.workbench.coverage.coverage import Coverage
from destination.workbench.coverage.subscription import SubscriptionCoverage

_Key = tuple[str, str, bytes]
"""Destination, name and content: subscriptions in which these are the same count as one."""


class CollectedCoverage:
    """Coverage over many instances; its `watch` is for `destination.runtime.instance.watching`.

    Attributes:
        events: How many events there were.

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

    def watch(self, instance: Instance[Any]) -> Callable[[Event], None]:
        """Takes up the subscriptions of an instance; gives what is to be told of its events."""
        slug = instance.definition.slug or instance.definition.name
        self._know(instance.redactor.secrets)
        items = [self._item(slug, each.name, each.subscription) for each in instance.subscriptions]

        def tell(event: Event) -> None:
            self.events += 1
            for item in items:
                item.take(event)

        return tell

    def coverage(self) -> Coverage:
        """Everything together; several subscriptions of one name are numbered."""
        return Coverage.of(self._items.values(), self.events)

    def hide(self, text: str) -> str:
        """The text without the secrets of any of the instances: a mapping may hold what a setting does."""
        if self._redactor is None:
            self._redactor = Redactor({secret: secret for secret in self._secrets}, self._secrets)
        return self._redactor.text(text)

    def to_data(self) -> dict[str, Any]:
        """What was reached, as plain data for `add`; but for mappings made in code that no JSON can hold."""
        items = [
            {"destination": slug, "name": name, "subscription": item.subscription.to_json(), **item.to_data()}
            for (slug, name, content), item in self._items.items()
            if content.startswith(b"[")
        ]
        return {"events": self.events, "items": items, "secrets": sorted(self._secrets)}

    def add(self, data: dict[str, Any]) -> None:
        """Adds what another process gave by `to_data`."""
        self.events += data["events"]
        self._know(data["secrets"])
        for each in data["items"]:
            subscription = Subscription.from_json(each["subscription"])
            self._item(each["destination"], each["name"], subscription).add(each)

    def _know(self, secrets: Iterable[str]) -> None:
        self._secrets.update(secrets)
        self._redactor = None

    def _item(self, slug: str, name: str, subscription: Subscription) -> SubscriptionCoverage:
        key = (slug, name, _content(subscription))
        if key not in self._items:
            shown = _numbered(f"{slug}: {name}", (item.name for item in self._items.values()))
            self._items[key] = SubscriptionCoverage(subscription, shown)
        return self._items[key]


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
