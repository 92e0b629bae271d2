import json
from pathlib import Path

import pytest

from destination.errors import EngineTypeError, HTTPError
from destination.request import Request, Response
from destination.values import MISSING


@pytest.mark.parametrize(
    ("content_type", "body", "data"),
    [
        ("application/json", b'{"a":1}', {"a": 1}),
        ("application/json; charset=utf-8", b"[1]", [1]),
        ("text/x, application/json", b"null", None),
        ("application/json", b"[1,", MISSING),
        ("application/json", b"", MISSING),
        ("application/json", b"\xef\xbb\xbf{}", MISSING),
        ("application/json", b'"\xff"', "\ufffd"),
        ("application/json", b"12345678901234567890123", 1.2345678901234568e22),
        ("application/json", b"NaN", MISSING),
        ("Application/JSON", b"{}", "{}"),
        ("application/vnd.api+json", b"{}", "{}"),
        ("text/plain; charset=latin-1", "é".encode(), "é"),
        (None, b"text", "text"),
        (None, b"", ""),
    ],
)
def test_data_is_json_where_the_content_type_says_so(content_type: str | None, body: bytes, data: object) -> None:
    response = Response(200, body, {"content-type": content_type} if content_type else {})
    assert response.data == data
    assert response.data is response.data


def test_content_is_always_read_as_utf8() -> None:
    assert Response(200, b"\xff\xc3\xa9", {"content-type": "text/plain; charset=latin-1"}).content == "\ufffdé"


def test_value_is_the_data_or_else_the_content() -> None:
    assert Response(json={"a": 1}).value == {"a": 1}
    assert Response(json=None).value == "null"
    assert Response(200, b"{", {"content-type": "application/json"}).value == "{"
    assert Response(json=False).value is False
    assert Response(204).value == ""


@pytest.mark.parametrize(("status", "ok"), [(199, False), (200, True), (299, True), (300, False), (404, False)])
def test_only_2xx_is_ok(status: int, ok: bool) -> None:
    assert Response(status).ok is ok


def test_status_text_falls_back_to_the_usual_phrase() -> None:
    assert Response(404).status_text == "Not Found"
    assert Response(404, status_text="Nope").status_text == "Nope"
    assert Response(599).status_text == ""
    assert Response(413).status_text == "Payload Too Large"


def test_status_texts_are_node_s() -> None:
    """Recorded in status_texts.json: `require("http").STATUS_CODES` of Node 20."""
    recorded = json.loads((Path(__file__).parent / "status_texts.json").read_text(encoding="utf-8"))
    assert {
        str(status): Response(status).status_text for status in range(100, 600) if Response(status).status_text
    } == (recorded)


def test_http_error_without_a_phrase_shows_the_status() -> None:
    request = Request("GET", "https://h/")
    assert str(HTTPError(Response(599), request)) == "599"
    assert str(HTTPError(Response(404), request)) == "Not Found"


def test_json_of_a_response_can_be_given_with_a_content_type_of_its_own() -> None:
    assert Response(json=[]).headers == {"content-type": "application/json"}
    assert Response(json=[], headers={"Content-Type": "text/x"}).headers == {"content-type": "text/x"}
    with pytest.raises(EngineTypeError):
        Response(json={1, 2})


def test_reprs_show_no_body() -> None:
    assert repr(Response(500, b"secret")) == "<Response 500 Internal Server Error>"
    assert repr(Request("PUT", "https://h/", body=b"secret")) == "<Request PUT https://h/ (6 bytes)>"
    assert repr(Request("GET", "https://h/")) == "<Request GET https://h/ (no body)>"
