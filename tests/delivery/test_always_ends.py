"""A run comes to its end, whatever an event, the partner, or a function of the caller does."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import Delivery, DeliveryOptions, Failure, Record, Report, RetryPolicy, RunIdentity
from destination.delivery.ledger import Ledger
from destination.delivery.record import Piece
from destination.request import Request, Response
from destination.runtime import Instance
from destination.values import write_json
from tests.delivery.shop import shop_instance, subscription, track
from tests.delivery.virtual_time import VirtualClock, run_virtually

_OUTAGE = DeliveryOptions(retry=RetryPolicy(retry_for_s=10.0, random=lambda: 1.0))


class _Records:
    def __init__(self, *events: Any) -> None:
        lines = [write_json(event) for event in events]
        self._records = [Record("line", Piece(at, line, True), ordinal=at) for at, line in enumerate(lines, 1)]

    async def next(self) -> list[Record] | None:
        found, self._records = self._records, []
        return found or None

    def close(self) -> None:
        self._records = []


def _run(instance: Instance[Any], *events: Any, **more: Any) -> Report:
    async def run() -> Report:
        return await Delivery(instance, clock=VirtualClock(), **more).run(_Records(*events))

    return run_virtually(run())


def _single(handler: Callable[[Request], Any] | None = None) -> Instance[Any]:
    return shop_instance(handler, subscription("A", "a"))


@pytest.mark.parametrize("look_ahead", [1, 10_000])
@pytest.mark.parametrize("refused", [("m1",), ("m0",), ("m0", "m2"), ("m2",)])
def test_events_behind_a_refused_one_of_their_user_go_out(refused: tuple[str, ...], look_ahead: int) -> None:
    instance = _single(lambda request: 403 if request.json()["id"] in refused else 200)
    options = DeliveryOptions(ordered_by="userId", look_ahead=look_ahead)
    report = _run(instance, *(track(number, userId="u") for number in range(4)), options=options)
    assert (report.sent, report.failed, report.stop) == (4 - len(refused), len(refused), None)


def test_refused_events_of_one_user_stop_the_run_as_others_do() -> None:
    options = DeliveryOptions(ordered_by="userId")
    report = _run(_single(lambda _: 403), *(track(number, userId="u") for number in range(30)), options=options)
    assert (report.stop, report.deferred, report.failed) == ("credentials", 30, 0)


def test_a_run_that_ends_does_not_wait_for_its_rate() -> None:
    clock = VirtualClock()
    moments: list[float] = []

    async def run() -> Report:
        options = DeliveryOptions(retry=_OUTAGE.retry, rate=0.01)
        report = await Delivery(_single(lambda _: 503), clock=clock, options=options).run(
            _Records(*(track(number) for number in range(40)))
        )
        moments.append(clock.time())
        return report

    report = run_virtually(run())
    assert (report.stop, report.deferred) == ("outage", 40)
    assert moments[0] < 300  # three tokens, not forty


def test_an_error_whose_text_cannot_be_made_fails_its_event_alone() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    def handler(request: Request) -> int:
        if request.json()["id"] == "m1":
            raise BrokenError
        return 200

    report = _run(_single(handler), *(track(number) for number in range(4)))
    assert (report.sent, report.failed) == (3, 1)
    assert [reason for _, reason in report.reasons] == ["BrokenError: (its text cannot be made)"]


@pytest.mark.parametrize("what", ["attempts", "notify", "observe", "settled"])
def test_what_a_function_of_the_caller_raises_is_raised_when_the_run_has_ended(what: str) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        _run(_single(lambda _: 503), *(track(number) for number in range(4)), options=_OUTAGE, **{what: broken})


def test_a_log_of_failures_may_raise_anything() -> None:
    class Broken:
        def add(self, record: Record, failures: list[Failure]) -> None:
            raise OSError("of the log")

    verdicts: list[str] = []
    with pytest.raises(OSError, match="of the log"):
        _run(
            _single(lambda _: 400),
            track(1),
            failures=Broken(),
            settled=lambda _record, verdict: verdicts.append(verdict),
        )
    assert verdicts == ["deferred"]


def test_a_second_stop_gives_up_what_is_under_way_whatever_stopped_the_run_first(tmp_path: Path) -> None:
    async def slow(request: Request) -> int:
        if request.json()["id"] != "m0":
            await asyncio.sleep(1_000_000)
        return 403

    clock = VirtualClock()
    ledger = Ledger(tmp_path / "ledger", RunIdentity("e", 1, "a", "shop", "b"))

    async def run() -> Report:
        delivery = Delivery(_single(slow), clock=clock, ledger=ledger)
        loop = asyncio.get_running_loop()
        loop.call_later(1, delivery.end, "recording", "no space left")
        loop.call_later(2, delivery.stop)
        loop.call_later(3, delivery.stop)
        report = await delivery.run(_Records(*(track(number) for number in range(3))))
        assert clock.time() < 10
        return report

    with ledger:
        report = run_virtually(run())
    assert (report.stop, report.deferred) == ("recording", 3)


def test_a_run_that_ends_for_a_long_retry_after_says_so() -> None:
    instance = _single(lambda _: Response(503, headers={"retry-after": "86400"}))
    report = _run(instance, track(1), options=_OUTAGE)
    assert report.stop == "outage"
    assert report.stop_message.endswith("(503 Service Unavailable) and asks to wait for 86,400 s")


def test_a_subscription_that_is_gone_settles_nothing_of_one_that_is_deferred(tmp_path: Path) -> None:
    failures = [{"subscription": "Gone", "index": 0, "error": "x"}, {"subscription": "A", "index": 5, "error": "x"}]
    letter = {"deadLetter": 1, "source": "s", "at": "line 1", "failures": failures, "event": track(1)}
    kept: list[str | None] = []
    identity = RunIdentity("e", 1, "a", "shop", "b")

    class Log:
        def add(self, record: Record, failures: list[Failure]) -> None:
            kept.extend(failure.subscription for failure in failures)

    for status in (503, 200):
        with Ledger(tmp_path / "ledger", identity, resume=status == 200) as ledger:
            instance = _single({503: lambda _: 503, 200: lambda _: 200}[status])
            report = _run(instance, letter, ledger=ledger, failures=Log(), options=_OUTAGE)
            assert report.sent == (1 if status == 200 else 0)
    assert kept == ["Gone"]
