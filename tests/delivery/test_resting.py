"""After a mapping that took long, nothing is mapped until the event loop has had its turn."""

import asyncio
from typing import Any

import pytest

from destination import Action, Destination, MockTransport
from destination.delivery import Delivery, DeliveryOptions, Failure, Record, Report, scheduling
from destination.mapping.bounds import worked_hard
from tests.delivery.shop import source_of, track

pytestmark = pytest.mark.anyio

TEXT = "a" * 1_500_000
WORK = "the mapping takes more than 10,000,000 steps of work for this event"
STOPPED = "the run stopped before this event was sent"


def _perform(request: Any, data: Any) -> Any:
    return request("https://h.test/", method="post", json={})


async def _perform_batch(request: Any, data: Any) -> Any:
    return await request("https://h.test/", method="post", json=len(data.payload))


async def _errors(subscriptions: int, *, is_hard: bool = True, stops: bool = True, batches: bool = False) -> list[str]:
    """What the events of a run fail with that is stopped, as by a signal, after its first event."""
    field = {"label": "", "description": "", "type": "string", "multiple": True}
    action: Action[Any, Any] = Action(
        title="Put",
        description="",
        fields={"texts": field},
        perform=_perform,
        perform_batch=_perform_batch if batches else None,
    )
    mapping = {"texts": [{"@template": "{{text}}"}] * (7 if is_hard else 6)}
    given = {"subscribe": 'type = "track"', "partnerAction": "put", "mapping": mapping}
    instance = Destination(name="Shop", slug="shop", actions={"put": action}).instance(
        {}, [given] * subscriptions, transport=MockTransport()
    )
    errors: list[str] = []

    def observe(_report: Report, _record: Record, failures: list[Failure]) -> None:
        if stops and not errors:
            asyncio.get_running_loop().call_soon(delivery.stop)
        errors.extend(str(failure.error) for failure in failures)

    options = DeliveryOptions(linger_s=0.0) if batches else DeliveryOptions()
    delivery = Delivery(instance, concurrency=4, observe=observe, options=options)
    await delivery.run(source_of(*(track(number, text=TEXT) for number in range(12))))
    return errors


@pytest.mark.parametrize("batches", [False, True])
async def test_one_hard_mapping_runs_in_a_turn_of_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, batches: bool
) -> None:
    loop = asyncio.get_running_loop()
    mapped = [0]

    def turn() -> None:
        mapped.append(0)
        loop.call_soon(turn)

    def counted() -> bool:
        mapped[-1] += 1
        return worked_hard()

    monkeypatch.setattr(scheduling, "worked_hard", counted)
    loop.call_soon(turn)
    assert len(await _errors(3, stops=False, batches=batches)) == 36
    assert sum(mapped) == 36
    assert max(mapped) == 1


@pytest.mark.parametrize("batches", [False, True])
async def test_a_run_of_failing_events_ends_when_it_is_stopped(batches: bool) -> None:
    errors = await _errors(3, batches=batches)
    assert set(errors) <= {WORK, STOPPED}
    assert len(errors) < 36


@pytest.mark.parametrize("batches", [False, True])
async def test_all_events_are_mapped_where_nothing_stops_them(batches: bool) -> None:
    assert await _errors(2, stops=False, batches=batches) == [WORK] * 24


@pytest.mark.parametrize("batches", [False, True])
async def test_events_that_take_long_and_succeed_are_all_sent(batches: bool) -> None:
    assert await _errors(2, is_hard=False, stops=False, batches=batches) == []
