import gc

import pytest

from destination.errors import EngineTypeError
from destination.request import Headers, RequestClient, RequestOptions, SearchParams, create_request_client
from destination.values import MISSING

URL = "https://h/v1"


def test_method_is_get_unless_said_otherwise() -> None:
    assert RequestClient()(URL).method == "GET"
    assert RequestClient()(URL, "put").method == "PUT"
    assert RequestClient(RequestOptions(method="post"))(URL).method == "POST"
    assert RequestClient(RequestOptions(method="post"))(URL, "Patch", timeout_ms=5).method == "PATCH"


@pytest.mark.parametrize("method", ["", "a b", "ü", "GET\n", None, 5, ["get"]])
def test_illegal_method_is_refused(method: object) -> None:
    with pytest.raises(EngineTypeError, match="is not an HTTP method"):
        RequestClient()(URL, method)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", [None, 5, {}, ["https://h/"]])
def test_url_that_is_no_text_is_turned_into_text(url: object) -> None:
    if isinstance(url, list):
        assert RequestClient()(url).url == "https://h/"  # type: ignore[arg-type]
    else:
        with pytest.raises(EngineTypeError, match="absolute"):
            RequestClient()(url)  # type: ignore[arg-type]


def test_every_request_carries_segment_s_user_agent() -> None:
    assert RequestClient()(URL).headers == {"user-agent": "Segment (Actions)"}
    assert RequestClient()(URL, headers={"User-Agent": "mine"}).headers == {"user-agent": "mine"}
    assert RequestClient()(URL, headers={"User-Agent": MISSING}).headers == {}


def test_json_is_written_once_and_as_javascript_writes_it() -> None:
    pending = RequestClient()(URL, "put", json={"b": 1.0, "1": [MISSING, "ü"], "c": MISSING})
    assert pending.body == b'{"1":[null,"\xc3\xbc"],"b":1}'
    assert pending.body is pending.body
    assert pending.headers["content-type"] == "application/json"


def test_json_null_is_a_body() -> None:
    assert RequestClient()(URL, "put", json=None).body == b"null"


def test_json_overrides_the_content_type() -> None:
    assert RequestClient()(URL, "put", {"Content-Type": "text/x"}, {}).headers["content-type"] == "application/json"


def test_json_goes_before_body() -> None:
    assert RequestClient()(URL, "put", json=1, body="text").body == b"1"


@pytest.mark.parametrize("json", [object(), {"a": {1, 2}}, b"bytes"])
def test_json_that_is_no_json_is_an_error_of_the_project(json: object) -> None:
    pending = RequestClient()(URL, "put", json=json)
    with pytest.raises(EngineTypeError, match="`json` cannot be written"):
        assert pending.body


def test_json_nested_too_deeply_is_an_error_of_the_project() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(EngineTypeError, match="`json` cannot be written"):
        assert RequestClient()(URL, "put", json=value).body


@pytest.mark.parametrize(
    ("body", "raw", "content_type"),
    [
        ("é\ud800", b"\xc3\xa9\xef\xbf\xbd", "text/plain;charset=UTF-8"),
        ("", b"", "text/plain;charset=UTF-8"),
        (5, b"5", "text/plain;charset=UTF-8"),
        ({}, b"[object Object]", "text/plain;charset=UTF-8"),
        (SearchParams({"a": "b c"}), b"a=b+c", "application/x-www-form-urlencoded;charset=UTF-8"),
        (b"raw", b"raw", None),
        (bytearray(b"raw"), b"raw", None),
    ],
)
def test_body_brings_its_content_type(body: object, raw: bytes, content_type: str | None) -> None:
    pending = RequestClient()(URL, "post", body=body)
    assert (pending.body, pending.headers.get("content-type")) == (raw, content_type)


def test_body_leaves_a_given_content_type() -> None:
    assert RequestClient()(URL, "post", {"Content-Type": "text/x"}, body="b").headers["content-type"] == "text/x"


@pytest.mark.parametrize("method", ["get", "head", "GET"])
def test_get_and_head_have_no_body(method: str) -> None:
    request = RequestClient()
    with pytest.raises(EngineTypeError, match=r"^Request with GET/HEAD method cannot have body$"):
        request(URL, method, json=1)
    with pytest.raises(EngineTypeError, match=r"^Request with GET/HEAD method cannot have body$"):
        request(URL, method, body="")
    with pytest.raises(EngineTypeError, match=r"^Request with GET/HEAD method cannot have body$"):
        request.extend(RequestOptions(json=1))(URL, method)


def test_search_params_replace_the_query() -> None:
    assert RequestClient()(f"{URL}?x=1#f", search_params={"a": "b c"}).url == "https://h/v1?a=b+c#f"


def test_empty_search_params() -> None:
    assert RequestClient()(f"{URL}?x=1", search_params={}).url == URL
    assert RequestClient()(f"{URL}?x=1", search_params=[]).url == URL
    assert RequestClient()(f"{URL}?x=1", search_params="").url == f"{URL}?x=1"


def test_basic_auth_is_utf8() -> None:
    assert RequestClient()(URL, username="ü", password="日").headers["authorization"] == "Basic w7w65pel"


@pytest.mark.parametrize(
    ("username", "password", "header"),
    [("u", None, "Basic dTo="), (None, "p", "Basic OnA="), ("", "", None), ("\ud800", "", "Basic 77+9Og==")],
)
def test_basic_auth_needs_one_of_both(username: str | None, password: str | None, header: str | None) -> None:
    assert RequestClient()(URL, username=username, password=password).headers.get("authorization") == header


def test_basic_auth_goes_before_a_given_authorization() -> None:
    client = RequestClient(RequestOptions(username="u", headers={"authorization": "mine"}))
    assert client(URL, headers={"Authorization": "mine"}).headers["authorization"] == "Basic dTo="


def test_extended_client_merges_and_shares_what_was_made() -> None:
    base = create_request_client(RequestOptions(headers={"A": "1"}), RequestOptions(headers={"B": "2"}))
    more = base.extend(RequestOptions(headers={"a": "3"}))
    pending = more(URL)
    assert pending.headers == {"a": "3", "b": "2", "user-agent": "Segment (Actions)"}
    assert base(URL).headers["a"] == "1"
    assert base.made == more.made == [pending, base.made[1]]


def test_fresh_client_begins_with_nothing_made() -> None:
    client = create_request_client(RequestOptions(headers={"A": "1"}))
    client(URL)
    fresh = client.fresh()
    assert fresh.made == []
    assert fresh(URL).headers == client.made[0].headers
    assert len(client.made) == 1
    assert repr(fresh) == "<RequestClient (1 made)>"


def test_illegal_option_is_refused_when_the_client_is_made() -> None:
    with pytest.raises(EngineTypeError):
        RequestClient(RequestOptions(headers={"x-api-key": "日本"}))
    with pytest.raises(EngineTypeError):
        RequestClient().extend(RequestOptions(method="a b"))


def test_fast_and_slow_way_make_the_same_request() -> None:
    client = RequestClient(RequestOptions(headers={"X-API-Key": "k"}))
    fast = client(URL, "put", {"X-Agent": "a", "X-API-Key": MISSING}, {"a": 1})
    slow = client(URL, "put", {"X-Agent": "a", "X-API-Key": MISSING}, {"a": 1}, body=None)
    assert fast.request == slow.request
    assert fast.options == slow.options


def test_headers_that_never_change_are_merged_once() -> None:
    client = RequestClient(RequestOptions(headers={"X-API-Key": "k"}))
    given = Headers({"X-Agent": "a"})
    first, second = client(URL, "put", given), client(URL, "put", given)
    assert first.headers is second.headers
    assert first.headers == client(URL, "put", {"X-Agent": "a"}).headers
    more = client.extend(RequestOptions(headers={"X-API-Key": "other"}))
    assert more(URL, "put", given).headers["x-api-key"] == "other"
    assert client(URL, "put", Headers({"X-Agent": "undefined"})).headers == client(URL, "put").headers


def test_merged_headers_do_not_pile_up() -> None:
    client = RequestClient()
    given = [Headers({"X-Agent": f"agent {number} of a pile"}) for number in range(3000)]
    for each in given:
        assert client(URL, "put", each).headers["x-agent"] == each["x-agent"]
    client.made.clear()
    merged = [found for found in gc.get_objects() if isinstance(found, Headers) and len(found) == 2]
    assert 0 < sum("of a pile" in found["x-agent"] for found in merged if "x-agent" in found) <= 1024


def test_nothing_that_is_printed_shows_a_secret() -> None:
    client = RequestClient(RequestOptions(headers={"X-API-Key": "secret"}, password="secret"))
    pending = client("https://me:secret@h/v1?key=secret", "put", json={"key": "secret"})
    assert repr(pending) == "<PendingRequest PUT https://h/v1?… (not sent)>"
    assert repr(pending.request) == "<Request PUT https://h/v1?… (16 bytes)>"
    for value in (client, pending, pending.request, pending.headers, pending.options, client.options):
        assert "secret" not in f"{value!r} {value}"
