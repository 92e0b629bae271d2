"""What a delivery holds at once."""

import asyncio
import gc
import tracemalloc
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from destination.definition import Action
from destination.delivery import (
    ByteInput,
    Delivery,
    DeliveryOptions,
    EventSource,
    Failure,
    Record,
    RetryPolicy,
    Verdict,
)
from destination.request import MockTransport, Request
from destination.runtime import Destination
from tests.delivery.clock import FakeClock, StillClock
from tests.delivery.shop import shop_instance, source_of, subscription, track
from tests.kit import PATIENCE_S

pytestmark = pytest.mark.anyio


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # a delivery has no event for what it has read
        await asyncio.sleep(0)


async def _turns(count: int = 500) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_events_of_one_user_hold_back_no_others() -> None:
    gate, others = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def handler(request: Request) -> int:
        name = request.json()["id"]
        if name.startswith("slow"):
            await gate.wait()
        done.append(name)
        if len(done) == 40 and not gate.is_set():
            others.set()
        return 200

    events = [track(0, messageId=f"slow{n}", userId="slow") for n in range(60)]
    events += [track(0, messageId=f"quick{n}", userId=f"u{n}") for n in range(40)]
    options = DeliveryOptions(ordered_by="userId")
    delivery = Delivery(shop_instance(handler, subscription("A", "a")), options=options, concurrency=50)
    running = asyncio.create_task(delivery.run(source_of(*events)))
    await asyncio.wait_for(others.wait(), PATIENCE_S)
    assert all(name.startswith("quick") for name in done)
    gate.set()
    report = await running
    assert report.sent == 100
    assert [name for name in done if name.startswith("slow")] == [f"slow{n}" for n in range(60)]


async def test_the_look_ahead_behind_one_user_is_bounded() -> None:
    gate = asyncio.Event()

    async def handler(_request: Request) -> int:
        await gate.wait()
        return 200

    delivery = Delivery(
        shop_instance(handler, subscription("A", "a")), options=DeliveryOptions(ordered_by="userId", look_ahead=30)
    )
    running = asyncio.create_task(delivery.run(source_of(*(track(n, userId="u") for n in range(2_000)))))
    await asyncio.wait_for(_until(lambda: delivery.report.in_flight >= 31), PATIENCE_S)
    await _turns()
    assert delivery.report.in_flight == 31
    gate.set()
    assert (await running).sent == 2_000


@pytest.mark.parametrize("batch_size", [None, 500])
async def test_events_in_flight_are_bounded_by_their_size_as_well(batch_size: int | None) -> None:
    size, most = 200_000, 0

    async def answer(_request: Request) -> int:
        nonlocal most
        most = max(most, delivery.report.in_flight)
        await asyncio.sleep(0)
        return 200

    action: Action[Any, Any] = Action(
        title="S",
        description="",
        perform=lambda request, data: request("https://h/", "post", json=[data.payload["text"]]),
        perform_batch=lambda request, data: request("https://h/", "post", json=[item["text"] for item in data.payload]),
        fields={"text": {"label": "", "description": "", "type": "string"}},
    )
    demo: Destination[Any] = Destination(name="B", slug="b", actions={"send": action})
    given = [
        {
            "name": "A",
            "subscribe": 'type = "track"',
            "partnerAction": "send",
            "mapping": {"text": {"@path": "$.text"}},
        }
    ]
    instance = demo.instance({}, given, transport=MockTransport(answer))
    options = DeliveryOptions(batch_size=batch_size, linger_s=60, memory_bytes=10_000_000)
    delivery = Delivery(instance, options=options, concurrency=200)
    report = await delivery.run(source_of(*(track(n, text="x" * size) for n in range(200))))
    assert report.sent == 200
    assert 1 <= most <= 14


async def test_an_event_that_is_larger_than_the_bound_goes_out_by_itself() -> None:
    delivery = Delivery(shop_instance(), options=DeliveryOptions(memory_bytes=100))
    report = await delivery.run(source_of(*(track(n, text="x" * 1_000) for n in range(20))))
    assert report.ok
    assert report.events == 20


@pytest.mark.thorough
async def test_lines_that_are_no_events_take_no_memory() -> None:
    import io

    async def run(count: int) -> int:
        source = EventSource(ByteInput(io.BytesIO(b"oops\n" * count), "events"))
        gc.collect()
        gc.disable()  # what only the collector would free counts
        tracemalloc.start()
        try:
            report = await Delivery(shop_instance()).run(source)
            assert report.unreadable == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.enable()

    await run(100)
    few, many = await run(2_000), await run(20_000)
    assert many < 2 * few + 1_000_000


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.thorough
async def test_events_that_fail_take_no_memory(status: int) -> None:
    async def run(count: int) -> int:
        source = source_of(*map(track, range(count)))
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            options = DeliveryOptions(keep_going=True)
            instance = shop_instance(lambda _request: status, subscription("A", "a"))
            transport: Any = instance._transport
            transport.requests = deque(maxlen=1)  # the stand-in remembers what it was sent
            delivery = Delivery(instance, options=options, concurrency=5)
            report = await delivery.run(source)
            assert report.failed == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.enable()

    await run(100)
    few, many = await run(1_000), await run(6_000)
    assert many < 2 * few + 1_000_000


# --- the seam for live sources -------------------------------------------------------------------------------


class _Queue:
    """A source that is no file."""

    def __init__(self, *batches: list[Record]) -> None:
        self.closed = 0
        self._batches = list(batches)

    async def next(self) -> list[Record] | None:
        await asyncio.sleep(0)
        return self._batches.pop(0) if self._batches and not self.closed else None

    def close(self) -> None:
        self.closed += 1


async def test_every_event_of_a_source_gets_one_verdict() -> None:
    records = list(source_of(track(1), track(2), {"type": "page"}, b"oops", track(3)))
    verdicts: list[tuple[str, Verdict]] = []
    instance = shop_instance(lambda request: 400 if request.json()["id"] == "m2" else 200)
    queue = _Queue(records[:2], records[2:])
    report = await Delivery(
        instance, settled=lambda record, verdict: verdicts.append((record.label, verdict)), clock=FakeClock()
    ).run(queue)
    assert sorted(verdicts) == [
        ("line 1", "acknowledged"),
        ("line 2", "dead"),
        ("line 3", "acknowledged"),
        ("line 4", "dead"),
        ("line 5", "acknowledged"),
    ]
    assert report.events == 4
    assert queue.closed


async def test_what_a_stop_cuts_short_is_deferred_and_not_dead() -> None:
    verdicts: list[Verdict] = []
    reached = asyncio.Event()

    async def handler(_request: Request) -> int:
        reached.set()
        await asyncio.get_running_loop().create_future()
        return 200

    delivery = Delivery(
        shop_instance(handler, subscription("A", "a")), settled=lambda _record, verdict: verdicts.append(verdict)
    )
    running = asyncio.create_task(delivery.run(_Queue(list(source_of(track(1), track(2))))))
    await reached.wait()
    delivery.stop()
    delivery.stop()
    report = await running
    assert verdicts == ["deferred", "deferred"]
    assert (report.deferred, report.failed) == (2, 0)


async def test_a_deferred_event_stays_with_its_source_and_only_what_failed_for_good_is_a_dead_letter() -> None:
    """Retries of one subscription are cut short by a stop, while the other one has failed for good."""
    kept: list[tuple[str, list[int | None]]] = []
    verdicts: list[Verdict] = []

    class Kept:
        def add(self, record: Record, failures: list[Failure]) -> None:
            kept.append((record.label, [failure.index for failure in failures]))

    clock = StillClock()
    options = DeliveryOptions(retry=RetryPolicy(attempts=3, retry_for_s=None))
    delivery = Delivery(
        shop_instance(lambda request: 500 if request.url.endswith("a") else 400),
        failures=Kept(),
        options=options,
        clock=clock,
        settled=lambda _record, verdict: verdicts.append(verdict),
    )
    running = asyncio.create_task(delivery.run(_Queue(list(source_of(track(1))))))
    await clock.asleep.wait()
    delivery.stop()
    report = await running
    assert verdicts == ["deferred"]
    assert kept == [("line 1", [1])]
    assert (report.deferred, report.failed) == (1, 0)


async def test_an_error_of_whoever_is_told_ends_the_run_and_is_raised() -> None:
    def settled(_record: Record, _verdict: Verdict) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Delivery(shop_instance(), settled=settled).run(source_of(track(1), track(2)))


async def test_a_second_task_begins_only_when_the_first_one_waits_for_its_answer() -> None:
    senders: set[asyncio.Task[Any] | None] = set()

    def at_once(_request: Request) -> int:
        senders.add(asyncio.current_task())
        return 200

    delivery = Delivery(shop_instance(at_once, subscription("A", "a")))
    assert (await delivery.run(source_of(*map(track, range(40))))).sent == 40
    assert len(senders) < 5  # a new one may begin with each block of the input

    begun = 0
    all_begun = asyncio.Event()

    async def later(_request: Request) -> int:
        nonlocal begun
        begun += 1
        if begun == 40:
            all_begun.set()
        await all_begun.wait()
        return 200

    delivery = Delivery(shop_instance(later, subscription("A", "a")))
    report = await asyncio.wait_for(delivery.run(source_of(*map(track, range(40)))), PATIENCE_S)
    assert report.sent == 40
