"""Who may call the studio, what its answers look like, and what its page may do."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from destination.errors import DefinitionError
from destination.studio import Studio, StudioProblem, app, comparing
from destination.studio.app import MAX_BODY_BYTES
from destination.usage_problem import UsageProblem
from tests.kit import SETTINGS
from tests.studio.conftest import TOKEN, client_of, make_studio


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with client_of(make_studio()) as found:
        yield found


EXPLAIN: dict[str, Any] = {"draft": [], "selected": None, "event": {"text": "{}"}}

# --- who may call it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "the-tokem", "the-token1", "thé-token"])
def test_a_call_without_the_token_is_refused(client: httpx.Client, token: str | None) -> None:
    headers = {} if token is None else {b"X-Studio-Token": token.encode()}
    with httpx.Client(base_url=client.base_url, headers={"Origin": str(client.base_url).rstrip("/")}) as stranger:
        for answer in (
            stranger.get("/api/session", headers=headers),
            stranger.get("/api/corpus", headers=headers),
            stranger.get("/api/events/0", headers=headers),
            stranger.post("/api/explain", headers=headers, json=EXPLAIN),
            stranger.post("/api/send", headers=headers, json=EXPLAIN),
        ):
            assert (answer.status_code, answer.json()["error"]) == (
                403,
                "The call has no valid token. Reload the page.",
            )


def test_the_page_has_the_token_of_its_server(client: httpx.Client) -> None:
    page = client.get("/").text
    assert re.findall(r'<meta name="studio-token" content="([^"]*)">', page) == [TOKEN]


def test_each_start_has_a_token_of_its_own() -> None:
    found = set()
    for _ in range(2):
        transport = httpx.ASGITransport(app.create_studio(make_studio()))

        async def page(transport: httpx.ASGITransport = transport) -> str:
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return (await client.get("/")).text

        found |= set(re.findall(r'studio-token" content="([^"]{40,})"', asyncio.run(page())))
    assert len(found) == 2


@pytest.mark.parametrize(
    "origin",
    ["https://evil.test", "null", "http://localhost:1", "http://127.0.0.1", "https://app.segment.com", None],
)
def test_only_its_own_page_may_post(client: httpx.Client, origin: str | None) -> None:
    request = client.build_request("POST", "/api/explain", json=EXPLAIN)
    del request.headers["origin"]
    if origin is not None:
        request.headers["origin"] = origin
    answer = client.send(request)
    assert answer.status_code == 403
    assert answer.json()["error"] == "Only the page of this server may send this request."


def test_the_page_may_be_opened_by_either_name_of_the_machine(client: httpx.Client) -> None:
    port = client.base_url.port
    answer = client.post(
        "/api/nothing", headers={"Host": f"localhost:{port}", "Origin": f"http://LOCALHOST:{port}"}, json={}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "10.0.0.1", ""])
def test_a_page_whose_name_leads_to_this_machine_reads_nothing(client: httpx.Client, host: str) -> None:
    for path in ("/", "/static/js/main.js", "/api/session"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 403
        assert TOKEN not in answer.text


# --- what the browser may do -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/static/none.js", "/api/session", "/api/none"])
def test_every_answer_says_what_a_browser_may_do_with_it(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


def test_the_page_has_no_script_style_or_handler_of_its_own(client: httpx.Client) -> None:
    page = client.get("/").text
    assert re.findall(r"<script(?![^>]* src=)[^>]*>|<style|\son\w+=|\sstyle=|javascript:", page) == []
    assert re.findall(r'(?:src|href)="(?!/static/)', page) == []


def test_the_page_loads_only_files_that_there_are(client: httpx.Client) -> None:
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text):
        assert client.get(path).status_code == 200, path


def test_nothing_that_holds_events_or_the_token_is_kept_by_the_browser(client: httpx.Client) -> None:
    for path in ("/", "/api/session", "/api/corpus"):
        assert client.get(path).headers["cache-control"] == "no-store"


# --- static files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("js/main.js", "text/javascript; charset=utf-8"),
        ("css/tokens.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("vendor/LICENSES.txt", "text/plain; charset=utf-8"),
    ],
)
def test_a_static_file_has_its_type_and_is_sent_once(client: httpx.Client, path: str, media_type: str) -> None:
    first = client.get(f"/static/{path}")
    assert (first.status_code, first.headers["content-type"]) == (200, media_type)
    again = client.get(f"/static/{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"/static/{path}", headers={"If-None-Match": '"other"'})
    assert other.content == first.content


@pytest.mark.parametrize(
    "path",
    [
        "../page.html",
        "..%2fpage.html",
        "js/../../session.py",
        "js/%2e%2e/%2e%2e/app.py",
        "..%5c..%5csession.py",
        "%2fetc/passwd",
        "/etc/passwd",
        "js//main.js",
        "js/./main.js",
        "js/main.js/",
        "js/main.js%00.txt",
        "js",
        "",
        "js/none.js",
        "c:/main.js",
    ],
)
def test_nothing_outside_of_the_folder_is_served(client: httpx.Client, path: str) -> None:
    import socket

    port = client.base_url.port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port)) as connection:  # a client would shorten the path
        connection.sendall(f"GET /static/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")


# --- answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "the body is not valid JSON: "),
        (b"{", 400, "the body is not valid JSON: "),
        (b"[]", 400, "the body must be a JSON object, but it is: array"),
        (b"{}", 400, "`draft` must be a list of subscriptions"),
        (b'{"draft": {}}', 400, "`draft` must be a list of subscriptions"),
        (b'{"draft": [1]}', 400, "`draft` must be a list of subscriptions"),
        (b'{"draft": []}', 400, '`event` must be {"index": 14} or {"text": "{…}"}'),
        (b'{"draft": "' + b"x" * MAX_BODY_BYTES + b'"}', 413, "the body is larger than 16,777,216 bytes"),
        (b'{"draft": [' + b"[]," * 600_000 + b"1]}", 413, "the body has more than 1,000,000 values"),
    ],
    ids=["empty", "cut", "array", "no draft", "an object", "numbers", "no event", "large", "many values"],
)
def test_a_body_that_cannot_be_used_is_refused_in_one_sentence(
    client: httpx.Client, body: bytes, status: int, error: str
) -> None:
    answer = client.post("/api/explain", content=body)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


def test_an_unknown_route_is_a_404_in_json(client: httpx.Client) -> None:
    assert client.post("/api/nope", json={}).status_code == 404
    assert client.get("/api/explain").status_code == 405
    assert client.get("/nope").json()["error"] == "there is no GET /nope here: Not Found"
    assert client.get("/api/events/x").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "answer"),
    [
        (StudioProblem("No.", 409, conflict=["-a"]), 409, {"error": "No.", "lines": ["No."], "conflict": ["-a"]}),
        (UsageProblem("a: no", "b: no"), 400, {"error": "a: no b: no", "lines": ["a: no", "b: no"]}),
        (DefinitionError("51 are too many"), 400, {"error": "51 are too many", "lines": ["51 are too many"]}),
        (
            RuntimeError("no s3cr3t-key"),
            500,
            {
                "error": "A fault of the studio: RuntimeError: no <redacted>",
                "lines": ["RuntimeError: no <redacted>"],
            },
        ),
    ],
)
def test_an_error_is_answered_as_the_page_shows_it(error: Exception, status: int, answer: dict[str, Any]) -> None:
    studio = make_studio()

    def fail() -> Any:
        raise error

    studio.to_json = fail  # type: ignore[method-assign]
    with client_of(studio) as failing:
        found = failing.get("/api/session")
    assert (found.status_code, found.json()) == (status, answer)


def test_values_that_come_one_by_one_are_a_line_each_and_an_error_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def count(_studio: Studio, draft: Any) -> AsyncIterator[Any]:
        yield {"done": 0, "of": len(draft)}
        yield {"done": 1}
        raise StudioProblem("It broke off.")

    monkeypatch.setattr(comparing, "compare", count)
    with client_of(make_studio()) as client:
        answer = client.post("/api/compare", json={"draft": [{}, {}]})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text == '{"done":0,"of":2}\n{"done":1}\n{"error":"It broke off.","lines":["It broke off."]}\n'


def test_values_nested_as_deep_as_an_event_may_be_are_answered() -> None:
    studio = make_studio()
    deep: Any = {}
    for _ in range(1_990):
        deep = {"a": deep}
    studio.to_json = lambda: deep  # type: ignore[method-assign]
    with client_of(studio) as client:
        assert client.get("/api/session").text.count("{") == 1_991


@pytest.mark.parametrize("route", ["send", "live/replay"])
def test_nothing_can_be_sent_unless_the_studio_was_started_for_it(client: httpx.Client, route: str) -> None:
    answer = client.post(f"/api/{route}", json={**EXPLAIN, "destination": "d", "ids": ["1"]})
    assert answer.status_code == 403
    assert "Start the studio with --allow-send" in answer.json()["error"]


def test_live_routes_name_the_option_that_they_need(client: httpx.Client) -> None:
    for path in ("status", "events", "dead-letters"):
        answer = client.get(f"/api/live/{path}")
        assert (answer.status_code, answer.json()["error"]) == (
            404,
            "There is no forwarder. Start the studio with --forward URL to see live events.",
        )


# --- the log ---------------------------------------------------------------------------------------------


def test_the_log_has_a_line_for_each_request_without_what_was_posted() -> None:
    lines: list[str] = []
    with client_of(make_studio(), log=lines.append) as client:
        client.get("/api/session")
        client.post("/api/explain", json={"draft": [{"secret": "abc"}]})
    assert [re.sub(r"\d+ ms", "N ms", line) for line in lines] == [
        "200 GET /api/session N ms",
        "400 POST /api/explain N ms",
    ]


def test_the_session_has_no_secret(client: httpx.Client) -> None:
    assert SETTINGS["apiKey"] not in client.get("/api/session").text
