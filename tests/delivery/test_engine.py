import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from destination.delivery import Delivery, EventSource, Failure, InputError, Record, RecordingError, Report
from destination.delivery.report import MAX_REASONS, OTHER
from destination.delivery.source import Intake
from destination.request import Request
from destination.runtime import Outcome
from destination.runtime.attempt import Attempt
from tests.delivery.shop import shop_instance, source_of, subscription, track

pytestmark = pytest.mark.anyio


class _Log:
    """Keeps failures in a list."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, list[tuple[str | None, str]]]] = []

    def add(self, record: Record, failures: list[Failure]) -> None:
        self.kept.append((record.label, [(failure.subscription, str(failure.error)) for failure in failures]))


class _Gate:
    """Answers wait until it is opened; it tells when so many of them wait."""

    def __init__(self, awaited: int) -> None:
        self.opened, self.reached = asyncio.Event(), asyncio.Event()
        self.started: list[str] = []
        self._awaited = awaited

    async def answer(self, request: Request) -> int:
        self.started.append(request.json()["id"])
        if len(self.started) == self._awaited:
            self.reached.set()
        await self.opened.wait()
        return 200


def _to(request: Request) -> str:
    return request.url.rpartition("/")[2]


async def test_every_event_is_counted_by_subscription() -> None:
    instance = shop_instance(lambda request: 503 if _to(request) == "b" else 200)
    log = _Log()
    source = source_of(track(1), {"type": "page"}, track(2), b"nope", b"[]")
    report = await Delivery(instance, failures=log).run(source)
    assert [count.to_json() for count in report.subscriptions] == [
        {"name": "A", "matched": 2, "sent": 2, "failed": 0, "deferred": 0},
        {"name": "B", "matched": 2, "sent": 0, "failed": 2, "deferred": 0},
    ]
    assert (report.events, report.unmatched, report.unreadable, report.failed, report.sent) == (3, 1, 2, 4, 2)
    assert not report.ok
    assert report.reasons[("B", "503 Service Unavailable")] == 2
    assert sorted(place for place, _ in log.kept) == ["line 1", "line 3", "line 4", "line 5"]
    assert ("line 1", [("B", "Service Unavailable")]) in log.kept


async def test_a_delivery_of_everything_is_ok() -> None:
    report = await Delivery(shop_instance()).run(source_of(track(1), {"type": "page"}))
    assert report.ok
    assert report.last_record == "line 2"


async def test_no_more_events_than_asked_for_are_under_way() -> None:
    now, most = 0, 0

    async def handler(_request: Request) -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(5):
            await asyncio.sleep(0)
        now -= 1
        return 200

    instance = shop_instance(handler, subscription("A", "a"))
    report = await Delivery(instance, concurrency=7).run(source_of(*map(track, range(100))))
    assert report.sent == 100
    assert most == 7


async def test_the_reader_waits_for_the_sender() -> None:
    read: list[int] = []

    class Source(EventSource):
        def batches(self) -> Iterator[list[Record]]:
            for number in range(50):
                read.append(number)
                yield list(source_of(track(number)))

    gate = _Gate(3)
    delivery = Delivery(shop_instance(gate.answer, subscription("A", "a")), concurrency=3)
    running = asyncio.create_task(delivery.run(Source(source_of().input)))
    await gate.reached.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(read) <= 4
    gate.opened.set()
    assert (await running).sent == 50


async def test_stopping_finishes_what_is_under_way_and_takes_up_nothing_new() -> None:
    gate, log = _Gate(2), _Log()
    delivery = Delivery(shop_instance(gate.answer, subscription("A", "a")), concurrency=2, failures=log)
    running = asyncio.create_task(delivery.run(source_of(*map(track, range(9)))))
    await gate.reached.wait()
    delivery.stop()
    gate.opened.set()
    report = await running
    assert (report.sent, report.stop, report.last_record) == (2, "signal", "line 2")
    assert gate.started == ["m0", "m1"]
    assert log.kept == []
    assert not report.ok


async def test_stopping_twice_gives_up_what_is_under_way_and_keeps_it_as_failed() -> None:
    gate, log = _Gate(2), _Log()
    delivery = Delivery(shop_instance(gate.answer, subscription("A", "a")), concurrency=3, failures=log)
    running = asyncio.create_task(delivery.run(source_of(*map(track, range(9)))))
    await gate.reached.wait()
    delivery.stop()
    delivery.stop()
    report = await running
    assert report.last_record == f"line {len(log.kept)}"
    assert {reasons[0][1] for _, reasons in log.kept} == {"abandoned before there was an answer: it may have arrived"}
    assert {place for place, _ in log.kept} >= {"line 1", "line 2"}


async def test_stopping_between_reading_records_and_taking_them_up_ends_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stopped(Intake):
        async def next(self) -> list[Record] | None:
            records = await super().next()
            delivery.stop()
            return records

    monkeypatch.setattr("destination.delivery.engine.Intake", Stopped)
    delivery = Delivery(shop_instance())
    async with asyncio.timeout(10):
        report = await delivery.run(source_of(track(1)))
    assert (report.events, report.stop, report.in_flight) == (0, "signal", 0)


async def test_stopping_while_the_input_is_waited_for_ends_the_run() -> None:
    waits = threading.Event()

    class Source(EventSource):
        def batches(self) -> Iterator[list[Record]]:
            yield list(source_of(track(1)))
            waits.wait()

    delivery = Delivery(shop_instance(), observe=lambda *_: delivery.stop())
    report = await delivery.run(Source(source_of().input))
    waits.set()
    assert (report.events, report.stop) == (1, "signal")


async def test_an_input_that_breaks_off_is_told_and_what_was_read_is_sent() -> None:
    source = source_of(b'[{"type": "track", "messageId": "m1"}, {"type"')
    report = await Delivery(shop_instance()).run(source)
    assert (report.sent, report.stop) == (2, "input")
    assert "not closed after item 1" in report.stop_message


async def test_a_failure_that_cannot_be_written_down_stops_the_run_and_is_named() -> None:
    class Full:
        def add(self, record: Record, failures: list[Failure]) -> None:
            raise RecordingError("failed.ndjson: cannot be written: no space left on device")

    instance = shop_instance(lambda _request: 500)
    report = await Delivery(instance, concurrency=2, failures=Full()).run(source_of(*map(track, range(50))))
    assert report.stop == "recording"
    assert report.stop_message == "failed.ndjson: cannot be written: no space left on device"
    assert report.unrecorded == [f"line {number}" for number in range(1, report.events + 1)]
    assert report.events < 10


async def test_an_error_of_the_observer_is_raised_after_what_is_under_way() -> None:
    def observe(report: Report, _record: Record, _failures: list[Failure]) -> None:
        if report.events == 1:
            raise BrokenPipeError

    delivery = Delivery(shop_instance(), concurrency=2, observe=observe)
    with pytest.raises(BrokenPipeError):
        await delivery.run(source_of(*map(track, range(50))))
    assert 1 <= delivery.report.events < 10


async def test_an_unforeseen_error_fails_its_subscription_of_its_event_only(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = shop_instance()
    send = Attempt.send

    async def failing(attempt: Attempt) -> Outcome:
        if attempt.event["messageId"] == "m1" and attempt.item is instance.subscriptions[0]:
            raise KeyError("oops")
        return await send(attempt)

    monkeypatch.setattr(Attempt, "send", failing)
    report = await Delivery(instance).run(source_of(track(0), track(1), track(2)))
    assert report.sent == 5
    assert dict(report.reasons) == {("A", "KeyError: 'oops'"): 1}


async def test_an_unforeseen_error_of_a_trigger_fails_its_event_only(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = shop_instance()

    match = instance.subscriptions[0].match

    def failing(event: dict[str, Any]) -> Outcome:
        if event["messageId"] == "m1":
            raise KeyError("oops")
        return match(event)

    monkeypatch.setattr(instance.subscriptions[0], "match", failing)
    report = await Delivery(instance).run(source_of(track(0), track(1), track(2)))
    assert report.sent == 4
    assert dict(report.reasons) == {(None, "KeyError: 'oops'"): 1}


async def test_reasons_are_counted_in_bounded_memory() -> None:
    events = [track(number, type=5) for number in range(3)]
    report = Report([])
    for number in range(MAX_REASONS + 5):
        report.add([], [Failure(InputError(f"reason {number} " + "x" * 1000), "A")])
    report.add([], [Failure(InputError("reason 1 " + "x" * 1000), "A")])
    assert len(report.reasons) == MAX_REASONS + 1
    assert report.reasons[(None, OTHER)] == 5
    assert report.reasons.most_common(2)[1][1] == 2
    assert all(len(reason) <= 300 for _, reason in report.reasons)
    assert events


async def test_warnings_of_delivered_events_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = shop_instance(None, subscription("A", "a"))
    send = Attempt.send

    async def warned(attempt: Attempt) -> Outcome:
        outcome = await send(attempt)
        outcome.warnings = ("late",)
        return outcome

    monkeypatch.setattr(Attempt, "send", warned)
    report = await Delivery(instance).run(source_of(track(0), track(1)))
    assert dict(report.warnings) == {("A", "late"): 2}
    assert report.ok


async def test_an_intake_that_is_closed_gives_nothing() -> None:
    intake = Intake(iter([]))
    intake.close()
    assert await intake.next() is None


def test_an_intake_outlives_its_loop_without_a_word() -> None:
    goes_on = threading.Event()

    async def ask() -> None:
        loop, reading = asyncio.get_running_loop(), asyncio.Event()

        def batches() -> Iterator[list[Record]]:
            loop.call_soon_threadsafe(reading.set)
            goes_on.wait()
            yield []

        intake = Intake(batches())
        asking = asyncio.create_task(intake.next())
        await reading.wait()
        intake.close()
        assert await asking is None

    before = threading.active_count()
    asyncio.run(ask())
    goes_on.set()
    while threading.active_count() > before:
        pass
