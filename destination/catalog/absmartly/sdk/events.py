"""Events for Segment's analytics client: tracks them with the identity of their user, and adds units to them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypedDict

from destination.errors import DestinationError
from destination.values import is_number, to_string

_VARIATIONS = "ABCDEFG"


class Identity(TypedDict, total=False):
    """Whose an event is; `Client.track` requires at least one of the two."""

    user_id: str | None
    anonymous_id: str | None


class AnalyticsClient(Protocol):
    """The part of `segment.analytics.Client` that is used here."""

    def track(
        self,
        user_id: Any = None,
        event: Any = None,
        properties: Any = None,
        *,
        timestamp: Any = None,
        anonymous_id: Any = None,
    ) -> tuple[bool, Any]:
        """Queues an event, or in `sync_mode` sends it; returns whether it was queued, and the message."""
        ...


class NotTrackedError(DestinationError):
    """The analytics client did not queue an event; it is lost unless the caller tracks it again."""


def track(
    client: AnalyticsClient,
    identity: Identity,
    event: str,
    properties: Mapping[str, Any],
    moment_ms: float | None,
) -> None:
    """Tracks one event.

    Args:
        client: The analytics client.
        identity: Whose event it is.
        event: Its name.
        properties: Its properties.
        moment_ms: When it happened, in Unix milliseconds; now when None.

    Raises:
        NotTrackedError: The identity has neither id, or the client's queue is full.
        Exception: In `sync_mode`, the error of the client: the event was not sent.

    Example:
        >>> class Full:
        ...     def track(self, *args, **kwargs):
        ...         return False, {}
        >>> track(Full(), {"user_id": "u-1"}, "Login", {}, None)
        Traceback (most recent call last):
        destination.catalog.absmartly.sdk.events.NotTrackedError: the analytics client's queue is full: ...
    """
    user_id, anonymous_id = identity.get("user_id"), identity.get("anonymous_id")
    if not user_id and not anonymous_id:
        raise NotTrackedError(
            f"the identity of {event!r} has neither user_id nor anonymous_id, and Segment wants one of them"
        )
    moment = None if moment_ms is None else datetime.fromtimestamp(moment_ms / 1000, UTC)
    taken, _ = client.track(user_id, event, dict(properties), timestamp=moment, anonymous_id=anonymous_id)
    if not taken:
        raise NotTrackedError(
            f"the analytics client's queue is full: {event!r} was not taken; give it a larger max_queue_size, or flush"
        )


def viewed_properties(experiment_id: Any, name: Any, variant: Any) -> dict[str, Any]:
    """Makes the properties of an `Experiment Viewed` event, as Segment's spec names them.

    Variants after the seventh have no letter, and their events no `variation_name`, as in ABsmartly's own example.

    Example:
        >>> viewed_properties(7, "checkout", 1)
        {'experiment_id': 7, 'experiment_name': 'checkout', 'variation_id': 1, 'variation_name': 'B'}
    """
    properties = {"experiment_id": experiment_id, "experiment_name": name, "variation_id": variant}
    if isinstance(variant, int) and 0 <= variant < len(_VARIATIONS):
        properties["variation_name"] = _VARIATIONS[variant]
    return properties


Unit = tuple[str, Any]
"""The name of a unit in ABsmartly, and its id."""


def add_units(properties: Mapping[str, Any], units: Iterable[Unit]) -> dict[str, Any]:
    """Copies properties and adds units to `absmartly.units`, which ABsmartly Classic reads.

    Units that are there already stay and come first. ABsmartly (Actions) does not read this list: see `unit_object`.

    Args:
        properties: An event's properties.
        units: Unit names and ids. Ids that are blank, or neither text nor numbers, are left out.

    Example:
        >>> add_units({"total": 9}, [("user_id", "u-1"), ("seat", 7), ("nobody", None)])
        {'total': 9, 'absmartly': {'units': [{'type': 'user_id', 'uid': 'u-1'}, {'type': 'seat', 'uid': '7'}]}}
    """
    given = properties.get("absmartly")
    absmartly = dict(given) if isinstance(given, Mapping) else {}
    there = absmartly.get("units")
    added = [{"type": name, "uid": uid} for name, uid in _usable(units)]
    absmartly["units"] = [*(there if isinstance(there, list) else ()), *added]
    return {**properties, "absmartly": absmartly}


def unit_object(units: Iterable[Unit]) -> dict[str, str]:
    """Makes an object of units, for the variant Track Calls (units of the SDK) of ABsmartly (Actions).

    Of several units of one name, the last one stays. Ids are left out as in `add_units`.

    Example:
        >>> {"total": 9, "units": unit_object([("user_id", "u-1"), ("seat", 7)])}
        {'total': 9, 'units': {'user_id': 'u-1', 'seat': '7'}}
    """
    return dict(_usable(units))


def product_units(properties: Mapping[str, Any], unit: str = "product_id", key: str = "product_id") -> list[Unit]:
    """Makes a unit of each product of an order, as Segment's spec lists them in `products`.

    Args:
        properties: An event's properties.
        unit: The name of the unit in ABsmartly.
        key: The member of a product that identifies it.

    Example:
        >>> order = {"products": [{"product_id": "p-1"}, {"product_id": "p-2"}, {"sku": "x"}]}
        >>> product_units(order)
        [('product_id', 'p-1'), ('product_id', 'p-2')]
        >>> add_units(order, product_units(order))["absmartly"]["units"][1]
        {'type': 'product_id', 'uid': 'p-2'}
    """
    products = properties.get("products")
    found = products if isinstance(products, list) else ()
    return [(unit, item[key]) for item in found if isinstance(item, Mapping) and key in item]


def _usable(units: Iterable[Unit]) -> Iterable[tuple[str, str]]:
    for name, uid in units:
        if (isinstance(uid, str) and uid.strip()) or is_number(uid):
            yield name, to_string(uid)
