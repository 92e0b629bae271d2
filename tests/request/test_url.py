"""URLs against what the reference's `Request(url).url` gave (recorded in url_cases.json; null: it fails there)."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import EngineTypeError
from destination.request import normalise_url, parse_url, public_url, resolve_url

CASES = json.loads((Path(__file__).parent / "url_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "expected"), CASES["parse"])
def test_url_is_written_as_the_reference_writes_it(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(EngineTypeError):
            normalise_url(text)
    else:
        assert normalise_url(text) == expected


@pytest.mark.parametrize(("base", "text", "expected"), CASES["resolve"])
def test_location_is_resolved_as_the_reference_resolves_it(base: str, text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(EngineTypeError):
            resolve_url(parse_url(base), text)
    else:
        assert str(resolve_url(parse_url(base), text)) == expected


PIECES = st.sampled_from(
    [
        *("http:", "https://", "//", "/", "\\", "?", "#", "@", ":", "[", "]", "[::1]", ".", "..", "%2e", "%", "%ff"),
        *("é", "xn--", "ß", "א", "\u200d", "\ud800", "1", "0x", "80", "a", "'", ";", "|", "\ufeff", "٣", "\u0301"),
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=9).map("".join)))
def test_any_text_is_a_url_or_a_type_error_and_normal_form_is_stable(text: str) -> None:
    try:
        url = normalise_url(text)
    except EngineTypeError:
        pass
    else:
        assert url.isascii()
        assert normalise_url(url) == url


@given(st.lists(PIECES, max_size=9).map("".join))
def test_any_location_is_a_url_or_a_type_error(text: str) -> None:
    base = parse_url("https://u:p@h:8080/a/b?c#d")
    try:
        url = resolve_url(base, text)
    except EngineTypeError:
        pass
    else:
        assert parse_url(str(url)) == url


def test_byte_order_mark_is_trimmed() -> None:
    assert normalise_url("\ufeffhttps://h/\u00a0") == "https://h/"
    assert normalise_url("https://h/\u00a0") == "https://h/%C2%A0"


def test_capital_sharp_s_is_ss() -> None:
    assert normalise_url("https://FAẞ.de") == "https://fass.de/"
    assert normalise_url("https://FA%e1%BA%9e.de") == "https://fass.de/"
    assert str(resolve_url(parse_url("https://h/"), "//FAẞ.de")) == "https://fass.de/"


def test_capital_sharp_s_beside_the_host_stays() -> None:
    assert normalise_url("https://ẞ@ẞ.de/ẞ?ẞ#ẞ") == "https://%E1%BA%9E@ss.de/%E1%BA%9E?%E1%BA%9E#%E1%BA%9E"
    assert str(resolve_url(parse_url("https://h/"), "a//ẞ")) == "https://h/a//%E1%BA%9E"


@pytest.mark.parametrize("host", ["a'b", 'a"b', "a;b", "a`b", "a{b", "a}b"])
def test_host_that_the_reference_would_cut_in_two_is_refused(host: str) -> None:
    # Segment: Node sends `https://a'b.evil/` to the host `a`, with the path `/%27b.evil/`.
    with pytest.raises(EngineTypeError, match="host"):
        normalise_url(f"https://{host}/")


def test_host_beyond_255_characters_is_refused() -> None:
    with pytest.raises(EngineTypeError, match="host"):
        normalise_url(f"https://{'a.' * 128}de/")


@pytest.mark.parametrize("host", ["א1a", "אa", "xn--a", "a\u200cb"])
def test_label_that_breaks_the_rules_of_idna_is_refused(host: str) -> None:
    with pytest.raises(EngineTypeError, match="host"):
        normalise_url(f"https://{host}.de/")


@pytest.mark.parametrize("host", ["xn--a-", "xn--xn--ftp"])
def test_label_that_no_name_can_have_is_refused(host: str) -> None:
    with pytest.raises(EngineTypeError, match="host"):
        normalise_url(f"https://{host}.de/")


def test_relative_url_says_what_is_missing() -> None:
    with pytest.raises(EngineTypeError, match=r"^Only absolute URLs are supported"):
        normalise_url("h.absmartly.io/v1")


def test_other_scheme_is_named() -> None:
    with pytest.raises(EngineTypeError, match=r"^Only HTTP\(S\) protocols are supported, not `ftp:`$"):
        parse_url("ftp://h/")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("ftp://h/", "ftp://h/"), ("mailto:a@b", "mailto:a@b"), ("URN:x y", "urn:x%20y"), ("file:///x", "file:///x")],
)
def test_url_of_another_scheme_is_refused_when_sent(text: str, shown: str) -> None:
    assert normalise_url(text) == shown
    with pytest.raises(EngineTypeError, match=r"^Only HTTP\(S\) protocols"):
        parse_url(shown)


def test_no_message_shows_credentials_or_a_query() -> None:
    for text in ("https://me:secret@h h/?secret", "https://secret%zz@h/", "secret", "https://h:secret/"):
        with pytest.raises(EngineTypeError) as caught:
            normalise_url(text)
        assert "secret" not in str(caught.value)
    assert public_url("https://me:secret@h:8080/v1?secret#secret") == "https://h:8080/v1?…"
    assert public_url("https://h?") == "https://h/"


def test_parts_of_a_url() -> None:
    url = parse_url("https://u:p%20w@h:8080/a?b#c")
    assert (url.credentials, url.origin, url.target) == ("u:p w", "https://h:8080", "/a?b")
