import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from destination.definition import Action
from destination.delivery import (
    AcknowledgingTransport,
    AttemptMade,
    DeadLetters,
    Delivery,
    DeliveryOptions,
    Ledger,
    RetryPolicy,
    RunIdentity,
)
from destination.delivery.retry import LoopClock, classify, retry_after
from destination.errors import (
    APIError,
    CollectorRejectedError,
    HTTPError,
    IntegrationError,
    InvalidAuthenticationError,
    MappingError,
    PayloadValidationError,
    RetryableError,
)
from destination.errors import ConnectionError as NoAnswerError
from destination.mapping import CompiledMapping
from destination.request import MockTransport, Request, Response
from destination.runtime import Destination, Instance
from destination.runtime.acknowledged import Acknowledged
from destination.values import MISSING
from tests.delivery.clock import FakeClock, StillClock
from tests.delivery.shop import AllAtOnce, shop_instance, subscription, track

pytestmark = pytest.mark.anyio
_IDENTITY = RunIdentity("events", 1, "a", "shop", "b")


def _answers(*given: Any) -> Any:
    """Gives one after the other, then 200."""
    left = list(given)
    return lambda _request: left.pop(0) if left else 200


def _noting(urls: list[str], answer: Any) -> Any:
    """Notes where requests go."""

    def handler(request: Request) -> Any:
        urls.append(request.url)
        return answer

    return handler


def _policy(attempts: int = 5, retry_for_s: float = 300) -> RetryPolicy:
    return RetryPolicy(attempts=attempts, retry_for_s=retry_for_s, random=lambda: 1.0)


async def _run(instance: Instance[Any], clock: FakeClock, source: AllAtOnce, **options: Any) -> Delivery:
    delivery = Delivery(instance, options=DeliveryOptions(**{"retry": _policy(), **options}), clock=clock)
    await delivery.run(source)
    return delivery


# --- classes and waits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RetryableError(), "retry"),
        (NoAnswerError("reset"), "retry"),
        *[(HTTPError(Response(status), Request("GET", "https://h/")), "retry") for status in (408, 423, 429, 500, 599)],
        *[(HTTPError(Response(status), Request("GET", "https://h/")), "never") for status in (400, 404, 409, 501)],
        *[(HTTPError(Response(status), Request("GET", "https://h/")), "refused") for status in (401, 403)],
        (InvalidAuthenticationError(), "refused"),
        (PayloadValidationError("x"), "never"),
        (CollectorRejectedError("x"), "never"),
        (APIError("x", 403), "refused"),
        (KeyError("x"), "never"),
    ],
)
def test_what_follows_a_failure_is_a_matter_of_its_class(error: Exception, expected: str) -> None:
    assert classify(error) == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Thu, 01 Jan 1970 00:17:00 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:17:00 -0000", 20.0),
        ("-1", None),
        ("soon", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 32 Foo 2026 25:61:61 GMT", None),
        ("Thu, 01 Jan 1970 00:17:00 +9999", None),
        ("9" * 400, 999_999_999.0),
        ("³", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(value: str, seconds: float | None) -> None:
    error = HTTPError(Response(429, headers={"Retry-After": value}), Request("GET", "https://h/"))
    assert retry_after(error, now=1_000.0) == seconds
    assert retry_after(RetryableError(), now=1_000.0) is None


@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
def test_a_date_to_come_back_at_is_read_against_the_date_of_the_answer(ahead: int) -> None:
    headers = {"Retry-After": "Thu, 01 Jan 1970 10:00:03 GMT", "Date": "Thu, 01 Jan 1970 10:00:00 GMT"}
    error = HTTPError(Response(503, headers=headers), Request("GET", "https://h/"))
    assert retry_after(error, now=36_000.0 + ahead) == 3.0


def test_a_date_of_the_answer_that_cannot_be_read_leaves_the_own_clock() -> None:
    headers = {"Retry-After": "Thu, 01 Jan 1970 10:00:03 GMT", "Date": "yesterday"}
    error = HTTPError(Response(503, headers=headers), Request("GET", "https://h/"))
    assert retry_after(error, now=36_001.0) == 2.0


def test_the_interval_grows_to_its_limit_and_any_moment_of_it_may_be_chosen() -> None:
    policy = RetryPolicy(attempts=99, base_s=1, longest_s=10, random=lambda: 0.5)
    assert [policy.wait(RetryableError(), attempt, 0) for attempt in (1, 2, 3, 4, 5, 98)] == [0.5, 1, 2, 4, 5, 5]


async def test_what_may_pass_is_tried_again_after_growing_waits() -> None:
    clock = FakeClock()
    delivery = await _run(shop_instance(_answers(500, 408, 599), subscription("A", "a")), clock, AllAtOnce(track(1)))
    assert delivery.report.sent == 1
    assert clock.slept == [0.5, 1.0, 2.0]
    assert delivery.report.retried == 3


async def test_attempts_are_bounded() -> None:
    instance = shop_instance(lambda _request: 500, subscription("A", "a"))
    clock = FakeClock()
    delivery = await _run(instance, clock, AllAtOnce(track(1)), retry=_policy(attempts=3))
    assert (delivery.report.failed, clock.slept) == (1, [0.5, 1.0])


async def test_whoever_waits_for_no_outage_waits_for_no_long_one_of_an_event() -> None:
    asked = Response(503, headers={"Retry-After": "3600"})
    instance = shop_instance(_answers(asked), subscription("A", "a"))
    clock = FakeClock()
    policy = RetryPolicy(attempts=5, retry_for_s=None, random=lambda: 1.0)
    delivery = await _run(instance, clock, AllAtOnce(track(1)), retry=policy)
    assert (delivery.report.failed, clock.slept) == (1, [])


async def test_what_cannot_pass_is_tried_once() -> None:
    clock = FakeClock()
    delivery = await _run(shop_instance(lambda _request: 400, subscription("A", "a")), clock, AllAtOnce(track(1)))
    assert (delivery.report.failed, delivery.report.retried, clock.slept) == (1, 0, [])


async def test_only_the_subscription_that_failed_is_tried_again() -> None:
    seen: Counter[str] = Counter()

    def handler(request: Request) -> int:
        seen[request.url[-1]] += 1
        return 500 if request.url.endswith("b") and seen["b"] < 3 else 200

    delivery = await _run(shop_instance(handler), FakeClock(), AllAtOnce(track(1)))
    assert seen == {"a": 1, "b": 3}
    assert delivery.report.ok


async def test_stopping_does_not_wait_for_the_next_attempt(tmp_path: Path) -> None:
    clock = StillClock()
    letters = DeadLetters(tmp_path / "failed")
    with Ledger(tmp_path / "ledger", _IDENTITY) as ledger:
        instance = shop_instance(lambda request: 500 if request.url.endswith("b") else 200)
        delivery = Delivery(
            instance, failures=letters, ledger=ledger, options=DeliveryOptions(retry=_policy()), clock=clock
        )
        running = asyncio.create_task(delivery.run(AllAtOnce(track(1))))
        await clock.asleep.wait()
        delivery.stop()
        report = await running
        assert (report.failed, report.deferred) == (0, 1)
        assert ledger.counts() == {"acknowledged": 1, "dead": 0}
    letters.close()
    assert (tmp_path / "failed").read_bytes() == b""
    sent: list[str] = []
    with Ledger(tmp_path / "ledger", _IDENTITY, resume=True) as ledger:
        instance = shop_instance(_noting(sent, 200))
        report = await Delivery(instance, ledger=ledger).run(AllAtOnce(track(1)))
    assert sent == ["https://shop.test/b"]
    assert report.ok


async def test_dead_letters_tell_how_often_it_was_tried(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path / "failed")
    instance = shop_instance(lambda _request: Response(500, json={"why": "busy"}), subscription("A", "a"))
    options = DeliveryOptions(retry=_policy(attempts=3))
    await Delivery(instance, failures=letters, options=options, clock=FakeClock()).run(AllAtOnce(track(1)))
    letters.close()
    (failure,) = json.loads((tmp_path / "failed").read_text())["failures"]
    assert (failure["attempts"], failure["response"]) == (3, {"status": 500, "data": {"why": "busy"}})


async def test_each_attempt_is_told_to_whoever_watches() -> None:
    seen: list[AttemptMade] = []
    delivery = Delivery(
        shop_instance(_answers(500), subscription("A", "a")),
        options=DeliveryOptions(retry=_policy()),
        attempts=seen.append,
        clock=FakeClock(),
    )
    await delivery.run(AllAtOnce(track(1)))
    assert [(item.subscription, item.events, len(item.errors), item.again) for item in seen] == [
        ("A", 1, 1, 1),
        ("A", 1, 0, 0),
    ]


# --- several requests ----------------------------------------------------------------------------------------


def _several(handler: Any, perform: Any) -> Instance[Any]:
    demo: Destination[Any] = Destination(
        name="Several", slug="several", actions={"send": Action(title="S", description="", perform=perform)}
    )
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": {}}]
    return demo.instance({}, given, transport=AcknowledgingTransport(MockTransport(handler)))


def _three(request: Any, data: Any) -> Any:
    number = data.raw_data["messageId"]
    return tuple(request(f"https://h/{place}", "post", json={"id": number}) for place in "abc")


async def test_a_perform_of_several_requests_sends_again_only_what_was_not_acknowledged() -> None:
    seen: Counter[str] = Counter()

    def handler(request: Request) -> int:
        seen[request.url[-1]] += 1
        return 500 if request.url.endswith("b") and seen["b"] < 3 else 200

    delivery = await _run(_several(handler, _three), FakeClock(), AllAtOnce(track(1)))
    assert delivery.report.ok
    assert seen == {"a": 1, "b": 3, "c": 1}


async def test_acknowledged_requests_of_a_perform_that_did_not_end_are_not_sent_by_the_next_run(
    tmp_path: Path,
) -> None:
    async def perform(request: Any, _data: Any) -> Any:
        made = await request("https://h/a", "post", json={})
        return await request(f"https://h/b/{made.data['id']}", "post", json={})

    first = _several(lambda request: {"id": 7} if request.url.endswith("a") else 401, perform)
    with Ledger(tmp_path / "ledger", _IDENTITY) as ledger:
        report = await Delivery(first, ledger=ledger).run(AllAtOnce(track(1)))
        assert report.stop == "credentials"
    urls: list[str] = []
    second = _several(_noting(urls, {}), perform)
    with Ledger(tmp_path / "ledger", _IDENTITY, resume=True) as ledger:
        report = await Delivery(second, ledger=ledger).run(AllAtOnce(track(1)))
        assert report.ok
        assert ledger.counts() == {"acknowledged": 1, "dead": 0}
    assert urls == ["https://h/b/7"]


async def test_an_answer_that_the_perform_does_not_like_is_asked_for_again() -> None:
    async def perform(request: Any, _data: Any) -> Any:
        made = await request("https://h/a", "post", json={})
        if made.data["state"] != "ready":
            raise RetryableError("not ready")
        return made

    answers = [{"state": "busy"}, {"state": "ready"}]
    delivery = await _run(_several(lambda _request: answers.pop(0), perform), FakeClock(), AllAtOnce(track(1)))
    assert delivery.report.ok


async def test_requests_that_only_ask_are_asked_again() -> None:
    exchanges = Acknowledged()
    get = Request("GET", "https://h/")
    assert exchanges.answer(get) is None
    exchanges.add(get, Response(200))
    exchanges.restart()
    assert exchanges.answer(get) is None


# --- rate, batches, order ------------------------------------------------------------------------------------


async def test_the_rate_bounds_requests_retries_included() -> None:
    clock = FakeClock()
    delivery = await _run(
        shop_instance(_answers(500), subscription("A", "a")), clock, AllAtOnce(*map(track, range(20))), rate=10
    )
    assert delivery.report.sent == 20
    assert clock.time() >= 2.0


async def test_a_perform_of_several_requests_is_charged_for_each() -> None:
    clock = FakeClock()
    delivery = Delivery(_several(None, _three), concurrency=1, options=DeliveryOptions(rate=10), clock=clock)
    await delivery.run(AllAtOnce(track(1), track(2), track(3)))
    assert clock.time() == pytest.approx(0.6)


def _batching(answer: Any, max_batch: int | None = None) -> tuple[Instance[Any], list[list[str]]]:
    """An action that takes batches; `answer` gives what becomes of the ids of a batch."""
    batches: list[list[str]] = []

    async def perform_batch(request: Any, data: Any) -> Any:
        ids = [payload["id"] for payload in data.payload]
        batches.append(ids)
        await request("https://h/batch", "post", json=ids)
        return answer(ids)

    action: Action[Any, Any] = Action(
        title="S",
        description="",
        perform=lambda request, data: request("https://h/one", "post", json=data.payload["id"]),
        perform_batch=perform_batch,
        max_batch=max_batch,
        fields={"id": {"label": "Id", "description": "", "type": "string", "required": True}},
    )
    demo: Destination[Any] = Destination(name="B", slug="b", actions={"send": action})
    mapping = {"id": {"@path": "$.messageId"}}
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": mapping}]
    return demo.instance({}, given, transport=MockTransport()), batches


def _multistatus(statuses: dict[str, int]) -> Any:
    from destination.definition import (
        ActionDestinationErrorResponse,
        ActionDestinationSuccessResponse,
        MultiStatusResponse,
    )

    def answer(ids: list[str]) -> MultiStatusResponse:
        given = MultiStatusResponse()
        for place, one in enumerate(ids):
            status = statuses.pop(one, 200)
            if status == 200:
                given.set_success_response_at_index(place, ActionDestinationSuccessResponse(200, {}, {}))
            else:
                error = ActionDestinationErrorResponse.from_error(IntegrationError("no", "NO", status))
                given.set_error_response_at_index(place, error)
        return given

    return answer


async def test_batches_are_filled_up_to_the_size_that_the_action_takes() -> None:
    instance, batches = _batching(lambda _ids: None, max_batch=4)
    delivery = await _run(instance, FakeClock(), AllAtOnce(*map(track, range(10))), batch_size=500, linger_s=60)
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert delivery.report.sent == 10
    instance, batches = _batching(lambda _ids: None)
    await _run(instance, FakeClock(), AllAtOnce(*map(track, range(10))), batch_size=None)
    assert batches == []


async def test_only_the_events_of_a_batch_that_failed_and_may_pass_are_sent_again(tmp_path: Path) -> None:
    instance, batches = _batching(_multistatus({"m1": 503, "m2": 400, "m3": 429}))
    letters = DeadLetters(tmp_path / "failed")
    with Ledger(tmp_path / "ledger", _IDENTITY) as ledger:
        delivery = Delivery(
            instance,
            failures=letters,
            ledger=ledger,
            options=DeliveryOptions(retry=_policy(), batch_size=5, linger_s=60),
            clock=FakeClock(),
        )
        report = await delivery.run(AllAtOnce(*map(track, range(5))))
        assert ledger.counts() == {"acknowledged": 4, "dead": 1}
    letters.close()
    assert batches == [["m0", "m1", "m2", "m3", "m4"], ["m1", "m3"]]
    assert (report.sent, report.failed, report.retried) == (4, 1, 2)
    assert json.loads((tmp_path / "failed").read_text())["event"]["messageId"] == "m2"


async def test_an_event_that_spoils_its_batch_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mapping(CompiledMapping):
        """One that cannot work on m3."""

        def __call__(self, event: Any = MISSING) -> Any:
            if event["messageId"] == "m3":
                raise MappingError("no list")
            return super().__call__(event)

        def batch(self, events: Any = MISSING) -> list[Any]:
            return [self(event) for event in events]

    monkeypatch.setattr("destination.runtime.compiled.compile_mapping", Mapping)
    instance, batches = _batching(lambda _ids: None)
    events = [track(number) for number in range(9)]
    single = await _run(instance, FakeClock(), AllAtOnce(*events))
    batched = await _run(instance, FakeClock(), AllAtOnce(*events), batch_size=9, linger_s=60)
    assert batched.report.sent == single.report.sent == 8
    assert batched.report.reasons == single.report.reasons
    assert sorted(event for batch in batches for event in batch) == [f"m{n}" for n in range(9) if n != 3]


async def test_events_of_one_key_go_out_in_order_and_keys_side_by_side() -> None:
    done: list[tuple[str, int]] = []
    at_once: set[str] = set()
    most = 0

    async def handler(request: Request) -> int:
        nonlocal most
        user, number = request.json()["id"].split("-")
        assert user not in at_once
        at_once.add(user)
        most = max(most, len(at_once))
        for _ in range(7 - int(number) % 5):
            await asyncio.sleep(0)
        at_once.remove(user)
        if (user, int(number)) == ("u1", 2) and ("u1", 2) not in failed:
            failed.add(("u1", 2))
            return 500
        done.append((user, int(number)))
        return 200

    failed: set[tuple[str, int]] = set()
    events = [track(0, messageId=f"u{n % 4}-{n // 4}", context={"user": f"u{n % 4}"}) for n in range(40)]
    clock = FakeClock()
    delivery = await _run(
        shop_instance(handler, subscription("A", "a")), clock, AllAtOnce(*events), ordered_by="context.user"
    )
    assert delivery.report.sent == 40
    for user in ("u0", "u1", "u2", "u3"):
        assert [number for name, number in done if name == user] == list(range(10))
    assert most == 4
    assert failed


async def test_events_without_a_key_wait_for_nothing() -> None:
    events = [track(1, userId=None), track(2), track(3, userId=7), track(4, userId="7")]
    delivery = await _run(
        shop_instance(None, subscription("A", "a")), FakeClock(), AllAtOnce(*events), ordered_by="userId"
    )
    assert delivery.report.sent == 4


async def test_events_that_wait_for_their_turn_are_given_up_with_the_others() -> None:
    started = asyncio.Event()

    async def handler(_request: Request) -> int:
        started.set()
        await asyncio.get_running_loop().create_future()
        return 200

    delivery = Delivery(
        shop_instance(handler, subscription("A", "a")), options=DeliveryOptions(ordered_by="userId"), concurrency=5
    )
    events = [track(number, userId="u") for number in range(3)]
    running = asyncio.create_task(delivery.run(AllAtOnce(*events)))
    await started.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    delivery.stop()
    delivery.stop()
    report = await running
    assert report.events == report.deferred > 0
    assert report.failed == 0
    assert report.in_flight == 0


async def test_the_clock_of_the_loop_goes_forward() -> None:
    clock = LoopClock()
    before = clock.time()
    await clock.sleep(0)
    assert clock.time() >= before
    assert clock.now() > 1_700_000_000


async def test_a_long_line_of_events_of_one_key_goes_on_when_its_first_has_ended() -> None:
    opened, reached = asyncio.Event(), asyncio.Event()

    async def handler(_request: Request) -> int:
        reached.set()
        await opened.wait()
        return 200

    events = [track(0, userId="u"), *({"type": "page", "userId": "u"} for _ in range(3_000)), track(1, userId="u")]
    delivery = Delivery(
        shop_instance(handler, subscription("A", "a")), options=DeliveryOptions(ordered_by="userId"), concurrency=5_000
    )
    running = asyncio.create_task(delivery.run(AllAtOnce(*events)))
    await reached.wait()
    opened.set()
    report = await running
    assert (report.sent, report.unmatched) == (2, 3_000)
