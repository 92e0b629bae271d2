"""The inputs of an author's functions: performs, hooks, dynamic fields, audiences and polls."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from destination.definition.app import PendingOperation
from destination.event import Event
from destination.records import dataclass
from destination.request import AbortSignal
from destination.values import MISSING, get_property

S = TypeVar("S")
P = TypeVar("P")


class StatsClient(Protocol):
    """Records counts and timings; Segment's `statsClient`."""

    def incr(self, name: str, value: float = 1, tags: list[str] | None = None) -> None:
        """Adds to a counter."""
        ...

    def histogram(self, name: str, value: float, tags: list[str] | None = None) -> None:
        """Records a value."""
        ...


@dataclass(frozen=True, slots=True)
class StatsContext:
    """A stats client and the tags of everything it records; Segment's `statsContext`.

    Example:
        >>> class Printed:
        ...     def incr(self, name, value=1, tags=None):
        ...         print(name, value, tags)
        ...     def histogram(self, name, value, tags=None):
        ...         print(name, value, tags)
        >>> stats = StatsContext(Printed(), ("source:web",))
        >>> stats.stats_client.incr("sent", tags=list(stats.tags))
        sent 1 ['source:web']
    """

    stats_client: StatsClient
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionStats:
    """The result of one subscription; `on_complete` receives it.

    Attributes:
        duration_ms: Its duration in milliseconds.
        destination: The destination's name.
        action: The action's slug.
        subscribe: The trigger.
        results: The result records in the form of Segment's runtime.
        error: The error that it failed with, or None.

    Example:
        >>> stats = SubscriptionStats(12.5, "Demo", "track", 'type = "track"', ({"output": "Action Executed"},))
        >>> f"{stats.action}: {stats.duration_ms} ms", stats.error
        ('track: 12.5 ms', None)
    """

    duration_ms: float
    destination: str
    action: str
    subscribe: str
    results: tuple[dict[str, Any], ...]
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOptions:
    """Options of `on_event` and `on_batch`, all optional; Segment's options of `onEvent` and `onBatch`.

    Attributes:
        features: Feature flags by name.
        stats_context: The stats client for performs, and its tags.
        logger: A `logging.Logger`, or something like it.
        transaction_context: The state of a caller over several calls.
        state_context: The state of a perform between events.
        engage_destination_cache: A cache that the caller provides.
        signal: Aborts every request of the event.
        on_token_refresh: Called with the new tokens of an OAuth destination, `{"accessToken", "refreshToken"?}`, so
            that the caller can store them; may be asynchronous.
        synchronize_refresh_access_token: Awaited before tokens are refreshed, so that several processes with the
            same destination can agree which of them does it; may be asynchronous.
        on_complete: Called after each subscription.

    Example:
        >>> options = EventOptions(features={"beta": True}, on_complete=lambda stats: print(stats.action))
        >>> options.features, options.signal
        ({'beta': True}, None)
    """

    features: Mapping[str, Any] = field(default_factory=dict)
    stats_context: StatsContext | None = None
    logger: Any = None
    transaction_context: Any = None
    state_context: Any = None
    engage_destination_cache: Any = None
    signal: AbortSignal | None = None
    on_token_refresh: Callable[[dict[str, str]], Awaitable[None] | None] | None = None
    synchronize_refresh_access_token: Callable[[], Awaitable[None] | None] | None = None
    on_complete: Callable[[SubscriptionStats], None] | None = None


NO_OPTIONS = EventOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionContext:
    """The part of the input that does not depend on the event; made once for a subscription.

    Attributes:
        raw_mapping: The mapping as stored.
        metadata: `actionConfigId`, `destinationConfigId`, `actionId`, `sourceId`; each None if it is not known.
        sync_mode: `add`, `update`, `upsert`, `delete` or `mirror`, for actions with sync modes.
        matching_key: The field by which the partner identifies records.
        hook_outputs: The values that hooks stored when the mapping was saved, by hook.

    Example:
        >>> context = SubscriptionContext(sync_mode="upsert", hook_outputs={"onMappingSave": {"id": "list-1"}})
        >>> context.hook_outputs["onMappingSave"]["id"]
        'list-1'
    """

    raw_mapping: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sync_mode: str | None = None
    matching_key: str | None = None
    hook_outputs: Mapping[str, Any] = field(default_factory=dict)


_NO_SUBSCRIPTION = SubscriptionContext()


class ExecuteInput(Generic[S, P]):
    """The input of a perform: one event, or one batch, for one action; Segment's `ExecuteInput`.

    Attributes:
        settings: The destination's settings, as the settings model or a read-only mapping.
        payload: The validated payload, as the payload model or a read-only mapping; a list of them in a batch.
        raw_data: The event as it arrived, a list of events in a batch. It belongs to the caller: never change it.
        auth: Tokens of an OAuth destination (`accessToken`, `refreshToken`), else empty.
        subscription: The part that depends on the subscription alone; see the properties.
        options: The options of the caller; see the properties.
        audience_membership: Whether the user is in the audience, or None if the event does not say so; a list in a
            batch.

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
        """The mapping's sync mode, for actions with sync modes."""
        return self.subscription.sync_mode

    @property
    def matching_key(self) -> str | None:
        """The field by which the partner identifies records."""
        return self.subscription.matching_key

    @property
    def hook_outputs(self) -> Mapping[str, Any]:
        """The values that hooks stored when the mapping was saved, by hook."""
        return self.subscription.hook_outputs

    @property
    def personas_context(self) -> Any:
        """`context.personas` of the event, or of a batch's first event; None if there is none."""
        first: Event = self.raw_data[0] if isinstance(self.raw_data, list) else self.raw_data
        personas = get_property(get_property(first, "context"), "personas")
        return None if personas is MISSING else personas

    @property
    def audience_settings(self) -> Any:
        """`context.personas.audience_settings` of the event; empty if there are none."""
        settings = get_property(self.personas_context or {}, "audience_settings")
        return {} if settings is MISSING else settings

    @property
    def features(self) -> Mapping[str, Any]:
        """Feature flags by name."""
        return self.options.features

    @property
    def stats_context(self) -> StatsContext | None:
        """The stats client and its tags."""
        return self.options.stats_context

    @property
    def logger(self) -> Any:
        """The caller's logger."""
        return self.options.logger

    @property
    def transaction_context(self) -> Any:
        """The state of the caller over several calls."""
        return self.options.transaction_context

    @property
    def state_context(self) -> Any:
        """The state of a perform between events."""
        return self.options.state_context

    @property
    def engage_destination_cache(self) -> Any:
        """The caller's cache."""
        return self.options.engage_destination_cache

    @property
    def signal(self) -> AbortSignal | None:
        """The signal that aborts the requests."""
        return self.options.signal


class BatchInput(ExecuteInput[S, list[P]]):
    """The input of a `perform_batch`.

    Attributes:
        events: The event of each payload, in the order of the payloads. `raw_data`, as in Segment, has all events
            that the trigger matched, also those whose payload was not valid, so that its indexes are different.

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


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class AppInput(ExecuteInput[S, Mapping[str, Any]]):
    """The input of a hook or a dynamic field, which Segment's app calls while somebody edits a mapping.

    Attributes:
        page: The wanted page of choices, the `nextPage` of the answer before; None for the first page.
        hook_inputs: The values of the hook's input fields; validated when a hook is performed.
        dynamic_field_context: The position of the field in a list or an object: `selectedArrayIndex` or `selectedKey`.

    Example:
        >>> AppInput({"region": "eu"}, {"payload": {"list": "l1"}, "page": "2"}).payload["list"]
        'l1'
    """

    __slots__ = ("_audience_settings", "dynamic_field_context", "hook_inputs", "page")

    def __init__(
        self,
        settings: S,
        given: Mapping[str, Any],
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
    ) -> None:
        payload = given.get("payload")
        outputs = given.get("hookOutputs")
        super().__init__(
            settings,
            MappingProxyType(payload) if isinstance(payload, dict) else _NOTHING,
            {},
            SubscriptionContext(hook_outputs=outputs if isinstance(outputs, Mapping) else _NOTHING),
            options,
            auth,
        )
        self.page: Any = given.get("page")
        self.hook_inputs: Any = given.get("hookInputs")
        self.dynamic_field_context: Mapping[str, Any] | None = given.get("dynamicFieldContext")
        self._audience_settings = given.get("audienceSettings") or {}

    @property
    def audience_settings(self) -> Any:
        """The settings of the audience that the mapping belongs to; empty if there are none."""
        return self._audience_settings


class AudienceInput(ExecuteInput[S, None]):
    """The input of `create_audience` and `get_audience`.

    Attributes:
        audience_name: The name of the audience to create.
        external_id: The partner's identifier of the audience to look up.
        personas: Segment's description of the audience: `computation_id`, `computation_key`, `namespace`, …

    Example:
        >>> data = AudienceInput({}, {"audienceName": "VIPs", "audienceSettings": {"folder": "f"}})
        >>> data.audience_name, data.audience_settings
        ('VIPs', {'folder': 'f'})
    """

    __slots__ = ("_audience_settings", "audience_name", "external_id", "personas")

    def __init__(
        self,
        settings: S,
        given: Mapping[str, Any],
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(settings, None, {}, options=options, auth=auth)
        self.audience_name: Any = given.get("audienceName")
        self.external_id: Any = given.get("externalId")
        self.personas: Any = given.get("personas") or {}
        self._audience_settings = given.get("audienceSettings") or {}

    @property
    def audience_settings(self) -> Any:
        """The settings of the audience; validated when it is created."""
        return self._audience_settings


class PollInput(ExecuteInput[S, None]):
    """The input of `perform_poll`.

    Attributes:
        operation: The operation whose state is wanted.

    Example:
        >>> PollInput({}, PendingOperation(context={"jobId": 7})).operation.context["jobId"]
        7
    """

    __slots__ = ("operation",)

    def __init__(
        self,
        settings: S,
        operation: PendingOperation,
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(settings, None, {}, options=options, auth=auth)
        self.operation = operation
