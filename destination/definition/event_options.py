"""What a caller hands along with an event, for the performs to see."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from destination.request import AbortSignal


class StatsClient(Protocol):
    """Where counts and timings go; Segment's `statsClient`."""

    def incr(self, name: str, value: float = 1, tags: list[str] | None = None) -> None:
        """Adds to a counter."""
        ...

    def histogram(self, name: str, value: float, tags: list[str] | None = None) -> None:
        """Records a value."""
        ...


@dataclass(frozen=True, slots=True)
class StatsContext:
    """A stats client and the tags of everything it is told; Segment's `statsContext`."""

    stats_client: StatsClient
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionStats:
    """What `on_complete` is told after each subscription.

    Attributes:
        duration_ms: How long it took, in milliseconds.
        destination: The destination's name.
        action: The action's slug.
        subscribe: The trigger.
        results: The result records, as the reference gives them.
        error: What failed, or None.
    """

    duration_ms: float
    destination: str
    action: str
    subscribe: str
    results: tuple[dict[str, Any], ...]
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOptions:
    """Segment's options of `onEvent` and `onBatch`; all of it may be left out.

    Attributes:
        features: Feature flags by name.
        stats_context: Where performs report counts.
        logger: A `logging.Logger`, or something like it.
        transaction_context: What a caller keeps over several calls.
        state_context: What a perform may remember between events.
        engage_destination_cache: A cache that the caller provides.
        signal: Aborts every request of the event.
        on_token_refresh: Told the new tokens of an OAuth destination, `{"accessToken", "refreshToken"?}`, so
            that the caller can store them; may be asynchronous.
        synchronize_refresh_access_token: Awaited before tokens are refreshed, so that several processes with the
            same destination can agree who does it; may be asynchronous.
        on_complete: Told about each subscription when it is done.
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
