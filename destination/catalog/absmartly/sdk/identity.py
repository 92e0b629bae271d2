"""Tracks events through Segment's analytics client, each with the identity of its user."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypedDict

from destination.errors import DestinationError

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
        destination.catalog.absmartly.sdk.identity.NotTrackedError: the analytics client's queue is full: ...
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
    """The properties of an `Experiment Viewed` event, as Segment's spec names them.

    Variants after the seventh have no letter, and their events no `variation_name`, as in ABsmartly's own example.

    Example:
        >>> viewed_properties(7, "checkout", 1)
        {'experiment_id': 7, 'experiment_name': 'checkout', 'variation_id': 1, 'variation_name': 'B'}
    """
    properties = {"experiment_id": experiment_id, "experiment_name": name, "variation_id": variant}
    if isinstance(variant, int) and 0 <= variant < len(_VARIATIONS):
        properties["variation_name"] = _VARIATIONS[variant]
    return properties
