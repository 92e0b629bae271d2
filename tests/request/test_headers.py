import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import EngineTypeError
from destination.request import REDACTED_HEADERS, Headers, merge_headers, redact_headers
from destination.values import MISSING


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ("", ""),
        (" pad ", " pad "),
        ("a\tb", "a\tb"),
        ("é\u0080", "é\u0080"),
        (None, "null"),
        (True, "true"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (["a", ["b", None]], "a,b,"),
        ({"a": 1}, "[object Object]"),
    ],
)
def test_header_value_becomes_text_as_in_javascript(value: object, text: str) -> None:
    assert Headers({"x": value})["x"] == text


@pytest.mark.parametrize("value", ["a\nb", "a\r", "\x00", "\x7f", "日本", "\u0100", "🎉", "\ud800"])
def test_illegal_header_value_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(EngineTypeError, match="`x-api-key`") as caught:
        Headers({"X-API-Key": f"secret{value}"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ü", "a\n", '"', "(a)", {}])
def test_illegal_header_name_is_refused(name: object) -> None:
    with pytest.raises(EngineTypeError, match=r"is not a legal HTTP header name$"):
        Headers([(name, "v")])  # type: ignore[list-item]


@pytest.mark.parametrize("headers", ["a: b", 5, [("a",)], ["ab"], [("a", "b", "c")]])
def test_what_is_no_mapping_and_no_pairs_is_refused(headers: object) -> None:
    with pytest.raises(EngineTypeError):
        Headers(headers)  # type: ignore[arg-type]


def test_names_that_differ_in_case_are_one_header() -> None:
    assert dict(Headers([("X-A", "1"), ("x-a", 2)])) == {"x-a": "1, 2"}
    assert dict(Headers({"X-A": "1", "x-a": MISSING})) == {"x-a": "1, undefined"}


def test_headers_are_looked_up_without_case_and_listed_sorted() -> None:
    headers = Headers({"b": "2", "A": "1"})
    assert headers["B"] == "2"
    assert "a" in headers
    assert not headers.__contains__(5)
    assert list(headers.items()) == [("a", "1"), ("b", "2")]
    assert list(headers.unsorted) == ["b", "a"]
    assert len(headers) == 2
    with pytest.raises(KeyError):
        headers["c"]


def test_headers_are_values() -> None:
    assert Headers({"a": "1", "b": "2"}) == Headers([("B", "2"), ("A", "1")])
    assert hash(Headers({"a": "1", "b": "2"})) == hash(Headers({"b": "2", "a": "1"}))
    assert Headers({"A": "1"}) == {"a": "1"}
    assert Headers({"A": "1"}) != Headers()
    assert Headers(Headers({"A": "1"})) == {"a": "1"}


def test_merged_headers_override_without_case() -> None:
    assert merge_headers({"user-agent": "a", "x": "1"}, {"User-Agent": "b", "Y": "2"}) == {
        "user-agent": "b",
        "x": "1",
        "y": "2",
    }


@pytest.mark.parametrize("value", [MISSING, "undefined"])
def test_header_value_undefined_deletes_the_header(value: object) -> None:
    assert merge_headers({"a": "1", "b": "2"}, {"A": value, "c": value}) == {"b": "2"}


def test_merging_leaves_its_base_as_it_is() -> None:
    base = {"a": "1"}
    merge_headers(base, {"a": "2", "b": "undefined"})
    assert base == {"a": "1"}


NAMES = st.sampled_from(["a", "A", "b", "X-C", "x-c"])
SOURCES = st.dictionaries(NAMES, st.sampled_from(["1", "2", "", "undefined"]), max_size=4)


@given(SOURCES, SOURCES)
def test_a_second_merge_of_the_same_headers_changes_nothing(base: dict[str, str], over: dict[str, str]) -> None:
    once = merge_headers(merge_headers({}, base), over)
    assert merge_headers(once, over) == once
    assert all(name == name.lower() for name in once)


def test_secret_headers_are_redacted() -> None:
    shown = redact_headers(
        {"X-API-Key": "k", "Authorization": "Basic x", "X-Agent": "segment", "Token": "t"}, ["TOKEN"]
    )
    assert shown == {
        "authorization": "<redacted>",
        "token": "<redacted>",
        "x-agent": "segment",
        "x-api-key": "<redacted>",
    }
    assert list(shown) == sorted(shown)


def test_every_redacted_name_is_hidden_in_a_repr() -> None:
    assert "secret" not in repr(Headers(dict.fromkeys(REDACTED_HEADERS, "secret")))
    assert repr(Headers({"X-Agent": "segment"})) == "Headers({'x-agent': 'segment'})"
