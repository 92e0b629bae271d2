"""Text, outputs, tags, trim markers, raw and comments.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a {{- n -}} b", "a5b"),
        ("a {{- n }} b", "a5 b"),
        ("a {{ n -}} b", "a 5b"),
        ("a\n\t{%- if t -%}\n b \n{%- endif -%}\n c", "abc"),
        ("{{-n-}}", "5"),
        ("x\u00a0{{- n -}}\u3000y", "x5y"),
        ("x\ufeff{{- n }}", "x\ufeff5"),
    ],
)
def test_trim_markers_cut_the_blanks_beside_them(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("x {{-1}} y", "x1 y"),
        ("x {{- -1}} y", "x-1 y"),
        ("{{ -1 }}", "-1"),
        ("x {{1-}} y", "x 1y"),
    ],
)
def test_a_minus_behind_the_delimiter_is_a_marker_and_no_sign(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% raw %}{{ n }} {% if %}{% endraw %}!", "{{ n }} {% if %}!"),
        ("{% raw %}{% endraw %}", ""),
        ("a {%- raw -%} b {% endraw -%} c", "a b c"),
        ("{% raw %}{% endraw {% endraw %}|", "|"),
        ("{% raw x %}y{% endraw z %}", "y"),
    ],
)
def test_raw_is_written_as_it_stands(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_raw_is_not_closed_by_a_trimming_endraw() -> None:
    assert render("{% raw %}a {%- endraw %} b {% endraw %}", EVENT) == "a {%- endraw %} b "


def test_raw_is_not_closed_by_a_trimming_endraw_or_fails() -> None:
    assert failure("{% raw %}a {%- endraw %}", EVENT) == 'raw "{% raw %}a {%- endraw %}" not closed, line:1, col:10'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a{% comment %}{% for x in y %}{{ a | }}{% if %}{% endcomment %}b", "ab"),
        ("{% comment %}{% raw %}{% endcomment %}{% endraw %}{% endcomment %}x", "x"),
    ],
)
def test_comments_hide_tags_but_not_malformed_ones(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_comments_hide_tags_but_not_malformed_ones_or_fails() -> None:
    assert (
        failure("{% comment %}{% %}{% endcomment %}", EVENT) == "illegal tag syntax, tag name expected, line:1, col:17"
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a{% # x %}b", "ab"),
        ("a{% #x\n # y %}b", "ab"),
        ("{%- # x -%}", ""),
    ],
)
def test_inline_comments_need_a_hash_on_every_line(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_inline_comments_need_a_hash_on_every_line_or_fails() -> None:
    assert (
        failure("a{% # x\n y %}b", EVENT)
        == "every line of an inline comment must start with a '#' character, line:1, col:2"
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a {{ n", 'output "{{ n" not closed, line:1, col:3'),
        ('{{ "a }}', 'output "{{ \\"a }}" not closed, line:1, col:1'),
        ("a\n {% if t", 'tag "{% if t" not closed, line:2, col:2'),
        ("{% raw %}x", 'raw "{% raw %}x" not closed, line:1, col:10'),
        ("{% raw %}{% endraw", 'raw "{% raw %}{% endraw" not closed, line:1, col:10'),
        ("{{ n }", 'output "{{ n }" not closed, line:1, col:1'),
        ('{{ "\'" ', 'output "{{ \\"\'\\" " not closed, line:1, col:1'),
        ("{% comment %}{{ x", 'output "{{ x" not closed, line:1, col:14'),
        ("{% comment %}x", "tag {% comment %} not closed, line:1, col:1"),
        ("{% liquid\n raw\n x %}", "tag raw\n not closed, line:2, col:2"),
        (
            "{{ a very long expression that is cut off in messages | upcase",
            'output "{{ a very long expression tha..." not closed, line:1, col:1',
        ),
    ],
)
def test_what_is_not_closed_fails_at_its_beginning(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


def test_delimiters_without_content_fail() -> None:
    assert render("{{ - }}", EVENT) == ""


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{}}", 'invalid value expression: "", line:1, col:3'),
        ("{{ }}", 'invalid value expression: "", line:1, col:4'),
        ("{{-}}", 'invalid value expression: "", line:1, col:4'),
        ("{%%}", "illegal tag syntax, tag name expected, line:1, col:3"),
        ("{% %}", "illegal tag syntax, tag name expected, line:1, col:4"),
        ("{%-%}", "illegal tag syntax, tag name expected, line:1, col:4"),
        ("{%}", "illegal tag syntax, tag name expected, line:1, col:3"),
        ("{% - %}", 'tag "-" not found, line:1, col:1'),
        ("{% ' %}", "illegal tag syntax, tag name expected, line:1, col:4"),
    ],
)
def test_delimiters_without_content_fail_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{ { } } % %} }} -%}", "{ { } } % %} }} -%}"),
        ("{", "{"),
        ("a}}b%}", "a}}b%}"),
    ],
)
def test_lone_delimiters_are_text(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "}}" }}', "}}"),
        ("{{ '}}' | append: \"{{\" }}", "}}{{"),
        ('{% assign x = "%}" %}{{ x }}', '" %}'),
    ],
)
def test_quotes_hide_the_end_of_an_output_but_not_of_a_tag(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("🎉{% foo %}", 'tag "foo" not found, line:1, col:3'),
        ("a\nb\n  {% foo %}", 'tag "foo" not found, line:3, col:3'),
        ("{{ n\n | bar baz }}", 'expected ":" after filter name, line:2, col:8'),
    ],
)
def test_places_count_lines_and_utf16_units(template: str, message: str) -> None:
    assert failure(template, EVENT) == message
