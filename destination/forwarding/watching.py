"""What others see of the forwarder: its destinations' states, and calls for metrics and for a list of events."""

from dataclasses import dataclass
from typing import Protocol

from destination.forwarding.queue import Depth


class ForwardWatch(Protocol):
    """Is notified of what becomes of each event. Its methods must not raise."""

    def delivered(self, destination: str, subscription: str, message_id: str, latency_s: float) -> None:
        """Notes that the partner took an event, and how long after it was received, in seconds."""
        ...

    def retried(self, destination: str, subscription: str, count: int) -> None:
        """Notes that a number of events will be tried again."""
        ...

    def dead(self, destination: str, subscription: str | None, message_id: str, reason: str) -> None:
        """Notes that an event failed for good; without a subscription, as a whole."""
        ...

    def unsent(self, destination: str, message_id: str) -> None:
        """Notes that nothing was to be sent for an event: no subscription matched, or it opted out."""
        ...

    def paused(self, destination: str, reason: str) -> None:
        """Notes that a destination is paused."""
        ...

    def recovered(self, destination: str) -> None:
        """Notes that a paused destination takes events again."""
        ...


@dataclass(frozen=True, slots=True)
class DestinationState:
    """The state of a destination.

    Attributes:
        name: The destination's name.
        depth: What it has not settled.
        is_paused: Whether it takes no events at the moment. It is tried again until it does.
        reason: Why it is paused.
        since: When the pause began, in seconds since 1970.
        next_probe: When it is tried again, in seconds since 1970; None while it is.
        is_behind: Whether it exceeds its `max_behind`.

    Example:
        >>> state = DestinationState("shop", Depth(), is_paused=True, reason="503 Service Unavailable")
        >>> state.is_paused, state.is_behind
        (True, False)
    """

    name: str
    depth: Depth
    is_paused: bool = False
    reason: str | None = None
    since: float | None = None
    next_probe: float | None = None
    is_behind: bool = False
