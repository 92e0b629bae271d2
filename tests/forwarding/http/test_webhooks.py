"""Segment's webhooks as the sender, with their signature."""

import hashlib
import hmac
import json
import os
import subprocess
from typing import Any

import pytest

from tests.conformance.node import OracleUnavailableError, node_modules
from tests.forwarding.http.kit import Intake, track

SECRET = b"shared s3cr3t"
PIPELINE = {
    "timestamp": "2022-12-31T00:00:00.000Z",
    "originalTimestamp": "2022-12-31T01:00:00.000Z",
    "sentAt": "2022-12-31T01:00:01.000Z",
    "receivedAt": "2022-12-31T00:00:01.000Z",
    "context": {"ip": "192.0.2.1"},
}


def signature(text: str, secret: bytes = SECRET) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha1).hexdigest()


def written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def webhook_intake() -> Intake:
    return Intake(webhook_secret=SECRET, webhook_key="wk-webhooks")


def test_an_event_of_a_webhook_is_kept_as_the_pipeline_left_it() -> None:
    intake = webhook_intake()
    event = track(**PIPELINE)
    response = intake.post("/v1/webhook", event, key=None, headers={"x-signature": signature(written(event))})
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert intake.event == event
    assert intake.kept[0].write_key == "wk-webhooks"


def test_a_batch_is_signed_by_its_first_event() -> None:
    intake = webhook_intake()
    events = [track(messageId="m-1", **PIPELINE), track(messageId="m-2", **PIPELINE), track(userId=None)]
    headers = {"x-signature": signature(written(events[0]))}
    assert intake.post("/v1/webhook", events, key=None, headers=headers).status_code == 200
    assert [one.message_id for one in intake.kept] == ["m-1", "m-2"]
    assert intake.counts.refused_by_reason == {"no_user": 1}


@pytest.mark.parametrize(
    "header", [None, "", "0" * 40, "ü", signature(written(track())).upper(), signature(written(track()), b"another")]
)
@pytest.mark.parametrize("body", [track(), [track()], [], {}, 5])
def test_a_wrong_signature_is_a_401(header: str | None, body: Any) -> None:
    intake = webhook_intake()
    headers = {} if header is None else {"x-signature": header.encode()}
    response = intake.post("/v1/webhook", body, key="write-key-1", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "wrong_signature")
    assert intake.kept == []


def test_a_signed_event_that_lacks_what_is_required_is_a_400() -> None:
    event = track(type="delete")
    headers = {"x-signature": signature(written(event))}
    assert webhook_intake().post("/v1/webhook", event, headers=headers).json()["code"] == "unknown_type"


def test_a_mapping_that_leaves_out_the_times_gets_them() -> None:
    intake = webhook_intake()
    event = track()
    intake.post("/v1/webhook", event, key=None, headers={"x-signature": signature(written(event))})
    assert intake.event["receivedAt"] == intake.event["timestamp"]
    assert "context" not in intake.event  # the address is that of Segment


@pytest.mark.parametrize(
    ("sent", "signed"),
    [
        ('{"2":1.0,"type":"page","userId":"u","1":2}', '{"1":2,"2":1,"type":"page","userId":"u"}'),
        ('{"type":"page","userId":12345678901234567890}', '{"type":"page","userId":12345678901234567000}'),
        ('{"type": "page", "userId": "\\u00fc\\/\\ud800"}', '{"type":"page","userId":"ü/\\ud800"}'),
    ],
)
def test_the_signature_is_that_of_the_event_as_javascript_writes_it(sent: str, signed: str) -> None:
    headers = {"x-signature": signature(signed)}
    assert webhook_intake().post("/v1/webhook", sent.encode(), headers=headers).status_code == 200


def test_an_event_that_is_nested_too_deeply_is_a_400() -> None:
    body = b'{"a":' * 9_000 + b"1" + b"}" * 9_000
    assert webhook_intake().post("/v1/webhook", body).status_code == 400


_ORACLE = """
const webhook = require('@segment/action-destinations/dist/destinations/webhook').default;
const event = JSON.parse(process.argv[1]), settings = {sharedSecret: process.argv[2]};
const one = webhook.extendRequest({settings, payload: {data: event}});
const many = webhook.extendRequest({settings, payload: [{data: event}, {data: {}}]});
console.log(JSON.stringify([JSON.stringify(event), one.headers['X-Signature'], many.headers['X-Signature']]));
"""


@pytest.mark.live
def test_what_segments_own_webhook_signs_is_accepted() -> None:
    try:
        modules = node_modules()
    except OracleUnavailableError as error:
        pytest.skip(f"Segment's runtime cannot run here: {error}")
    event = json.dumps(track(properties={"b": 1.0, "2": 1e21, "1": "ü\u2028", "price": 0.1 + 0.2}, **PIPELINE))
    command = ["node", "-e", _ORACLE, event, SECRET.decode()]
    environment = {**os.environ, "NODE_PATH": str(modules)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    sent, one, many = json.loads(done.stdout)
    for body, signed in ((sent, one), (f"[{sent}, {{}}]", many)):
        intake = webhook_intake()
        response = intake.post("/v1/webhook", body.encode(), key=None, headers={"x-signature": signed})
        assert response.status_code == 200
        assert len(intake.kept) == 1
