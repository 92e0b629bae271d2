"""How events are collected into batches."""

import asyncio
import json
from typing import Any

import pytest

from destination import Action, Destination, MockTransport, Response
from destination.delivery import Delivery, DeliveryOptions, EventSource, RetryPolicy
from destination.values import write_json
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


def test_an_event_whose_key_does_not_fit_fails_alone() -> None:
    events = [{"type": "track", "event": "A", "agent": {"odd": [1]}}, {"type": "track", "event": "A"}]
    sizes: list[int] = []

    async def main() -> Any:
        trigger = {"subscribe": 'type = "track"', "partnerAction": "put", "mapping": {"agent": {"@path": "$.agent"}}}
        instance = _destination(sizes, batch_keys=("agent",)).instance({}, [trigger], transport=MockTransport())
        return await Delivery(instance, options=DeliveryOptions(batch_size=10, linger_s=60)).run(source_of(*events))

    report = asyncio.run(main())
    assert (report.sent, report.failed) == (1, 1)
    assert sizes == [1]


# --- payloads that are made while a batch is collected ----------------------------------------------------


def _sent_in_batches(source: EventSource, mapping: Any, **declared: Any) -> tuple[Any, list[Any]]:
    """The report, and the payloads that the perform got, in order; the first batch is answered 503."""
    sent: list[Any] = []
    answers = iter([503])

    async def perform_batch(request: Any, data: Any) -> Any:
        sent.append(write_json([dict(payload) for payload in data.payload]).decode())
        for payload in data.payload:
            if not declared.get("reads_only"):
                payload["extra"]["changed"] = True
        return await request("https://h.test/", method="post", json={})

    fields = {
        "extra": {"label": "", "description": "", "type": "object"},
        "name": {"label": "", "description": "", "type": "string", "required": True},
    }
    action: Action[Any, Any] = Action(
        title="Put", description="", fields=fields, perform=lambda *_: None, perform_batch=perform_batch, **declared
    )
    trigger = {"subscribe": 'type = "track"', "partnerAction": "put", "mapping": mapping}

    async def main() -> Any:
        destination = Destination[Any](name="Shop", slug="shop", actions={"put": action})
        transport = MockTransport(lambda _: Response(next(answers, 200)))
        instance = destination.instance({}, [trigger], transport=transport)
        retry = RetryPolicy(attempts=3, base_s=0.001)
        return await Delivery(instance, options=DeliveryOptions(batch_size=10, linger_s=60, retry=retry)).run(source)

    return asyncio.run(main()), sent


_MAPPING = {"extra": {"@path": "$.properties"}, "name": {"@path": "$.event"}}


@pytest.mark.parametrize("key", ["__proto__", "\\u005f_proto__", "__pr\\u006fto__"])
@pytest.mark.parametrize("reads_only", [True, False])
def test_a_key_that_a_copy_would_lose_goes_from_a_shared_payload_too(key: str, reads_only: bool) -> None:
    line = f'{{"type":"track","event":"A","properties":{{"a":{{"{key}":1}},"b":"__proto__"}}}}'.encode()
    _, sent = _sent_in_batches(source_of(line), _MAPPING, reads_only=reads_only)
    assert json.loads(sent[0]) == [{"extra": {"a": {}, "b": "__proto__"}, "name": "A"}]


@pytest.mark.parametrize("reads_only", [True, False])
def test_what_a_perform_changes_in_a_payload_is_not_in_the_next_attempt(reads_only: bool) -> None:
    event = {"type": "track", "event": "A", "properties": {"a": 1}}
    report, sent = _sent_in_batches(source_of(event), _MAPPING, reads_only=reads_only)
    assert (report.sent, report.retried) == (1, 1)
    assert sent == ['[{"extra":{"a":1},"name":"A"}]'] * 2


def test_a_blank_text_stays_in_a_payload_of_a_batch() -> None:
    event = {"type": "track", "event": "", "properties": {}}
    _, sent = _sent_in_batches(source_of(event), _MAPPING, reads_only=True)
    assert json.loads(sent[0]) == [{"extra": {}, "name": ""}]


@pytest.mark.parametrize("reads_only", [True, False])
def test_an_event_that_the_mapping_cannot_work_on_fails_alone_and_at_its_first_attempt(reads_only: bool) -> None:
    mapping = {**_MAPPING, "name": {"@template": {"@path": "$.event"}}}
    events: list[Any] = [{"type": "track", "event": event, "properties": {}} for event in ("A", 5, "C")]
    report, sent = _sent_in_batches(source_of(*events), mapping, reads_only=reads_only)
    assert (report.sent, report.failed, report.retried) == (2, 1, 2)
    [(_, reason)] = report.reasons
    assert "expected string, got number" in reason.lower()
    assert [item["name"] for item in json.loads(sent[0])] == ["A", "C"]
