"""Secrets in the forms in which they come back: quoted, encoded, read in another encoding."""

import base64
import html
import json
from collections.abc import Callable
from time import process_time
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination import Request, RequestClient
from destination.request import SearchParams
from destination.request.prepare import basic_auth
from destination.runtime import Redactor
from destination.runtime.secret_forms import pattern_of, plain_parts

SECRETS = [
    "sk_live-0123.45",
    "a+b/c=d",
    "p ä55&w0rd",
    "quo\"te'd\\back",
    "\\\\two\\",
    "per%25cent%",
    "ключ-ключ",
    "emo😀ji",
    "-----BEGIN KEY-----\nMII+/=\n-----END KEY-----",
    "tab\tand\x00nul",
    "<a href='x'>~*!()",
    "$pecial`tick",
]

_client = RequestClient()


def _in_query(secret: str) -> str:
    return _client(f"https://h.test/v1?key={secret.replace('#', '').replace('&', '%26')}&a=1").url


def _go_json(secret: str) -> str:
    """As Go's and some other writers of JSON have it: safe to be put into HTML."""
    return (
        json.dumps(secret).replace("<", "\\u003c").replace("&", "\\u0026").replace("'", "\\u0027").replace("/", "\\/")
    )


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "search_params": lambda secret: str(SearchParams({"key": secret, "a": 1})),
    "URL of the request client": _in_query,
    "urllib quote": quote,
    "urllib quote of everything": lambda secret: quote(secret, safe=""),
    "urllib quote_plus": quote_plus,
    "lower-case percent": lambda secret: quote(secret, safe="").replace("%2B", "%2b").replace("%2F", "%2f"),
    "quoted twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "urlencode": lambda secret: urlencode({"key": secret}),
    "JSON": json.dumps,
    "JSON in UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False),
    "JSON for HTML": _go_json,
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"key": secret})),
    "repr": repr,
    "ascii": ascii,
    "repr of bytes": lambda secret: repr(secret.encode()),
    "repr of JSON": lambda secret: repr(json.dumps({"key": secret})),
    "JSON of a quoted query": lambda secret: json.dumps({"url": f"?key={quote_plus(secret)}"}),
    "HTML": html.escape,
    "HTML by numbers": lambda secret: "".join(
        c if c.isascii() and (c.isalnum() or c in "-._") else f"&#{ord(c)};" for c in secret
    ),
    "UTF-8 read as Latin-1": lambda secret: secret.encode().decode("latin-1"),
    "UTF-8 read as ASCII": lambda secret: secret.encode().decode("ascii", "replace"),
    "Latin-1 read as UTF-8": lambda secret: secret.encode("latin-1", "replace").decode("utf-8", "replace"),
    "Latin-1 with surrogates": lambda secret: secret.encode("utf-8").decode("ascii", "surrogateescape"),
    "Basic with a user": lambda secret: basic_auth(f"me@h.test:{secret}"),
    "Basic with another user": lambda secret: basic_auth(f"api:{secret}"),
    "Basic of a token": lambda secret: basic_auth(f"{secret}:"),
    "Base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "Base64 for URLs": lambda secret: base64.urlsafe_b64encode(f"{secret}:x".encode()).decode().rstrip("="),
    "Base64 in a query": lambda secret: quote(base64.b64encode(f"u:{secret}".encode()).decode(), safe=""),
    "Base64 in JSON": lambda secret: json.dumps(basic_auth(f"user:{secret}")).replace("/", "\\/"),
    "Base64 of Latin-1": lambda secret: base64.b64encode(f"user:{secret}".encode("latin-1", "replace")).decode(),
}

_LOST = {  # what another encoding has no character for is a `?`, as in any text
    (form, secret)
    for form in ("Latin-1 read as UTF-8", "Base64 of Latin-1")
    for secret in SECRETS
    if any(ord(char) > 0xFF for char in secret)
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_found_in_every_form(secret: str, form: str) -> None:
    if (form, secret) in _LOST:
        pytest.skip("another character stands there")
    text = FORMS[form](secret)
    redactor = Redactor({"key": secret}, ["key"])
    shown = redactor.text(f"error: <{text}> end")
    assert text not in shown
    assert "<redacted>" in shown
    assert shown.startswith("error: <")
    assert shown.endswith("> end")
    left = "".join(char for char in shown.replace("<redacted>", "") if char.isalnum())
    assert len(left) <= len("errorend") + len("httpshtestv1keya1") + len("Basic")


def test_a_secret_whose_bytes_make_fewer_characters_when_misread_is_found() -> None:
    redactor = Redactor({"key": "00Â¡0"}, ["key"])
    assert redactor.text("error: 00¡0 is wrong") == "error: <redacted> is wrong"


@settings(derandomize=True)
@given(st.text(min_size=4, max_size=30).filter(lambda text: len(text.strip()) >= 4), st.sampled_from(sorted(FORMS)))
def test_any_secret_is_found_in_any_form(secret: str, form: str) -> None:
    if form in ("Latin-1 read as UTF-8", "Base64 of Latin-1", "URL of the request client"):
        secret = "".join(char for char in secret if ord(char) <= 0xFF and char.isprintable())
    text = FORMS[form](secret)
    if min(len(secret.strip()), len(text.strip())) < 4:  # misread, a secret may become too short to be told from others
        return
    assert "<redacted>" in Redactor({"key": secret}, ["key"]).text(text)


def test_what_a_partner_echoes_of_basic_auth_is_masked_as_a_whole() -> None:
    redactor = Redactor({"password": "s3cr3t/pass"}, ["password"])
    pending = _client("https://h.test/", username="someone", password="s3cr3t/pass")
    header = pending.headers["authorization"]
    assert redactor.text(f'{{"error":"bad header {header}."}}') == '{"error":"bad header Basic <redacted>."}'
    assert redactor.text(f"token={header.removeprefix('Basic ')}&x=1") == "token=<redacted>&x=1"


def test_a_secret_in_a_url_is_masked_in_what_is_shown_of_a_request() -> None:
    redactor = Redactor({"key": "a+b/c=d"}, ["key"])
    pending = _client(
        "https://h.test/v1", "post", search_params={"key": "a+b/c=d"}, body=SearchParams({"k": "a+b/c=d"})
    )
    assert pending.url == "https://h.test/v1?key=a%2Bb%2Fc%3Dd"
    request = Request("POST", pending.url, pending.headers, b"k=a%2Bb%2Fc%3Dd&n=1")
    shown = redactor.request(request)
    assert (shown["url"], shown["body"]) == ("https://h.test/v1?key=<redacted>", "k=<redacted>&n=1")


def test_secrets_that_overlap_leave_nothing_of_either() -> None:
    redactor = Redactor({"a": "abcd", "b": "bcdefg", "c": "fghi"}, ["a", "b", "c"])
    assert redactor.text("xabcdefghix abcd fghi") == "x<redacted>x <redacted> <redacted>"
    assert redactor.text("abcdabcd") == "<redacted><redacted>"


def test_white_space_around_a_secret_does_not_hide_it() -> None:
    assert Redactor({"key": " s3cr3t\n"}, ["key"]).text("key s3cr3t.") == "key <redacted>."


def test_text_that_only_resembles_a_secret_stays() -> None:
    redactor = Redactor({"key": "a+b/c=d"}, ["key"])
    for text in ("a b/c=d e", "a%2Cb%2Fc%3Dd", "aGVsbG8gd29ybGQ=", "A+B/C=D", "a+b"):
        assert redactor.text(text) == text or text == "a b/c=d e"


def test_json_is_written_without_secrets() -> None:
    redactor = Redactor({"key": 'quo"te\n'}, ["key"])
    value = {"a": ['x quo"te y', {'quo"te': 1}], "b": 'x\\"quo\\"te', "c": 1.0}
    assert redactor.json(value) == b'{"a":["x <redacted> y",{"<redacted>":1}],"b":"x\\\\\\"<redacted>","c":1}'
    assert redactor.json({"a": 1.0}) == b'{"a":1}'
    assert redactor.json("\ud800") == b'"\\ud800"'


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        "\\" * 200_000,
        "%25" * 100_000,
        "&amp;" * 100_000,
        "%" + "25" * 100_000,
        "\ufffd" * 100_000,
        "&#0" + "0" * 100_000,
    ],
    ids=["backslashes", "percents", "ampersands", "one percent", "replacement characters", "zeros"],
)
def test_no_text_makes_the_search_slow(text: str) -> None:
    # In square time each of these would take minutes, on any machine.
    keys = {str(number): secret for number, secret in enumerate(SECRETS)}
    redactor = Redactor(keys, list(keys))
    began = process_time()
    redactor.text(text)
    assert process_time() - began < 20


def test_text_full_of_secrets_is_masked_in_one_go() -> None:
    redactor = Redactor({"key": "s3cr3t/pass"}, ["key"])
    run = base64.b64encode(b"s3cr3t/pass" * 30_000).decode()
    assert redactor.text(run) == "<redacted>"
    assert redactor.text("s3cr3t/pass " * 10_000) == "<redacted> " * 10_000


def test_many_tokens_share_one_expression() -> None:
    tokens = [f"eyJhbGciOi{number:04}.token" for number in range(32)]
    redactor = Redactor({}, [])
    redactor.remember(tokens)
    assert redactor.text(" ".join(tokens)) == " ".join(["<redacted>"] * 32)
    assert pattern_of(tokens).pattern.count("eyJhbGciOi") == 1
    redactor.remember([tokens[0], "another-token"])
    assert redactor.text(f"{tokens[0]} {tokens[1]} another-token") == f"<redacted> {tokens[1]} <redacted>"


@settings(derandomize=True)
@given(
    st.lists(st.sampled_from(SECRETS) | st.text(min_size=4, max_size=30), min_size=1, max_size=3),
    st.lists(st.sampled_from(sorted(FORMS)), min_size=1, max_size=2),
    st.text(max_size=20),
)
def test_a_text_that_is_surely_free_has_no_secret(secrets: list[str], forms: list[str], around: str) -> None:
    redactor = Redactor(dict.fromkeys(secrets), ())
    redactor.remember(secrets)
    pattern = pattern_of(secret for secret in secrets if len(secret) >= 4)
    for secret in secrets:
        text = secret
        for form in forms:
            try:
                text = FORMS[form](text)
            except Exception:  # noqa: BLE001  not every text can be in every form
                break
        text = around + text + around
        found = pattern.search(text) is not None
        assert (redactor.text(text) != text) == (found and text != "<redacted>")
        for written in (text, json.dumps(text), json.dumps(text, ensure_ascii=False)):
            if found:
                assert not redactor.is_surely_free(written.encode("utf-8", "surrogatepass"))


def test_a_plain_part_of_every_form_is_in_it() -> None:
    for secret in SECRETS:
        parts = plain_parts([secret])
        if parts is None:
            continue
        for name, form in FORMS.items():
            if (name, secret) not in _LOST:
                assert any(part in form(secret) for part in parts), (secret, name)
    assert plain_parts(["ключ-ключ"]) == ("-", *(plain_parts(["ключ-ключ"]) or ())[1:])
    assert plain_parts(["ключ"]) is None
    assert plain_parts(["abcdefgh", "xxabcdefghxx"])[0] == "abcdefgh"  # type: ignore[index]
