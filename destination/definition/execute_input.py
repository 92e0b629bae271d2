"""What a `perform` is given beside the request client."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from destination.event import Event

S = TypeVar("S")
P = TypeVar("P")


class ExecuteInput(Generic[S, P]):
    """One event on its way through one action; Segment's `ExecuteInput`.

    Attributes:
        settings: The destination's settings, as the settings model or a read-only mapping.
        payload: The validated payload, as the payload model or a read-only mapping.
        raw_data: The event as it came. It belongs to the caller: read it, never change it.
        raw_mapping: The subscription's mapping.
        auth: Access token and refresh token of an OAuth destination, else empty.
        features: Feature flags the caller passed, by name.
        subscription_metadata: `actionConfigId`, `destinationConfigId`, `actionId`, `sourceId` where known.

    Example:
        >>> data = ExecuteInput(settings={"region": "eu"}, payload={"name": "a"}, raw_data={"type": "track"})
        >>> data.payload["name"], data.raw_data["type"]
        ('a', 'track')
    """

    __slots__ = ("auth", "features", "payload", "raw_data", "raw_mapping", "settings", "subscription_metadata")

    def __init__(
        self,
        settings: S,
        payload: P,
        raw_data: Event,
        raw_mapping: Mapping[str, Any] | None = None,
        auth: Mapping[str, Any] | None = None,
        features: Mapping[str, Any] | None = None,
        subscription_metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = settings
        self.payload = payload
        self.raw_data = raw_data
        self.raw_mapping = raw_mapping
        self.auth = auth
        self.features = features
        self.subscription_metadata = subscription_metadata
