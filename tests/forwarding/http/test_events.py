"""Events as stored: what Segment's pipeline would hand to a destination."""

import ipaddress
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from destination.forwarding.http import RefusedLog
from destination.values import write_json
from tests.forwarding.http.kit import CLIENT, KEY, NOW, NOW_S, Intake, track


def stored(event: dict[str, Any], path: str = "/v1/track", **options: Any) -> dict[str, Any]:
    intake = Intake(**options)
    assert intake.post(path, event).status_code == 200
    return intake.event


def stored_in_batch(body: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    intake = Intake(**options)
    assert intake.post("/v1/batch", body).status_code == 200
    return intake.events


def test_an_event_keeps_what_the_client_sent() -> None:
    sent = track(
        channel="server",
        properties={"price": 5.50, "list": [1, None, "ü"], "1": True},
        _metadata={"bundled": []},
        timestamp="2023-01-01T00:00:00.000Z",
        context={"ip": "192.0.2.1", "library": {"name": "x"}},
        integrations={"All": False},
        receivedAt="2001-01-01T00:00:00.000Z",
    )
    assert stored(sent) == {**sent, "originalTimestamp": sent["timestamp"], "receivedAt": NOW}


def test_what_the_queue_gets_beside_the_event() -> None:
    intake = Intake()
    intake.post("/v1/track", track())
    (kept,) = intake.kept
    assert (kept.write_key, kept.message_id, kept.received_at) == (KEY, "m-1", NOW_S)


# --- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "expected"),
    [
        # the client's clock is ten minutes behind: the event happened a second before it was sent
        ("2022-12-31T23:49:59Z", "2022-12-31T23:50:00Z", "2022-12-31T23:59:59.250Z"),
        ("2022-12-31T23:49:59.123456+00:00", "2022-12-31T23:50:00.000001+00:00", "2022-12-31T23:59:59.373Z"),
        ("2023-01-01T01:00:00+02:00", "2022-12-31T23:00:00Z", NOW),
        # sent before it happened, or by a clock that is far off
        ("2023-01-01T00:00:05Z", "2023-01-01T00:00:00Z", "2023-01-01T00:00:05.250Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z", "2022-12-31T23:59:59.250Z"),
        ("2999-01-01T00:00:00Z", "2999-01-01T00:00:01Z", "2022-12-31T23:59:59.250Z"),
        # the correction has no date in JavaScript
        ("+275760-09-13T00:00:00.000Z", "-271821-04-20T00:00:00.000Z", "+275760-09-13T00:00:00.000Z"),
        # no readable `sentAt`: it stays
        ("2022-12-31T23:49:59+01:00", None, "2022-12-31T23:49:59+01:00"),
        ("2022-12-31", "soon", "2022-12-31"),
        ("31 Dec 2022", 5, "31 Dec 2022"),
        # neither
        (None, "2022-12-31T23:50:00Z", NOW),
        (None, None, NOW),
        ("soon", "2022-12-31T23:50:00Z", NOW),
        ("2023-01-01T00:00:00Z" + " " * 100, None, NOW),
        (1672531200, None, NOW),
        ([], None, NOW),
    ],
)
def test_the_clients_clock_is_corrected(timestamp: Any, sent_at: Any, expected: str) -> None:
    times = {key: value for key, value in (("timestamp", timestamp), ("sentAt", sent_at)) if value is not None}
    event = stored(track(**times))
    assert (event["timestamp"], event["receivedAt"]) == (expected, NOW)
    assert event.get("originalTimestamp") == timestamp
    assert event.get("sentAt") == sent_at


def test_an_original_timestamp_of_the_client_counts_where_there_is_no_timestamp() -> None:
    event = stored(track(originalTimestamp="2022-12-31T23:49:59Z", sentAt="2022-12-31T23:50:00Z"))
    assert event["timestamp"] == "2022-12-31T23:59:59.250Z"
    assert event["originalTimestamp"] == "2022-12-31T23:49:59Z"


def test_the_envelopes_sent_at_counts_for_its_events() -> None:
    items = [
        track(timestamp="2022-12-31T23:49:59Z"),
        track(messageId="m-2", timestamp="2022-12-31T23:49:58Z", sentAt="2001-01-01T00:00:00Z"),
    ]
    first, second = stored_in_batch({"batch": items, "sentAt": "2022-12-31T23:50:00Z"})
    assert (first["timestamp"], second["timestamp"]) == ("2022-12-31T23:59:59.250Z", "2022-12-31T23:59:58.250Z")
    assert first["sentAt"] == second["sentAt"] == "2022-12-31T23:50:00Z"


def test_an_events_own_sent_at_counts_where_the_envelope_has_none() -> None:
    item = track(timestamp="2022-12-31T23:49:59Z", sentAt="2022-12-31T23:50:00Z")
    for envelope in ({}, {"sentAt": "soon"}, {"sentAt": None}):
        (event,) = stored_in_batch({"batch": [item], **envelope})
        assert (event["timestamp"], event["sentAt"]) == ("2022-12-31T23:59:59.250Z", item["sentAt"])


# --- messageId -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, ""])
def test_a_message_id_is_made_when_absent(given: Any) -> None:
    intake = Intake()
    intake.post("/v1/batch", {"batch": [track(messageId=given), track(messageId=given)]})
    first, second = intake.events
    assert first["messageId"] != second["messageId"]
    assert [one.message_id for one in intake.kept] == [first["messageId"], second["messageId"]]
    assert 0 < len(first["messageId"]) < 100


@pytest.mark.parametrize(
    ("given", "expected"), [("x" * 99, "x" * 99), (5, "5"), (1e21, "1e+21"), ("a\ud800", "a\ufffd"), ("ü\0", "ü\0")]
)
def test_a_message_id_is_text_that_every_queue_can_keep(given: Any, expected: str) -> None:
    intake = Intake()
    intake.post("/v1/track", track(messageId=given))
    assert intake.kept[0].message_id == intake.event["messageId"] == expected


@pytest.mark.parametrize("given", ["x" * 100, "🎉" * 50, True, [], {"a": 1}])
def test_a_message_id_that_cannot_be_one_is_refused(given: Any) -> None:
    response = Intake().post("/v1/track", track(messageId=given))
    assert (response.status_code, response.json()["code"]) == (400, "invalid_message_id")


# --- context and integrations ----------------------------------------------------------------------------


def test_context_and_integrations_of_a_batch_are_merged_key_by_key() -> None:
    body = {
        "context": {"app": {"name": "Shop", "version": "1"}, "locale": "en"},
        "integrations": {"All": True, "Shop": False},
        "batch": [
            track(messageId="m-1", context={"app": {"name": "Own"}, "ip": "192.0.2.1"}, integrations={"Shop": True}),
            track(messageId="m-2"),
            track(messageId="m-3", context={}, integrations=None),
            track(messageId="m-4", context="text", integrations=[]),
        ],
    }
    own, absent, empty, other = stored_in_batch(body)
    assert own["context"] == {"app": {"name": "Own"}, "locale": "en", "ip": "192.0.2.1"}
    assert own["integrations"] == {"All": True, "Shop": True}
    assert absent["context"] == empty["context"] == {**body["context"], "ip": CLIENT}  # type: ignore[dict-item]
    assert absent["integrations"] == empty["integrations"] == body["integrations"]
    assert (other["context"], other["integrations"]) == ("text", [])


@pytest.mark.parametrize("shared", [None, [], "text", 5, {}])
def test_a_context_of_a_batch_that_is_not_an_object_adds_nothing(shared: Any) -> None:
    (event,) = stored_in_batch({"batch": [track()], "context": shared, "integrations": shared})
    assert event["context"] == {"ip": CLIENT}
    assert "integrations" not in event


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (None, {"ip": CLIENT}),
        ({"locale": "en"}, {"locale": "en", "ip": CLIENT}),
        ({"ip": "192.0.2.1"}, {"ip": "192.0.2.1"}),
        ({"ip": None}, {"ip": None}),
        ({"ip": "192.0.2.1", "direct": True}, {"ip": CLIENT, "direct": True}),
        ({"ip": "192.0.2.1", "direct": 1}, {"ip": "192.0.2.1", "direct": 1}),
    ],
)
def test_the_address_of_the_client_is_added(context: Any, expected: Any) -> None:
    assert stored(track(context=context))["context"] == expected


PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("client", "header", "expected"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.1, 203.0.113.9,10.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.1, 203.0.113.9:4711, [2001:db8::2]:80", "203.0.113.9"),
        ("::ffff:10.0.0.1", "2a00::1", "2a00::1"),
        ("10.0.0.1", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1, <script>, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("203.0.113.7", "192.0.2.1", "203.0.113.7"),  # not a proxy: anyone may write the header
    ],
)
def test_behind_trusted_proxies_the_forwarded_header_counts(client: str, header: str, expected: str) -> None:
    intake = Intake(trusted_proxies=PROXIES)
    intake.post("/v1/track", track(), headers={"x-forwarded-for": header}, client=client)
    assert intake.event["context"]["ip"] == expected


def test_another_forwarded_header_can_be_chosen() -> None:
    intake = Intake(trusted_proxies=PROXIES, forwarded_header="Forwarded")
    headers = {"forwarded": 'for="[2a00::1]:4711";proto=https, for=10.0.0.2;by=10.0.0.1', "x-forwarded-for": "1.2.3.4"}
    intake.post("/v1/track", track(), headers=headers, client="10.0.0.1")
    assert intake.event["context"]["ip"] == "2a00::1"


# --- events that are refused -----------------------------------------------------------------------------

LACKING: list[tuple[Any, str]] = [
    (5, "not_an_object"),
    (None, "not_an_object"),
    ("text", "not_an_object"),
    ([track()], "not_an_object"),
    ({}, "unknown_type"),
    (track(type="Track"), "unknown_type"),
    (track(type=["track"]), "unknown_type"),
    (track(type=None), "unknown_type"),
    (track(userId=None), "no_user"),
    (track(userId="", anonymousId=""), "no_user"),
    (track(userId=True), "no_user"),
    (track(userId={"id": 1}), "no_user"),
    (track(event=None), "no_event_name"),
    (track(event=""), "no_event_name"),
    (track(event=["Paid"]), "no_event_name"),
    (track(messageId="x" * 100), "invalid_message_id"),
    (track(properties={"text": "x" * 33_000}), "event_too_large"),
]


@pytest.mark.parametrize(("item", "reason"), LACKING)
def test_an_event_that_is_refused_refuses_no_other(
    item: Any, reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    log = RefusedLog(tmp_path / "refused.ndjson")
    intake = Intake(refused=log)
    response = intake.post("/v1/batch", {"batch": [track(messageId="before"), item, track(messageId="after")]})
    log.close()
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert [one.message_id for one in intake.kept] == ["before", "after"]
    assert intake.counts.refused_by_reason == {reason: 1}
    assert intake.counts.accepted_by_key == {KEY: 2}
    (message,) = [record.getMessage() for record in caplog.records if record.name.endswith("http.intake")]
    assert reason in message
    assert (item.get("messageId", "") if isinstance(item, dict) else "")[:100] in message
    (line,) = (tmp_path / "refused.ndjson").read_text().splitlines()
    kept = json.loads(line)
    assert (kept["receivedAt"], kept["reason"], kept["event"]) == (NOW, reason, item)


@pytest.mark.parametrize(
    ("item", "reason"), [one for one in LACKING if one[1] not in ("not_an_object", "unknown_type")]
)
def test_a_single_event_that_lacks_what_is_required_is_a_400(item: Any, reason: str) -> None:
    intake = Intake()
    response = intake.post("/v1/track", item)
    assert (response.status_code, response.json()["code"]) == (400, reason)
    assert intake.kept == []
    assert intake.counts.refused_by_reason == {reason: 1}


def test_a_batch_of_refused_events_only_is_a_200() -> None:
    assert Intake().post("/v1/batch", {"batch": [1, 2]}).status_code == 200


@pytest.mark.parametrize("given", [5, 0, 1.5])
def test_numbers_are_identifiers_too(given: Any) -> None:
    assert stored(track(userId=given))["userId"] == given


def test_only_track_needs_a_name() -> None:
    intake = Intake()
    for kind in ("identify", "page", "screen", "group", "alias"):
        assert intake.post(f"/v1/{kind}", {"anonymousId": "a"}).status_code == 200


# --- size ------------------------------------------------------------------------------------------------


def of_size(size: int, **members: Any) -> dict[str, Any]:
    event = track(properties={"text": ""}, **members)
    event["properties"]["text"] = "x" * (size - len(write_json(event)))
    assert len(write_json(event)) == size
    return event


def test_an_event_of_32_kilobytes_is_taken_whatever_is_added_to_it() -> None:
    largest = of_size(32_768, timestamp="2022-12-31T23:49:59Z", context={"locale": "en"})
    assert stored(largest)["properties"] == largest["properties"]
    assert len(stored_in_batch({"batch": [largest], "sentAt": "2022-12-31T23:50:00Z"})) == 1


def test_an_event_of_a_byte_more_is_not() -> None:
    assert Intake().post("/v1/track", of_size(32_769)).json()["code"] == "event_too_large"
    assert stored_in_batch({"batch": [of_size(32_769)]}) == []


def test_size_is_counted_in_bytes() -> None:
    assert Intake().post("/v1/track", track(properties={"text": "ü" * 16_384})).json()["code"] == "event_too_large"


def test_what_a_batch_adds_to_an_event_counts() -> None:
    assert stored_in_batch({"batch": [track()], "context": {"text": "x" * 33_000}}) == []
    assert stored_in_batch({"batch": [track(context={"text": "own"})], "context": {"text": "x" * 33_000}}) != []


def test_a_batch_that_would_grow_beyond_measure_is_refused() -> None:
    items = [{"type": "page", "userId": "u"}] * 2_500
    intake = Intake()
    response = intake.post("/v1/batch", {"batch": items, "context": {"text": "x" * 30_000}})
    assert (response.status_code, response.json()["code"]) == (400, "body_too_large")
    assert intake.kept == []


def test_a_batch_that_adds_what_takes_long_to_write_is_refused() -> None:
    """Half of a surrogate pair is not written by the fast writer; a batch could add it to each of its events."""
    for count, status in ((1_000, 400), (100, 200)):
        body = {"batch": [{"type": "page", "userId": "u"}] * count, "context": {"text": "\ud800" * 500}}
        assert Intake().post("/v1/batch", body).status_code == status


@pytest.mark.parametrize(("count", "status"), [(2_500, 200), (2_501, 400)])
def test_a_batch_has_2500_events_at_most(count: int, status: int) -> None:
    intake = Intake()
    response = intake.post("/v1/batch", {"batch": [{"type": "page", "userId": "u"}] * count})
    assert response.status_code == status
    assert len(intake.kept) == (count if status == 200 else 0)


# --- odd JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": 123456789012345678901234567890}', {"a": 1.2345678901234568e29}),
        (b'{"a": 18446744073709551615}', {"a": 18446744073709551615}),
        (b'{"a": 1e400}', {"a": None}),
        (b'{"a": -0.0}', {"a": 0}),
        (b'{"a": "\\u0000"}', {"a": "\0"}),
    ],
)
def test_odd_json_is_read_as_javascript_reads_it(text: bytes, properties: Any) -> None:
    intake = Intake()
    body = b'{"userId": "u", "event": "e", "properties": ' + text + b"}"
    assert intake.post("/v1/track", body).status_code == 200
    assert intake.event["properties"] == properties


def test_half_of_a_surrogate_pair_is_kept() -> None:
    intake = Intake()
    assert intake.post("/v1/track", b'{"userId": "\\ud800", "event": "e"}').status_code == 200
    assert json.loads(intake.kept[0].body)["userId"] == "\ud800"


def test_an_event_of_many_levels_is_kept_and_a_deeper_body_is_a_400() -> None:
    intake = Intake()
    body = b'{"batch": [{"type": "page", "userId": "u", "properties": %b}]}'
    assert intake.post("/v1/batch", body % (b"[" * 1_900 + b"]" * 1_900)).status_code == 200
    assert intake.kept[0].body.count(b"[") == 1_900
    response = intake.post("/v1/batch", body % (b"[" * 9_000 + b"]" * 9_000))
    assert (response.status_code, response.json()["code"]) == (400, "invalid_body")
