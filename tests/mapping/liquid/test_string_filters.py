"""Filters on text.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

from typing import Any

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "a" | append: "b" | prepend: "c" }}', "cab"),
        ("{{ a | append: a }}", "1a231a23"),
    ],
)
def test_append_and_prepend_want_one_argument(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{{ "a" | append }}', "append expect 2 arguments, line:1, col:1"),
        ('{{ "a" | append: 1, 2 }}', "append expect 2 arguments, line:1, col:1"),
        ('{{ "a" | prepend }}', "prepend expect 2 arguments, line:1, col:1"),
    ],
)
def test_append_and_prepend_want_one_argument_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


CASE_EVENT: dict[str, Any] = {"x": "straße ŉ İ ﬁ ÉÀ"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{{ x | upcase }}|{{ x | downcase }}|{{ x | capitalize }}",
            "STRASSE ʼN İ FI ÉÀ|straße ŉ i̇ ﬁ éà|Straße ŉ i̇ ﬁ éà",
        ),
        (('{{ "ΑΣ" | downcase }}{{ "ß" | capitalize }}{{ "𐐨a" | capitalize }}{{ "" | capitalize }}'), "αςSS𐐨a"),
    ],
)
def test_case(template: str, expected: str) -> None:
    assert render(template, CASE_EVENT) == expected


STRIP_TAKES_BLANKS_OR_THE_CHARACTERS_GIVEN_EVENT: dict[str, Any] = {"x": " \u00a0\ufeffa\u180e \n"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("[{{ x | strip }}][{{ x | lstrip }}][{{ x | rstrip }}]", "[a\u180e][a\u180e \n][ \u00a0\ufeffa\u180e]"),
        (('{{ "xxaxyx" | strip: "xy" }}|{{ "xxaxyx" | lstrip: "xy" }}|{{ "xxaxyx" | rstrip: "xy" }}'), "a|axyx|xxa"),
        ('[{{ "xx" | strip: "x" }}{{ "xx" | lstrip: "x" }}{{ "xx" | rstrip: "x" }}]', "[]"),
        ('[{{ " a " | strip: "" }}][{{ " a " | strip: nil }}][{{ "0a0" | strip: 0 }}]', "[a][ a ][0a0]"),
    ],
)
def test_strip_takes_blanks_or_the_characters_given(template: str, expected: str) -> None:
    assert render(template, STRIP_TAKES_BLANKS_OR_THE_CHARACTERS_GIVEN_EVENT) == expected


STRIP_IGNORES_CHARACTERS_OUTSIDE_THE_BMP_EVENT: dict[str, Any] = {"h": "\ud83c"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "🎉a🎉" | strip: "🎉" }}', "🎉a🎉"),
        ('{{ h | strip: "a" | json }}{{ "🎉a" | lstrip: h | json }}', '"\\ud83c""\\udf89a"'),
    ],
)
def test_strip_ignores_characters_outside_the_bmp(template: str, expected: str) -> None:
    assert render(template, STRIP_IGNORES_CHARACTERS_OUTSIDE_THE_BMP_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "abc" | replace: "b", "[$&$1]" }}', "a[$&$1]c"),
        ('{{ "abc" | replace: "", "-" }}', "a-b-c"),
        ('{{ "" | replace: "", "-" }}', ""),
        ('{{ "aaa" | replace: "a" }}', ""),
        ('{{ "a1a" | replace: 1, 2 }}', "a2a"),
        ('{{ "🎉" | replace: "", "-" | json }}', '"\\ud83c-\\udf89"'),
    ],
)
def test_replace_takes_the_replacement_literally(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "aXbXc" | replace_first: "X", "$&" }}', "a$&bXc"),
        ('{{ "aXbXc" | replace_last: "X", "-" }}', "aXb-c"),
        ('{{ "abc" | replace_first: "", "-" }}{{ "abc" | replace_last: "", "-" }}', "-abcabc-"),
        ('{{ "abc" | replace_first: "x", "-" }}{{ "abc" | replace_last: "x", "-" }}', "abcabc"),
    ],
)
def test_replace_first_and_last(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            ('{{ "aXbXc" | remove: "X" }}{{ "aXbXc" | remove_first: "X" }}{{ "aXbXc" | remove_last: "X" }}'),
            "abcabXcaXbc",
        ),
        ('{{ "abc" | remove: "" }}{{ "abc" | remove_last: "" }}{{ "abc" | remove }}', "abcabcabc"),
    ],
)
def test_remove_filters(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


HALVES_OF_SURROGATE_PAIRS_ARE_FOUND_EVENT: dict[str, Any] = {"h": "\ud83c", "l": "\udf89"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                '{{ "🎉x" | remove: h | json }}{{ "🎉x" | replace: h, "-" | json }}{{ "a🎉" | '
                'split: h | json }}{{ "🎉x" | remove_first: h | json }}'
            ),
            '"\\udf89x""-\\udf89x"["a","\\udf89"]"\\udf89x"',
        ),
        ("{% assign b = h | append: l %}{{ b }}{{ b | size }}", "🎉2"),
        ("{{ h }}{{ l }}", "🎉"),
    ],
)
def test_halves_of_surrogate_pairs_are_found(template: str, expected: str) -> None:
    assert render(template, HALVES_OF_SURROGATE_PAIRS_ARE_FOUND_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "a,b,,c,," | split: "," | json }}', '["a","b","","c"]'),
        ('{{ "" | split: "," | json }}{{ ",," | split: "," | json }}', "[][]"),
        ('{{ "🎉a" | split: "" | json }}', '["\\ud83c","\\udf89","a"]'),
        ('{{ "a b" | split | json }}{{ 123 | split: 2 | json }}', '["a"," ","b"]["1","3"]'),
    ],
)
def test_split_drops_empty_parts_at_the_end(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "abcdefghij" | truncate: 7 }}', "abcd..."),
        ('{{ "abcdefghij" | truncate: 7, "" }}', "abcdefg"),
        ('{{ "abcdef" | truncate: 2 }}', "..."),
        ('{{ "abcdef" | truncate: 0 }}', "..."),
        ('{{ "abcdef" | truncate: "4", "!" }}', "abc!"),
        ("{{ 123456 | truncate: 5 }}{{ a | truncate: 50 | json }}", '12...[1,"a",null,[2,3]]'),
        ('{{ "abcdef" | truncate: nil }}', "..."),
        ('{{ "🎉🎉🎉🎉" | truncate: 5 | json }}', '"🎉..."'),
        ('{{ "abcdef" | truncate: "x" }}', "..."),
    ],
)
def test_truncate_returns_the_value_itself_when_it_is_short(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "a b c d" | truncatewords: 2 }}', "a b..."),
        ('{{ "a b" | truncatewords: 2 }}', "a b..."),
        ('{{ "a b c" | truncatewords: 0 }}', "a..."),
        ('{{ "a b c" | truncatewords: -1, "!" }}', "a!"),
        ('[{{ " a  b " | truncatewords: 9 }}]', "[ a b ]"),
        ('{{ "a b" | truncatewords: "x" }}|{{ "" | truncatewords }}|{{ "a" | truncatewords: 1 }}', "||a..."),
    ],
)
def test_truncatewords(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ " a b  c " | number_of_words }}{{ "" | number_of_words }}', "30"),
        (
            (
                '{{ "你好 world 世界" | number_of_words: "cjk" }}{{ "你好 world 世界" | number_of_words: '
                '"auto" }}{{ "你好 world 世界" | number_of_words }}{{ "a b" | number_of_words: '
                '"auto" }}'
            ),
            "5532",
        ),
    ],
)
def test_number_of_words(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


NEWLINES_AND_BLANKS_EVENT: dict[str, Any] = {"x": "a\r\nb\n\rc \u00a0\t d"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ x | strip_newlines | json }}", '"ab\\rc \u00a0\\t d"'),
        ("{{ x | normalize_whitespace | json }}", '"a b c d"'),
    ],
)
def test_newlines_and_blanks(template: str, expected: str) -> None:
    assert render(template, NEWLINES_AND_BLANKS_EVENT) == expected


ESCAPE_EVENT: dict[str, Any] = {"x": "<a href='x'>&amp; \"&#39;\" &copy;"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ x | escape }}", "&lt;a href=&#39;x&#39;&gt;&amp;amp; &#34;&amp;#39;&#34; &amp;copy;"),
        ("{{ x | escape_once }}", "&lt;a href=&#39;x&#39;&gt;&amp; &#34;&#39;&#34; &amp;copy;"),
        ("{{ x | xml_escape }}", "&lt;a href=&#39;x&#39;&gt;&amp;amp; &#34;&amp;#39;&#34; &amp;copy;"),
        ("{{ nul | escape }}{{ 1 | escape }}", "1"),
    ],
)
def test_escape(template: str, expected: str) -> None:
    assert render(template, ESCAPE_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "<p>a<br>b</p>" | strip_html }}', "ab"),
        ('{{ "a<script>x<y</script>b<style>c</style>d<!-- e>f -->g" | strip_html }}', "abdg"),
        ('{{ "a<script>b" | strip_html }}', "ab"),
        ('{{ "a<b" | strip_html }}', "a<b"),
        ('{{ "<!-- a<b>c" | strip_html }}', "c"),
        ('{{ "a > b" | strip_html }}', "a > b"),
        ('{{ "<style a<b>c<style>d" | strip_html }}', "cd"),
    ],
)
def test_strip_html_leaves_what_is_not_closed(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


URL_FILTERS_EVENT: dict[str, Any] = {"x": "a b/é?&=+!'()*~[]日🎉%"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ x | url_encode }}", "a+b%2F%C3%A9%3F%26%3D%2B!'()*~%5B%5D%E6%97%A5%F0%9F%8E%89%25"),
        ("{{ x | cgi_escape }}", "a+b%2F%C3%A9%3F%26%3D%2B%21%27%28%29%2A~%5B%5D%E6%97%A5%F0%9F%8E%89%25"),
        ("{{ x | uri_escape }}", "a%20b/%C3%A9?&=+!'()*~[]%E6%97%A5%F0%9F%8E%89%25"),
        ("{{ 'a%20b+c%C3%A9' | url_decode }}", "a b cé"),
    ],
)
def test_url_filters(template: str, expected: str) -> None:
    assert render(template, URL_FILTERS_EVENT) == expected


MALFORMED_URLS_FAIL_EVENT: dict[str, Any] = {"h": "\ud83c"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{{ "%" | url_decode }}', "URI malformed, line:1, col:1"),
        ('{{ "%zz" | url_decode }}', "URI malformed, line:1, col:1"),
        ('a {{ "%C3" | url_decode }}', "URI malformed, line:1, col:3"),
        ("{{ h | url_encode }}", "URI malformed, line:1, col:1"),
        ('{{ "%ED%A0%80" | url_decode }}', "URI malformed, line:1, col:1"),
    ],
)
def test_malformed_urls_fail(template: str, message: str) -> None:
    assert failure(template, MALFORMED_URLS_FAIL_EVENT) == message


SLUGIFY_MODES_EVENT: dict[str, Any] = {"x": "--Sign up!  Now_é ß 日本 & (1.5) Œ ①²--"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ x | slugify }}", "sign-up-now-é-ß-日本-1-5-œ"),
        ('{{ x | slugify: "default", true }}', "Sign-up-Now-é-ß-日本-1-5-Œ"),
        ('{{ x | slugify: "ascii" }}', "sign-up-now-1-5"),
        ('{{ x | slugify: "pretty" }}', "sign-up!-now_é-ß-日本-&-(1.5)-œ"),
        ('{{ x | slugify: "raw" }}', "-sign-up!-now_é-ß-日本-&-(1.5)-œ-①²-"),
        ('{{ x | slugify: "latin" }}', "sign-up-now-e-ss-日本-1-5-oe"),
        ('{{ x | slugify: "none" }}', "--sign up!  now_é ß 日本 & (1.5) œ ①²--"),
        ('{{ x | slugify: "other" }}', "--sign up!  now_é ß 日本 & (1.5) œ ①²--"),
        ("{{ x | slugify: nul }}", "sign-up-now-é-ß-日本-1-5-œ"),
    ],
)
def test_slugify_modes(template: str, expected: str) -> None:
    assert render(template, SLUGIFY_MODES_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "-A B-" | slugify: "toString" }}', "a b"),
        ('{{ "-[object Object] B" | slugify: "__proto__" }}', "- b"),
        ('{{ "--A--" | slugify: "raw" }}', "-a-"),
    ],
)
def test_slugify_finds_inherited_modes(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


BASE64_EVENT: dict[str, Any] = {"h": "\ud83c"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "Hello é🎉" | base64_encode }}', "SGVsbG8gw6nwn46J"),
        ('{{ "SGVsbG8gw6nwn46J" | base64_decode }}', "Hello é🎉"),
        ('{{ "SGVs bG8" | base64_decode }}{{ "YQ" | base64_decode }}{{ "YWI" | base64_decode }}', "Helloaab"),
        ('{{ "YQ==YQ==" | base64_decode }}{{ "=YQ" | base64_decode }}', "a"),
        ('{{ "-_-_" | base64_decode | json }}', '"���"'),
        ("{{ h | base64_encode }}", "77+9"),
    ],
)
def test_base64(template: str, expected: str) -> None:
    assert render(template, BASE64_EVENT) == expected


def test_base64_decode_of_wide_text() -> None:
    assert render('{{ "YWŁJj" | base64_decode | json }}', EVENT) == '"a`\\t"'


HASHES_EVENT: dict[str, Any] = {"h": "\ud83c"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "a" | sha256 }}', "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("{{ h | sha256 }}", "83d544ccc223c057d2bf80d3f2a32982c32c3c0db8e2674820da5064783fb097"),
        (
            '{{ "a" | hmac_sha256: "key" }}{{ "a" | hmac_sha256 }}',
            (
                "780c3db4ce3de5b9e55816fba98f590631d96c075271b26976238d5f4444219b9615a95d4a3361"
                "18c435b9cd54c5e8644ab956b573aa2926274a1280b6674713"
            ),
        ),
    ],
)
def test_hashes(template: str, expected: str) -> None:
    assert render(template, HASHES_EVENT) == expected
