"""The limits of memory and text.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render


def test_memory_is_limited() -> None:
    assert (
        render('{% assign b = "0123456789" %}' + "{% assign b = b | append: b %}" * 20 + "{{ b | size }}", EVENT)
        == "10485760"
    )


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
        (
            '{% assign b = "0123456789" %}' + "{% assign b = b | append: b %}" * 23 + "{{ b | size }}",
            "memory alloc limit exceeded, line:1, col:690",
        ),
        (
            '{% assign b = "0123456789" %}'
            + "{% assign b = b | append: b %}" * 20
            + '{% assign c = b | upcase | downcase %}{{ b | size }}{{ b | replace: "", b | size }}',
            "memory alloc limit exceeded, line:1, col:682",
        ),
        ('{{ 0 | date: "%99999999999N" }}', "memory alloc limit exceeded, line:1, col:1"),
    ],
)
def test_memory_is_limited_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


def test_text_is_limited() -> None:
    assert (
        failure(
            '{% assign b = "0123456789" %}'
            + "{% assign b = b | append: b %}" * 20
            + (
                "{% capture c %}{{b}}{{b}}{{b}}{{b}}{{b}}{{b}}{{b}}{{b}}{% endcapture %}{% capture d %}"
                "{{c}}{{c}}{{c}}{{c}}\n{{c}}{{c}}{{c}}{% endcapture %}{{d}}"
            ),
            EVENT,
        )
        == "Invalid string length, line:2, col:11"
    )
