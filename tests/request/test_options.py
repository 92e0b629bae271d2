import math

import pytest

from destination.errors import EngineTypeError
from destination.request import AbortSignal, RequestOptions, SearchParams, create_request_client, merge_options
from destination.values import MISSING


def hook(_options: RequestOptions) -> None:
    """Does nothing."""


def merged(base: RequestOptions, new: RequestOptions) -> RequestOptions:
    return merge_options(base, new)


def test_what_is_left_out_stays() -> None:
    signal = AbortSignal()
    base = RequestOptions(
        method="put",
        json={"a": 1},
        body="b",
        search_params="c=d",
        username="u",
        password="p",
        timeout_ms=5,
        throw_http_errors=False,
        signal=signal,
    )
    result = merged(base, RequestOptions())
    assert (result.method, result.json, result.body, result.search_params) == ("put", {"a": 1}, "b", "c=d")
    assert (result.username, result.password, result.timeout_ms) == ("u", "p", 5)
    assert result.throw_http_errors is False
    assert result.signal is signal


def test_what_is_given_goes_before() -> None:
    base = RequestOptions(method="put", json=1, body="b", username="u", timeout_ms=5, throw_http_errors=False)
    new = RequestOptions(method="post", json=None, body="c", username="v", timeout_ms=None, throw_http_errors=True)
    result = merged(base, new)
    assert (result.method, result.json, result.body, result.username) == ("post", None, "c", "v")
    assert (result.timeout_ms, result.throw_http_errors) == (None, True)


def test_headers_merge_without_case_and_undefined_deletes() -> None:
    base = RequestOptions(headers={"X-A": "1", "X-B": "2", "gone": "undefined"})
    result = merged(base, RequestOptions(headers=[("x-a", "3"), ("X-B", MISSING)]))
    assert result.headers == {"x-a": "3"}


def test_hooks_are_appended() -> None:
    base = RequestOptions(before_request=(hook,))
    assert merged(base, RequestOptions(before_request=(hook,))).before_request == (hook, hook)


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "headers": {}, "c": 4}),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "headers": {}, "y": 2}, "headers": {}}),
        ({"a": 1}, {"a": {"y": 2}}, {"a": {"y": 2, "headers": {}}, "headers": {}}),
        ({"a": {"y": 2}}, {"a": 1}, {"a": 1, "headers": {}}),
        ("text", {"b": 3}, {"headers": {}, "b": 3}),
        (None, {"b": 3}, {"headers": {}, "b": 3}),
        ([1, 2], [3], [1, 2, 3]),
        ({"a": 1}, [3], [3]),
        ([1, 2], {"a": 1}, [1, 2]),
        ({"a": 1}, "text", "text"),
        ({"a": 1}, None, None),
        ([{"a": 1}], [{"b": 2}], [{"a": 1}, {"b": 2}]),
    ],
)
def test_merged_json_gains_empty_headers(old: object, new: object, result: object) -> None:
    # Recorded from the reference: its merge of options works on every object and list it meets.
    assert merged(RequestOptions(json=old), RequestOptions(json=new)).json == result


def test_merged_json_keeps_the_reference_s_order_of_keys() -> None:
    client = create_request_client(RequestOptions(method="put", json={"a": 1, "b": 2}))
    assert client("https://h/", json={"b": 3, "c": 4}).body == b'{"a":1,"b":3,"headers":{},"c":4}'


def test_merged_search_params_gain_headers_too() -> None:
    client = create_request_client(RequestOptions(search_params={"a": 1}))
    assert client("https://h/", search_params={"b": 2}).url == "https://h/?a=1&headers=%5Bobject+Object%5D&b=2"
    assert client("https://h/", search_params="b=2").url == "https://h/?b=2"


def test_form_goes_before_another_body() -> None:
    # Segment: a form over another body becomes the text `[object Object]`; that would lose the data.
    client = create_request_client(RequestOptions(method="post", body="text"))
    assert client("https://h/", body=SearchParams("a=1")).body == b"a=1"


def test_something_else_than_options_is_refused() -> None:
    with pytest.raises(EngineTypeError, match=r"^The 'options' argument must be an object"):
        merge_options(RequestOptions(), {"headers": {}})  # type: ignore[arg-type]


def test_limit_is_ten_seconds_unless_named_or_a_signal_is_there() -> None:
    assert RequestOptions().limit_ms == 10_000
    assert RequestOptions(timeout_ms=None).limit_ms is None
    assert RequestOptions(timeout_ms=5).limit_ms == 5
    assert RequestOptions(signal=AbortSignal()).limit_ms is None
    assert RequestOptions(signal=AbortSignal(), timeout_ms=5).limit_ms == 5


@pytest.mark.parametrize("limit", ["50", True, -1, math.nan, []])
def test_limit_that_is_no_time_is_refused(limit: object) -> None:
    with pytest.raises(EngineTypeError, match=r"^timeout_ms is a number of milliseconds"):
        merged(RequestOptions(), RequestOptions(timeout_ms=limit))  # type: ignore[arg-type]


def test_segment_s_false_is_no_limit() -> None:
    assert merged(RequestOptions(), RequestOptions(timeout_ms=False)).limit_ms is None
    assert merged(RequestOptions(), RequestOptions(timeout_ms=math.inf)).limit_ms == math.inf


def test_repr_names_options_but_shows_no_value() -> None:
    options = RequestOptions(headers={"x-api-key": "secret"}, password="secret", json={"key": "secret"})
    assert repr(options) == "RequestOptions(headers=…, json=…, password=…)"
