"""Passes on what happens to events: to the metrics, the log and the tail of the last events."""

from collections.abc import Sequence

from destination.forwarding.accepted import Accepted
from destination.forwarding.admin.metrics import Metrics
from destination.forwarding.admin.tail import EventTail
from destination.forwarding.logs import Log


class Watching:
    """Watches the intake and the forwarder.

    Args:
        metrics: Counts.
        log: Gets a line for what goes wrong; with the level `debug`, for each event.
        tail: Remembers the last events, or None.

    Example:
        >>> watching = Watching(Metrics(dict), Log(print, clock=lambda: 1_672_531_200.25))
        >>> watching.dead("shop", "Goals", "m-1", "400")
        2023-01-01T00:00:00.250Z warning dead destination=shop subscription=Goals messageId=m-1 reason=400
        >>> watching.delivered("shop", "Goals", "m-2", 0.05)
    """

    def __init__(self, metrics: Metrics, log: Log, tail: EventTail | None = None) -> None:
        self._metrics = metrics
        self._log = log
        self._tail = tail
        self._is_debug = log.is_debug

    # --- what the intake reports -----------------------------------------------------------------------------

    def queued(self, events: Sequence[Accepted]) -> None:
        """Notes events that the queue took."""
        if self._tail is not None:
            self._tail.accepted(events)
        if self._is_debug:
            for event in events:
                self._log.debug("accepted", messageId=event.message_id)

    def accepted(self, write_key: str, count: int) -> None:
        """Counts events that the queue took."""
        self._metrics.accepted(write_key, count)

    def duplicate(self, count: int) -> None:
        """Counts events that the queue had already."""
        self._metrics.duplicate(count)

    def refused(self, reason: str, count: int) -> None:
        """Counts events or requests that were refused."""
        self._metrics.refused(reason, count)

    # --- what the forwarder reports --------------------------------------------------------------------------

    def delivered(self, destination: str, subscription: str, message_id: str | None, latency_s: float) -> None:
        """Notes an event that the partner acknowledged."""
        self._metrics.delivered(destination, subscription, latency_s)
        if self._tail is not None:
            self._tail.outcome(message_id, destination, subscription, "delivered")
        if self._is_debug:
            self._log.debug("delivered", destination=destination, subscription=subscription, messageId=message_id)

    def unsent(self, destination: str, message_id: str | None) -> None:
        """Notes an event that is settled without a request: no subscription matched, or it opted out."""
        self._metrics.unsent(destination)
        if self._tail is not None:
            self._tail.outcome(message_id, destination, None, "unsent")
        if self._is_debug:
            self._log.debug("unsent", destination=destination, messageId=message_id)

    def retried(self, destination: str, subscription: str, count: int) -> None:
        """Counts further attempts."""
        self._metrics.retried(destination, subscription, count)

    def dead(self, destination: str, subscription: str | None, message_id: str | None, reason: str) -> None:
        """Notes an event that failed for good."""
        self._metrics.dead(destination, subscription)
        if self._tail is not None:
            self._tail.outcome(message_id, destination, subscription, "dead", reason)
        self._log.warning(
            "dead", destination=destination, subscription=subscription, messageId=message_id, reason=reason
        )

    def paused(self, destination: str, reason: str) -> None:
        """Notes that a destination gets no events for now."""
        self._metrics.paused(destination)
        self._log.warning("paused", destination=destination, reason=reason)

    def recovered(self, destination: str) -> None:
        """Notes that a destination takes events again."""
        self._log.info("recovered", destination=destination)
