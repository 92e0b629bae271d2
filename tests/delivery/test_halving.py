"""What an answer about a batch means for its events."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from destination.actions.absmartly.track_goal import track_goal
from destination.definition import (
    Action,
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    MultiStatusResponse,
)
from destination.delivery import Delivery, DeliveryOptions, RetryPolicy
from destination.errors import HTTPError
from destination.request import MockTransport, Request, Response
from destination.runtime import Destination, Instance
from tests.delivery.clock import FakeClock
from tests.delivery.shop import AllAtOnce, track

pytestmark = pytest.mark.anyio
_FIELD = {"label": "Id", "description": "", "type": "string", "required": True}


def _plain(request: Any, data: Any) -> Any:
    return request("https://h/batch", "post", json=[dict(item) for item in data.payload])


async def _awaiting(request: Any, data: Any) -> Any:
    return await _plain(request, data)


async def _telling(request: Any, data: Any) -> Any:
    """As many of Segment's own: each event has a node, made of the call's error."""
    answer = MultiStatusResponse()
    try:
        await _plain(request, data)
    except HTTPError as error:
        for place in range(len(data.payload)):
            answer.set_error_response_at_index(place, ActionDestinationErrorResponse.from_error(error))
        return answer
    for place in range(len(data.payload)):
        answer.set_success_response_at_index(place, ActionDestinationSuccessResponse(200, {}, {}))
    return answer


def _instance(
    handler: Callable[[list[str]], Any], perform_batch: Any = _plain, text: Any = None, **declared: Any
) -> tuple[Instance[Any], list[list[str]], list[int]]:
    batches: list[list[str]] = []
    sizes: list[int] = []

    def answer(request: Request) -> Any:
        ids = [item["id"] for item in request.json()]
        batches.append(ids)
        sizes.append(len(request.body or b""))
        return handler(ids)

    action: Action[Any, Any] = Action(
        title="S",
        description="",
        perform=lambda request, data: request("https://h/one", "post", json=[dict(data.payload)]),
        perform_batch=perform_batch,
        fields={"id": _FIELD, "text": {**_FIELD, "required": False}},
        **declared,
    )
    demo: Destination[Any] = Destination(name="B", slug="b", actions={"send": action})
    mapping = {"id": {"@path": "$.messageId"}, "text": text or {"@path": "$.text"}}
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": mapping}]
    return demo.instance({}, given, transport=MockTransport(answer)), batches, sizes


async def _run(instance: Instance[Any], *events: Any, **options: Any) -> Any:
    given = {"retry": RetryPolicy(random=lambda: 1.0), "batch_size": len(events), "linger_s": 60, **options}
    delivery = Delivery(instance, options=DeliveryOptions(**given), clock=FakeClock(), concurrency=1)
    return await delivery.run(AllAtOnce(*events))


def _events(count: int, **more: Any) -> list[dict[str, Any]]:
    return [track(number, **more) for number in range(count)]


@pytest.mark.parametrize("perform_batch", [_plain, _awaiting, _telling])
@pytest.mark.parametrize("most", [1, 2, 3, 7])
async def test_a_batch_that_is_too_large_is_halved(most: int, perform_batch: Any) -> None:
    instance, batches, _ = _instance(lambda ids: 413 if len(ids) > most else 200, perform_batch)
    report = await _run(instance, *_events(8))
    assert (report.sent, report.failed) == (8, 0)
    assert len(batches) <= 2 * 8 - 1
    taken = Counter(name for ids in batches if len(ids) <= most for name in ids)
    assert taken == {f"m{number}": 1 for number in range(8)}


async def test_an_event_that_is_too_large_by_itself_fails_alone() -> None:
    instance, batches, _ = _instance(lambda ids: 413 if "m5" in ids else 200)
    report = await _run(instance, *_events(8))
    assert (report.sent, report.failed) == (7, 1)
    assert sum(report.reasons.values()) == 1
    assert len(batches) <= 2 * 8 - 1


@pytest.mark.parametrize("status", [400, 422])
async def test_a_malformed_event_is_found_where_such_an_answer_means_that_nothing_was_taken(status: int) -> None:
    instance, batches, _ = _instance(lambda ids: status if "m5" in ids else 200, batch_is_atomic=True)
    report = await _run(instance, *_events(8))
    assert (report.sent, report.failed) == (7, 1)
    assert len(batches) <= 2 * 8 - 1


@pytest.mark.parametrize("status", [400, 422])
async def test_elsewhere_a_part_may_have_been_taken_and_all_fail(status: int) -> None:
    instance, batches, _ = _instance(lambda ids: status if "m5" in ids else 200)
    report = await _run(instance, *_events(8))
    assert (report.sent, report.failed) == (0, 8)
    assert len(batches) == 1


async def test_a_malformed_batch_of_which_nothing_is_good_takes_a_bounded_number_of_requests() -> None:
    instance, batches, _ = _instance(lambda _ids: 400, batch_is_atomic=True)
    report = await _run(instance, *_events(64))
    assert (report.sent, report.failed) == (0, 64)
    assert len(batches) == 2 * 64 - 1


async def test_a_refused_event_is_found_in_its_batch() -> None:
    instance, batches, _ = _instance(lambda ids: 403 if "m7" in ids else 200)
    report = await _run(instance, *_events(50))
    assert (report.sent, report.failed, report.stop) == (49, 1, None)
    assert len(batches) <= 2 * 6 + 1


async def test_batches_that_are_all_refused_stop_the_run_with_nothing_dead() -> None:
    instance, batches, _ = _instance(lambda _ids: 401)
    report = await _run(instance, *_events(500))
    assert (report.stop, report.sent, report.failed, report.deferred) == ("credentials", 0, 0, 500)
    assert len(batches) < 60


async def test_events_that_the_answer_names_are_not_looked_for() -> None:
    def answer(request: Request) -> Any:
        ids = [goal["goals"][0]["name"] for goal in request.json()["requests"]]
        calls.append(ids)
        errors = [{"batchIndex": place, "message": "no"} for place, name in enumerate(ids) if name == "m2"]
        return Response(400, json={"ok": False, "errors": errors}) if errors else {"ok": True}

    calls: list[list[str]] = []
    instance = _absmartly(answer)
    report = await _run(instance, *_goals(8))
    assert (report.sent, report.failed) == (7, 1)
    assert len(calls) == 1


async def test_absmartly_takes_nothing_of_a_batch_whose_refusal_names_no_event() -> None:
    def answer(request: Request) -> Any:
        ids = [goal["goals"][0]["name"] for goal in request.json()["requests"]]
        calls.append(ids)
        return Response(400, json={"ok": False, "errors": [{"message": "bad"}]}) if "m2" in ids else {"ok": True}

    calls: list[list[str]] = []
    report = await _run(_absmartly(answer), *_goals(8))
    assert (report.sent, report.failed) == (7, 1)
    assert len(calls) == 7


async def test_a_200_that_takes_no_event_is_not_asked_again() -> None:
    def answer(_request: Request) -> Any:
        calls.append(1)
        return {"ok": False}

    calls: list[int] = []
    report = await _run(_absmartly(answer), *_goals(8))
    assert (report.sent, report.failed) == (0, 8)
    assert len(calls) == 1


def _goals(count: int) -> list[dict[str, Any]]:
    more = {"properties": {}, "userId": "u", "timestamp": "2026-01-01T00:00:00Z"}
    return [track(number, event=f"m{number}", **more) for number in range(count)]


def _absmartly(answer: Callable[[Request], Any]) -> Instance[Any]:
    from destination.catalog.absmartly import absmartly

    settings = {"collectorEndpoint": "https://h.test/v1", "apiKey": "k-123456", "environment": "e"}
    given = {"subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": track_goal.default_values()}
    return absmartly.instance(settings, [given], transport=MockTransport(answer))


# --- bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("perform_batch", [_plain, _awaiting])
@pytest.mark.parametrize("widened", [1, 40])
async def test_no_body_of_several_events_is_larger_than_allowed(widened: int, perform_batch: Any) -> None:
    # A payload may be larger than its event.
    instance, batches, sizes = _instance(lambda _ids: 200, perform_batch, text={"@template": "{{text}}" * widened})
    report = await _run(instance, *_events(100, text="x" * 300), batch_bytes=5_000)
    assert report.sent == 100
    assert all(size <= 5_000 for ids, size in zip(batches, sizes, strict=True) if len(ids) > 1)
    assert Counter(name for ids in batches for name in ids) == {f"m{number}": 1 for number in range(100)}
    if widened == 1:
        assert max(map(len, batches)) > 5


async def test_an_event_that_is_larger_than_a_batch_may_be_goes_out_by_itself() -> None:
    instance, batches, _ = _instance(lambda _ids: 200)
    events = [track(0), track(1, text="x" * 9_000), track(2), track(3)]
    report = await _run(instance, *events, batch_bytes=1_000)
    assert report.sent == 4
    assert ["m1"] in batches


async def test_an_action_may_take_less_than_the_run_allows() -> None:
    instance, _, sizes = _instance(lambda _ids: 200, max_batch_bytes=2_000)
    report = await _run(instance, *_events(50, text="x" * 100))
    assert report.sent == 50
    assert max(sizes) <= 2_000
