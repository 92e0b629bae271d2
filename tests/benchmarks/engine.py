"""The rows of the engine: one core, the same events and subscriptions here and in the reference."""

import asyncio
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from destination.catalog.absmartly import absmartly
from destination.mapping import compile_mapping
from destination.request import MockTransport, PendingRequest, Request
from destination.runtime import Instance
from destination.values import read_json, write_json
from tests.benchmarks.events import make_events, make_shop_events
from tests.benchmarks.mappings import DEEP_MAPPING, SHOP_PRODUCTS
from tests.benchmarks.measure import Round, minimums, timed
from tests.benchmarks.reference import Reference, SentRequest
from tests.benchmarks.rows import REQUESTS, Row

GROUP = "Speed of the engine"
EVENTS = 1000
KEPT = 50
"""So many requests are kept at a time, as many as are in flight: a pile would measure the allocator."""

SETTINGS = {
    "collectorEndpoint": "https://demo.absmartly.io/v1",
    "apiKey": "benchmark-key",
    "environment": "production",
}


def engine_rows() -> Iterator[Row]:
    """All rows of the group."""
    with tempfile.TemporaryDirectory() as folder, Reference(Path(folder)) as reference:
        yield from _event_rows(reference)
        yield _many_subscriptions_row()
        yield _mapping_row(reference)
        yield _batch_row()


def _event_rows(reference: Reference) -> Iterator[Row]:
    texts = [write_json(event) for event in make_events(EVENTS)]
    events = [read_json(text) for text in texts]
    instance = absmartly.instance(SETTINGS)
    subscriptions = [item.to_json() for item in absmartly.preset_subscriptions()]
    reference.load(events=events, settings={**SETTINGS, "subscriptions": subscriptions})
    reference.deliver(EVENTS)
    theirs = reference.sent()
    for name, send in (("the delivery path", _delivery), ("plan", _plan)):
        _compare(name, [_parts(request) for request in send(instance, events)], theirs)
    bodies = [instance.plan(event).requests[0].json() for event in events]
    node, delivery, plan, through, json_alone = minimums(
        [
            lambda: reference.deliver(KEPT),
            _round(lambda: _delivery(instance, events)),
            _round(lambda: _plan(instance, events)),
            _round(lambda: _delivery(instance, map(read_json, texts))),
            timed(lambda: _json_alone(texts, bodies)),
        ]
    )
    size = sum(map(len, texts)) / EVENTS
    note = f"{EVENTS:,} events of {size:.0f} bytes, 4 presets"
    yield _ratio(REQUESTS, node / delivery, 15, node, delivery, note)
    yield _ratio(
        "making the requests of an event, with `plan`: speed ÷ the reference's", node / plan, 10, node, plan, note
    )
    yield Row(
        GROUP,
        "from an event's bytes to its request's: time ÷ that of `orjson.loads` and `orjson.dumps`",
        through / json_alone,
        "at most",
        5,
        f"{_us(through)} ÷ {_us(json_alone)} an event",
    )


def _ratio(name: str, value: float, bound: float, node: float, here: float, note: str) -> Row:
    details = f"{_us(here)} an event ({EVENTS / here:,.0f}/s), reference {_us(node)} ({EVENTS / node:,.0f}/s); {note}"
    return Row(GROUP, name, value, "at least", bound, details)


def _us(seconds: float, count: int = EVENTS) -> str:
    return f"{seconds / count * 1e6:.1f} µs"


def _delivery(instance: Instance[Any], events: Iterable[Any]) -> Iterator[Request]:
    candidates = instance.candidates
    for event in events:
        for _, item in candidates(event):
            if item.match(event).matched:
                yield from item.prepare(event).requests


def _plan(instance: Instance[Any], events: Iterable[Any]) -> Iterator[Request]:
    plan = instance.plan
    for event in events:
        yield from plan(event).requests


def _parts(request: Request | PendingRequest) -> SentRequest:
    return request.method, request.url, list(request.headers.items()), request.body or b""


def _round(requests: Callable[[], Iterator[Request]]) -> Round:
    """Method, URL, header pairs and body bytes of each request, of which the last ones are kept."""

    def work() -> None:
        last: deque[Any] = deque(maxlen=KEPT)
        keep = last.append
        for request in requests():
            keep((request.method, request.url, request.headers.unsorted.items(), request.body))

    return timed(work)


def _json_alone(texts: list[bytes], bodies: list[Any]) -> None:
    last: deque[Any] = deque(maxlen=KEPT)
    keep, loads, dumps = last.append, orjson.loads, orjson.dumps
    for text, body in zip(texts, bodies, strict=True):
        keep((loads(text), dumps(body)))


def _compare(name: str, ours: list[SentRequest], theirs: list[SentRequest]) -> None:
    if len(ours) != len(theirs):
        raise AssertionError(f"{name}: {len(ours)} requests here, {len(theirs)} of the reference")
    for number, (here, there) in enumerate(zip(ours, theirs, strict=True)):
        if here != there:
            raise AssertionError(f"{name}: request {number} differs:\n{here}\n{there}")


def _many_subscriptions_row() -> Row:
    event = next(event for event in make_events(100) if event.get("event") == "Order Completed")
    goal = absmartly.preset_subscriptions()[0].to_json()
    others = [
        {**goal, "name": f"other {number}", "subscribe": f'type = "track" and event = "Other {number}"'}
        for number in range(49)
    ]
    one, fifty = absmartly.instance(SETTINGS, [goal]), absmartly.instance(SETTINGS, [*others[:25], goal, *others[25:]])
    events = [event] * EVENTS
    if list(map(_parts, _delivery(one, [event]))) != list(map(_parts, _delivery(fifty, [event]))):
        raise AssertionError("50 subscriptions of which one matches send something else than that one")
    alone, among = minimums([_round(lambda: _delivery(one, events)), _round(lambda: _delivery(fifty, events))])
    details = f"{_us(among)} ÷ {_us(alone)} an event; the others match 49 other event names"
    return Row(
        GROUP,
        "50 subscriptions, one of which matches: time ÷ that of 1 subscription",
        among / alone,
        "at most",
        1.5,
        details,
    )


def _mapping_row(reference: Reference) -> Row:
    events = make_shop_events(20, SHOP_PRODUCTS)
    reference.load(events=events, mapping=DEEP_MAPPING)
    mapping = compile_mapping(DEEP_MAPPING)
    ours = [read_json(write_json(mapping(event))) for event in events]
    for number, (here, there) in enumerate(zip(ours, reference.mapped(), strict=True)):
        if write_json(here) != write_json(there):
            raise AssertionError(f"the deep mapping: payload {number} differs:\n{here}\n{there}")

    def work() -> None:
        for event in events:
            mapping(event)

    node, here_s = minimums([reference.map, timed(work)])
    count = len(events)
    details = (
        f"{_us(here_s, count)} an event, reference {_us(node, count)}; all directives that Segment knows, "
        f"lists of {SHOP_PRODUCTS} products"
    )
    return Row(
        GROUP,
        "a deep mapping alone: speed ÷ that of the reference's `transform`",
        node / here_s,
        "at least",
        5,
        details,
    )


def _batch_row() -> Row:
    events = [event for event in make_events(EVENTS + 300) if event["type"] == "track"]
    goals = [event for event in events if event["event"] != "Experiment Viewed"][:EVENTS]
    transport = MockTransport()
    instance = absmartly.instance(SETTINGS, transport=transport)

    async def in_one() -> None:
        await instance.on_batch(goals)
        transport.requests.clear()

    async def one_by_one() -> None:
        for event in goals:
            await instance.on_event(event)
            transport.requests.clear()

    batch, single = minimums([timed(lambda: asyncio.run(in_one())), timed(lambda: asyncio.run(one_by_one()))])
    details = f"{_us(single)} ÷ {_us(batch)} an event; {len(goals):,} goals, stubbed transport"
    return Row(
        GROUP,
        f"{len(goals):,} events with `on_batch`: speed ÷ that of single `on_event`s",
        single / batch,
        "at least",
        1.5,
        details,
    )
