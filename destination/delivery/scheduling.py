"""Decides when an event is sent: fills batches, keeps the order of events with one key, and limits the rate."""

from collections import deque
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from destination.delivery.in_flight import AttemptMade, InFlightEvent, Job
from destination.delivery.retry import Clock
from destination.errors import RetryableError
from destination.late import asyncio
from destination.mapping.bounds import worked_hard
from destination.runtime import Outcome
from destination.values import MISSING, get_property, write_json

DEFAULT_BATCH_SIZE: Final = 500
DEFAULT_BATCH_BYTES: Final = 1_000_000
DEFAULT_LINGER_S: Final = 0.2
DEFAULT_BATCHES: Final = 8
"""The default maximum number of batches in flight."""

Send = Callable[[list[Job]], None]


class BatchLimits(NamedTuple):
    """The limits of a batch.

    Attributes:
        events: The maximum number of events.
        bytes: The maximum size of a request's body, in bytes; a larger event is sent by itself.
    """

    events: int
    bytes: int


class Batches:
    """The batches that are being filled: one for each subscription and each value of its action's `batch_keys`.

    The size of a batch in bytes is estimated from the size of its events. The request is measured before it is sent.

    Args:
        limits: The limits of a batch, by subscription index. Events of other subscriptions are not collected.
        linger_s: The longest time that the first event of a batch waits for others, in seconds.
        send: Called with the jobs of each batch.
    """

    def __init__(self, limits: Mapping[int, BatchLimits], linger_s: float, send: Send) -> None:
        self._limits = limits
        self._linger_s = linger_s
        self._send = send
        self._open: dict[tuple[int, Hashable], _Batch] = {}

    def add(self, job: Job) -> None:
        """Adds an event with its payload to its batch, and sends the batch if it is full."""
        payloads = job.item.batch_payloads
        key = job.index, None if payloads is None else payloads.key_of(job.payload)
        size = len(job.in_flight.record.raw)
        limits = self._limits[job.index]
        batch = self._open.get(key)
        if batch is not None and batch.size + size > limits.bytes:
            self._flush(key)
            batch = None
        if batch is None:
            timer = asyncio.get_running_loop().call_later(self._linger_s, self._flush, key)
            batch = self._open[key] = _Batch(timer)
        batch.jobs.append(job)
        batch.size += size
        if len(batch.jobs) >= limits.events or batch.size >= limits.bytes:
            self._flush(key)

    def relieve(self) -> None:
        """Sends the fullest batch, because no further event can be read before one is sent."""
        if self._open:
            self._flush(max(self._open, key=lambda key: len(self._open[key].jobs)))

    def flush(self) -> None:
        """Sends all batches, also those that are not full."""
        for key in tuple(self._open):
            self._flush(key)

    def drain(self) -> None:
        """Sends all batches; from now on none waits for more events."""
        self._linger_s = 0.0
        self.flush()

    def _flush(self, key: tuple[int, Hashable]) -> None:
        batch = self._open.pop(key)
        batch.timer.cancel()
        self._send(batch.jobs)


class _Batch:
    """A batch that is being filled, and the timer that sends it."""

    __slots__ = ("jobs", "size", "timer")

    def __init__(self, timer: "asyncio.TimerHandle") -> None:
        self.jobs: list[Job] = []
        self.size = 0
        self.timer = timer


# --- order -----------------------------------------------------------------------------------------------


class Ordering:
    """The events that wait for an earlier one with the same key.

    Args:
        path: The dotted path of an event's key, such as `userId` or `context.groupId`; None for no order at all.
            Events without a key do not wait.
        look_ahead: The number of waiting events from which on no further event is read.

    Attributes:
        waiting: The number of events that wait for their turn.
        waiting_bytes: An estimate of the memory that they use, in bytes.

    Example:
        >>> Ordering("context.groupId").key_of({"type": "track", "context": {"groupId": 7}})
        '7'
        >>> Ordering("userId").key_of({"type": "track", "userId": None}) is None
        True
    """

    def __init__(self, path: str | None, look_ahead: int = 1) -> None:
        self._look_ahead = look_ahead
        self._path = path.removeprefix("$.").split(".") if path else None
        self._queues: dict[str, deque[InFlightEvent]] = {}
        self.waiting = 0
        self.waiting_bytes = 0

    @property
    def has_room(self) -> bool:
        """Whether another event may be read."""
        return self.waiting < self._look_ahead

    def key_of(self, event: Any) -> str | None:
        """Returns the key of an event, or None."""
        if self._path is None:
            return None
        value = event
        for name in self._path:
            value = get_property(value, name) if isinstance(value, (dict, list)) else MISSING
        if value is MISSING or value is None:
            return None
        # The key is JSON text, so that the user 7 differs from the user "7".
        return write_json(value).decode("utf-8")

    def may_go(self, in_flight: InFlightEvent) -> bool:
        """Returns whether an event may be sent now; otherwise `ended` returns it when it is its turn."""
        key = in_flight.key
        if key is None:
            return True
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque()
            return True
        queue.append(in_flight)
        self.waiting += 1
        self.waiting_bytes += in_flight.size
        return False

    def ended(self, in_flight: InFlightEvent) -> InFlightEvent | None:
        """Returns the event whose turn it is after another one ended, or None."""
        if in_flight.key is None:
            return None
        queue = self._queues[in_flight.key]
        if not queue:
            del self._queues[in_flight.key]
            return None
        following = queue.popleft()
        self.waiting -= 1
        self.waiting_bytes -= following.size
        return following

    def abandon(self) -> list[InFlightEvent]:
        """Removes and returns all events that wait for their turn, since nothing more is sent."""
        waiting = [in_flight for queue in self._queues.values() for in_flight in queue]
        for in_flight in waiting:
            in_flight.key = None  # no event waits for this one any more
        for queue in self._queues.values():
            queue.clear()
        self.waiting = self.waiting_bytes = 0
        return waiting


# --- rate ------------------------------------------------------------------------------------------------


class TokenBucket:
    """Issues tokens at an even rate; unused ones are kept for a short burst only.

    Args:
        rate: The number of tokens a second.
        clock: The clock.
        burst: The maximum number of tokens at once after a pause.

    Example:
        >>> import asyncio
        >>> class Still:
        ...     slept = 0.0
        ...     def time(self): return self.slept
        ...     def now(self): return self.slept
        ...     async def sleep(self, seconds): self.slept += seconds
        >>> clock = Still()
        >>> async def take(count):
        ...     bucket = TokenBucket(10, clock)
        ...     for _ in range(count):
        ...         await bucket.take()
        >>> asyncio.run(take(21))
        >>> round(clock.slept, 6)
        2.0
    """

    def __init__(self, rate: float, clock: Clock, burst: int = 1) -> None:
        self._between = 1.0 / rate
        self._slack = (burst - 1) * self._between
        self._clock = clock
        self._next: float | None = None  # when the next token is due

    def reserve(self) -> float:
        """Takes a token and returns the seconds until it is due. Tokens are due in the order of the calls."""
        now = self._clock.time()
        due = now if self._next is None else max(self._next, now - self._slack)
        self._next = due + self._between
        return max(due - now, 0.0)

    async def take(self) -> None:
        """Takes a token, and waits until it is due."""
        seconds = self.reserve()
        if seconds:
            await self._clock.sleep(seconds)

    def charge(self, count: int) -> None:
        """Takes tokens that were used already, so that the next caller waits longer."""
        if count > 0 and self._next is not None:
            self._next += count * self._between


# --- the event loop's turn -------------------------------------------------------------------------------


class Rest:
    """A pause after a slow mapping, so that the event loop can handle a signal before the next one.

    Args:
        over: Called at the end of the pause.

    Attributes:
        is_on: Whether the pause is on, so that no event may be mapped.
    """

    def __init__(self, over: Callable[[], None]) -> None:
        self.is_on = False
        self._over = over
        self._ended = asyncio.Event()

    def begin_if_due(self) -> None:
        """Begins a pause if the last mapping was slow."""
        if not worked_hard() or self.is_on:
            return
        self.is_on = True
        self._ended.clear()
        # In one turn the loop notices a signal, in the next one it calls the handler.
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._end)

    async def over(self) -> None:
        """Waits for the end of the pause."""
        while self.is_on:
            await self._ended.wait()

    def _end(self) -> None:
        self.is_on = False
        self._ended.set()
        self._over()


# --- payloads of batches ---------------------------------------------------------------------------------


class Finished(Protocol):
    """Receives a job that has no payload, with its outcome."""

    def __call__(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """Records the job's outcome."""
        ...


class Preparer:
    """Makes the payload of each event when it is read; after a slow mapping, later events wait.

    Args:
        prepared: Called with each job that has its payload.
        finished: Called with each other job.
        rest: The pause after a slow mapping.
        observe: Called for an event that cannot be mapped, as for an attempt.
    """

    def __init__(
        self,
        prepared: Callable[[Job], None],
        finished: Finished,
        rest: Rest,
        observe: Callable[[AttemptMade], None] | None,
    ) -> None:
        self._prepared = prepared
        self._finished = finished
        self._rest = rest
        self._observe = observe
        self._waiting: deque[Job] = deque()

    def prepare(self, job: Job) -> None:
        """Makes the payload of an event for its batch; if that fails, the job has its outcome."""
        if self._rest.is_on:
            self._waiting.append(job)
            return
        payloads = job.item.batch_payloads
        assert payloads is not None  # noqa: S101  only the events of actions that take batches are collected
        try:
            job.payload = payloads.of(job.event)
        except Exception as error:  # noqa: BLE001  any error of an event is its own failure
            job.tries = 1
            if self._observe is not None:
                self._observe(AttemptMade(job.item.name, 1, 0.0, [error], 0))
            self._finished(job, Outcome(job.item.name, matched=True, error=error), deferred=False)
        else:
            self._prepared(job)
        finally:
            self._rest.begin_if_due()

    def go_on(self, *, is_stopped: bool) -> None:
        """Continues after a pause; if the run has stopped, waiting jobs are deferred."""
        while self._waiting and not self._rest.is_on:
            job = self._waiting.popleft()
            if is_stopped:
                error = RetryableError("the run stopped before this event was sent")
                self._finished(job, Outcome(job.item.name, matched=True, error=error), deferred=True)
            else:
                self.prepare(job)
