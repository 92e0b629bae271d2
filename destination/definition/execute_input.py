"""What a `perform` is given beside the request client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from destination.definition.event_options import NO_OPTIONS, EventOptions, StatsContext
from destination.event import Event
from destination.request import AbortSignal
from destination.values import MISSING, get_property

S = TypeVar("S")
P = TypeVar("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionContext:
    """What is the same for every event of a subscription; made once.

    Attributes:
        raw_mapping: The mapping as stored.
        metadata: `actionConfigId`, `destinationConfigId`, `actionId`, `sourceId`; None where not known.
        sync_mode: `add`, `update`, `upsert`, `delete` or `mirror`, for actions with sync modes.
        matching_key: The field by which the partner recognises records.
        hook_outputs: What hooks stored when the mapping was saved, by hook.
    """

    raw_mapping: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sync_mode: str | None = None
    matching_key: str | None = None
    hook_outputs: Mapping[str, Any] = field(default_factory=dict)


_NO_SUBSCRIPTION = SubscriptionContext()


class ExecuteInput(Generic[S, P]):
    """One event, or one batch, on its way through one action; Segment's `ExecuteInput`.

    Attributes:
        settings: The destination's settings, as the settings model or a read-only mapping.
        payload: The validated payload, as the payload model or a read-only mapping; a list of them in a batch.
        raw_data: The event as it came, a list of events in a batch. It belongs to the caller: never change it.
        auth: Tokens of an OAuth destination (`accessToken`, `refreshToken`), else empty.
        subscription: What belongs to the subscription; see the properties.
        options: What the caller handed along; see the properties.
        audience_membership: Whether the user is in the audience, where the event tells; a list in a batch.

    Example:
        >>> data = ExecuteInput(settings={"region": "eu"}, payload={"name": "a"}, raw_data={"type": "track"})
        >>> data.payload["name"], data.raw_data["type"], data.sync_mode, data.features
        ('a', 'track', None, {})
    """

    __slots__ = ("audience_membership", "auth", "options", "payload", "raw_data", "settings", "subscription")

    def __init__(
        self,
        settings: S,
        payload: P,
        raw_data: Any,
        subscription: SubscriptionContext = _NO_SUBSCRIPTION,
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
        audience_membership: Any = None,
    ) -> None:
        self.settings = settings
        self.payload = payload
        self.raw_data = raw_data
        self.subscription = subscription
        self.options = options
        self.auth: Mapping[str, Any] = {} if auth is None else auth
        self.audience_membership = audience_membership

    @property
    def raw_mapping(self) -> Mapping[str, Any]:
        """The subscription's mapping."""
        return self.subscription.raw_mapping

    @property
    def subscription_metadata(self) -> Mapping[str, Any]:
        """Segment's identifiers of the subscription."""
        return self.subscription.metadata

    @property
    def sync_mode(self) -> str | None:
        """How records are kept in step, for actions with sync modes."""
        return self.subscription.sync_mode

    @property
    def matching_key(self) -> str | None:
        """The field by which the partner recognises records."""
        return self.subscription.matching_key

    @property
    def hook_outputs(self) -> Mapping[str, Any]:
        """What hooks stored when the mapping was saved, by hook."""
        return self.subscription.hook_outputs

    @property
    def personas_context(self) -> Any:
        """`context.personas` of the event, or of a batch's first event; None where there is none."""
        first: Event = self.raw_data[0] if isinstance(self.raw_data, list) else self.raw_data
        personas = get_property(get_property(first, "context"), "personas")
        return None if personas is MISSING else personas

    @property
    def audience_settings(self) -> Any:
        """`context.personas.audience_settings` of the event; empty where there are none."""
        settings = get_property(self.personas_context or {}, "audience_settings")
        return {} if settings is MISSING else settings

    @property
    def features(self) -> Mapping[str, Any]:
        """Feature flags by name."""
        return self.options.features

    @property
    def stats_context(self) -> StatsContext | None:
        """Where to report counts."""
        return self.options.stats_context

    @property
    def logger(self) -> Any:
        """The caller's logger."""
        return self.options.logger

    @property
    def transaction_context(self) -> Any:
        """What the caller keeps over several calls."""
        return self.options.transaction_context

    @property
    def state_context(self) -> Any:
        """What may be remembered between events."""
        return self.options.state_context

    @property
    def engage_destination_cache(self) -> Any:
        """The caller's cache."""
        return self.options.engage_destination_cache

    @property
    def signal(self) -> AbortSignal | None:
        """What aborts the requests."""
        return self.options.signal


class BatchInput(ExecuteInput[S, list[P]]):
    """What a `perform_batch` is given.

    Attributes:
        events: The event of each payload, in the order of the payloads. `raw_data`, as in Segment, has all events
            that the trigger matched, those whose payload was not valid included: its indexes are not the payloads'.

    Example:
        >>> data = BatchInput(settings={}, payload=[{"n": 2}], raw_data=[{"n": ""}, {"n": 2}], events=[{"n": 2}])
        >>> list(zip(data.payload, data.events)), len(data.raw_data)
        ([({'n': 2}, {'n': 2})], 2)
    """

    __slots__ = ("events",)

    def __init__(
        self,
        settings: S,
        payload: list[P],
        raw_data: list[Event],
        subscription: SubscriptionContext = _NO_SUBSCRIPTION,
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
        audience_membership: Any = None,
        *,
        events: list[Event],
    ) -> None:
        super().__init__(settings, payload, raw_data, subscription, options, auth, audience_membership)
        self.events = events
