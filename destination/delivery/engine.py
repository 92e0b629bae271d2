"""Sends the events of a source through an instance: bounded, counted, and with every failure kept."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from destination.delivery.dead_letters import Failure, Owed
from destination.delivery.errors import InputError, RecordingError
from destination.delivery.intake import Intake
from destination.delivery.report import Report, StopReason
from destination.delivery.source import EventSource, Record
from destination.errors import DefinitionError, RequestClientError
from destination.runtime import Instance, Outcome
from destination.runtime.compiled import CompiledSubscription

DEFAULT_CONCURRENCY = 50


class FailureLog(Protocol):
    """Where failed events go."""

    def add(self, record: Record, failures: list[Failure]) -> None:
        """Keeps one of them.

        Raises:
            RecordingError: It cannot.
        """
        ...


class Delivery:
    r"""One pass of a source through an instance.

    Args:
        instance: Where the events go.
        concurrency: So many events are under way at most; the reader waits for a free place.
        failures: Keeps what failed.
        observe: Called after each record with the report so far, and with the record and its failures.

    Attributes:
        report: The counts so far.

    Example:
        >>> import io
        >>> from destination.delivery import ByteInput
        >>> from destination.runtime import Destination
        >>> demo = Destination(name="Demo", slug="demo", actions={})
        >>> source = EventSource(ByteInput(io.BytesIO(b'{"type": "track"} \n oops')))
        >>> report = asyncio.run(Delivery(demo.instance({})).run(source))
        >>> report.events, report.unmatched, report.unreadable
        (1, 1, 1)
    """

    def __init__(
        self,
        instance: Instance[Any],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        failures: FailureLog | None = None,
        observe: Callable[[Report, Record, list[Failure]], None] | None = None,
    ) -> None:
        self.report = Report([item.name for item in instance.subscriptions])
        self._instance = instance
        self._places = asyncio.Semaphore(concurrency)
        self._failures = failures
        self._observe = observe
        self._running: dict[asyncio.Task[None], Record] = {}
        self._intake: Intake | None = None
        self._error: BaseException | None = None

    async def run(self, source: EventSource) -> Report:
        """Sends everything; returns when the last answer is in. It never raises for what is in the input."""
        self._intake = Intake(source.batches())
        try:
            while (batch := await self._intake.next()) is not None:
                if not await self._take(batch):
                    break
        except InputError as error:
            self._end("input", str(error))
        finally:
            self._intake.close()
            while self._running:
                await asyncio.wait(self._running)
        if self._error is not None:
            raise self._error
        return self.report

    def stop(self) -> None:
        """Takes up no further event; what is under way is finished. A second call gives that up, too."""
        if self.report.stop == "signal":
            for task in tuple(self._running):
                task.cancel()
        self._end("signal", "stopped before the end of the input")

    def _end(self, kind: StopReason, message: str) -> None:
        if self.report.stop is None:
            self.report.stop, self.report.stop_message = kind, message
        if self._intake is not None:
            self._intake.close()

    async def _take(self, batch: list[Record]) -> bool:
        """Sends off the records of a batch as places get free; false when it must not go on."""
        for record in batch:
            if record.event is not None:
                await self._places.acquire()
            if self.report.stop is not None:
                return False
            self.report.last_place = record.place
            if record.event is None:
                self.report.add_unreadable(record)
                self._settle(record, [Failure(record.error or InputError("no event"))])
                continue
            task = asyncio.create_task(self._send(record, record.event))
            self._running[task] = record
            task.add_done_callback(self._finished)
        return True

    async def _send(self, record: Record, event: dict[str, Any]) -> None:
        outcomes: list[tuple[int, Outcome]] = []
        failures: list[Failure] = []
        try:
            if record.owed is None:
                outcomes = list(enumerate(await self._instance.on_event(event)))
            else:
                outcomes = await self._send_owed(event, record.owed, failures)
            failures += [
                Failure(outcome.error, outcome.name, index) for index, outcome in outcomes if outcome.error is not None
            ]
        except Exception as error:  # noqa: BLE001  one event must not end the others, whatever it meets
            failures = [Failure(error)]
        self.report.add(outcomes, failures)
        self._settle(record, failures)

    def _finished(self, task: asyncio.Task[None]) -> None:
        record = self._running.pop(task)
        self._places.release()
        if task.cancelled():  # perhaps before it began
            failures = [Failure(RequestClientError("given up before an answer came: it may have arrived"))]
            self.report.add([], failures)
            self._settle(record, failures)
        elif (error := task.exception()) is not None:  # of `observe`: nothing else is let through
            self._error = error
            self._end("error", "")

    async def _send_owed(
        self, event: dict[str, Any], owed: tuple[Owed, ...], failures: list[Failure]
    ) -> list[tuple[int, Outcome]]:
        found: list[tuple[int, CompiledSubscription]] = []
        for item in owed:
            index = find_owed(item, self._instance.subscriptions)
            if index is None:
                error = DefinitionError(f"there is no enabled subscription {item.name!r} (any more) to send it through")
                failures.append(Failure(error, item.name, item.index))
            else:
                found.append((index, self._instance.subscriptions[index]))
        return await asyncio.gather(*(_ask(index, subscription, event) for index, subscription in found))

    def _settle(self, record: Record, failures: list[Failure]) -> None:
        if failures and self._failures is not None:
            try:
                self._failures.add(record, failures)
            except RecordingError as error:
                self.report.unrecorded.append(record.place)
                self._end("recording", str(error))
        if self._observe is not None:
            self._observe(self.report, record, failures)


async def _ask(index: int, subscription: CompiledSubscription, event: dict[str, Any]) -> tuple[int, Outcome]:
    return index, subscription.refuse(event) or await subscription.execute(event)


def find_owed(owed: Owed, subscriptions: tuple[CompiledSubscription, ...]) -> int | None:
    """The index of the subscription that is meant: the one of that name, or of several the one at that place."""
    named = [index for index, item in enumerate(subscriptions) if item.name == owed.name]
    if len(named) == 1:
        return named[0]
    return owed.index if owed.index in named else None
