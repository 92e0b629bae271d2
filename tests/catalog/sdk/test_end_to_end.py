"""ABsmartly's real SDK and Segment's real analytics client, over loopback, to the embedded collector."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sdk.absmartly import ABSmartly
from sdk.absmartly_config import ABSmartlyConfig
from sdk.client import Client
from sdk.client_config import ClientConfig
from sdk.context import Context
from sdk.context_config import ContextConfig
from sdk.default_context_data_deserializer import DefaultContextDataDeserializer
from sdk.default_context_event_serializer import DefaultContextEventSerializer
from sdk.default_http_client import DefaultHTTPClient
from sdk.default_http_client_config import DefaultHTTPClientConfig
from segment.analytics import Client as AnalyticsClient

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.catalog.absmartly.sdk import ExposureLogger, ExposurePublisher, Identity
from destination.presets.absmartly import variants
from tests.catalog.sdk.segment_api import SegmentApi
from tests.kit import PATIENCE_S

UNITS = {"session_id": "e791e240fcd3df7d238cfc285f475e8152fcc0ec", "user_id": "u-1"}


def _experiment(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number, "name": name, "iteration": 1, "unitType": "session_id", "seedHi": 3603515, "seedLo": 233373850,
        "split": [0.5, 0.5], "trafficSeedHi": 449867249, "trafficSeedLo": 455443629, "trafficSplit": [0.0, 1.0],
        "fullOnVariant": 0, "applications": [{"name": "web"}], "variants": [{"name": "A"}, {"name": "B"}],
        "audience": "",
    }  # fmt: skip


DATA = {"experiments": [_experiment(1, "checkout"), _experiment(2, "banner")]}


def _context_data() -> Any:
    raw = json.dumps(DATA).encode()
    return DefaultContextDataDeserializer().deserialize(raw, 0, len(raw))


def _identity(context: Context | None = None) -> Identity:
    return {"user_id": "u-1", "anonymous_id": "a-1"}


class _Unused:
    """In the place of the SDK's own client, where nothing shall go to the collector directly."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the SDK's own client was asked for {name}")


@contextmanager
def _context(set_up: Callable[[ABSmartlyConfig], None]) -> Iterator[Context]:
    config = ABSmartlyConfig()
    config.client = _Unused()
    set_up(config)
    of_context = ContextConfig()
    of_context.units = UNITS
    of_context.publish_delay = 3600
    of_context.refresh_interval = 0
    context = ABSmartly(config).create_context_with(of_context, _context_data())
    try:
        yield context
    finally:
        context.close()


def _use(context: Context) -> None:
    context.set_attribute("country", "NL")
    assert context.get_treatment("checkout", exposed_at=1_672_531_200_123) in (0, 1)
    assert context.get_treatment("banner", exposed_at=1_672_531_200_456) in (0, 1)
    assert context.get_treatment("not running") == 0
    context.track("paid", {"total": 9.5}, achieved_at=1_672_531_201_000)


@contextmanager
def _analytics(**options: Any) -> Iterator[tuple[SegmentApi, AnalyticsClient]]:
    with SegmentApi() as api:
        client = AnalyticsClient("write-key", host=api.host, max_retries=0, **options)
        try:
            yield api, client
        finally:
            if client.consumers:
                client.shutdown()


async def _arrived(events: list[dict[str, Any]], subscriptions: Any = None) -> tuple[list[Any], list[Exception]]:
    """What the collector got of Segment's events, and what failed."""
    failures: list[Exception] = []
    with EmbeddedCollector() as collector:
        async with absmartly.instance(collector.settings, subscriptions) as instance:
            for event in events:
                failures += (await instance.on_event(event)).errors
        return [item["event"] for item in collector.received], failures


def _sent_by_the_sdk() -> list[Any]:
    """The publish requests that the SDK puts to the collector by itself, in the same situation."""
    with EmbeddedCollector() as collector:
        of_client = ClientConfig()
        of_client.endpoint, of_client.api_key = collector.endpoint, collector.settings["apiKey"]
        of_client.application, of_client.environment = "web", "embedded"
        http = DefaultHTTPClient(DefaultHTTPClientConfig())

        def set_up(config: ABSmartlyConfig) -> None:
            config.client = Client(of_client, http)

        with _context(set_up) as context:
            _use(context)
        http.http_client.close()
        return [item["event"] for item in collector.received]


def _without_moments(body: dict[str, Any]) -> dict[str, Any]:
    """A publish request without what depends on when the test runs, and without `historic`."""
    kept = {key: value for key, value in body.items() if key not in ("publishedAt", "historic", "goals")}
    kept["attributes"] = [{**item, "setAt": 0} for item in body["attributes"]]
    kept["exposures"] = [{**item, "exposedAt": 0} for item in body["exposures"]]
    return kept


@pytest.mark.parametrize("sync_mode", [True, False])
async def test_exposures_arrive_as_the_sdk_would_have_sent_them(sync_mode: bool) -> None:
    with _analytics(sync_mode=sync_mode) as (api, client):

        def set_up(config: ABSmartlyConfig) -> None:
            config.context_event_handler = ExposurePublisher(client, _identity)

        with _context(set_up) as context:
            _use(context)
        if not sync_mode:
            client.flush()
        events = api.events
    assert [event["event"] for event in events] == [
        "Experiment Viewed",
        "Experiment Viewed",
        "Experiment Viewed",
        "paid",
    ]
    arrived, failures = await _arrived(events)
    assert failures == []
    [direct] = _sent_by_the_sdk()
    exposures = [body for body in arrived if body.get("exposures")]
    assert all(body["historic"] is True for body in exposures)
    expected = _without_moments(direct)
    assert len(expected["exposures"]) == 3
    assert [_without_moments(body) for body in exposures] == [
        {**expected, "exposures": [exposure]} for exposure in expected["exposures"]
    ]
    # Moments: the event's own is the SDK's `publishedAt`, so that nothing is shifted.
    assert [body["exposures"][0]["exposedAt"] for body in exposures[:2]] == [1_672_531_200_123, 1_672_531_200_456]
    [goal] = [body for body in arrived if body.get("goals")]
    assert goal["goals"] == [{"name": "paid", "achievedAt": 1_672_531_201_000, "properties": {"total": 9.5}}]
    assert direct["goals"] == [{"name": "paid", "achievedAt": 1_672_531_201_000, "properties": {"total": 9.5}}]
    # An SDK unit that is no identity of Segment's is lost to goals; the guide says so.
    assert goal["units"] == [{"type": "anonymousId", "uid": "a-1"}, {"type": "userId", "uid": "u-1"}]


async def test_units_of_the_context_reach_goals_by_a_property_and_a_variant() -> None:
    with _analytics(sync_mode=True) as (api, client):

        def set_up(config: ABSmartlyConfig) -> None:
            config.context_event_handler = ExposurePublisher(client, _identity, unit_property="units")

        with _context(set_up) as context:
            context.track("paid", {"total": 9.5})
    variant = next(one for one in variants if one.name == "Track Calls (units of the SDK)")
    [goal], failures = await _arrived(api.events, [variant.subscription()])
    assert failures == []
    assert {unit["type"]: unit["uid"] for unit in goal["units"]} == {"anonymousId": "a-1", "userId": "u-1", **UNITS}


async def test_the_event_logger_tracks_assigned_exposures_and_changes_nothing_else() -> None:
    published: list[Any] = []

    class Handler:
        def publish(self, context: Context, event: Any) -> Any:
            from concurrent.futures import Future

            published.append(json.loads(bytes(DefaultContextEventSerializer().serialize(event))))
            done: Future[None] = Future()
            done.set_result(None)
            return done

    with _analytics(sync_mode=True) as (api, client):

        def set_up(config: ABSmartlyConfig) -> None:
            config.context_event_handler = Handler()
            config.context_event_logger = ExposureLogger(client, _identity)

        with _context(set_up) as context:
            _use(context)
    assert [event["event"] for event in api.events] == ["Experiment Viewed"] * 2  # none for what is not assigned
    [direct] = published
    for event, exposure in zip(api.events, direct["exposures"], strict=False):
        assert event["properties"] == {
            "experiment_id": exposure["id"],
            "experiment_name": exposure["name"],
            "variation_id": exposure["variant"],
            "variation_name": "AB"[exposure["variant"]],
        }
    # The preset would take these events and fail; the variant does not.
    _, failures = await _arrived(api.events)
    assert len(failures) == 2
    beside = next(one for one in variants if one.name == "Exposures (beside the event logger)")
    assert await _arrived(api.events, [beside.subscription()]) == ([], [])


def test_units_are_hashed_by_the_sdk() -> None:
    [direct] = _sent_by_the_sdk()
    assert direct["hashed"] is True
    import hashlib

    hashed = base64.urlsafe_b64encode(hashlib.md5(b"u-1").digest()).rstrip(b"=").decode()
    assert {"type": "user_id", "uid": hashed} in direct["units"]


def test_in_sync_mode_the_future_carries_the_error_of_the_send() -> None:
    with _analytics(sync_mode=True) as (api, client):
        api.status = 400
        publisher = ExposurePublisher(client, _identity)
        failed: list[Any] = []

        def set_up(config: ABSmartlyConfig) -> None:
            config.context_event_handler = publisher

        with _context(set_up) as context:
            context.track("paid", {"total": 9.5})
            failed.append(context.publish_async().exception(timeout=PATIENCE_S))
    assert "400" in str(failed[0])
