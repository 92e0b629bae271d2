"""How events are collected into batches."""

import asyncio
from typing import Any

from destination import Action, Destination, MockTransport
from destination.delivery import Delivery, DeliveryOptions
from tests.delivery.shop import source_of


def _destination(sizes: list[int], **declared: Any) -> Destination[Any]:
    async def perform_batch(request: Any, data: Any) -> Any:
        sizes.append(len(data.payload))
        return await request("https://h.test/", method="post", json=[dict(payload) for payload in data.payload])

    def perform(request: Any, data: Any) -> Any:
        return request("https://h.test/", method="post", json=dict(data.payload))

    field = {"label": "", "description": "", "type": "string"}
    action: Action[Any, Any] = Action(
        title="Put", description="", fields={"agent": field, "name": field}, perform=perform,
        perform_batch=perform_batch, **declared,
    )  # fmt: skip
    return Destination(name="Shop", slug="shop", actions={"put": action})


def _run(events: list[dict[str, Any]], concurrency: int = 8, **declared: Any) -> list[int]:
    sizes: list[int] = []
    trigger = {
        "subscribe": 'type = "track"',
        "partnerAction": "put",
        "mapping": {"agent": {"@path": "$.agent"}, "name": {"@path": "$.event"}},
    }

    async def main() -> None:
        instance = _destination(sizes, **declared).instance({}, [trigger], transport=MockTransport())
        options = DeliveryOptions(batch_size=10, linger_s=60)
        report = await Delivery(instance, concurrency=concurrency, options=options).run(source_of(*events))
        assert report.sent == len(events)

    asyncio.run(main())
    return sizes


def _events(count: int, agents: int) -> list[dict[str, Any]]:
    return [{"type": "track", "event": "A", "agent": f"agent {number % agents}"} for number in range(count)]


def test_events_that_one_request_cannot_hold_are_collected_apart() -> None:
    assert _run(_events(40, agents=2), batch_keys=("agent",)) == [10, 10, 10, 10]
    assert _run(_events(18, agents=3), batch_keys=("agent",)) == [6, 6, 6]


def test_without_batch_keys_a_batch_mixes_them() -> None:
    assert _run(_events(18, agents=3)) == [10, 8]


def test_the_fullest_batch_goes_when_no_place_is_free() -> None:
    # 10 places, 5 batches of which none gets full before all places are taken; and nothing waits for the linger.
    sizes = _run(_events(50, agents=5), concurrency=1, batch_keys=("agent",))
    assert sum(sizes) == 50
    assert max(sizes) < 10


def test_a_key_that_cannot_be_resolved_is_found_when_the_event_is_performed() -> None:
    events = [{"type": "track", "event": "A", "agent": {"odd": [1]}}, {"type": "track", "event": "A"}]
    sizes: list[int] = []

    async def main() -> Any:
        trigger = {"subscribe": 'type = "track"', "partnerAction": "put", "mapping": {"agent": {"@path": "$.agent"}}}
        instance = _destination(sizes, batch_keys=("agent",)).instance({}, [trigger], transport=MockTransport())
        return await Delivery(instance, options=DeliveryOptions(batch_size=10)).run(source_of(*events))

    report = asyncio.run(main())
    assert (report.sent, report.failed) == (1, 1)
    assert sizes == [1]
