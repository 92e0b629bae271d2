"""Pauses a delivery while the partner is unavailable."""

from collections import deque
from itertools import islice
from typing import Final, Protocol

from destination.availability import is_certificate_refused
from destination.delivery.dead_letters import describe
from destination.delivery.in_flight import InFlightEvent, Job
from destination.delivery.report import Pause, clock_time
from destination.delivery.retry import Clock, RetryPolicy, retry_after
from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import TimeoutError as ClientTimeoutError
from destination.late import asyncio

STOPPED: Final = -1
"""The value that `turn` returns when nothing more is sent."""

_AT_FULL_SPEED = 64
"""The number of parallel attempts after an outage from which on there is no limit."""
_LOOKED_THROUGH = 64
_NOT_REACHED = frozenset({"ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"})
"""Codes that mean that no part of an event has left the machine, so that the event cannot be at fault."""


class OutageSink(Protocol):
    """Receives the beginning and the end of an outage."""

    def paused(self, pause: Pause) -> None:
        """Notes that an outage begins or continues."""
        ...

    def recovered(self) -> None:
        """Notes that the outage is over."""
        ...

    def unavailable(self, message: str, error: Exception) -> None:
        """Ends the run, because the outage is too long."""
        ...

    def one_more(self) -> None:
        """Reads one more event, to distinguish an outage from an event that always fails."""
        ...


class Outage:
    """Distinguishes an outage of the partner from an event that always fails, and pauses all attempts in an outage.

    One pause is for all subscriptions and batches. After a pause, one attempt at a time is made, each with another
    event if there is one. A success ends the outage. The number of parallel attempts then grows, as in the congestion
    control of TCP, until there is no limit any more. So a partner that limits its requests is not overloaded again.

    A failure does not count as an attempt of its event, unless the partner takes other events. That is so if another
    attempt has succeeded in this run, and

    - one succeeded while the event was being tried, or
    - the partner had recovered after the event failed before, or
    - no other event has failed since the last success, and a part of the event may have reached the partner.

    An event that fails again after the partner had recovered is a suspect: it is no longer evidence of an outage.

    Args:
        policy: How long to wait.
        clock: The clock.
        sink: Receives the beginning and the end of an outage.

    Attributes:
        is_on: Whether an attempt has to wait for its `turn`.
        epoch: The number of pauses so far. The result of an attempt from an earlier epoch does not affect the pause.
        successes: The number of attempts that succeeded.
    """

    def __init__(self, policy: RetryPolicy, clock: Clock, sink: OutageSink) -> None:
        self.is_on = False
        self.epoch = 0
        self.successes = 0
        self._policy = policy
        self._clock = clock
        self._sink = sink
        self._since: float | None = None
        self._pauses = 0  # in this outage and in those just before it
        self._recoveries = 0
        self._not_before = 0.0
        self._window = 0.0  # the maximum number of parallel attempts
        self._ceiling = float(_AT_FULL_SPEED)  # the window grows fast up to here
        self._running = 0
        self._waiting: deque[tuple[asyncio.Future[int], InFlightEvent]] = deque()
        self._failing: set[InFlightEvent] = set()  # since the last success, without suspects
        self._has_answered = False
        self._is_over = False
        self._timer: asyncio.Task[None] | None = None

    @property
    def is_probing(self) -> bool:
        """Whether only one attempt at a time is made, to find out whether the partner is available again."""
        return self._since is not None

    # --- attempts --------------------------------------------------------------------------------------------

    async def turn(self, in_flight: InFlightEvent) -> int:
        """Waits until an attempt may be made; returns its epoch, or `STOPPED`."""
        if self._is_over:
            return STOPPED
        if not self.is_on:
            return self.epoch
        if self._running < int(self._window):
            self._running += 1
            return self.epoch
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((future, in_flight))
        return await future

    def succeeded(self, epoch: int) -> None:
        """Counts an attempt that succeeded."""
        self.successes += 1
        self._has_answered = True
        if self._failing:
            self._failing.clear()
        if not self.is_on or epoch != self.epoch:  # it began before the pause
            return
        self._running -= 1
        if self._since is not None:
            self._since = None
            self._recoveries += 1
            self._window = 1.0
            self._sink.recovered()
        self._window += 1.0 if self._window < self._ceiling else 1.0 / self._window
        if self._window >= _AT_FULL_SPEED or not self._waiting:
            self._at_full_speed()
        else:
            self._admit()

    def answered(self, epoch: int, *, by_partner: bool) -> None:
        """Counts an attempt that failed because of its event.

        Args:
            epoch: The attempt's epoch.
            by_partner: Whether the partner answered.
        """
        self._has_answered = self._has_answered or by_partner
        if self.is_on and epoch == self.epoch:
            self._running -= 1
            self._admit()

    def failed(self, jobs: list[Job], error: Exception, epoch: int, successes: int) -> bool:
        """Counts an attempt that found the partner unavailable.

        Args:
            jobs: The jobs of the attempt.
            error: The failure.
            epoch: The attempt's epoch.
            successes: The number of attempts that had succeeded when it began.

        Returns:
            Whether it uses up an attempt of its events.
        """
        self._has_answered = self._has_answered or not isinstance(error, (ClientConnectionError, ClientTimeoutError))
        while_others = self.successes > successes
        again_after_others = all(-1 < job.recoveries < self._recoveries for job in jobs)
        tried = {job.in_flight for job in jobs}
        alone = self._failing <= tried and getattr(error, "code", None) not in _NOT_REACHED
        counts = self.successes > 0 and (while_others or again_after_others or alone)
        for job in jobs:
            job.recoveries = self._recoveries
            job.is_suspect = job.is_suspect or again_after_others
        if all(job.is_suspect for job in jobs):
            self._failing -= tried  # their failures are no evidence of an outage
        else:
            self._failing |= tried
        asked = retry_after(error, self._clock.now())
        is_polite = asked is not None or getattr(error, "status", None) == 429
        if is_certificate_refused(error):
            self._give_up(f"the partner's certificate is refused: {describe(error)}", error)
        elif (again_after_others and not is_polite) or (counts and (asked or 0.0) > (self._policy.retry_for_s or 0.0)):
            self.answered(epoch, by_partner=False)  # this event is at fault, so there is no pause
        elif not self.is_on or epoch == self.epoch:
            self._begin(error, asked, at_once=counts and not is_polite)
        elif asked is not None:
            self._not_before = max(self._not_before, self._clock.time() + asked)
        return counts

    def lost(self) -> None:
        """Passes on the turn of an attempt that ended without an outcome."""
        if self.is_on and self._running:
            self._running -= 1
            self._admit()

    def close(self) -> None:
        """Ends all waiting for a turn with `STOPPED`, since nothing more is sent."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        while self._waiting:
            future, _ = self._waiting.popleft()
            if not future.done():
                future.set_result(STOPPED)

    # --- pauses ----------------------------------------------------------------------------------------------

    def _begin(self, error: Exception, asked: float | None, *, at_once: bool) -> None:
        """Begins a pause, or the next one of an outage."""
        if self._is_over:
            return
        now = self._clock.time()
        if not self.is_on:
            self._window, self._ceiling = 0.0, float(_AT_FULL_SPEED)
        self.is_on = True
        self.epoch += 1
        if self._since is None and self._window > 1:
            self._ceiling = max(self._window / 2, 1.0)
        self._window, self._running = 0.0, 0
        if self._since is None:
            self._since = now
        wait = asked or 0.0
        if not at_once:
            self._pauses += 1
            wait = max(wait, self._policy.pause(self._pauses))
        limit = self._policy.retry_for_s or 0.0
        if not self._has_answered:
            limit = min(limit, self._policy.unanswered_s)
        ends = self._since + limit
        if now >= ends or (asked is not None and now + asked > ends):
            asks = "" if asked is None or now >= ends else f" and asks to wait for {asked:,.0f} s"
            self._give_up(
                f"the partner is unavailable since {self._wall(self._since)} ({describe(error)}){asks}", error
            )
            return
        self._not_before = min(now + wait, ends)
        to_wall = self._clock.now() - now
        if not at_once:
            until = self._not_before + to_wall
            self._sink.paused(Pause(self._since + to_wall, until, ends + to_wall, describe(error)))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        while (left := self._not_before - self._clock.time()) > 0:
            await self._clock.sleep(left)
        self._timer = None
        self._window = 1.0
        if len(self._failing) < 2 and all(in_flight in self._failing for _, in_flight in self._waiting):
            self._sink.one_more()
        self._admit()

    def _admit(self) -> None:
        """Starts as many waiting attempts as the window allows, beginning with events that have not failed yet."""
        while self._waiting and self._running < int(self._window):
            for index, (_, in_flight) in enumerate(islice(self._waiting, _LOOKED_THROUGH)):
                if in_flight not in self._failing:
                    self._waiting.rotate(-index)
                    future, _ = self._waiting.popleft()
                    self._waiting.rotate(index)
                    break
            else:
                future, _ = self._waiting.popleft()
            if not future.done():
                self._running += 1
                future.set_result(self.epoch)

    def _at_full_speed(self) -> None:
        self.is_on = False
        self._pauses = 0
        while self._waiting:
            future, _ = self._waiting.popleft()
            if not future.done():
                future.set_result(self.epoch)

    def _give_up(self, message: str, error: Exception) -> None:
        if not self._is_over:
            self.close()
            self._sink.unavailable(message, error)

    def _wall(self, moment: float) -> str:
        return clock_time(moment + self._clock.now() - self._clock.time())
