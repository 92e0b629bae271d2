"""The limits of memory, as recorded from liquidjs 10.27.2, and those of text and work, which are of here."""

from typing import Any

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render

DOUBLING = "{% assign b = b | append: b %}"
TOO_LONG = "@liquid: a text has at most 2,000,000 characters, but this one has more"
WORK = "the mapping takes more than 10,000,000 steps of work for this event"


def test_a_text_may_have_two_million_characters() -> None:
    begin = '{% assign b = "0123456789" %}'
    assert render(begin + DOUBLING * 16 + "{{ b | size }}", EVENT) == "655360"
    assert failure("{{ b | append: b }}", {"b": "a" * 1_000_001}) == TOO_LONG
    captures = "{% capture b %}{{ b }}{{ b }}{% endcapture %}"
    assert failure(begin + captures * 18, EVENT) == TOO_LONG
    assert failure("{{ b }}{{ b }}", {"b": "a" * 1_000_001}) == TOO_LONG
    assert failure("{{ b | replace: '', b }}", {"b": "a" * 2_000}) == TOO_LONG
    assert failure("{{ b | json: '          ' }}", {"b": [[[[0] * 20_000]] * 3]}) == TOO_LONG


@pytest.mark.parametrize(
    ("template", "event"),
    [
        ("{{ b | upcase | downcase }}" * 4, {"b": "a" * 1_000_000}),
        ("{{ b | split: '' | size }}", {"b": "a" * 500_000}),
        ("{{ b | json | size }}" * 10, {"b": [{"n": 1}] * 20_000}),
        ("{% if b contains 'x' %}{% endif %}" * 10, {"b": ["a"] * 100_000}),
        ("{% if b == c %}{% endif %}" * 10, {"b": ["a"] * 200_000, "c": ["a"] * 200_000}),
        ("{% assign a = (1..999999) %}" * 2, {}),
        ("{{ b | sum: 'a.b.c.d.e.f' }}", {"b": [1] * 200_000}),
        ("{{ b | where: c | size }}", {"b": [1] * 20_000, "c": "a.b" * 100}),
        ("{{ 0 | date: b }}", {"b": "%s" * 100_000}),
        ("{{ b | join | size }}" * 30, {"b": [1] * 50_000}),
        ("{{ b | strip: b }}" * 40, {"b": "".join(map(chr, range(256, 50_000)))}),
    ],
)
def test_work_is_limited(template: str, event: Any) -> None:
    assert failure(template, event, directive=None) == WORK


def test_the_last_place_is_found_in_linear_time() -> None:
    text = "a" * 100_000
    assert render("{{ t | replace_last: s, 'x' }}", {"t": text + "ab", "s": "ab"}) == text + "x"
    assert render("{{ t | replace_last: s, 'x' }}", {"t": text, "s": "ab" + "a" * 50_000}) == text
    assert render("{{ t | remove_last: 'b' }}{{ t | replace_last: '', 'x' }}", {"t": "abcbd"}) == "abcdabcbdx"


def test_many_characters_are_stripped_as_few_are() -> None:
    members = "".join(map(chr, range(0x4E00, 0x4E80)))
    event = {"t": members + "x" + members, "m": members}
    template = "{{ t | strip: m }}|{{ t | lstrip: m | size }}|{{ t | rstrip: m | size }}"
    assert render(template, event) == "x|129|129"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ (1..100000001) | size }}", "memory alloc limit exceeded, line:1, col:1"),
        ("{{ a[(1..200000000)] }}", "memory alloc limit exceeded, line:1, col:1"),
        ("{{ (1..200000000)[0] }}", "memory alloc limit exceeded, line:1, col:4"),
        ("{{ (1..200000000).size }}", "memory alloc limit exceeded, line:1, col:4"),
        ('{{ 0 | date: "%100000001d" }}', "memory alloc limit exceeded, line:1, col:1"),
        ('{{ "x" | slice: 0, 100000001 }}', "memory alloc limit exceeded, line:1, col:1"),
        ("{% if (1..200000000) %}{% endif %}", "memory alloc limit exceeded, line:1, col:1"),
        ("a\n {% assign x = (1..200000000) %}", "memory alloc limit exceeded, line:2, col:2"),
        ('{{ 0 | date: "%99999999999N" }}', "memory alloc limit exceeded, line:1, col:1"),
    ],
)
def test_memory_is_limited_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message
