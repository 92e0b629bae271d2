"""Routes, authentication and answers."""

import base64
import logging
from typing import Any

import pytest

from destination.forwarding.accepted import QueueFullError, QueueUnavailableError
from destination.forwarding.http import EVENT_REASONS, REQUEST_REASONS
from tests.forwarding.http.kit import KEY, OTHER_KEY, Intake, track

SINGLE = {
    "track": ("track", "t"),
    "identify": ("identify", "i"),
    "page": ("page", "p"),
    "screen": ("screen", "s"),
    "group": ("group", "g"),
    "alias": ("alias", "a"),
}
PATHS = [f"/v1/{path}" for paths in SINGLE.values() for path in paths] + ["/v1/batch", "/v1/b", "/v1/import"]


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in SINGLE.items() for path in paths])
def test_a_single_event_has_the_type_of_its_route(kind: str, path: str) -> None:
    intake = Intake()
    response = intake.post(f"/v1/{path}", track(type="something else"))
    assert (response.status_code, response.content) == (200, b'{"success": true}')
    assert response.headers["content-type"] == "application/json"
    assert intake.event["type"] == kind
    assert intake.counts.accepted_by_key == {KEY: 1}


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/v1/batch/"])
def test_a_batch_keeps_the_types_of_its_events(path: str) -> None:
    intake = Intake()
    items = [track(type=kind, messageId=kind) for kind in SINGLE]
    assert intake.post(path, {"batch": items}).json() == {"success": True}
    assert [event["type"] for event in intake.events] == list(SINGLE)


def test_an_empty_batch_is_a_success() -> None:
    intake = Intake()
    assert intake.post("/v1/batch", {"batch": []}).status_code == 200
    assert intake.kept == []


def test_a_path_may_end_with_a_slash() -> None:
    assert Intake().post("/v1/track/", track()).status_code == 200


@pytest.mark.parametrize("path", ["/", "", "/v1", "/v1/", "/v1/tracks", "/v1/track//", "/v2/track", "/v1/webhook"])
def test_another_path_is_a_404(path: str) -> None:
    response = Intake().post(path, track())
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_another_method_is_a_405(method: str) -> None:
    response = Intake().request(method, "/v1/track")
    assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")


# --- authentication --------------------------------------------------------------------------------------


def test_a_write_key_in_the_body_is_enough_and_is_not_stored() -> None:
    intake = Intake()
    assert intake.post("/v1/track", track(writeKey=OTHER_KEY), key=None).status_code == 200
    batch = {"writeKey": KEY, "batch": [track(messageId="m-2", writeKey=KEY)]}
    assert intake.post("/v1/batch", batch, key=None).status_code == 200
    assert [one.write_key for one in intake.kept] == [OTHER_KEY, KEY]
    assert all("writeKey" not in event for event in intake.events)


def test_the_key_of_the_header_counts_before_that_of_the_body() -> None:
    intake = Intake()
    intake.post("/v1/track", track(writeKey=OTHER_KEY), key=KEY)
    assert intake.kept[0].write_key == KEY


def test_a_bearer_token_leaves_the_key_to_the_body() -> None:
    intake = Intake()
    headers = {"authorization": "Bearer token"}
    assert intake.post("/v1/track", track(writeKey=KEY), key=None, headers=headers).status_code == 200


def test_a_basic_header_without_a_colon_is_read() -> None:
    headers = {"authorization": f"basic {base64.b64encode(KEY.encode()).decode()}"}
    assert Intake().post("/v1/track", track(), key=None, headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["", "wrong", 5, None, ["write-key-1"], {"a": 1}, "\ud800"])
@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_a_wrong_key_is_a_401(key: Any, path: str) -> None:
    intake = Intake()
    response = intake.post(path, track(writeKey=key, batch=[track()]), key=None)
    assert (response.status_code, response.json()["code"]) == (401, "wrong_key")
    assert response.json()["message"] == "the write key is missing or not known"
    assert intake.kept == []
    assert intake.counts.refused_by_reason == {"wrong_key": 1}


@pytest.mark.parametrize(
    "header", ["Basic ?", "Basic", "Basic 77+977+9", f"Basic {base64.b64encode(b'wrong:').decode()}"]
)
def test_a_basic_header_with_a_wrong_key_is_a_401_whatever_the_body_has(header: str) -> None:
    response = Intake().post("/v1/track", track(writeKey=KEY), key=None, headers={"authorization": header})
    assert response.status_code == 401


def test_keys_are_replaced_while_it_runs() -> None:
    intake = Intake(keys=[KEY])
    intake.keys.replace([OTHER_KEY])
    assert intake.post("/v1/track", track(), key=KEY).status_code == 401
    assert intake.post("/v1/track", track(), key=OTHER_KEY).status_code == 200


def test_without_configured_keys_every_key_is_accepted_but_none_is_not() -> None:
    intake = Intake(keys=[])
    assert intake.post("/v1/track", track(), key="any").status_code == 200
    assert intake.post("/v1/track", track(), key=None).status_code == 401
    assert intake.post("/v1/track", track(writeKey="\ud800"), key=None).status_code == 401


def test_a_write_key_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    intake = Intake()
    intake.post("/v1/track", track(writeKey="s3cr3t"), key=None)
    intake.post("/v1/track", track(userId=None), key=KEY)
    intake.post("/v1/batch", b'{"writeKey": "s3cr3t", nonsense', key=None)
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records if "http" in record.name)
    assert "wrong_key" in text
    assert "s3cr3t" not in text
    assert KEY not in caplog.messages


# --- when events cannot be kept --------------------------------------------------------------------------


def test_duplicates_are_a_success_and_counted() -> None:
    intake = Intake()
    for _ in range(3):
        assert intake.post("/v1/track", track()).status_code == 200
    assert len(intake.kept) == 1
    assert (intake.counts.accepted_by_key, intake.counts.duplicates) == ({KEY: 1}, 2)


def test_a_destination_that_is_behind_is_a_429() -> None:
    intake = Intake()
    intake.behind_s = 30.2
    response = intake.post("/v1/track", track())
    assert (response.status_code, response.headers["retry-after"]) == (429, "31")
    assert response.headers["access-control-expose-headers"] == "retry-after"
    intake.behind_s = 0.0
    assert intake.post("/v1/track", track()).headers["retry-after"] == "1"
    assert intake.kept == []
    assert intake.counts.refused_by_reason == {"behind": 2}


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [(QueueFullError("full"), 429, "queue_full"), (QueueUnavailableError("disk"), 503, "queue_unavailable")],
)
@pytest.mark.parametrize(("path", "body"), [("/v1/track", track()), ("/v1/batch", {"batch": [track(), 5]})])
def test_a_queue_that_takes_nothing_has_clients_come_again(
    error: Exception, status: int, reason: str, path: str, body: Any
) -> None:
    intake = Intake(retry_after_s=7)
    intake.error = error
    response = intake.post(path, body)
    assert (response.status_code, response.json()["code"], response.headers["retry-after"]) == (status, reason, "7")
    assert intake.counts.refused_by_reason == {reason: 1}


def test_a_fault_is_a_500_without_a_trace_of_the_event(caplog: pytest.LogCaptureFixture) -> None:
    intake = Intake()
    intake.error = ValueError("the event: s3cr3t")
    response = intake.post("/v1/track", track())
    assert (response.status_code, response.json()["code"]) == (500, "fault")
    assert "ValueError in Intake._put:" in caplog.text
    assert "s3cr3t" not in caplog.text + response.text


def test_while_stopping_events_are_a_503() -> None:
    intake = Intake()
    intake.app.state.is_stopping = True
    for path in PATHS:
        response = intake.post(path, track(batch=[track()]))
        assert (response.status_code, response.json()["code"]) == (503, "stopping")
        assert "retry-after" in response.headers
    assert intake.kept == []


def test_reasons_are_named_once() -> None:
    assert len({*EVENT_REASONS, *REQUEST_REASONS}) == len(EVENT_REASONS) + len(REQUEST_REASONS)
