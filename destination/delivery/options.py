"""The options of a delivery."""

from collections.abc import Sequence
from typing import Final

from destination.delivery.retry import ONCE, RetryPolicy
from destination.delivery.scheduling import DEFAULT_BATCH_BYTES, DEFAULT_LINGER_S, BatchLimits
from destination.records import dataclass
from destination.runtime.compiled import CompiledSubscription

ALIKE_IN_A_ROW: Final = 100
DEFAULT_MEMORY_BYTES = 64 << 20
DEFAULT_LOOK_AHEAD = 10_000


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """The options of a delivery.

    Attributes:
        retry: How often and how long a failure is tried again.
        rate: The maximum number of requests a second, or None.
        batch_size: The maximum number of events in a batch, unless the action's maximum is less. None: no batches.
        linger_s: The longest time that the first event of a batch waits for others, in seconds.
        ordered_by: The dotted path of the value that events are ordered by, such as `userId`, or None.
        batch_bytes: The maximum size of a batch's body, in bytes, unless the action's maximum is less.
        keep_going: Whether to continue after a hundred events in a row failed in the same way.
        alike_in_a_row: The number of events that may fail in the same way, in a row, before the run stops; events
            after that are deferred. 0: already the first such event stops the run and is deferred.
        refused_wait_s: The longest time that a refused event (401, 403) waits for another one that is taken or refused,
            in seconds; then the run stops. None: until the input ends.
        memory_bytes: The maximum memory of the events in flight, in bytes, by estimate. A single event is always
            sent, whatever its size.
        look_ahead: The maximum number of events that wait for an earlier one with the same value of `ordered_by`.
        ignore_integrations: Whether an event is sent even if its `integrations` exclude the destination.
        dedupe: Whether an event is skipped if an earlier one had the same `messageId`.

    Example:
        >>> options = DeliveryOptions(rate=100, batch_size=50, ordered_by="userId")
        >>> options.linger_s, options.dedupe
        (0.2, False)
    """

    retry: RetryPolicy = ONCE
    rate: float | None = None
    batch_size: int | None = None
    linger_s: float = DEFAULT_LINGER_S
    ordered_by: str | None = None
    batch_bytes: int = DEFAULT_BATCH_BYTES
    keep_going: bool = False
    alike_in_a_row: int = ALIKE_IN_A_ROW
    refused_wait_s: float | None = None
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    look_ahead: int = DEFAULT_LOOK_AHEAD
    ignore_integrations: bool = False
    dedupe: bool = False

    def batch_limits(self, subscriptions: Sequence[CompiledSubscription]) -> dict[int, BatchLimits]:
        """Returns the limits of a batch by subscription index; other subscriptions send their events one by one."""
        if self.batch_size is None:
            return {}
        found = {}
        for index, item in enumerate(subscriptions):
            action = item.action
            if action is None or action.perform_batch is None or action.max_batch == 0:
                continue
            events, size = action.max_batch, action.max_batch_bytes
            found[index] = BatchLimits(
                self.batch_size if events is None else min(self.batch_size, events),
                self.batch_bytes if size is None else min(self.batch_bytes, size),
            )
        return found
