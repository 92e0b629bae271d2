"""Segment's own clients send one event of each kind to a real server; all of them arrive once and whole."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from destination.values import parse_date
from tests.forwarding.http.kit import KEY, NOW, NOW_S, Intake, serving
from tests.forwarding.http.real_clients import send_with_browser, send_with_node, send_with_python

KINDS = ["alias", "group", "identify", "page", "screen", "track"]


def received_from(send: Callable[[int, Intake], None]) -> dict[str, dict[str, Any]]:
    """The events that a client sends, by type; each was kept once."""
    intake = Intake()
    with serving(intake.app) as port:
        send(port, intake)
    assert intake.counts.refused_by_reason == {}
    assert intake.counts.duplicates == 0
    assert intake.counts.accepted_by_key == {KEY: 6}
    assert {one.received_at for one in intake.kept} == {NOW_S}
    assert Counter(event["type"] for event in intake.events) == Counter(KINDS)
    return {event["type"]: event for event in intake.events}


def check(events: dict[str, dict[str, Any]], library: str) -> None:
    assert len({event["messageId"] for event in events.values()}) == 6
    for event in events.values():
        assert event["context"]["library"]["name"] == library
        assert event["context"]["ip"] == "127.0.0.1"
        assert event["receivedAt"] == NOW
        assert "writeKey" not in event
        delay = parse_date(event["sentAt"]) - parse_date(event["originalTimestamp"])
        assert delay >= 0
        assert parse_date(event["timestamp"]) == parse_date(NOW) - delay
    assert {event["userId"] for kind, event in events.items() if kind != "alias"} == {"user-1"}
    assert events["identify"]["traits"]["email"] == "ann@example.com"
    assert events["track"]["event"] == "Order Completed"
    assert events["track"]["properties"] == {"revenue": 19.99, "title": "Größe 🎉"}
    assert events["track"]["integrations"]["Other"] is False
    assert (events["page"]["category"], events["page"]["name"]) == ("Docs", "Start")
    assert events["screen"]["name"] == "Home"
    assert (events["group"]["groupId"], events["group"]["traits"]) == ("group-1", {"plan": "pro"})
    assert (events["alias"]["previousId"], events["alias"]["userId"]) == ("user-0", "user-1")


@pytest.mark.parametrize("options", [{}, {"gzip": True}, {"sync_mode": True}], ids=["plain", "gzip", "sync"])
def test_segments_client_for_python(options: dict[str, Any]) -> None:
    check(received_from(lambda port, _: send_with_python(KEY, port, **options)), "analytics-python")


@pytest.mark.thorough
def test_segments_client_for_node() -> None:
    check(received_from(lambda port, _: send_with_node(KEY, port)), "@segment/analytics-node")


@pytest.mark.thorough
@pytest.mark.parametrize("batching", [False, True], ids=["single", "batching"])
def test_segments_client_for_browsers_on_another_origin(batching: bool, tmp_path: Path) -> None:
    def send(port: int, intake: Intake) -> None:
        send_with_browser(KEY, port, tmp_path, batching=batching, is_done=lambda: len(intake.kept) >= 6)

    events = received_from(send)
    check(events, "analytics.js")
    assert {event["context"]["page"]["title"] for event in events.values()} == {"A shop"}
    assert len({event["anonymousId"] for event in events.values()}) == 1
