import asyncio
import logging
from typing import Any

import pytest

from destination import (
    Action,
    Authentication,
    Destination,
    EngineTypeError,
    EventOptions,
    MockTransport,
    RequestClientError,
    RequestTimeoutError,
    SchemaValidationError,
    StatsContext,
    SyncModeDefinition,
    SyncModeOption,
)
from destination.definition import SubscriptionStats
from destination.request import AbortSignal
from tests.runtime.oauth import EVENT, FIELDS, send, send_batch, subscription


class Stats:
    """A stats client that remembers."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def incr(self, name: str, value: float = 1, tags: list[str] | None = None) -> None:
        self.told.append((name, value, tags))

    def histogram(self, name: str, value: float, tags: list[str] | None = None) -> None:
        self.told.append((name, value, tags))


def demo(perform: Any = send, **parts: Any) -> Destination[Any]:
    action: Action[Any, Any] = Action(
        title="Send", description="", fields=FIELDS, perform=perform, perform_batch=send_batch, **parts
    )
    return Destination(name="Demo", slug="demo", actions={"send": action})


async def test_perform_sees_what_the_caller_hands_along() -> None:
    seen: list[Any] = []
    options = EventOptions(
        features={"new": True},
        logger=logging.getLogger("x"),
        transaction_context="t",
        state_context="s",
        engage_destination_cache="c",
        stats_context=StatsContext(Stats(), ("a:1",)),
    )
    event = {**EVENT, "context": {"personas": {"computation_id": "i", "audience_settings": {"folder": 1}}}}
    metadata = {"ID": "1", "ConfigID": "2", "ActionID": "3", "ProjectID": "4"}
    instance = demo(lambda request, data: seen.append(data)).instance({}, [subscription(**metadata)])
    await instance.on_event(event, options)
    [data] = seen
    assert (data.features, data.logger, data.transaction_context) == ({"new": True}, options.logger, "t")
    assert (data.state_context, data.engage_destination_cache, data.signal) == ("s", "c", None)
    assert data.stats_context.tags == ("a:1", "partnerAction:send")
    assert options.stats_context == StatsContext(options.stats_context.stats_client, ("a:1",))  # type: ignore[union-attr]
    assert data.personas_context["computation_id"] == "i"
    assert data.audience_settings == {"folder": 1}
    assert data.subscription_metadata == {
        "actionConfigId": "1",
        "destinationConfigId": "2",
        "actionId": "3",
        "sourceId": "4",
    }


async def test_each_subscription_is_told_when_it_is_done() -> None:
    told: list[SubscriptionStats] = []
    subscriptions = [
        subscription(),
        subscription(mapping={}),
        subscription(subscribe='type = "page"'),
        subscription(subscribe="type"),
    ]
    instance = demo().instance({}, subscriptions, transport=MockTransport())
    result = await instance.on_event(EVENT, EventOptions(on_complete=told.append))
    assert {(stats.destination, stats.action) for stats in told} == {("Demo", "send")}
    by_trigger = {(stats.subscribe, stats.error is None): stats for stats in told}
    assert by_trigger['type = "track"', True].results[-1]["output"] == "Action Executed"
    failed = by_trigger['type = "track"', False]
    assert failed.results == ({"error": {"message": "The root value is missing the required field 'name'."}},)
    assert isinstance(failed.error, SchemaValidationError)
    assert by_trigger['type = "page"', True].results == ({"output": "not subscribed"},)
    assert by_trigger["type", True].results == ({"output": "Invalid subscription : Value token is missing"},)
    assert all(stats.duration_ms >= 0 for stats in told)
    assert len(result.outcomes) == 4


async def test_callback_that_fails_is_raised_when_all_is_sent() -> None:
    def fail(stats: SubscriptionStats) -> None:
        raise OSError("disk full")

    transport = MockTransport()
    instance = demo().instance({}, [subscription(), subscription()], transport=transport)
    with pytest.raises(OSError, match="disk full"):
        await instance.on_event(EVENT, EventOptions(on_complete=fail))
    assert len(transport.requests) == 2
    with pytest.raises(OSError, match="disk full"):
        await instance.on_batch([EVENT], EventOptions(on_complete=fail))


async def test_batches_are_told_too() -> None:
    told: list[SubscriptionStats] = []
    instance = demo().instance({}, [subscription()], transport=MockTransport())
    result = await instance.on_batch([EVENT], EventOptions(on_complete=told.append))
    assert [stats.results for stats in told] == [result.outcomes[0].results]


async def test_counts_are_those_of_the_reference() -> None:
    stats = Stats()
    options = EventOptions(stats_context=StatsContext(stats, ("a:1",)))
    subscriptions = [
        subscription(),
        subscription(mapping={}),
        subscription(subscribe='type = "page"'),
        subscription(subscribe="type"),
        subscription(subscribe=""),
    ]
    tags = ["a:1", "partnerAction:send"]
    await demo().instance({}, subscriptions, transport=MockTransport()).on_event(EVENT, options)
    assert sorted(stats.told) == [("action.multistatus_discard", 1, tags), ("ajv.discard", 1, tags)]


async def test_templates_are_timed() -> None:
    stats = Stats()
    options = EventOptions(stats_context=StatsContext(stats, ("a:1",)))
    instance = demo().instance(
        {}, [subscription(mapping={"name": {"@liquid": "{{ event }}"}})], transport=MockTransport()
    )
    result = await instance.on_event(EVENT, options)
    assert result.outcomes[0].payload == {"name": "A"}
    [(name, duration_ms, tags)] = stats.told
    assert (name, tags) == (
        "liquid.template.evaluation_ms",
        ["a:1", "partnerAction:send", "fieldKey:name", "result:success"],
    )
    assert duration_ms >= 0


async def test_count_of_a_batch_that_does_not_fit() -> None:
    stats = Stats()
    options = EventOptions(stats_context=StatsContext(stats, ()))
    await demo().instance({}, [subscription(mapping={})], transport=MockTransport()).on_batch([EVENT], options)
    assert [name for name, *_ in stats.told] == ["ajv.discard", "action.multistatus_discard"]


async def test_signal_stops_every_request_of_the_event() -> None:
    sending = asyncio.Event()

    async def answer(_: Any) -> Any:
        sending.set()
        await asyncio.Event().wait()

    signal = AbortSignal()
    instance = demo().instance({}, [subscription(), subscription()], transport=MockTransport(answer))
    running = asyncio.create_task(instance.on_event(EVENT, EventOptions(signal=signal)))
    await sending.wait()
    signal.abort()
    assert [type(error) for error in (await running).errors] == [RequestClientError, RequestClientError]


async def test_signal_that_ran_out_of_time() -> None:
    async def answer(_: Any) -> Any:
        await asyncio.Event().wait()

    instance = demo().instance({}, [subscription()], transport=MockTransport(answer))
    signal = AbortSignal.timeout(0)
    [error] = (await instance.on_event(EVENT, EventOptions(signal=signal))).errors
    assert isinstance(error, RequestTimeoutError)
    assert error.status == 408


# --- sync modes, matching key, membership ----------------------------------------------------------------

SYNC = SyncModeDefinition(default="add", choices=(SyncModeOption("add", "Add"), SyncModeOption("mirror", "Mirror")))


async def seen_by_perform(mapping: dict[str, Any], event: Any = EVENT, **parts: Any) -> Any:
    seen: list[Any] = []
    instance = demo(lambda request, data: seen.append(data), **parts).instance(
        {}, [subscription(mapping={"name": "x", **mapping})]
    )
    (await instance.on_event(event)).raise_for_errors()
    return seen[0]


@pytest.mark.parametrize(
    ("value", "mode"),
    [("mirror", "mirror"), ("delete", "delete"), ("replace", None), (5, None), (["add"], None), ("", None)],
)
async def test_sync_mode_of_the_mapping(value: Any, mode: str | None) -> None:
    mapping = {"__segment_internal_sync_mode": value}
    assert (await seen_by_perform(mapping, sync_mode=SYNC)).sync_mode == mode
    assert (await seen_by_perform(mapping)).sync_mode is None


@pytest.mark.parametrize(
    ("value", "key"),
    [("email", "email"), (5, "5"), (0, None), ("", None), (None, None), (True, "true"), (["a", "b"], "a,b")],
)
async def test_matching_key_is_text(value: Any, key: str | None) -> None:
    assert (await seen_by_perform({"__segment_internal_matching_key": value})).matching_key == key


async def test_membership_reaches_perform() -> None:
    mirror = {"__segment_internal_sync_mode": "mirror"}
    row = {**EVENT, "event": "deleted"}
    assert (await seen_by_perform(mirror, row, sync_mode=SYNC)).audience_membership is False
    assert (await seen_by_perform(mirror, row)).audience_membership is None
    personas = {"computation_class": "audience", "computation_key": "vip"}
    engage = {**EVENT, "context": {"personas": personas}, "properties": {"vip": True}}
    assert (await seen_by_perform({}, engage)).audience_membership is True


@pytest.mark.parametrize("context", [None, {"personas": None}])
async def test_null_context_fails_the_event_after_its_validation(context: Any) -> None:
    instance = demo().instance({}, [subscription()], transport=MockTransport())
    [outcome] = (await instance.on_event({**EVENT, "context": context})).outcomes
    assert isinstance(outcome.error, EngineTypeError)
    assert outcome.payload == {"name": "A"}
    assert outcome.requests == ()


async def test_memberships_of_a_batch_are_those_of_its_payloads() -> None:
    seen: list[Any] = []
    demo_ = demo(sync_mode=SYNC)
    object.__setattr__(demo_.actions["send"], "perform_batch", lambda request, data: seen.append(data))
    mapping = {"name": {"@path": "$.name"}, "__segment_internal_sync_mode": "mirror"}
    events = [{"type": "track", "event": "new"}, {"type": "track", "event": "deleted", "name": "b"}]
    instance = demo_.instance({}, [subscription(mapping=mapping)], transport=MockTransport())
    await instance.on_batch(events)
    assert seen[0].audience_membership == [False]
    rejected = await instance.on_batch([*events, {"type": "track", "name": "c", "context": None}])
    assert [type(error) for error in rejected.errors] == [EngineTypeError]


# --- settings --------------------------------------------------------------------------------------------


def settings_of(authentication: Authentication[Any] | None, given: Any) -> Any:
    demo_: Destination[Any] = Destination(name="D", slug="d", actions={}, authentication=authentication)
    return dict(demo_.instance(given, []).settings)


def test_settings_keep_what_segment_keeps() -> None:
    given = {"a": 1, "subscription": 5, "subcription": 6, "subscriptions": [], "oauth": {}, "dynamicAuthSettings": 7}
    assert settings_of(None, given) == {"a": 1, "subscription": 5, "dynamicAuthSettings": 7}
    field = {"a": {"label": "A", "type": "string"}}
    assert settings_of(Authentication(fields=field), given) == {"a": "1", "dynamicAuthSettings": 7}


def test_authentication_without_fields_takes_no_settings() -> None:
    assert settings_of(Authentication(), {"a": 1, "dynamicAuthSettings": 7}) == {"dynamicAuthSettings": 7}
