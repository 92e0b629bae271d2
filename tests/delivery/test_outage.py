"""What becomes of a delivery while the partner is unavailable."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from destination.definition import Action
from destination.delivery import DeadLetters, Delivery, DeliveryOptions, Ledger, Pause, RetryPolicy, RunIdentity
from destination.errors import ConnectionError as NoAnswerError
from destination.errors import PartnerUnavailableError
from destination.errors import TimeoutError as ClientTimeoutError
from destination.request import MockTransport, Request, Response
from destination.runtime import Destination, Instance
from tests.delivery.clock import FakeClock, StillClock
from tests.delivery.shop import AllAtOnce, shop_instance, source_of, subscription, track
from tests.kit import PATIENCE_S

pytestmark = pytest.mark.anyio
_IDENTITY = RunIdentity("events", 1, "a", "shop", "b")
_HOUR = 3_600.0


def _policy(**more: Any) -> RetryPolicy:
    return RetryPolicy(random=lambda: 1.0, **more)


class _Partner:
    """Answers by the clock: while it is down, with what `failure` gives.

    Attributes:
        seen: The id and moment of each request.
    """

    def __init__(
        self, clock: FakeClock, down: tuple[float, float], failure: Callable[[Request], Any] = lambda _request: 503
    ) -> None:
        self.seen: list[tuple[str, float]] = []
        self._clock = clock
        self._down = down
        self._failure = failure

    def __call__(self, request: Request) -> Any:
        self.seen.append((request.json()["id"], self._clock.time()))
        begins, ends = self._down
        if not begins <= self._clock.time() < ends:
            return 200
        answer = self._failure(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def one(self, *subscriptions: dict[str, Any]) -> Instance[Any]:
        return shop_instance(self, *(subscriptions or (subscription("A", "a"),)))


async def _run(instance: Instance[Any], clock: FakeClock, count: int, **more: Any) -> Delivery:
    options = DeliveryOptions(**{"retry": _policy(), **more.pop("options", {})})
    delivery = Delivery(instance, options=options, clock=clock, **more)
    await asyncio.wait_for(delivery.run(AllAtOnce(*map(track, range(count)))), PATIENCE_S)
    return delivery


def _failures() -> dict[str, Callable[[Request], Any]]:
    page = PartnerUnavailableError("a page of a proxy")
    return {
        "no connection": lambda request: NoAnswerError("refused", request),
        "no name": lambda request: NoAnswerError("getaddrinfo", request, "ENOTFOUND"),
        "no answer in time": lambda request: ClientTimeoutError(request, 10_000),
        "429": lambda _request: 429,
        "502": lambda _request: 502,
        "503": lambda _request: 503,
        "504": lambda _request: 504,
        "500 that says when to come back": lambda _request: Response(500, headers={"Retry-After": "1"}),
        "a page in the place of an answer": lambda _request: page,
    }


@pytest.mark.parametrize("kind", _failures())
async def test_an_outage_of_an_hour_costs_no_event(kind: str) -> None:
    clock = FakeClock()
    partner = _Partner(clock, (10.0, _HOUR), _failures()[kind])

    def handler(request: Request) -> Any:
        answer = partner(request)
        clock._time += 0.1  # each request takes a while, so that the outage begins in the middle
        return answer

    instance = shop_instance(handler, subscription("A", "a"))
    delivery = await _run(instance, clock, 200, concurrency=5)
    assert delivery.report.ok
    assert delivery.report.sent == 200
    assert clock.time() >= _HOUR
    during = [name for name, moment in partner.seen if 10.0 <= moment < _HOUR]
    assert len(during) < 90  # a probe a minute, after the first few


@pytest.mark.parametrize("concurrency", [1, 3, 50])
@pytest.mark.parametrize("count", [1, 2, 20, 300])
async def test_an_outage_from_the_beginning_is_waited_for(count: int, concurrency: int) -> None:
    clock = FakeClock()
    partner = _Partner(clock, (0.0, _HOUR))
    delivery = await _run(partner.one(), clock, count, concurrency=concurrency)
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (count, 0, None)


async def test_one_pause_holds_for_all_subscriptions() -> None:
    clock = FakeClock()
    partner = _Partner(clock, (0.0, 100.0))
    delivery = await _run(partner.one(subscription("A", "a"), subscription("B", "b")), clock, 50)
    assert delivery.report.sent == 100
    waits = [later - earlier for (_, earlier), (_, later) in pairwise(partner.seen)]
    during = [moment for _, moment in partner.seen if 0.0 < moment < 100.0]
    assert len(during) == len(set(during))  # one at a time
    assert max(waits) <= 60.0


async def test_each_probe_is_another_event() -> None:
    clock = FakeClock()
    partner = _Partner(clock, (0.0, 100.0))
    await _run(partner.one(), clock, 50, concurrency=10)
    probes = [name for name, moment in partner.seen if 0.0 < moment < 100.0]
    assert len(probes) > 5
    assert len(set(probes)) == len(probes)


async def test_a_single_slot_probes_with_another_event_too() -> None:
    clock = FakeClock()
    partner = _Partner(clock, (0.0, 100.0))
    await _run(partner.one(), clock, 50, concurrency=1)
    probes = [name for name, moment in partner.seen if moment < 100.0]
    assert set(probes) == {"m0", "m1"}


async def test_pauses_grow_to_a_minute() -> None:
    clock = FakeClock()
    partner = _Partner(clock, (0.0, 600.0))
    await _run(partner.one(), clock, 3, concurrency=3)
    moments = sorted({moment for _, moment in partner.seen if moment < 600.0})
    assert [later - earlier for earlier, later in pairwise(moments)][:9] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


async def test_what_the_partner_asks_for_is_waited_for_whatever_it_is() -> None:
    clock = FakeClock()
    answers = iter([Response(503, headers={"Retry-After": "3600"})])
    instance = shop_instance(lambda _request: next(answers, 200), subscription("A", "a"))
    delivery = await _run(instance, clock, 1)
    assert delivery.report.ok
    assert clock.time() == pytest.approx(_HOUR)


async def test_a_date_beyond_all_calendars_is_no_reason_to_give_up() -> None:
    clock = FakeClock()
    asked = Response(503, headers={"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"})
    answers = iter([asked])
    instance = shop_instance(lambda _request: next(answers, 200), subscription("A", "a"))
    delivery = await _run(instance, clock, 1)
    assert (delivery.report.sent, clock.slept) == (1, [0.5])


# --- one event that always fails -----------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [502, 503, 504, 429])
@pytest.mark.parametrize("count", [2, 20, 500])
@pytest.mark.parametrize("concurrency", [1, 5, 50])
async def test_an_event_that_always_fails_so_is_dead_after_its_attempts_and_stops_nobody(
    concurrency: int, count: int, failure: int
) -> None:
    clock = FakeClock()
    tries: Counter[str] = Counter()

    def handler(request: Request) -> int:
        name = request.json()["id"]
        tries[name] += 1
        return failure if name == "m1" else 200

    delivery = await _run(shop_instance(handler, subscription("A", "a")), clock, count, concurrency=concurrency)
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (count - 1, 1, None)
    assert tries["m1"] == 5
    assert clock.time() < 60


async def test_many_events_that_always_fail_so_end_and_stop_nobody() -> None:
    clock = FakeClock()
    tries: Counter[str] = Counter()

    def handler(request: Request) -> int:
        name = request.json()["id"]
        tries[name] += 1
        return 502 if name.endswith("7") and len(name) < 4 else 200

    delivery = await _run(shop_instance(handler, subscription("A", "a")), clock, 1_000, concurrency=20)
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (990, 10, None)
    assert max(tries.values()) <= 10


async def test_several_that_fail_so_at_the_very_end_are_waited_for_and_lost_by_no_means() -> None:
    clock = FakeClock()
    instance = shop_instance(
        lambda request: 502 if request.json()["id"] in {"m18", "m19"} else 200, subscription("A", "a")
    )
    report = (await _run(instance, clock, 20, concurrency=20)).report
    assert (report.sent, report.failed, report.deferred, report.stop) == (18, 0, 2, "outage")


async def test_a_partner_that_takes_only_so_many_at_once_gets_them_all() -> None:
    clock = FakeClock()
    at_once = 0

    async def handler(_request: Request) -> int:
        nonlocal at_once
        at_once += 1
        try:
            await asyncio.sleep(0)
            return 429 if at_once > 8 else 200
        finally:
            at_once -= 1

    delivery = await _run(shop_instance(handler, subscription("A", "a")), clock, 500, concurrency=50)
    assert (delivery.report.sent, delivery.report.failed) == (500, 0)


async def test_an_event_that_asks_to_come_back_after_the_bound_stops_nobody() -> None:
    clock = FakeClock()
    asked = Response(503, headers={"Retry-After": "86400"})
    instance = shop_instance(lambda request: asked if request.json()["id"] == "m7" else 200, subscription("A", "a"))
    delivery = await _run(instance, clock, 100, concurrency=5)
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (99, 1, None)
    assert clock.time() < 60


@pytest.mark.parametrize("concurrency", [1, 5])
async def test_a_partner_that_is_gone_when_the_last_event_comes_costs_nothing(concurrency: int) -> None:
    clock = FakeClock()

    def handler(request: Request) -> int:
        if request.json()["id"] == "m20" and clock.time() < _HOUR:
            raise NoAnswerError("connect ECONNREFUSED", request)
        return 200

    delivery = await _run(shop_instance(handler, subscription("A", "a")), clock, 21, concurrency=concurrency)
    assert delivery.report.ok
    assert delivery.report.sent == 21


async def test_a_perform_that_cancels_itself_in_an_outage_holds_up_no_other() -> None:
    clock = FakeClock()
    seen: list[str] = []

    def handler(request: Request) -> int:
        name = request.json()["id"]
        seen.append(name)
        if name == "m3" and seen.count(name) > 1:
            raise asyncio.CancelledError
        return 503 if clock.time() < 100 else 200

    delivery = await _run(shop_instance(handler, subscription("A", "a")), clock, 30, concurrency=10)
    assert delivery.report.sent == 29


# --- the bound -----------------------------------------------------------------------------------------------


async def test_an_outage_beyond_its_bound_stops_the_run_and_defers_the_rest(tmp_path: Path) -> None:
    clock = FakeClock()
    answers = iter([200] * 3)
    instance = shop_instance(lambda _request: next(answers, 503), subscription("A", "a"))
    letters = DeadLetters(tmp_path / "failed")
    with Ledger(tmp_path / "ledger", _IDENTITY) as ledger:
        delivery = await _run(instance, clock, 50, concurrency=5, failures=letters, ledger=ledger)
        report = delivery.report
        assert report.stop == "outage"
        assert "unavailable since" in report.stop_message
        assert (report.sent, report.failed) == (3, 0)
        assert report.deferred == report.events - 3 > 0
        assert ledger.counts() == {"acknowledged": 3, "dead": 0}
    letters.close()
    assert (tmp_path / "failed").read_bytes() == b""
    assert 4 * _HOUR <= clock.time() < 4 * _HOUR + 120
    healed_partner = _Partner(FakeClock(), (0.0, 0.0))
    healed = healed_partner.one()
    with Ledger(tmp_path / "ledger", _IDENTITY, resume=True) as ledger:
        report = await Delivery(healed, ledger=ledger).run(source_of(*map(track, range(50))))
    assert report.ok
    seen = [name for name, _ in healed_partner.seen]
    assert len(seen) == len(set(seen)) == 47


async def test_an_address_that_never_answered_is_given_up_after_five_minutes() -> None:
    clock = FakeClock()
    instance = shop_instance(_raising(lambda request: NoAnswerError("refused", request)), subscription("A", "a"))
    delivery = await _run(instance, clock, 10)
    assert delivery.report.stop == "outage"
    assert 300 <= clock.time() < 400


async def test_a_partner_that_answers_that_it_is_unavailable_is_waited_for_from_the_first_event_on() -> None:
    clock = FakeClock()
    delivery = await _run(shop_instance(lambda _request: 503, subscription("A", "a")), clock, 10)
    assert delivery.report.stop == "outage"
    assert clock.time() >= 4 * _HOUR


async def test_the_bound_can_be_chosen() -> None:
    for bound in (0.0, 30.0):
        clock = FakeClock()
        instance = shop_instance(lambda _request: 503, subscription("A", "a"))
        delivery = await _run(instance, clock, 10, options={"retry": _policy(retry_for_s=bound)})
        assert delivery.report.stop == "outage"
        assert clock.time() == bound


async def test_whoever_asks_to_come_back_after_the_bound_ends_the_run_at_once() -> None:
    clock = FakeClock()
    asked = Response(503, headers={"Retry-After": "86400"})
    delivery = await _run(shop_instance(lambda _request: asked, subscription("A", "a")), clock, 10)
    assert (delivery.report.stop, delivery.report.failed) == ("outage", 0)
    assert clock.slept == []


@pytest.mark.parametrize("code", ["CERT_HAS_EXPIRED", "SELF_SIGNED_CERT_IN_CHAIN", "ERR_TLS_CERT_ALTNAME_INVALID"])
async def test_a_certificate_that_is_refused_is_not_waited_for(code: str) -> None:
    clock = FakeClock()
    failing = _raising(lambda request: NoAnswerError("no", request, code))
    delivery = await _run(shop_instance(failing, subscription("A", "a")), clock, 10)
    assert delivery.report.stop == "outage"
    assert "certificate" in delivery.report.stop_message
    assert (delivery.report.failed, clock.slept) == (0, [])


def _raising(make: Callable[[Request], Exception]) -> Callable[[Request], Any]:
    def handler(request: Request) -> Any:
        raise make(request)

    return handler


async def test_without_a_ledger_deferred_events_go_to_the_failed_ones_marked_so(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path / "failed")
    instance = shop_instance(lambda _request: 503, subscription("A", "a"))
    options = {"retry": _policy(retry_for_s=10.0)}
    delivery = await _run(instance, FakeClock(), 4, failures=letters, options=options)
    letters.close()
    lines = [json.loads(line) for line in (tmp_path / "failed").read_text().splitlines()]
    assert len(lines) == delivery.report.deferred == delivery.report.events > 0
    assert all(line["failures"][0]["deferred"] is True for line in lines)
    assert {line["failures"][0]["status"] for line in lines} == {503}


# --- stopping, batches, and what is told ---------------------------------------------------------------------


async def test_stopping_does_not_wait_for_an_outage_to_end() -> None:
    clock = StillClock()
    delivery = Delivery(
        shop_instance(lambda _request: 503, subscription("A", "a")),
        options=DeliveryOptions(retry=_policy()),
        clock=clock,
    )
    running = asyncio.create_task(delivery.run(AllAtOnce(*map(track, range(60)))))
    await clock.asleep.wait()
    delivery.stop()
    report = await running
    assert (report.stop, report.failed) == ("signal", 0)
    assert report.deferred == report.events > 0


def _batching(answer: Callable[[list[str]], Any]) -> tuple[Instance[Any], list[list[str]]]:
    batches: list[list[str]] = []

    def handler(request: Request) -> Any:
        batches.append(request.json())
        return answer(request.json())

    action: Action[Any, Any] = Action(
        title="S",
        description="",
        perform=lambda request, data: request("https://h/one", "post", json=[data.payload["id"]]),
        perform_batch=lambda request, data: request(
            "https://h/batch", "post", json=[item["id"] for item in data.payload]
        ),
        fields={"id": {"label": "Id", "description": "", "type": "string", "required": True}},
    )
    demo: Destination[Any] = Destination(name="B", slug="b", actions={"send": action})
    mapping = {"id": {"@path": "$.messageId"}}
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": mapping}]
    return demo.instance({}, given, transport=MockTransport(handler)), batches


async def test_batches_wait_for_the_same_pause_and_are_probed_with_one_event() -> None:
    clock = FakeClock()
    moments: list[float] = []

    def answer(_ids: list[str]) -> int:
        moments.append(clock.time())
        return 503 if clock.time() < 100 else 200

    instance, batches = _batching(answer)
    delivery = await _run(instance, clock, 40, concurrency=3, options={"batch_size": 10, "linger_s": 60})
    assert (delivery.report.sent, delivery.report.failed) == (40, 0)
    assert max(map(len, batches)) == 10
    probes = [batch for batch, moment in zip(batches, moments, strict=True) if 0 < moment < 100]
    assert len(probes) >= 5
    assert {len(batch) for batch in probes} == {1}
    assert len({batch[0] for batch in probes}) == len(probes)


async def test_an_event_that_brings_its_batch_down_fails_alone() -> None:
    clock = FakeClock()
    instance, batches = _batching(lambda ids: 502 if "m13" in ids else 200)
    delivery = await _run(instance, clock, 60, concurrency=2, options={"batch_size": 10, "linger_s": 60})
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (59, 1, None)
    assert sum("m13" in batch for batch in batches) < 5 + 2 * 10


async def test_people_are_told_since_when_and_until_when_it_waits() -> None:
    clock = FakeClock()
    lines: list[str] = []
    pauses: list[Pause | None] = []

    def handler(_request: Request) -> int:
        pauses.append(delivery.report.pause)
        return 503 if clock.time() < 30 else 200

    instance = shop_instance(handler, subscription("A", "a"))
    delivery = Delivery(instance, options=DeliveryOptions(retry=_policy()), clock=clock, notify=lines.append)
    await delivery.run(AllAtOnce(track(1)))
    assert "unavailable since" in lines[0]
    assert "503 Service Unavailable" in lines[0]
    assert "next attempt at" in lines[0]
    assert lines[-1] == "the partner is available again"
    told = [pause for pause in pauses if pause is not None]
    assert [pause.until - pause.since for pause in told][:3] == [0.5, 1.5, 3.5]
    assert {pause.limit - pause.since for pause in told} == {4 * _HOUR}
    assert delivery.report.pause is None


async def test_an_event_that_fails_while_others_get_through_is_no_news() -> None:
    lines: list[str] = []
    instance = shop_instance(lambda request: 502 if request.json()["id"] == "m40" else 200, subscription("A", "a"))
    await _run(instance, FakeClock(), 400, concurrency=10, notify=lines.append)
    assert lines == []
