import json
from typing import Any

import httpx
import pytest

from destination import MockTransport
from destination.server import MAX_BODY_BYTES, SEGMENT_ORIGINS, create_tester
from tests.server.conftest import serving
from tests.server.shop import SHOP

# --- CORS ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", SEGMENT_ORIGINS)
def test_segments_app_may_ask(shop: httpx.Client, origin: str) -> None:
    asked = shop.options(
        "/buy",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
            "Access-Control-Request-Private-Network": "true",
        },
    )
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == origin
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "content-type"
    assert asked.headers["access-control-allow-private-network"] == "true"
    posted = shop.post("/bare", headers={"Origin": origin}, json={})
    assert (posted.status_code, posted.headers["access-control-allow-origin"]) == (200, origin)


def test_another_page_may_not(shop: httpx.Client, sent: list[Any]) -> None:
    evil = {"Origin": "https://app.segment.com.evil.test"}
    asked = shop.options("/buy", headers={**evil, "Access-Control-Request-Method": "POST"})
    posted = shop.post("/bare", headers=evil, json={})
    shown = shop.get("/manifest", headers=evil)
    for response in (asked, posted, shown):
        assert "access-control-allow-origin" not in response.headers
    assert posted.status_code == 403
    assert posted.json() == {"ok": False, "error": "the page that sent this request is not Segment's app"}
    assert sent == []


# --- Host ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:3000", "127.0.0.1:1", "127.8.8.8", "[::1]:3000"])
def test_names_of_this_machine_are_taken(shop: httpx.Client, host: str) -> None:
    assert shop.get("/manifest", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "localhost.evil.test",
        "10.0.0.1",
        "[::2]",
        "",
        "localhost@evil.test",
        "localhost:evil.com",
        "localhost:80:80",
        "localhost:",
        "localhost:65536",
        "localhost:-1",
        "localhost:8 0",
        "localhost evil.com",
        "localhost,evil.com",
        "localhost/evil.com",
        "[::1]evil.com",
        "[::1]:evil.com",
        "[::1",
        "::1",
        "[::1%25lo]",
        "[localhost]",
        "127.0.0.1.",
        "127.1",
    ],
)
def test_other_names_are_refused(shop: httpx.Client, sent: list[Any], host: str) -> None:
    response = shop.post("/bare", headers={"Host": host}, json={})
    assert response.status_code == 403
    assert "http://localhost" in response.json()["error"]
    assert sent == []


@pytest.mark.parametrize(
    ("bound", "host", "status"),
    [
        ("10.1.2.3", "10.1.2.3:3000", 200),
        ("10.1.2.3", "localhost", 200),
        ("10.1.2.3", "evil.test", 403),
        ("0.0.0.0", "tester.intranet", 200),
        ("::", "tester.intranet", 200),
        ("[fd00::1]", "[FD00::1]:3000", 200),
    ],
)
async def test_an_address_that_is_asked_for_is_taken_too(bound: str, host: str, status: int) -> None:
    app = httpx.ASGITransport(create_tester(SHOP, transport=MockTransport(), host=bound))
    async with httpx.AsyncClient(transport=app, base_url="http://localhost") as client:
        assert (await client.get("/manifest", headers={"Host": host})).status_code == status


# --- bodies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "the body is not valid JSON: "),
        (b"[1]", "the body must be a JSON object, but it is: array"),
        (b'"text"', "the body must be a JSON object, but it is: string"),
        (b'{"settings": 5}', "`settings` must be a JSON object, but it is: number"),
        (b'{"auth": "token"}', "`auth` must be a JSON object, but it is: string"),
        (b"[" * 100_000, "the body is not valid JSON: "),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(shop: httpx.Client, body: bytes, error: str) -> None:
    response = shop.post("/buy", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["ok"] is False
    assert response.json()["error"].startswith(error)


def test_a_large_body_is_refused(shop: httpx.Client) -> None:
    pieces = (b" " * 1_000_000 for _ in range(MAX_BODY_BYTES // 1_000_000 + 1))
    response = shop.post("/buy", content=pieces)
    assert (response.status_code, response.json()["error"]) == (413, "the body is larger than 10,485,760 bytes")


def test_deeply_nested_json_is_answered(shop: httpx.Client) -> None:
    body = b'{"payload": ' + b'{"a": ' * 800 + b"1" + b"}" * 801
    assert shop.post("/bare", content=body).status_code == 200


# --- the log ---------------------------------------------------------------------------------------------


def test_each_request_is_told_without_what_was_posted() -> None:
    lines: list[str] = []
    with serving(SHOP, MockTransport(), log=lines.append) as client:
        client.post("/bare?key=secret", json={"settings": {"key": "secret"}})
        client.post("/no%0Apage", json={})
        client.get("/manifest", headers={"Host": "evil.test"})
    assert [line.rsplit(" ", 2)[0] for line in lines] == ["200 POST /bare", "404 POST /no%0Apage", "403 GET /manifest"]
    assert "secret" not in json.dumps(lines)
