"""The forwarder: each destination by itself, pauses and probes, reload, draining, and falling behind."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import DeadLetters, DeliveryOptions, RetryPolicy
from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import InvalidAuthenticationError
from destination.forwarding.forwarder import ForwardedDestination, Forwarder, MaxBehind
from destination.forwarding.probing import WINDOW
from destination.forwarding.queue import Queue
from destination.request import Request
from destination.runtime import Instance
from tests.delivery.shop import shop_instance, subscription
from tests.forwarding.clock import ManualClock, until
from tests.forwarding.events import RECEIVED, accepted, names, numbered

OPTIONS = DeliveryOptions(retry=RetryPolicy(attempts=3, retry_for_s=60.0, unanswered_s=60.0, random=lambda: 0.5))


class Partner:
    """Answers as the test wants, and counts what it took.

    Attributes:
        answer: What it answers to the event with that `messageId`.
        taken: How often it took each event.
        asked: The events in the order in which they were sent.
    """

    def __init__(self, answer: Callable[[str], Any] = lambda _name: 200) -> None:
        self.answer = answer
        self.taken: Counter[str] = Counter()
        self.asked: list[str] = []
        self.is_closed = False

    def __call__(self, request: Request) -> Any:
        name = request.json()["id"]
        self.asked.append(name)
        found = self.answer(name)
        if isinstance(found, Exception):
            raise found
        if found == 200:
            self.taken[f"{request.url.rpartition('/')[2]}:{name}"] += 1
        return found

    def instance(self, *subscriptions: dict[str, Any]) -> Instance[Any]:
        return shop_instance(self, *(subscriptions or (subscription("A", "a"),)))

    def got(self) -> set[str]:
        return {name.partition(":")[2] for name in self.taken}


class Watch:
    """Keeps what it is notified of."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.calls.append((name, *arguments))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]


@asynccontextmanager
async def forwarding(
    folder: Path, *destinations: ForwardedDestination, clock: ManualClock | None = None, watch: Any = None
) -> AsyncIterator[tuple[Queue, Forwarder, ManualClock]]:
    clock = clock or ManualClock()
    queue = Queue(folder / "queue.db", {each.name: each.write_keys for each in destinations}, clock=clock.now)
    forwarder = Forwarder(queue, destinations, watch=watch, clock=clock)
    running = asyncio.create_task(forwarder.run())
    try:
        yield queue, forwarder, clock
    finally:
        stopping = asyncio.create_task(forwarder.stop(0.0))
        while not running.done():
            await clock.advance(0.1)
            await asyncio.sleep(0.001)
        await stopping
        await running
        await queue.close()


async def probe(forwarder: Forwarder, clock: ManualClock) -> None:
    """Lets the time pass until the next probe of the paused destination `shop` has failed."""
    before = forwarder.states()["shop"].next_probe
    assert before is not None
    await clock.advance(before - clock.now())
    await until(lambda: forwarder.states()["shop"].next_probe not in (None, before))


def letters(folder: Path) -> list[dict[str, Any]]:
    path = folder / "dead.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# --- one destination beside another ----------------------------------------------------------------------


async def test_a_destination_that_is_down_all_the_time_holds_back_no_other(tmp_path: Path) -> None:
    up, down = Partner(), Partner(lambda _name: ClientConnectionError("connection refused"))
    destinations = [
        ForwardedDestination("up", up.instance(), OPTIONS),
        ForwardedDestination("down", down.instance(), OPTIONS),
    ]
    async with forwarding(tmp_path, *destinations) as (queue, forwarder, clock):
        for first in range(0, 1_000, 100):
            await queue.put(numbered(first, 100))
            await clock.advance(10.0)
        await until(lambda: queue.depth("up").rows == 0)
        assert len(up.taken) == 1_000
        assert queue.depth("down").rows == 1_000
        await until(lambda: forwarder.states()["down"].is_paused)
        assert not forwarder.states()["up"].is_paused
        down.answer = lambda _name: 200
        while queue.depth("down").rows:
            await clock.advance(10.0)
            await asyncio.sleep(0.001)
        assert len(down.taken) == 1_000
        assert set(down.taken.values()) == {1}
        await queue.flush()
        assert queue.rows == 0
        assert not forwarder.states()["down"].is_paused


async def test_events_reach_the_destinations_of_their_write_key(tmp_path: Path) -> None:
    one, both = Partner(), Partner()
    destinations = [
        ForwardedDestination("one", one.instance(), OPTIONS, write_keys=frozenset({"k1"})),
        ForwardedDestination("both", both.instance(), OPTIONS),
    ]
    async with forwarding(tmp_path, *destinations) as (queue, _, _):
        await queue.put([*accepted("m1", key="k1"), *accepted("m2", key="k2")])
        await until(lambda: queue.depth("both").rows == queue.depth("one").rows == 0)
    assert (one.got(), both.got()) == ({"m1"}, {"m1", "m2"})


async def test_an_event_that_opted_out_or_matches_nothing_is_settled_without_a_request(tmp_path: Path) -> None:
    partner, watch = Partner(), Watch()
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS)
    async with forwarding(tmp_path, destination, watch=watch) as (queue, _, _):
        await queue.put([*accepted("m1", integrations={"Shop": False}), *accepted("m2", type="page")])
        await until(lambda: queue.depth("shop").rows == 0)
    assert partner.asked == []
    assert sorted(watch.of("unsent")) == [("shop", "m1"), ("shop", "m2")]


async def test_watch_is_notified_of_what_becomes_of_each_event(tmp_path: Path) -> None:
    answers = {"m2": [400], "m3": [500, 200]}
    partner, watch = Partner(lambda name: (answers.get(name) or [200]).pop(0)), Watch()
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS)
    async with forwarding(tmp_path, destination, watch=watch) as (queue, _, clock):
        await clock.advance(5.0)
        await queue.put(accepted("m1", "m2", "m3"))
        await until(lambda: queue.depth("shop").rows == 1)
        await clock.advance(2.0)
        await until(lambda: queue.depth("shop").rows == 0)
    assert sorted(watch.of("delivered")) == [("shop", "A", "m1", 5.0), ("shop", "A", "m3", pytest.approx(5.25, abs=2))]
    assert [call[:3] for call in watch.of("dead")] == [("shop", "A", "m2")]
    assert watch.of("retried") == [("shop", "A", 1)]


# --- pauses and probes -----------------------------------------------------------------------------------


async def test_refused_credentials_pause_a_destination_until_they_are_taken(tmp_path: Path) -> None:
    partner, watch = Partner(lambda _name: 401), Watch()
    dead = DeadLetters(tmp_path / "dead.ndjson")
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS, dead_letters=dead)
    async with forwarding(tmp_path, destination, watch=watch) as (queue, forwarder, clock):
        await queue.put(numbered(0, 300))
        await until(lambda: forwarder.states()["shop"].is_paused)
        state = forwarder.states()["shop"]
        assert "refused" in str(state.reason)
        assert state.since == RECEIVED
        assert state.next_probe is not None
        before = len(partner.asked)
        for number in range(1, 30):
            await probe(forwarder, clock)
            assert len(partner.asked) == before + number
        assert clock.seconds > 20 * 30.0  # the waits have grown
        assert queue.depth("shop").rows == 300
        assert letters(tmp_path) == []
        partner.answer = lambda _name: 200
        await clock.advance(60.0)
        await until(lambda: queue.depth("shop").rows == 0)
        assert not forwarder.states()["shop"].is_paused
    assert len(partner.taken) == 300
    assert watch.of("paused") == [("shop", watch.of("paused")[0][1])]
    assert watch.of("recovered") == [("shop",)]
    dead.close()


async def test_few_refused_events_pause_a_destination_although_no_others_follow(tmp_path: Path) -> None:
    partner = Partner(lambda _name: 403)
    async with forwarding(tmp_path, ForwardedDestination("shop", partner.instance(), OPTIONS)) as (
        queue,
        forwarder,
        clock,
    ):
        await queue.put(numbered(0, 3))
        await until(lambda: len(partner.asked) == 3)
        assert not forwarder.states()["shop"].is_paused
        await clock.advance(10.0)
        await until(lambda: forwarder.states()["shop"].is_paused)
        assert "3 events in a row were refused" in str(forwarder.states()["shop"].reason)
        assert queue.depth("shop").rows == 3


@pytest.mark.parametrize("answer", [400, 500, 422])
async def test_failures_that_are_all_alike_do_not_turn_the_queue_into_dead_letters(tmp_path: Path, answer: int) -> None:
    partner = Partner(lambda _name: answer)
    dead = DeadLetters(tmp_path / "dead.ndjson")
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS, concurrency=1, dead_letters=dead)
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(numbered(0, 1_000))
        while not forwarder.states()["shop"].is_paused:
            await clock.advance(1.0)
            await asyncio.sleep(0.001)
        assert len(letters(tmp_path)) == 100  # as many as a run needs to see that they are alike
        for _ in range(20):
            await clock.advance(120.0)
            await asyncio.sleep(0.01)
        assert len(letters(tmp_path)) == 100
        assert queue.depth("shop").rows == 900
        partner.answer = lambda _name: 200
        while queue.depth("shop").rows:
            await clock.advance(60.0)
            await asyncio.sleep(0.001)
    assert len(partner.taken) == 900
    dead.close()


async def test_an_event_at_fault_does_not_keep_its_destination_paused(tmp_path: Path) -> None:
    """The next probe has another event; the one at fault is a dead letter once others are taken."""
    partner = Partner(lambda _name: 401)
    dead = DeadLetters(tmp_path / "dead.ndjson")
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS, concurrency=1, dead_letters=dead)
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(numbered(0, 30))
        await until(lambda: forwarder.states()["shop"].is_paused)
        partner.answer = lambda name: 400 if name in ("m0", "m1") else 200
        await queue.put(numbered(30, 10))
        while queue.depth("shop").rows:
            await clock.advance(30.0)
            await asyncio.sleep(0.001)
    assert {letter["event"]["messageId"] for letter in letters(tmp_path)} == {"m0", "m1"}
    assert partner.got() == {f"m{number}" for number in range(2, 40)}
    dead.close()


async def test_probes_begin_again_with_the_oldest_event_after_as_many_as_are_tried(tmp_path: Path) -> None:
    partner = Partner(lambda _name: InvalidAuthenticationError("no", "INVALID"))
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS, concurrency=1)
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(numbered(0, 500))
        await until(lambda: forwarder.states()["shop"].is_paused)
        partner.asked.clear()
        for _ in range(WINDOW + 2):
            await probe(forwarder, clock)
        assert partner.asked == [*(f"m{number}" for number in range(WINDOW)), "m0", "m1"]
        assert len(await names(queue, "shop")) == 500


async def test_order_is_kept_by_probes(tmp_path: Path) -> None:
    partner = Partner(lambda _name: 401)
    options = DeliveryOptions(retry=OPTIONS.retry, ordered_by="userId")
    destination = ForwardedDestination("shop", partner.instance(), options, concurrency=1)
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        for number in range(60):
            await queue.put(accepted(f"m{number}", userId=f"u{number % 3}"))
        await until(lambda: forwarder.states()["shop"].is_paused)
        partner.asked.clear()
        for _ in range(6):
            await probe(forwarder, clock)
        assert partner.asked == ["m0", "m1", "m2", "m0", "m1", "m2"]
        partner.asked.clear()
        partner.answer = lambda _name: 200
        while queue.depth("shop").rows:
            await clock.advance(60.0)
            await asyncio.sleep(0.001)
    for user in range(3):
        found = [name for name in partner.asked if int(name[1:]) % 3 == user]
        assert found == [f"m{number}" for number in range(user, 60, 3)]


async def test_a_deferred_event_is_sent_only_to_the_subscriptions_that_are_left(tmp_path: Path) -> None:
    """One subscription takes everything, the other one refuses until it is mended."""
    refuses = True

    def handler(request: Request) -> Any:
        partner(request)
        return 401 if refuses and request.url.endswith("b") else 200

    partner = Partner()
    instance = shop_instance(handler)
    destination = ForwardedDestination("shop", instance, OPTIONS, concurrency=2)
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(numbered(0, 3))
        await until(lambda: len(partner.asked) >= 6)
        forwarder.replace([ForwardedDestination("shop", instance, OPTIONS, concurrency=2)])
        refuses = False
        while queue.depth("shop").rows:
            await clock.advance(60.0)
            await asyncio.sleep(0.001)
    assert {name: count for name, count in partner.taken.items() if name.startswith("a:")} == {
        "a:m0": 1,
        "a:m1": 1,
        "a:m2": 1,
    }


# --- reload and stopping ---------------------------------------------------------------------------------


async def test_a_reload_sends_each_event_by_the_old_or_the_new_mappings_whole(tmp_path: Path) -> None:
    old, new = Partner(), Partner()
    first = ForwardedDestination("shop", old.instance(), OPTIONS, concurrency=1)
    second = ForwardedDestination("shop", new.instance(subscription("A", "a"), subscription("C", "c")), OPTIONS)
    async with forwarding(tmp_path, first) as (queue, forwarder, _):
        await queue.put(numbered(0, 500))
        await until(lambda: len(old.taken) >= 20)
        forwarder.replace([second])
        await until(lambda: queue.depth("shop").rows == 0)
    assert old.taken.keys() & new.taken.keys() == set()
    assert len(old.taken) + len(new.taken) // 2 == 500
    assert new.taken["a:m499"] == new.taken["c:m499"] == 1


async def test_two_reloads_in_a_row_abandon_no_call(tmp_path: Path) -> None:
    taken, may_answer = [], asyncio.Event()

    async def late(request: Request) -> int:
        taken.append(request.body)
        await may_answer.wait()
        return 200

    new = Partner()
    first = ForwardedDestination("shop", shop_instance(late, subscription("A", "a")), OPTIONS)
    async with forwarding(tmp_path, first) as (queue, forwarder, _):
        await queue.put(accepted("m1"))
        await until(lambda: len(taken) == 1)
        forwarder.replace([ForwardedDestination("shop", new.instance(), OPTIONS)])
        forwarder.replace([ForwardedDestination("shop", new.instance(), OPTIONS)])
        may_answer.set()
        await queue.put(accepted("m2"))
        await until(lambda: queue.depth("shop").rows == 0)
    assert len(taken) == 1
    assert new.got() == {"m2"}


async def test_a_reload_mends_a_paused_destination_at_once(tmp_path: Path) -> None:
    wrong, right = Partner(lambda _name: 401), Partner()
    async with forwarding(tmp_path, ForwardedDestination("shop", wrong.instance(), OPTIONS)) as (queue, forwarder, _):
        await queue.put(numbered(0, 100))
        await until(lambda: forwarder.states()["shop"].is_paused)
        forwarder.replace([ForwardedDestination("shop", right.instance(), OPTIONS)])
        await until(lambda: queue.depth("shop").rows == 0)
    assert len(right.taken) == 100


async def test_a_destination_can_leave_and_return_while_others_go_on(tmp_path: Path) -> None:
    a, b, again = Partner(), Partner(lambda _name: 401), Partner()
    first = ForwardedDestination("a", a.instance(), OPTIONS)
    async with forwarding(tmp_path, first, ForwardedDestination("b", b.instance(), OPTIONS)) as (queue, forwarder, _):
        await queue.put(accepted("m1"))
        forwarder.replace([first])
        await queue.put(accepted("m2"))
        await until(lambda: queue.depth("a").rows == 0)
        assert queue.gone() == ["b"]
        assert set(forwarder.states()) == {"a"}
        forwarder.replace([first, ForwardedDestination("b", again.instance(), OPTIONS)])
        await queue.put(accepted("m3"))
        await until(lambda: queue.depth("b").rows == 0)
    assert again.got() == {"m1", "m3"}
    assert a.got() == {"m1", "m2", "m3"}


async def test_two_destinations_of_one_name_are_refused(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "queue.db", {})
    same = ForwardedDestination("same", shop_instance())
    with pytest.raises(ValueError, match="two destinations have the same name"):
        Forwarder(queue, [same, same])
    await queue.close()


async def test_stopping_delivers_what_is_in_the_queue(tmp_path: Path) -> None:
    partner, clock = Partner(), ManualClock()
    queue = Queue(tmp_path / "queue.db", {"shop": None}, clock=clock.now)
    forwarder = Forwarder(queue, [ForwardedDestination("shop", partner.instance(), OPTIONS)], clock=clock)
    await queue.put(numbered(0, 1_000))
    running = asyncio.create_task(forwarder.run())
    await asyncio.sleep(0)
    await forwarder.stop(30.0)
    await running
    assert len(partner.taken) == 1_000
    await queue.close()


async def test_beyond_the_limit_the_rest_stays_in_the_queue(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def never(_request: Request) -> int:
        reached.set()
        await asyncio.get_running_loop().create_future()
        return 200

    clock = ManualClock()
    queue = Queue(tmp_path / "queue.db", {"shop": None}, clock=clock.now)
    instance = shop_instance(never, subscription("A", "a"))
    forwarder = Forwarder(queue, [ForwardedDestination("shop", instance, OPTIONS)], clock=clock)
    await queue.put(numbered(0, 1_000))
    running = asyncio.create_task(forwarder.run())
    await reached.wait()
    stopping = asyncio.create_task(forwarder.stop(30.0))
    await asyncio.sleep(0)
    await clock.advance(29.0)
    assert not stopping.done()
    await clock.advance(1.0)
    await stopping
    await running
    await queue.close()
    queue = Queue(tmp_path / "queue.db", {"shop": None}, clock=clock.now)
    assert await names(queue, "shop") == [f"m{number}" for number in range(1_000)]
    await queue.close()


# --- falling behind --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limit", [MaxBehind(rows=10), MaxBehind(bytes=10 * len(accepted("m1")[0].body)), MaxBehind(age_s=100.0)]
)
async def test_new_events_are_refused_for_the_keys_of_a_destination_that_is_too_far_behind(
    tmp_path: Path, limit: MaxBehind
) -> None:
    partner = Partner(lambda _name: 401)
    destination = ForwardedDestination(
        "shop", partner.instance(), OPTIONS, write_keys=frozenset({"wk"}), max_behind=limit
    )
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(numbered(0, 5))
        await clock.advance(50.0)
        assert forwarder.behind("wk") is None
        assert not forwarder.states()["shop"].is_behind
        await queue.put(numbered(5, 8))
        await clock.advance(60.0)
        assert forwarder.behind("another") is None
        wait = forwarder.behind("wk")
        assert wait is not None
        assert 1 <= wait <= 60
        assert forwarder.states()["shop"].is_behind
        partner.answer = lambda _name: 200
        while queue.depth("shop").rows:
            await clock.advance(60.0)
            await asyncio.sleep(0.001)
        await clock.advance(2.0)
        assert forwarder.behind("wk") is None


async def test_the_oldest_events_of_a_destination_that_is_too_far_behind_are_dead_letters(tmp_path: Path) -> None:
    partner, watch = Partner(lambda _name: 503), Watch()
    dead = DeadLetters(tmp_path / "dead.ndjson")
    destination = ForwardedDestination(
        "shop",
        partner.instance(),
        OPTIONS,
        dead_letters=dead,
        max_behind=MaxBehind(rows=100),
        when_behind="dead-letter",
    )
    async with forwarding(tmp_path, destination, watch=watch) as (queue, forwarder, clock):
        for first in range(0, 500, 100):
            await queue.put(numbered(first, 100))
        while queue.depth("shop").rows > 100:
            await clock.advance(1.0)
            await asyncio.sleep(0.001)
        assert forwarder.behind("wk") is None
        assert [letter["event"]["messageId"] for letter in letters(tmp_path)] == [f"m{n}" for n in range(400)]
        assert letters(tmp_path)[0]["failures"][0]["subscription"] is None
        assert len(watch.of("dead")) == 400
        partner.answer = lambda _name: 200
        while queue.depth("shop").rows:
            await clock.advance(60.0)
            await asyncio.sleep(0.001)
    assert partner.got() == {f"m{number}" for number in range(400, 500)}
    dead.close()


async def test_a_slow_destination_gives_up_events_that_are_not_in_flight(tmp_path: Path) -> None:
    going = asyncio.Event()

    async def slow(request: Request) -> int:
        await going.wait()
        return int(partner(request))

    partner = Partner()
    dead = DeadLetters(tmp_path / "dead.ndjson")
    destination = ForwardedDestination(
        "shop",
        shop_instance(slow, subscription("A", "a")),
        OPTIONS,
        concurrency=2,
        dead_letters=dead,
        max_behind=MaxBehind(rows=300),
        when_behind="dead-letter",
    )
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(numbered(0, 1_000))
        while forwarder.states()["shop"].is_behind:
            await clock.advance(1.0)
            await asyncio.sleep(0.001)
        going.set()
        await until(lambda: queue.depth("shop").rows == 0)
    assert len(letters(tmp_path)) == 700
    assert len(partner.taken) == 300
    assert {letter["event"]["messageId"] for letter in letters(tmp_path)} & partner.got() == set()
    dead.close()


# --- dead letters ----------------------------------------------------------------------------------------


async def test_a_dead_letter_that_cannot_be_written_keeps_its_event_and_pauses(tmp_path: Path) -> None:
    class Full:
        def __init__(self) -> None:
            self.is_full = True
            self.kept: list[str] = []

        def add(self, record: Any, _failures: Any) -> None:
            if self.is_full:
                from destination.delivery import RecordingError

                raise RecordingError("no space left on device")
            self.kept.append(record.event["messageId"])

    full = Full()
    partner = Partner(lambda name: 400 if name == "m1" else 200)
    destination = ForwardedDestination("shop", partner.instance(), OPTIONS, dead_letters=full)
    async with forwarding(tmp_path, destination) as (queue, forwarder, clock):
        await queue.put(accepted("m1"))
        await until(lambda: forwarder.states()["shop"].is_paused)
        assert forwarder.states()["shop"].reason == "no space left on device"
        assert queue.depth("shop").rows == 1
        full.is_full = False
        await queue.put(accepted("m2"))
        while queue.depth("shop").rows:
            await clock.advance(60.0)
            await asyncio.sleep(0.001)
    assert full.kept == ["m1"]
    assert partner.got() == {"m2"}


async def test_a_stop_abandons_a_call_of_a_destination_that_left(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def never(_request: Request) -> Any:
        asked.set()
        await asyncio.Event().wait()

    leaving = ForwardedDestination("shop", shop_instance(never, subscription("A", "a")), options=OPTIONS)
    async with forwarding(tmp_path, leaving) as (queue, forwarder, _clock):
        await queue.put(numbered(0, 1))
        await asked.wait()
        forwarder.replace([])
    queue = Queue(tmp_path / "queue.db", {"shop": None})
    assert await names(queue, "shop") == ["m0"]
    await queue.close()


async def test_a_probe_is_made_in_time_though_the_clock_is_set_back(tmp_path: Path) -> None:
    class SetBack(ManualClock):
        offset = 0.0

        def now(self) -> float:
            return super().now() + self.offset

    clock, partner = SetBack(), Partner(lambda _name: InvalidAuthenticationError("no"))
    destination = ForwardedDestination(
        "shop", partner.instance(), options=OPTIONS, max_behind=MaxBehind(rows=1), when_behind="dead-letter"
    )
    async with forwarding(tmp_path, destination, clock=clock) as (queue, forwarder, _):
        await queue.put(numbered(0, 1))
        while not forwarder.states()["shop"].is_paused:
            await clock.advance(1.0)
            await asyncio.sleep(0.001)
        for _ in range(6):
            await probe(forwarder, clock)  # each wait is longer than the one before
        clock.offset = -86_400.0
        await queue.put(numbered(1, 2))
        await clock.advance(1.5)  # it is woken to shed what is too much, and waits again
        partner.answer = lambda _name: 200
        while forwarder.states()["shop"].is_paused and clock.seconds < 3_600:
            await clock.advance(1.0)
            await asyncio.sleep(0.001)
        assert not forwarder.states()["shop"].is_paused
