"""Values, paths, operators and what cannot be read.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

from typing import Any

import pytest

from destination.mapping.liquid import compile_liquid
from destination.values import MISSING
from tests.mapping.liquid.rendering import EVENT, failure, render


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 00012 }}", "12"),
        ("{{ 1.50 }}", "1.5"),
        ("{{ -0 }}", "0"),
        ("{{ +4 }}", "4"),
        ("{{ 1. }}", "1"),
        ("{{ .5 }}", ""),
        ("{{ 1e3 }}", ""),
        ("{{ 1.2.3 }}", ""),
        ("{{ 123456789012345678901234567890 }}", "1.2345678901234568e+29"),
    ],
)
def test_numbers(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_numbers_or_fails() -> None:
    assert failure("{{ 1..3 }}", EVENT) == 'expected "|" before filter, line:1, col:6'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 'a\"b' }}", 'a"b'),
        ('{{ "a\\"b\\\\\\n\\x\\t" }}', 'a"b\\\nx\t'),
        ('{{ "\\u0041\\u42\\101\\7" | json }}', '"ABA\\u0007"'),
        ('{{ "\\ud83c\\udf89" }}', "🎉"),
        ('{% assign x = "abc %}{{ x }}', "ab"),
        ('{% assign x = "ab\\" %}{{ x }}', 'ab"'),
    ],
)
def test_quoted_texts_and_their_escapes(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_unfinished_unicode_escape_at_the_end() -> None:
    assert render('{% assign x = "\\u1234 %}{{ x }}', EVENT) == "ሴ"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{% assign x = "\\u1 %}', "Cannot read properties of undefined (reading 'charCodeAt'), line:1, col:1"),
        ('{{ "\\u', "Cannot read properties of undefined (reading 'charCodeAt')"),
    ],
)
def test_unfinished_unicode_escape_at_the_end_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ (1..5) }}", "12345"),
        ("{{ (3..1) }}", ""),
        ('{{ (n..7) | join: "," }}', "5,6,7"),
        ('{{ (1.5..4) | join: "," }}', "1.5,2.5,3.5,4.5"),
        ('{{ ("2".."4") }}', "234"),
        ("{{ (nul..2) }}", "012"),
        ("{{ (1..3).size }}{{ (1..3).last }}{{ (4..6)[1] }}", "335"),
        ("{{ (name..3) }}", ""),
        ("{{ ((1..2).size..3) }}", "23"),
        ("{{ (1..x) }}", ""),
        ('{{ (0.1..3) | join: " " }}', "0.1 1.1 2.1 3.1"),
    ],
)
def test_ranges(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ (1..", 'output "{{ (1.." not closed, line:1, col:1'),
        ("{{ (1..2 }}", "invalid range syntax, line:1, col:10"),
        ("{{ (1.2) }}", "invalid range syntax, line:1, col:9"),
        ("{{ (1, 2) }}", "invalid range syntax, line:1, col:7"),
        ("{{ (..2) }}", 'unexpected token "..2)", value expected, line:1, col:5'),
        ("{{ (1..) }}", 'unexpected token ")", value expected, line:1, col:8'),
        ("{{ (1.. }}", 'unexpected token "", value expected, line:1, col:8'),
        ("{{ ((((( }}", 'unexpected token "", value expected, line:1, col:9'),
        ("{{ () }}", 'unexpected token ")", value expected, line:1, col:5'),
    ],
)
def test_malformed_ranges(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ o.a }}{{ o["a"] }}{{ o[k] }}{{ .name }}{{ o . a }}|{{ o. a }}', "111Ada[object Object]|1"),
        (
            (
                '{{ objs[0].n }}{{ objs[-1].n }}{{ objs.last.n }}{{ objs["1"].n }}{{ objs[1.0].n }}|'
                '{{ objs[-9].n }}{{ objs["-1"].n }}'
            ),
            "ACCBB|",
        ),
        ('{{ ["name"] }}{{ [k] }}{{ o[missing] }}{{ missing.a.b }}{{ nul.a }}{{ n.a }}', "Ada1a23"),
        ("{{ name[0] }}{{ name[-1] }}{{ name.length }}{{ a.length }}", "A34"),
        ("{{ o[[k]] }}", ""),
        ('{{ o["a" b ] }}', "1"),
    ],
)
def test_paths(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_paths_or_fails() -> None:
    assert failure("{{ o[]a] }}", EVENT) == 'expected "|" before filter, line:1, col:9'


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{{ o["a" }}', "[ not closed, line:1, col:9"),
        ("{{ o[ }}", "[ not closed, line:1, col:6"),
        ("{{ [[[ }}", "[ not closed, line:1, col:7"),
    ],
)
def test_unclosed_brackets(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ a.size }}{{ s.size }}{{ o.size }}{{ em.size }}", "41120"),
        ("{{ size_o.size }}{{ size_o.first }}{{ size_o.last }}", "9F"),
        ("{{ a.first }}{{ a.last }}|{{ em.first }}{{ em.last }}|{{ s.first }}", "123||"),
        ("{{ n.size }}{{ t.size }}{{ nul.size }}{{ missing.size }}|{{ uni.size }}", "|3"),
    ],
)
def test_size_first_and_last(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ size }}", "0"),
        ("{{ first }}{{ last }}", ""),
        ("{% assign size = 3 %}{{ size }}", "3"),
        ('{{ ["size"] }}', "0"),
    ],
)
def test_size_of_nothing_is_zero(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_no_key_reaches_what_objects_inherit() -> None:
    assert (
        render(
            (
                "{{ constructor }}{{ __proto__ }}{{ o.constructor }}{{ o.__proto__ }}{{ o.__class__ }}"
                "{{ s.upper }}{{ s.toUpperCase }}{{ a.append }}{{ a.push }}{{ n.real }}{{ o.keys }}{{ "
                'o["__class__"] }}{{ a.__len__ }}{{ hasOwnProperty }}'
            ),
            EVENT,
        )
        == ""
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ name n }}", "Ada"),
        ('{{ name == "Ada" n }}', "Ada"),
        ("{{ n 3 == 3 }}", "5"),
    ],
)
def test_adjacent_values_print_the_first(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ n == 5 }}{{ n != 5 }}{{ n > 4 }}{{ n >= 5 }}{{ n < "6" }}{{ n <= 4 }}', "truefalsetruetruetruefalse"),
        (
            (
                '{{ "10" < "9" }}{{ "10" < 9 }}{{ s contains "World" }}{{ a contains 1 }}{{ a '
                'contains "1" }}{{ o contains "a" }}{{ n contains 5 }}{{ s contains 5 }}{{ missing '
                "contains 1 }}"
            ),
            "truefalsetruetruefalsefalsefalsefalsefalse",
        ),
        (
            "{{ not n }}{{ not nul }}{{ not }}{{ and }}{{ n == }}{{ == n }}{{ contains }}",
            "falsetruetruefalsefalsefalsefalse",
        ),
    ],
)
def test_operators_print_true_and_false(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ false and false or true }}", "false"),
        ("{{ true or false and false }}", "true"),
        ("{{ not true or true }}", "true"),
        ("{{ not (1..2) == nul }}", "true"),
        ("{{ 1 == 1 == true }}", "false"),
        ("{{ not 1 == 2 and true }}", "true"),
    ],
)
def test_and_or_associate_to_the_right(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_operators_are_whole_words() -> None:
    assert render("{{ order }}{{ nota }}{{ and-x }}{{ contains? }}{{ or.name }}", EVENT) == "true"


def test_only_false_and_nil_are_false() -> None:
    assert (
        render(
            (
                "{% if e %}1{% endif %}{% if em %}2{% endif %}{% if 0 %}3{% endif %}{% if fa %}4{% "
                "endif %}{% if nul %}5{% endif %}{% if missing %}6{% endif %}{% if empty %}7{% endif %}"
                "{% if blank %}8{% endif %}{% if nil %}9{% endif %}"
            ),
            EVENT,
        )
        == "12378"
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{{ nul == nil }}{{ missing == nil }}{{ fa == nil }}{{ nil == nil }}{{ nil == null }}",
            "truetruefalsetruetrue",
        ),
        (
            (
                "{{ e == empty }}{{ em == empty }}{{ o == empty }}{{ nul == empty }}{{ empty == empty "
                "}}{{ empty == blank }}{{ 0 == empty }}"
            ),
            "truetruefalsefalsefalsefalsefalse",
        ),
        (
            (
                '{{ " " == blank }}{{ nul == blank }}{{ fa == blank }}{{ em == blank }}{{ blank == '
                "blank }}{{ nil == blank }}{{ blank == nil }}{{ 0 == blank }}"
            ),
            "truetruetruetruefalsefalsetruefalse",
        ),
        (
            (
                "{{ nil < 1 }}{{ nil >= 0 }}{{ 1 > nil }}{{ nul >= 0 }}{{ empty < 1 }}{{ em contains "
                "nil }}{{ a contains nil }}"
            ),
            "falsefalsefalsetruefalsefalsetrue",
        ),
    ],
)
def test_nil_empty_and_blank_compare_in_their_own_way(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                "[{{ nil }}{{ empty }}{{ blank }}]{{ nil | json }}{{ empty | size }}{{ nil | default: "
                "1 }}{{ blank | default: 2 }}{{ nil | plus: 1 }}"
            ),
            "[]{}0121",
        ),
        (
            (
                "{{ nil.equals }}{{ empty.equals }}{{ blank.equals }}{{ nil.gt }}{{ nil.toString }}{{ "
                "nil.size }}{{ nil.hasOwnProperty }}{{ empty.valueOf }}{{ empty.__proto__ }}"
            ),
            "truefalsetruefalse[object Object]false",
        ),
        ("{{ o[nil] }}{{ [nil] }}{{ [empty] }}{{ true.size }}", ""),
    ],
)
def test_nil_empty_and_blank_as_values(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ nil.constructor }}", "Class constructor NullDrop cannot be invoked without 'new', line:1, col:4"),
        ("{{ empty.__defineGetter__ }}", "Object.prototype.__defineGetter__: Expecting function, line:1, col:4"),
    ],
)
def test_nil_empty_and_blank_as_values_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


def test_lists_are_equal_item_by_item() -> None:
    assert (
        render(
            (
                "{{ a == a }}{{ em == em }}{{ o == o }}{% assign b = a | slice: 0, 9 %}{{ a == b }}{% "
                'assign c = "1,2" | split: "," %}{{ c == (1..2) }}{{ em == e }}{{ e == em }}'
            ),
            EVENT,
        )
        == "truetruetruetruefalsefalsefalse"
    )


TEXTS_COMPARE_BY_UTF16_UNITS_EVENT: dict[str, Any] = {"x": "🎉", "y": "￮"}


def test_texts_compare_by_utf16_units() -> None:
    assert render("{{ x > y }}{{ x < y }}", TEXTS_COMPARE_BY_UTF16_UNITS_EVENT) == "falsetrue"


OUTPUT_OF_VALUES_EVENT: dict[str, Any] = {
    "a": [1, "a", None, [2, {"b": 1}]],
    "o": {},
    "t": True,
    "fa": False,
    "nul": None,
    "x": 1e21,
    "y": 1.5e-07,
    "z": 12345678901234567890,
}


def test_output_of_values() -> None:
    assert (
        render("{{ a }}|{{ o }}|{{ t }}{{ fa }}{{ nul }}{{ missing }}|{{ x }}|{{ y }}|{{ z }}", OUTPUT_OF_VALUES_EVENT)
        == "1a2[object Object]|[object Object]|truefalse|1e+21|1.5e-7|12345678901234567000"
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ n | }}", "5"),
        ("{{ n | plus: , 2 }}", "7"),
    ],
)
def test_expressions_that_cannot_be_read(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ | upcase }}", 'invalid value expression: "| upcase", line:1, col:4'),
        ("{{ ! }}", 'invalid value expression: "!", line:1, col:4'),
        ("{{ n ! }}", 'expected "|" before filter, line:1, col:7'),
        ("{{ n | | upcase }}", "expected filter name, line:1, col:8"),
        ('{{ n | "x" }}', "expected filter name, line:1, col:8"),
        ("{{ n | upcase x }}", 'expected ":" after filter name, line:1, col:15'),
        ('{{ n | append: "x" "y" }}', 'unexpected character "\\"y\\"", line:1, col:20'),
        ('{{ n | append "x" }}', 'expected ":" after filter name, line:1, col:15'),
        ("{{ n | append: }}", "append expect 2 arguments, line:1, col:1"),
        ("{{ n | append: !}}", 'unexpected character "!", line:1, col:16'),
        ("{% if %}{% endif %}", 'invalid value expression: "", line:1, col:6'),
        ("{% assign %}", "expected variable name, line:1, col:10"),
        ("{% assign x %}", 'expected "=", line:1, col:12'),
        ("{% assign = 1 %}", "expected variable name, line:1, col:11"),
        ("{% assign x = %}", 'invalid value expression: "", line:1, col:14'),
        ("{% assign x.y = 1 %}", 'expected "=", line:1, col:12'),
        ("{% assign x == 1 %}", 'invalid value expression: "= 1", line:1, col:14'),
    ],
)
def test_expressions_that_cannot_be_read_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "x" | append: a: 1 }}', "xa1"),
        ('{{ "x" | append: k: missing }}', "xk"),
        ("{{ 1 | plus: a: 1 }}", "1"),
        ('{{ "x" | append: "q": }}', 'x"q"'),
        (
            ("{{ fa | default: 1, allow_false: true }}{{ fa | default: 1, allow_false: false }}{{ fa | default: 1 }}"),
            "false11",
        ),
    ],
)
def test_named_arguments_are_lists_of_name_and_value(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


DROPS_ARE_LOOKED_FOR_UNDER_ANOTHER_NAME_THAN_THEY_ARE_READ_EVENT: dict[str, Any] = {
    "[object Object]": 1,
    "null": "x",
    "": "y",
    "o": {"null": 2},
}


def test_drops_are_looked_for_under_another_name_than_they_are_read() -> None:
    assert (
        render(
            "{{ [nil] }}|{{ [empty] }}|{{ o[nil] }}", DROPS_ARE_LOOKED_FOR_UNDER_ANOTHER_NAME_THAN_THEY_ARE_READ_EVENT
        )
        == "x|y|2"
    )


def test_expressions_are_reported_as_they_are_written() -> None:
    template = compile_liquid(
        "{% if a.b contains 'x' and not c %}{{ d[0] | replace: 'a', e | default: f, allow_false: true }}"
        '{% elsif (1..3) %}{% capture g %}{{ h }}{% endcapture %}{% else %}{% unless true %}{{ "i" }}{% endunless %}'
        "{% endif %}"
    )
    assert [(expression.kind, expression.text, expression.reads) for expression in template.expressions()] == [
        ("condition", "a.b contains 'x' and not c", True),
        ("output", "d[0] | replace: 'a', e | default: f, allow_false: true", True),
        ("condition", "(1..3)", True),
        ("output", "h", True),
        ("condition", "true", False),
        ("output", '"i"', False),
    ]


def test_only_computed_values_are_reported() -> None:
    reported: list[tuple[str, object]] = []
    template = compile_liquid("{% if a %}{{ b | upcase }}{% else %}{{ c }}{% endif %}{{ d }}")
    watched = template.watched(lambda expression, value: reported.append((expression.text, value)))
    assert watched({"a": 1, "b": "x"}) == "X"
    assert reported == [("a", 1), ("b | upcase", "X"), ("d", MISSING)]
