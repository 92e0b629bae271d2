"""Whatever is posted, the answer is one that clients understand, and what is stored is an event."""

import gzip
import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from destination.forwarding.http import EVENT_REASONS, REQUEST_REASONS
from destination.forwarding.http.events import TYPES
from destination.testing.strategies import segment_events
from destination.values import parse_date, read_json, stringify
from tests.forwarding.http.kit import CLIENT, KEY, NOW, Intake
from tests.forwarding.http.test_routes import PATHS

KEYS = st.sampled_from(
    [
        "batch",
        "type",
        "event",
        "userId",
        "anonymousId",
        "messageId",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "context",
        "integrations",
        "writeKey",
        "receivedAt",
        "ip",
        "direct",
        "properties",
        "__proto__",
        "1",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.sampled_from(["track", "page", KEY, "2023-01-01T00:00:00Z", "+275760-09-13T00:00:00Z", "\ud800", "x" * 100])
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30
)
BODIES = (
    st.binary(max_size=60)
    | JSON.map(lambda value: stringify(value).encode())
    | st.dictionaries(KEYS, JSON, max_size=8).map(lambda value: stringify(value).encode())
    | st.lists(st.dictionaries(KEYS, JSON, max_size=8), max_size=5).map(
        lambda items: stringify({"batch": items}).encode()
    )
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS"])
OTHER_PATHS = [
    "/v1/webhook",
    "/v1/pixel/track",
    f"/v1/projects/{KEY}/settings",
    "/",
    "/v1/pixel/ü",
    "/v1/projects//settings",
]


def check(intake: Intake, response: Any) -> None:
    assert response.status_code in (200, 204, 400, 401, 404, 405)
    if response.status_code in (400, 401):
        answered = response.json()
        assert answered["success"] is False
        assert answered["code"] in (*EVENT_REASONS, *REQUEST_REASONS)
        assert answered["message"]
    assert set(intake.counts.refused_by_reason) <= {*EVENT_REASONS, *REQUEST_REASONS} - {"fault"}
    for kept in intake.kept:
        event = read_json(kept.body)
        kept.message_id.encode()
        assert event["type"] in TYPES
        assert event["messageId"] == kept.message_id
        assert 0 < len(kept.message_id) < 100
        assert "writeKey" not in event
        if kept.write_key == KEY:
            assert event["receivedAt"] == NOW
            assert parse_date(event["timestamp"]) == parse_date(event["timestamp"])


@given(path=st.sampled_from([*PATHS, *OTHER_PATHS]), body=BODIES, compress=st.booleans(), has_key=st.booleans())
def test_any_body_is_answered(path: str, body: bytes, compress: bool, has_key: bool) -> None:
    intake = Intake(webhook_secret=b"s")
    headers = {"content-encoding": "gzip"} if compress else {}
    content = gzip.compress(body, 1) if compress else body
    check(intake, intake.post(path, content, key=KEY if has_key else None, headers=headers))


@given(
    method=METHODS,
    path=st.sampled_from([*PATHS, *OTHER_PATHS]),
    query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    authorization=st.binary(max_size=20) | st.binary(max_size=20).map(lambda raw: b"Basic " + raw),
)
def test_any_request_is_answered(method: str, path: str, query: str, authorization: bytes) -> None:
    intake = Intake()
    quoted = query.replace("%", "%25").replace("#", "%23")
    headers = {"authorization": bytes(byte for byte in authorization if byte >= 32 and byte != 127)}
    check(intake, intake.request(method, f"{path}?data={quoted}&{quoted}", headers=headers))


@given(data=st.data(), kind=st.sampled_from(sorted(TYPES)))
def test_what_the_specification_allows_is_kept_whole(data: Any, kind: str) -> None:
    event = data.draw(segment_events(kind))
    as_sent = json.loads(orjson.dumps(event))
    intake = Intake()
    assert intake.post(f"/v1/{kind}", event).status_code == 200
    stored = intake.event
    changed = {"timestamp", "originalTimestamp", "receivedAt", "context"}
    assert {key: value for key, value in stored.items() if key not in changed} == {
        key: value for key, value in as_sent.items() if key not in changed
    }
    assert stored["originalTimestamp"] == event["timestamp"]
    assert {"ip": CLIENT, **as_sent["context"]} == stored["context"]
    skew = parse_date(event["sentAt"]) - parse_date(event["timestamp"])
    assert parse_date(stored["timestamp"]) == parse_date(NOW) - skew


@given(items=st.lists(JSON | st.dictionaries(KEYS, JSON, max_size=8), max_size=6))
def test_an_event_is_stored_alike_alone_and_among_others(items: list[Any]) -> None:
    """Each event of a batch is kept or refused as it is in a batch of its own."""
    together = Intake()
    response = together.post("/v1/batch", stringify({"batch": items}).encode())
    assert response.status_code == 200
    alone = []
    for item in items:
        intake = Intake()
        assert intake.post("/v1/batch", stringify({"batch": [item]}).encode()).status_code == 200
        alone += intake.kept
    strip = [{key: value for key, value in read_json(one.body).items() if key != "messageId"} for one in alone]
    known: set[str] = set()
    expected = [
        event
        for event, one in zip(strip, alone, strict=True)
        if not (one.message_id in known or known.add(one.message_id))  # type: ignore[func-returns-value]
    ]
    assert len(together.kept) + together.counts.duplicates == len(alone)
    if together.counts.duplicates == 0:
        kept = [
            {key: value for key, value in read_json(one.body).items() if key != "messageId"} for one in together.kept
        ]
        assert repr(kept) == repr(expected)
