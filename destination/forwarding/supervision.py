"""Keeps the delivery of one destination going: what stops a delivery only pauses the destination."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Final

from destination.delivery import (
    AttemptMade,
    Clock,
    Delivery,
    DeliveryOptions,
    FailedSubscription,
    Failure,
    Record,
    RecordingError,
    Report,
    Verdict,
    describe,
)
from destination.delivery.errors import InputError
from destination.errors import RetryableError
from destination.forwarding.forwarded import ForwardedDestination
from destination.forwarding.probing import WINDOW, ProbeSource, probing_options
from destination.forwarding.queue import Depth, Queue, QueuedRecord, QueueSource
from destination.forwarding.watching import DestinationState, ForwardWatch
from destination.runtime import Instance

_SHED_AT_ONCE: Final = 64
_SHORTEST_PAUSE_S: Final = 0.5
_REFUSED_WAIT_S: Final = 10.0
_FIRST_STOP: Final = 0.8
"""The part of the time for draining after which no further attempt is begun."""


@dataclass(slots=True)
class _Stopped:
    """Why a destination is paused, and how often it was tried since.

    Attributes:
        reason: The reason in words.
        since: When the pause began, in seconds since 1970.
        probes: The number of probes.
        next_probe: When the next one begins, in seconds since 1970; None while one is made. It is only shown.
        wake_at: When the next one begins, by the clock that nobody sets.
    """

    reason: str
    since: float
    probes: int = 0
    next_probe: float | None = None
    wake_at: float = 0.0


class SupervisedDelivery:
    """Delivers the events of one destination until it is ended.

    If a delivery stops by itself, the destination is paused and tried with single events, again and again, after
    waits that grow up to a limit. As soon as an event is taken, a delivery begins.

    Args:
        queue: The queue.
        destination: The destination.
        clock: The clock.
        watch: Is notified of what becomes of each event, or None.
    """

    def __init__(
        self, queue: Queue, destination: ForwardedDestination, clock: Clock, watch: ForwardWatch | None
    ) -> None:
        self.destination = destination
        self._queue = queue
        self._clock = clock
        self._watch = watch
        self._next: ForwardedDestination | None = None
        self._stopped: _Stopped | None = None
        self._tried: set[int] = set()
        self._delivery: Delivery | None = None
        self._source: QueueSource | None = None
        self._probe: ProbeSource | None = None
        self._unused: list[Instance[Any]] = []
        self._is_ending = self._is_draining = self._was_paused = False
        self._wake = asyncio.Event()
        self._observed: tuple[Record | None, list[Failure], list[str]] = (None, [], [])
        self._sent: list[int] = []

    async def run(self) -> None:
        """Delivers until `end` or `drain`; raises nothing."""
        try:
            while not self._is_ending:
                await self._take_replacement()
                if self._stopped is None:
                    await self._deliver()
                elif not self._is_draining and await self._wait_for_probe(self._stopped):
                    await self._try()
                if self._is_draining and self._next is None:
                    return
        finally:
            await self._take_replacement()
            await self.destination.instance.aclose()

    # --- delivering ------------------------------------------------------------------------------------------

    async def _deliver(self) -> None:
        self._source = source = self._queue.source(self.destination.name)
        if self._is_draining:
            source.finish()
        # An input without an end does not decide about refused events.
        options = replace(self.destination.options, refused_wait_s=_REFUSED_WAIT_S)
        report = await self._send(source, options)
        if report is not None and report.stop not in (None, "signal"):
            self._pause(report.stop_message)

    async def _try(self) -> None:
        """Tries single events of a paused destination; ends the pause if one was taken."""
        stopped = self._stopped
        assert stopped is not None  # noqa: S101  only a paused destination is tried
        stopped.next_probe = None
        options = probing_options(self.destination.options)
        self._source = self._queue.source(self.destination.name, block=WINDOW)
        self._probe = probe = ProbeSource(self._source, self._tried, options.ordered_by)
        report = await self._send(probe, options)
        self._probe = None
        if report is None:
            return
        if report.stop is None and report.sent:
            self._stopped = None
            self._tried.clear()
            self._recovered()
        elif report.stop not in (None, "signal"):
            self._pause(report.stop_message)

    async def _send(self, source: QueueSource | ProbeSource, options: DeliveryOptions) -> Report | None:
        """Runs a delivery; returns its report, or None after an error that paused the destination."""
        destination = self.destination
        self._sent = [0] * len(destination.instance.subscriptions)
        self._delivery = delivery = Delivery(
            destination.instance,
            concurrency=destination.concurrency,
            failures=destination.dead_letters,
            observe=self._observe,
            options=options,
            attempts=self._attempted if self._watch is not None or self._probe is not None else None,
            clock=self._clock,
            settled=self._settled,
            notify=self._noticed,
        )
        if self._is_ending or self._next is not None:
            delivery.stop()
        try:
            return await delivery.run(source)
        except Exception as error:  # noqa: BLE001  no error may end the supervision
            self._pause(describe(error))
            return None
        finally:
            self._delivery = self._source = None

    async def _take_replacement(self) -> None:
        if self._next is not None:
            self._unused.append(self.destination.instance)
            self.destination, self._next = self._next, None
        unused, self._unused = self._unused, []
        for instance in unused:
            if instance is not self.destination.instance:
                await instance.aclose()

    # --- pauses ----------------------------------------------------------------------------------------------

    def _pause(self, reason: str) -> None:
        """Begins a pause, or continues it after a probe."""
        if self._stopped is None:
            self._stopped = _Stopped(reason, self._clock.now())
            if self._watch is not None and not self._was_paused:
                self._watch.paused(self.destination.name, reason)
            self._was_paused = True
        self._stopped.reason = reason
        self._stopped.probes += 1
        wait = max(self.destination.options.retry.pause(self._stopped.probes), _SHORTEST_PAUSE_S)
        self._stopped.next_probe = self._clock.now() + wait
        self._stopped.wake_at = self._clock.time() + wait

    def _recovered(self) -> None:
        self._was_paused = False
        if self._watch is not None:
            self._watch.recovered(self.destination.name)

    def _noticed(self, _line: str) -> None:
        """Notes that a delivery waits for the end of an outage, or that it ended."""
        pause = None if self._delivery is None else self._delivery.report.pause
        if pause is None:
            self._recovered()
        elif not self._was_paused and self._probe is None:
            self._was_paused = True
            if self._watch is not None:
                self._watch.paused(self.destination.name, pause.reason)

    async def _wait_for_probe(self, stopped: _Stopped) -> bool:
        """Waits for the next probe; returns whether there is one, and not something else to do."""
        if self._must_shed():
            await self._shed_paused()
        seconds = 0.0 if stopped.next_probe is None else stopped.wake_at - self._clock.time()
        if seconds > 0:
            sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
            waking = asyncio.ensure_future(self._wake.wait())
            try:
                await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                waking.cancel()
        if self._wake.is_set():
            self._wake.clear()
            return False
        return not self._is_ending

    # --- what becomes of the events --------------------------------------------------------------------------

    def _attempted(self, made: AttemptMade) -> None:
        if self._probe is not None:
            self._probe.attempted()
        if self._watch is not None and made.again:
            self._watch.retried(self.destination.name, made.subscription, made.again)

    def _observe(self, report: Report, record: Record, failures: list[Failure]) -> None:
        sent = []
        if self._watch is not None:
            for index, count in enumerate(report.subscriptions):
                if count.sent != self._sent[index]:
                    self._sent[index] = count.sent
                    sent.append(count.name)
        self._observed = record, failures, sent

    def _settled(self, record: Record, verdict: Verdict) -> None:
        observed, failures, sent = self._observed
        self._observed = None, [], []
        if observed is not record:
            failures, sent = [], []
        remaining = None
        if verdict == "deferred":
            deferred = [failure for failure in failures if failure.deferred]
            if deferred and all(failure.index is not None for failure in deferred):
                # One that was not found any more is no dead letter yet, since that would be for the whole event.
                deferred += [failure for failure in failures if failure.index is None and failure.subscription]
                remaining = tuple(FailedSubscription(failure.subscription or "", failure.index) for failure in deferred)
        self._queue.settled(self.destination.name, record, verdict, remaining)
        if self._probe is not None:
            self._probe.settled(record)
        if self._watch is not None:
            self._report(self._watch, record, verdict, failures, sent)

    def _report(
        self, watch: ForwardWatch, record: Record, verdict: Verdict, failures: list[Failure], sent: list[str]
    ) -> None:
        name, message_id = self.destination.name, _message_id(record)
        if sent:
            latency_s = max(self._clock.now() - _received_at(record), 0.0)
            for subscription in sent:
                watch.delivered(name, subscription, message_id, latency_s)
        for failure in failures:
            if not failure.deferred:
                watch.dead(name, failure.subscription, message_id, describe(failure.error))
        if verdict == "acknowledged" and not sent:
            watch.unsent(name, message_id)

    # --- falling behind --------------------------------------------------------------------------------------

    def is_behind(self) -> bool:
        """Returns whether the destination exceeds its `max_behind`."""
        limit = self.destination.max_behind
        return limit is not None and limit.is_exceeded(self._queue.depth(self.destination.name))

    def _must_shed(self) -> bool:
        return self.destination.when_behind == "dead-letter" and self.is_behind()

    async def shed(self) -> None:
        """Keeps the oldest events as dead letters while the destination is too far behind, if its options say so."""
        if not self._must_shed():
            return
        delivery, source = self._delivery, self._source
        if delivery is None or source is None or self._probe is not None:
            self._wake.set()  # a paused destination does it itself
        elif delivery.report.pause is not None:
            self._pause(delivery.report.pause.reason)
            self._finish_calls()  # the oldest ones are those that wait for the end of the outage
        else:
            while self._must_shed() and self._source is source:
                records = await self._queue.unread(self.destination.name, _SHED_AT_ONCE)
                left = self._shed(records)
                if left:
                    source.put_back(list(left))
                if left or not records:
                    return

    async def _shed_paused(self) -> None:
        source = self._queue.source(self.destination.name, block=_SHED_AT_ONCE)
        source.finish()
        try:
            while (records := await source.next()) is not None:
                if self._shed(records):
                    return
        except InputError as error:
            self._pause(str(error))

    def _shed(self, records: "list[QueuedRecord] | list[Record]") -> list[Record]:
        """Keeps events as dead letters while the destination is too far behind; returns the others."""
        limit, letters, name = self.destination.max_behind, self.destination.dead_letters, self.destination.name
        for index, record in enumerate(records):
            depth = self._queue.depth(name)
            age_s = max(self._clock.now() - _received_at(record), 0.0)
            if limit is None or not limit.is_exceeded(Depth(depth.rows, depth.bytes, age_s)):
                return list(records[index:])
            error = RetryableError("the destination was too far behind, so that the event was not sent")
            try:
                if letters is not None:
                    letters.add(record, [Failure(error)])
            except RecordingError as problem:
                self._pause(str(problem))
                return list(records[index:])
            self._queue.settled(name, record, "dead")
            if self._watch is not None:
                self._watch.dead(name, None, _message_id(record), str(error))
        return []

    # --- from outside ----------------------------------------------------------------------------------------

    def state(self) -> DestinationState:
        """Returns the destination's state."""
        depth = self._queue.depth(self.destination.name)
        limit = self.destination.max_behind
        is_behind = limit is not None and limit.is_exceeded(depth)
        name, stopped = self.destination.name, self._stopped
        if stopped is not None:
            return DestinationState(name, depth, True, stopped.reason, stopped.since, stopped.next_probe, is_behind)
        pause = None if self._delivery is None else self._delivery.report.pause
        if pause is not None:
            return DestinationState(name, depth, True, pause.reason, pause.since, pause.until, is_behind)
        return DestinationState(name, depth, is_behind=is_behind)

    def replace(self, destination: ForwardedDestination) -> None:
        """Uses another instance and other options from the next event on; calls that were begun are finished."""
        if self._next is not None:
            self._unused.append(self._next.instance)
        self._next = destination
        self._finish_calls()
        if self._stopped is not None:
            self._stopped.next_probe = None  # the new settings may be those that were wrong
        self._wake.set()

    def end(self) -> None:
        """Finishes the calls that were begun; everything else stays in the queue."""
        self._is_ending = True
        self._finish_calls()
        self._wake.set()

    async def drain(self, seconds: float, running: "asyncio.Task[None]") -> None:
        """Delivers what is in the queue, within a limit of time, and ends.

        Args:
            seconds: The limit, in seconds.
            running: The task of `run`.
        """
        self._is_draining = True
        if self._stopped is None:
            if self._source is not None:
                self._source.finish()
            await self._wait(running, seconds * _FIRST_STOP)
        self.end()
        await self._wait(running, seconds * (1 - _FIRST_STOP))
        if not running.done():
            self._abandon_calls()

    def _finish_calls(self) -> None:
        """Has a delivery begin nothing more. To stop it twice would abandon its calls, which may have arrived."""
        if self._delivery is not None and self._delivery.report.stop is None:
            self._delivery.stop()

    def _abandon_calls(self) -> None:
        if self._delivery is not None:
            self._delivery.stop()
            self._delivery.stop()  # the second time abandons, whatever has stopped it before

    async def _wait(self, running: "asyncio.Task[None]", seconds: float) -> None:
        if running.done():
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        await asyncio.wait((sleeping, running), return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()


def _message_id(record: Record) -> str:
    found = record.event.get("messageId") if record.event is not None else None
    return found if isinstance(found, str) else ""


def _received_at(record: Record) -> float:
    return record.received_at if isinstance(record, QueuedRecord) else 0.0
