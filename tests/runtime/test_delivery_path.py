import asyncio
import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from destination import MISSING, Action, Destination, DestinationError, EngineTypeError, MockTransport, path
from destination.catalog.absmartly import absmartly
from destination.runtime.attempt import Attempt
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.instance import Instance
from destination.runtime.results import Outcome
from tests.conformance.generators import absmartly as generator
from tests.conformance.generators import fql
from tests.conformance.generators.draw import KEYS, chance, json_value, pick
from tests.thorough import some

SETTINGS = generator.SETTINGS
FIELDS = {"data": {"label": "Data", "description": "", "type": "object"}}


def prepared(instance: Instance[Any], event: Any) -> list[Attempt]:
    """The attempts of an event, as `on_event` makes them before it sends anything."""
    return [made for _, made in _made(instance, event) if isinstance(made, Attempt)]


def _made(instance: Instance[Any], event: Any) -> Iterator[tuple[CompiledSubscription, Attempt | Outcome]]:
    """Each subscription that takes an event with its attempt, or fails at its trigger with that outcome."""
    for _, item in instance.candidates(event):
        outcome = item.match(event)
        if outcome.matched:
            yield item, item.prepare(event)
        elif outcome.error is not None:
            yield item, outcome


def _strange(draw: Random, event: dict[str, Any]) -> None:
    """Puts in what the way without copies must notice."""
    places: list[Any] = [event]
    for place in places:
        places.extend(item for item in place.values() if isinstance(item, dict))
    place = draw.choice(places)
    key = pick(draw, "__proto__", "__proto__x", "_", "5", "a9", draw.choice(KEYS))
    place[key] = pick(draw, 1.0, 1e21, 1e-7, 2**60, 2**70, "\ud800", MISSING, {"__proto__": 1}, json_value(draw))


def _seen(attempts_or_outcomes: Any, requests: Any) -> list[Any]:
    return [
        (type(one.error), str(one.error))
        if one.error is not None
        else [(request.method, request.url, dict(request.headers), request.body) for request in requests(one)]
        for one in attempts_or_outcomes
    ]


def _begun(instance: Instance[Any], event: dict[str, Any]) -> list[Any]:
    attempts = [made for _, made in _made(instance, event)]
    for attempt in attempts:
        try:
            _ = attempt.requests
        except DestinationError as error:
            attempt.error = error
    return _seen(attempts, lambda attempt: attempt.requests)


@pytest.mark.parametrize("seed", some(range(12), every=4))
def test_delivery_path_gives_what_a_plan_gives(seed: int) -> None:
    draw = Random(seed)
    for _ in range(60):
        args = generator.on_event(draw)
        try:
            instance = absmartly.instance(args["settings"], args["subscriptions"])
        except DestinationError:
            continue
        for event in (args["event"], copy.deepcopy(args["event"])):
            if not isinstance(event, dict):
                continue
            if event is not args["event"] or chance(draw, 0.5):
                _strange(draw, event)
            before = copy.deepcopy(event)
            planned = [one for one in instance.plan(event) if one.matched or one.error is not None]
            assert _begun(instance, event) == _seen(planned, lambda outcome: outcome.requests), event
            assert event == before


@pytest.mark.parametrize("seed", range(4))
def test_index_of_triggers_leaves_out_none_that_matches(seed: int) -> None:
    draw = Random(seed)
    for _ in range(40):
        cases = [fql.match(draw) for _ in range(draw.randrange(1, 7))]
        subscriptions = [{"subscribe": case["fql"], "partnerAction": "trackGoal", "mapping": {}} for case in cases]
        instance = absmartly.instance(SETTINGS, subscriptions)
        for case in cases:
            event = case["event"]
            if isinstance(event, dict):
                asked = [item.match(event) for item in instance.subscriptions]
                outcomes = instance.plan(event).outcomes
                assert [one.matched for one in outcomes] == [one.matched for one in asked]
                begun = [item for item, _ in _made(instance, event)]
                assert begun == [
                    item
                    for item, match in zip(instance.subscriptions, asked, strict=True)
                    if match.matched or match.error is not None
                ]


@pytest.mark.parametrize("kind", [["track"], {"a": 1}, 5, None, True])
def test_type_that_is_no_text_asks_the_triggers_without_bounds(kind: Any) -> None:
    subscriptions = [
        {"subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": {}},
        {"subscribe": 'userId = "u"', "partnerAction": "trackGoal", "mapping": {}},
    ]
    instance = absmartly.instance(SETTINGS, subscriptions)
    assert [one.matched for one in instance.plan({"type": kind, "event": kind, "userId": "u"})] == [False, True]


def _demo(perform: Any, *, reads_only: bool) -> Instance[Any]:
    action = Action(title="Send", description="", fields=FIELDS, perform=perform, reads_only=reads_only)
    trigger = {"subscribe": 'type = "track"', "partnerAction": "send", "mapping": {"data": path("$.properties")}}
    return Destination(name="Demo", slug="demo", actions={"send": action}).instance(
        {}, [trigger], transport=MockTransport()
    )


def _send(request: Any, data: Any) -> Any:
    return request("https://api.test/v1", method="post", json=dict(data.payload))


def test_action_that_only_reads_shares_the_events_values() -> None:
    event = {"type": "track", "properties": {"a": {"b": 1}}}
    [attempt] = prepared(_demo(_send, reads_only=True), event)
    assert attempt.payload["data"] is event["properties"]
    assert repr(attempt) == "<Attempt 'subscription 0' 1 request(s)>"


def test_any_other_action_gets_copies() -> None:
    def change(request: Any, data: Any) -> Any:
        data.payload["data"]["a"] = "changed"
        return _send(request, data)

    event: dict[str, Any] = {"type": "track", "properties": {"a": 1}}
    [attempt] = prepared(_demo(change, reads_only=False), event)
    assert attempt.requests[0].json() == {"data": {"a": "changed"}}
    assert event["properties"] == {"a": 1}


@pytest.mark.parametrize("properties", [{"__proto__": 1}, {"a": [{"__proto__": {"b": 1}}], "c": 1.0}])
def test_key_proto_is_found_where_nothing_is_copied(properties: dict[str, Any]) -> None:
    event = {"type": "track", "properties": properties}
    [attempt] = prepared(_demo(_send, reads_only=True), event)
    body = attempt.requests[0].body
    assert body is not None
    assert b"__proto__" not in body
    assert attempt.payload["data"] is not properties


def test_several_requests_share_values_too_and_are_written_at_once() -> None:
    def two(request: Any, data: Any) -> Any:
        return _send(request, data), request("https://api.test/v2", method="post", json=data.payload["data"])

    event: dict[str, Any] = {"type": "track", "properties": {"a": 1}}
    [attempt] = prepared(_demo(two, reads_only=True), event)
    assert attempt.payload["data"] is event["properties"]
    event["properties"]["a"] = 2
    assert [one.json() for one in attempt.requests] == [{"data": {"a": 1}}, {"a": 1}]


def test_async_perform_gets_copies_because_it_reads_later() -> None:
    async def later(request: Any, data: Any) -> Any:
        return await _send(request, data)

    event: dict[str, Any] = {"type": "track", "properties": {"a": 1}}
    [attempt] = prepared(_demo(later, reads_only=True), event)
    assert attempt.payload["data"] is not event["properties"]
    event["properties"]["a"] = 2
    outcome = asyncio.run(attempt.send())
    assert outcome.requests[0].json() == {"data": {"a": 1}}


def _raise(request: Any, data: Any) -> Any:
    raise KeyError("oops")


def _unwritable(request: Any, data: Any) -> Any:
    return request("https://api.test/v1", method="post", json={"a": object()})


def _dropping(request: Any, data: Any) -> Any:
    _send(request, data)


def _several(request: Any, data: Any) -> Any:
    return [_send(request, data), _send(request, data)]


def _without_body(request: Any, data: Any) -> Any:
    return request("https://api.test/v1")


def _own_proto(request: Any, data: Any) -> Any:
    return request("https://api.test/v1", method="post", json={"__proto__": 1})


@pytest.mark.parametrize("perform", [_send, _raise, _unwritable, _dropping, _several, _without_body, _own_proto])
@pytest.mark.parametrize("properties", [{"a": 1}, {"__proto__": 1}, {"a": MISSING}, {"a": object()}, {"a": 1e21}])
@pytest.mark.parametrize("reads_only", [True, False])
def test_no_way_of_an_event_calls_a_perform_twice(perform: Any, properties: dict[str, Any], reads_only: bool) -> None:
    calls: list[Any] = []

    def counted(request: Any, data: Any) -> Any:
        calls.append(data.payload)
        return perform(request, data)

    instance = _demo(counted, reads_only=reads_only)
    event = {"type": "track", "properties": properties}
    instance.plan(event)
    assert len(calls) == 1
    asyncio.run(instance.on_event(event))
    assert len(calls) == 2
    [attempt] = prepared(instance, event)
    asyncio.run(attempt.send())
    assert len(calls) == 3


def test_trigger_that_cannot_be_asked_prepares_nothing() -> None:
    subscription = {"subscribe": 'event = "a" and ("b")', "partnerAction": "trackGoal", "mapping": {}}
    instance = absmartly.instance(SETTINGS, [subscription], transport=MockTransport())
    assert prepared(instance, {"event": "a"}) == []
    [outcome] = asyncio.run(instance.on_event({"event": "a"}))
    assert (outcome.matched, type(outcome.error)) == (False, EngineTypeError)


def test_attempt_of_an_unknown_action_makes_nothing() -> None:
    subscription = {"subscribe": 'type = "track"', "partnerAction": "nope", "mapping": {}}
    instance = absmartly.instance(SETTINGS, [subscription], transport=MockTransport())
    [attempt] = prepared(instance, {"type": "track"})
    assert (attempt.requests, attempt.error) == ([], None)
    [outcome] = asyncio.run(instance.on_event({"type": "track"}))
    assert (outcome.matched, outcome.requests, outcome.results) == (True, (), ())


def test_unit_that_is_named_proto_is_none() -> None:
    mapping = {"units": path("$.traits"), "name": "a", "properties": {"a": 1}}
    subscription = {"subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": mapping}
    instance = absmartly.instance(SETTINGS, [subscription])
    event = {"type": "track", "timestamp": "2024-01-01", "traits": {"__proto__": "x", "userId": "u"}}
    [attempt] = prepared(instance, event)
    assert attempt.requests[0].json()["units"] == [{"type": "userId", "uid": "u"}]


def test_plan_keeps_its_payload_when_the_event_changes() -> None:
    event: dict[str, Any] = {"type": "track", "properties": {"a": 1, "__proto__": {}}}
    [outcome] = _demo(_send, reads_only=True).plan(event).outcomes
    event["properties"]["a"] = 2
    assert outcome.payload == {"data": {"a": 1}}


def test_plan_of_an_action_that_only_reads_has_a_payload_without_what_mappings_take_out() -> None:
    def send_nothing_of_it(request: Any, data: Any) -> Any:
        return request("https://api.test/v1", method="post", json={"seen": len(data.payload)})

    event = {"type": "track", "properties": {"a": MISSING, "__proto__": {}, "b": [MISSING, {"c": MISSING}]}}
    [outcome] = _demo(send_nothing_of_it, reads_only=True).plan(event).outcomes
    assert outcome.payload == {"data": {"b": [MISSING, {}]}}


@pytest.mark.parametrize("name", [["Signed Up"], {"a": 1}, 5, None])
def test_name_that_is_no_text_is_looked_up_by_its_type(name: Any) -> None:
    subscriptions = [
        {"subscribe": f'type = "{kind}"', "partnerAction": "trackGoal", "mapping": {}} for kind in ("track", "page")
    ]
    instance = absmartly.instance(SETTINGS, subscriptions)
    assert [index for index, _ in instance.candidates({"type": "track", "event": name})] == [0]
