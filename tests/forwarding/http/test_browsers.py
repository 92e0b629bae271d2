"""What browsers and mails need: preflight requests, settings, and the pixel."""

import base64
import ipaddress
import json
from typing import Any

import pytest

from destination.forwarding.accepted import QueueFullError
from tests.forwarding.http.kit import CLIENT, KEY, NOW, Intake, track
from tests.forwarding.http.test_routes import PATHS

# --- other origins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PATHS, "/v1/t/", f"/v1/projects/{KEY}/settings", "/v1/pixel/track"])
def test_every_path_has_a_preflight_answer(path: str) -> None:
    headers = {
        "origin": "https://shop.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-retry-count",
    }
    response = Intake().request("OPTIONS", path, headers=headers)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-headers"] == "authorization,x-retry-count"
    assert ("POST" if path in PATHS or path == "/v1/t/" else "GET") in response.headers["access-control-allow-methods"]
    assert "access-control-allow-private-network" not in response.headers


def test_a_preflight_request_of_a_public_page_for_this_machine_is_answered() -> None:
    response = Intake().request("OPTIONS", "/v1/t", headers={"access-control-request-private-network": "true"})
    assert response.headers["access-control-allow-private-network"] == "true"
    assert response.headers["access-control-allow-headers"] == "authorization, content-type"


def test_every_answer_may_be_read_by_other_origins() -> None:
    intake = Intake()
    answers = [
        intake.post("/v1/t", track()),
        intake.post("/v1/t", b""),
        intake.post("/v1/t", track(), key="wrong"),
        intake.request("GET", "/v1/t"),
        intake.request("GET", "/nothing"),
        intake.request("GET", f"/v1/projects/{KEY}/settings"),
        intake.request("GET", "/v1/pixel/track"),
    ]
    assert [one.status_code for one in answers] == [200, 400, 401, 405, 404, 200, 200]
    assert {one.headers["access-control-allow-origin"] for one in answers} == {"*"}


# --- settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "headers", "host", "protocol"),
    [
        ({}, {}, "events.example.com/v1", "http"),
        ({}, {"host": "127.0.0.1:8080"}, "127.0.0.1:8080/v1", "http"),
        ({}, {"host": "[::1]:8080"}, "[::1]:8080/v1", "http"),
        ({}, {"host": 'x"><script>'}, "events.example.com/v1", "http"),
        ({}, {"x-forwarded-proto": "https"}, "events.example.com/v1", "http"),
        ({"trusted_proxies": (ipaddress.ip_network(CLIENT),)}, {"x-forwarded-proto": "https"}, None, "https"),
        ({"public_url": "https://e.example.com/in/"}, {"host": "10.0.0.1"}, "e.example.com/in/v1", "https"),
    ],
)
def test_a_browser_gets_the_address_of_the_intake(
    options: dict[str, Any], headers: dict[str, str], host: str | None, protocol: str
) -> None:
    response = Intake(**options).request("GET", f"/v1/projects/{KEY}/settings", headers=headers)
    settings = {"apiKey": KEY, "apiHost": host or "events.example.com/v1", "protocol": protocol}
    assert response.json() == {"integrations": {"Segment.io": settings}}


def test_the_settings_of_an_unknown_key_are_a_404() -> None:
    for path in ("wrong", "", "a/b", "%00"):
        assert Intake().request("GET", f"/v1/projects/{path}/settings").status_code == 404


# --- the pixel -------------------------------------------------------------------------------------------


def base64_of(event: Any) -> str:
    return base64.b64encode(event if isinstance(event, bytes) else json.dumps(event).encode()).decode()


def assert_pixel(response: Any) -> None:
    assert (response.status_code, response.headers["content-type"]) == (200, "image/gif")
    assert response.content.startswith(b"GIF89a")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["track", "t"])
def test_a_pixel_keeps_the_event_in_its_query(name: str) -> None:
    intake = Intake()
    event = track(writeKey=KEY, properties={"subject": "ü>>>???"})
    assert_pixel(intake.request("GET", f"/v1/pixel/{name}", params={"data": base64_of(event)}))
    stored = track(properties=event["properties"], context={"ip": CLIENT}, timestamp=NOW, receivedAt=NOW)
    assert intake.event == stored
    assert intake.kept[0].write_key == KEY


@pytest.mark.parametrize("change", [("+", "%2B"), ("+", "+"), ("+", "-"), ("/", "_"), ("=", ""), ("=", "%3D")])
def test_base64_is_read_as_mail_programs_leave_it(change: tuple[str, str]) -> None:
    intake = Intake()
    data = base64_of(json.dumps(track(writeKey=KEY, properties={"a": "ü>>>???~~~é"}), ensure_ascii=False).encode())
    assert "+" in data or "/" in data
    assert_pixel(intake.request("GET", f"/v1/pixel/track?data={data.replace(*change)}"))
    assert intake.event["properties"] == {"a": "ü>>>???~~~é"}


def test_a_pixel_may_have_keys_with_dots() -> None:
    intake = Intake()
    params = {
        "writeKey": KEY,
        "userId": "u",
        "event": "Email Opened",
        "properties.subject": "Sale & more",
        "properties.campaign.name": "spring",
        "context.ip": "192.0.2.1",
    }
    assert_pixel(intake.request("GET", "/v1/pixel/track", params=params))
    event = intake.event
    assert event["properties"] == {"subject": "Sale & more", "campaign": {"name": "spring"}}
    assert event["context"] == {"ip": "192.0.2.1"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("track", "wrong_key"),
        ("nothing?writeKey=write-key-1", "invalid_body"),
        ("track?data=%%%", "invalid_body"),
        ("track?data=" + base64_of([1]), "invalid_body"),
        ("track?data=" + base64_of(b"nonsense"), "invalid_body"),
        ("track?data=" + base64_of(b"[" * 9_000), "invalid_body"),
        ("track?" + "&".join(["a=b"] * 1_001), "invalid_body"),
        ("track?" + ".".join(["a"] * 60) + "=1", "invalid_body"),
        ("track?writeKey=wrong&userId=u&event=e", "wrong_key"),
        ("track?writeKey=write-key-1&event=e", "no_user"),
        ("track?writeKey=write-key-1&userId=u", "no_event_name"),
        ("track?writeKey=write-key-1&userId=u&event=" + "e" * 33_000, "event_too_large"),
    ],
)
def test_the_answer_is_the_pixel_whatever_is_wrong(path: str, reason: str) -> None:
    intake = Intake()
    assert_pixel(intake.request("GET", f"/v1/pixel/{path}"))
    assert intake.kept == []
    assert intake.counts.refused_by_reason == {reason: 1}


@pytest.mark.parametrize("error", [QueueFullError("full"), ValueError("a fault")])
def test_the_answer_is_the_pixel_when_nothing_can_be_kept(error: Exception) -> None:
    intake = Intake()
    intake.error = error
    assert_pixel(intake.request("GET", f"/v1/pixel/track?writeKey={KEY}&userId=u&event=e"))
    assert sum(intake.counts.refused_by_reason.values()) == 1
    intake.error = None
    intake.app.state.is_stopping = True
    assert_pixel(intake.request("GET", f"/v1/pixel/track?writeKey={KEY}&userId=u&event=e"))
    assert intake.kept == []


def test_a_head_request_for_a_pixel_keeps_nothing() -> None:
    intake = Intake()
    response = intake.request("HEAD", f"/v1/pixel/track?writeKey={KEY}&userId=u&event=e")
    assert response.status_code == 200
    assert intake.kept == []
    assert intake.request("POST", "/v1/pixel/track").status_code == 405
