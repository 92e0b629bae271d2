"""A destination as the forwarder gets it, and how far it may be behind."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from destination.delivery import DeliveryOptions, FailureLog
from destination.forwarding.queue import Depth
from destination.runtime import Instance

_OPTIONS: Final = DeliveryOptions()


@dataclass(frozen=True, slots=True)
class MaxBehind:
    """How far a destination may be behind; None is no limit.

    Attributes:
        age_s: The maximum age of its oldest event, in seconds.
        rows: The maximum number of its events.
        bytes: The maximum size of its events, in bytes.

    Example:
        >>> MaxBehind(rows=1_000).is_exceeded(Depth(rows=1_001, bytes=5, age_s=0.0))
        True
    """

    age_s: float | None = None
    rows: int | None = None
    bytes: int | None = None

    def is_exceeded(self, depth: Depth) -> bool:
        """Returns whether a destination is too far behind."""
        return (
            (self.rows is not None and depth.rows > self.rows)
            or (self.bytes is not None and depth.bytes > self.bytes)
            or (self.age_s is not None and depth.age_s > self.age_s)
        )


@dataclass(frozen=True, slots=True, eq=False)
class ForwardedDestination:
    """A destination that gets events of the queue.

    Attributes:
        name: Its name, by which its cursor is found in the queue.
        instance: The instance that sends the events. The forwarder closes it.
        options: Retries, batches, rate and order.
        concurrency: The maximum number of requests in flight; None: as in `Delivery`.
        dead_letters: Keeps failed events.
        write_keys: The write keys whose events it gets; None: all.
        max_behind: How far it may be behind; None: no limit.
        when_behind: What happens beyond that: new events are refused, or its oldest are kept as dead letters.

    Example:
        >>> from destination.runtime import Destination
        >>> demo = Destination(name="Demo", slug="demo", actions={}).instance({})
        >>> ForwardedDestination("demo", demo).when_behind
        'refuse'
    """

    name: str
    instance: Instance[Any]
    options: DeliveryOptions = _OPTIONS
    concurrency: int | None = None
    dead_letters: FailureLog | None = None
    write_keys: frozenset[str] | None = None
    max_behind: MaxBehind | None = None
    when_behind: Literal["refuse", "dead-letter"] = "refuse"
