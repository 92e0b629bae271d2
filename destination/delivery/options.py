"""How a delivery sends."""

from dataclasses import dataclass

from destination.delivery.batching import DEFAULT_LINGER_S
from destination.delivery.retry import ONCE, RetryPolicy
from destination.runtime.compiled import CompiledSubscription


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How a delivery sends.

    Attributes:
        retry: How often and how long a failure is tried again.
        rate: Requests a second at most, or None.
        batch_size: So many events make a batch, where the action takes batches and not fewer; None: no batches.
        linger_s: The first event of a batch waits no longer than so many seconds for others.
        ordered_by: The dotted path of what events are ordered by, such as `userId`, or None.
        ignore_integrations: Whether an event is sent although its `integrations` exclude the destination.
        dedupe: Whether an event is left out when an earlier one had the same `messageId`.
    """

    retry: RetryPolicy = ONCE
    rate: float | None = None
    batch_size: int | None = None
    linger_s: float = DEFAULT_LINGER_S
    ordered_by: str | None = None
    ignore_integrations: bool = False
    dedupe: bool = False

    def batch_size_of(self, item: CompiledSubscription) -> int:
        """How many events of a subscription make a batch; 0 where they go out one by one."""
        if self.batch_size is None or item.action is None or item.action.perform_batch is None:
            return 0
        largest = item.action.max_batch
        return self.batch_size if largest is None else min(self.batch_size, largest)
