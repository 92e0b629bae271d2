"""When a run stops by itself, and when a refused event fails alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from destination.definition import Action, Authentication
from destination.delivery import (
    AcknowledgingTransport,
    DeadLetters,
    Delivery,
    DeliveryOptions,
    Ledger,
    Record,
    RetryPolicy,
    RunIdentity,
    Verdict,
)
from destination.errors import InvalidAuthenticationError, RedirectRefusedError
from destination.request import MockTransport, Request
from destination.runtime import Destination, Instance
from tests.delivery.clock import FakeClock
from tests.delivery.shop import AllAtOnce, shop_instance, subscription, track

pytestmark = pytest.mark.anyio
_IDENTITY = RunIdentity("events", 1, "a", "shop", "b")
_RETRY = RetryPolicy(random=lambda: 1.0)


def _only(*refused: int, status: int = 403) -> Callable[[Request], int]:
    names = {f"m{number}" for number in refused}
    return lambda request: status if request.json()["id"] in names else 200


def _guarded(handler: Callable[[Request], Any], answer: Callable[[], Any], questions: list[float]) -> Instance[Any]:
    """A destination that can be asked about its credentials."""
    clock = FakeClock()

    async def authenticate(request: Any, _data: Any) -> Any:
        questions.append(clock.time())
        return await request("https://shop.test/authed")

    def both(request: Request) -> Any:
        return answer() if request.url.endswith("/authed") else handler(request)

    def perform(request: Any, data: Any) -> Any:
        return request("https://shop.test/a", method="post", json=dict(data.payload))

    demo: Destination[Any] = Destination(
        name="Guarded",
        slug="guarded",
        actions={
            "send": Action(
                title="Send",
                description="",
                perform=perform,
                fields={"id": {"label": "Id", "description": "", "type": "string", "required": True}},
            )
        },
        authentication=Authentication(scheme="custom", fields={}, test_authentication=authenticate),
    )
    mapping = {"id": {"@path": "$.messageId"}}
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": mapping}]
    return demo.instance({}, given, transport=AcknowledgingTransport(MockTransport(both)))


async def _run(instance: Instance[Any], count: int, **more: Any) -> Delivery:
    options = DeliveryOptions(**{"retry": _RETRY, **more.pop("options", {})})
    delivery = Delivery(instance, options=options, clock=more.pop("clock", None) or FakeClock(), **more)
    await delivery.run(AllAtOnce(*map(track, range(count))))
    return delivery


# --- refused events ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("concurrency", [1, 5, 50])
async def test_a_refused_event_fails_alone(tmp_path: Path, concurrency: int, status: int) -> None:
    refused = [7, *range(70, 80), 299]
    instance = shop_instance(_only(*refused, status=status), subscription("A", "a"))
    letters = DeadLetters(tmp_path / "failed")
    with Ledger(tmp_path / "ledger", _IDENTITY) as ledger:
        delivery = await _run(instance, 300, concurrency=concurrency, failures=letters, ledger=ledger)
        assert ledger.counts() == {"acknowledged": 288, "dead": 12}
    letters.close()
    report = delivery.report
    assert (report.sent, report.failed, report.deferred, report.stop) == (288, 12, 0, None)
    names = [json.loads(line)["event"]["messageId"] for line in (tmp_path / "failed").read_text().splitlines()]
    assert sorted(names) == sorted(f"m{number}" for number in refused)


@pytest.mark.parametrize("concurrency", [1, 5, 50])
async def test_twenty_refused_events_in_a_row_stop_the_run_and_are_deferred(concurrency: int, tmp_path: Path) -> None:
    seen: list[str] = []

    def handler(request: Request) -> int:
        seen.append(request.json()["id"])
        return 200 if len(seen) <= 10 else 403

    instance = shop_instance(handler, subscription("A", "a"))
    letters = DeadLetters(tmp_path / "failed")
    with Ledger(tmp_path / "ledger", _IDENTITY) as ledger:
        delivery = await _run(instance, 1_000, concurrency=concurrency, failures=letters, ledger=ledger)
        assert ledger.counts() == {"acknowledged": 10, "dead": 0}
    letters.close()
    report = delivery.report
    assert report.stop == "credentials"
    assert "check the settings" in report.stop_message
    assert (report.sent, report.failed) == (10, 0)
    assert report.deferred == report.events - 10
    assert len(seen) < 30 + concurrency
    assert (tmp_path / "failed").read_bytes() == b""
    assert report.in_flight == 0


@pytest.mark.parametrize("count", [1, 3, 19])
async def test_all_of_a_shorter_input_refused_stops_the_run_too(count: int) -> None:
    delivery = await _run(shop_instance(lambda _request: 401, subscription("A", "a")), count)
    report = delivery.report
    assert (report.stop, report.deferred, report.failed) == ("credentials", count, 0)


async def test_twenty_refused_with_one_taken_between_stop_nothing() -> None:
    refused = [*range(1, 20), *range(21, 40)]
    delivery = await _run(shop_instance(_only(*refused), subscription("A", "a")), 40, concurrency=1)
    report = delivery.report
    assert (report.sent, report.failed, report.stop) == (2, 38, None)


async def test_a_refused_event_goes_on_in_its_other_subscriptions() -> None:
    def handler(request: Request) -> int:
        return 403 if request.url.endswith("b") and request.json()["id"] == "m3" else 200

    verdicts: dict[str, Verdict] = {}

    def settled(record: Record, verdict: Verdict) -> None:
        assert record.event is not None
        assert record.event["messageId"] not in verdicts
        verdicts[record.event["messageId"]] = verdict

    delivery = await _run(shop_instance(handler), 10, concurrency=2, settled=settled)
    assert [count.sent for count in delivery.report.subscriptions] == [10, 9]
    assert verdicts == {f"m{number}": "dead" if number == 3 else "acknowledged" for number in range(10)}


async def test_redirects_to_another_host_stop_the_run_after_twenty_events_and_one_fails_alone() -> None:
    def handler(request: Request, alone: str | None) -> Any:
        if alone is None or request.json()["id"] == alone:
            raise RedirectRefusedError("https://shop.test", "https://elsewhere.test", request)
        return 200

    everyone = shop_instance(lambda request: handler(request, None), subscription("A", "a"))
    report = (await _run(everyone, 100, concurrency=1)).report
    assert (report.stop, report.deferred, report.failed) == ("credentials", 20, 0)
    assert "elsewhere.test" in report.stop_message
    one = shop_instance(lambda request: handler(request, "m5"), subscription("A", "a"))
    report = (await _run(one, 100)).report
    assert (report.stop, report.sent, report.failed) == (None, 99, 1)


# --- what the partner says of the credentials ----------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
async def test_credentials_that_the_partner_refuses_stop_the_run_at_the_first_event(status: int) -> None:
    questions: list[float] = []
    instance = _guarded(lambda _request: status, lambda: status, questions)
    delivery = await _run(instance, 100, concurrency=1)
    report = delivery.report
    assert (report.stop, report.sent, report.failed, report.deferred) == ("credentials", 0, 0, 1)
    assert len(questions) == 1


@pytest.mark.parametrize("answer", [200, 500, 503, 404])
async def test_an_answer_that_is_neither_yes_nor_a_refusal_decides_nothing(answer: int) -> None:
    questions: list[float] = []
    instance = _guarded(_only(3), lambda: answer, questions)
    delivery = await _run(instance, 100, concurrency=1)
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (99, 1, None)
    assert len(questions) == 1


async def test_credentials_said_to_be_good_do_not_help_twenty_events_in_a_row() -> None:
    questions: list[float] = []
    delivery = await _run(_guarded(lambda _request: 403, lambda: 200, questions), 100, concurrency=1)
    assert (delivery.report.stop, delivery.report.deferred) == ("credentials", 20)
    assert len(questions) == 1


async def test_the_partner_is_asked_at_most_every_ten_seconds() -> None:
    clock = FakeClock()
    questions: list[float] = []

    def handler(request: Request) -> int:
        clock._time += 1.0
        return _only(*range(0, 300, 2))(request)

    delivery = await _run(_guarded(handler, lambda: 200, questions), 300, concurrency=1, clock=clock)
    assert delivery.report.failed == 150
    assert 25 <= len(questions) <= 31


async def test_a_test_of_the_credentials_that_is_broken_decides_nothing() -> None:
    def broken() -> Any:
        raise KeyError("apiKey")

    delivery = await _run(_guarded(_only(3), broken, []), 10, concurrency=1)
    assert (delivery.report.sent, delivery.report.failed, delivery.report.stop) == (9, 1, None)


async def test_a_perform_that_finds_no_valid_credentials_is_a_refusal() -> None:
    def perform(_request: Any, _data: Any) -> Any:
        raise InvalidAuthenticationError("no token")

    demo: Destination[Any] = Destination(
        name="P", slug="p", actions={"send": Action(title="S", description="", perform=perform)}
    )
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": {}}]
    delivery = await _run(demo.instance({}, given), 100, concurrency=1)
    assert (delivery.report.stop, delivery.report.deferred) == ("credentials", 20)


# --- events that fail alike ----------------------------------------------------------------------------------


async def test_a_hundred_final_failures_alike_stop_the_run() -> None:
    instance = shop_instance(lambda _request: 404, subscription("A", "a"))
    delivery = await _run(instance, 1_000, concurrency=1)
    report = delivery.report
    assert (report.stop, report.failed, report.deferred) == ("alike", 100, 0)
    assert "--keep-going" in report.stop_message
    assert "404" in report.stop_message


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_no_more_than_a_hundred_die_so_in_batches_either(concurrency: int) -> None:
    action: Action[Any, Any] = Action(
        title="Send",
        description="",
        perform=lambda request, data: request("https://h/", method="post", json={}),
        perform_batch=lambda request, data: request("https://h/", method="post", json=len(data.payload)),
    )
    demo: Destination[Any] = Destination(name="B", slug="b", actions={"send": action})
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": {}}]
    instance = demo.instance({}, given, transport=MockTransport(lambda _request: 404))
    options = {"batch_size": 40, "linger_s": 60}
    report = (await _run(instance, 1_000, concurrency=concurrency, options=options)).report
    assert (report.stop, report.failed) == ("alike", 100)
    assert report.deferred == report.events - 100


async def test_whoever_wants_to_keeps_going() -> None:
    instance = shop_instance(lambda _request: 404, subscription("A", "a"))
    delivery = await _run(instance, 1_000, options={"keep_going": True})
    assert (delivery.report.stop, delivery.report.failed) == (None, 1_000)


@pytest.mark.parametrize("odd", [200, 410])
async def test_a_row_ends_with_an_event_that_is_taken_or_fails_otherwise(odd: int) -> None:
    instance = shop_instance(
        lambda request: odd if request.json()["id"].endswith("50") else 404, subscription("A", "a")
    )
    delivery = await _run(instance, 1_000, concurrency=1)
    assert delivery.report.stop is None


async def test_events_that_are_wrong_here_say_nothing_about_the_partner() -> None:
    instance = shop_instance(None, {**subscription("A", "a"), "mapping": {"to": "a"}})
    delivery = await _run(instance, 1_000)
    assert (delivery.report.stop, delivery.report.failed) == (None, 1_000)


async def test_events_whose_attempts_are_used_up_are_final_failures_too() -> None:
    instance = shop_instance(lambda _request: 500, subscription("A", "a"))
    delivery = await _run(instance, 1_000, concurrency=50)
    assert (delivery.report.stop, delivery.report.deferred + delivery.report.failed) == (
        "alike",
        delivery.report.events,
    )
    assert delivery.report.failed == 100
