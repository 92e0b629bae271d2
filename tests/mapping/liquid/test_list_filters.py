"""Filters on lists, and those that fit nowhere else.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

from typing import Any

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ a | join: "-" }}', "1-a--2,3"),
        ("{{ a | join }}{{ a | join: nil }}", "1 a  2,31 a  2,3"),
        ('{{ "x" | join: "-" }}{{ nul | join }}{{ 5 | join }}', "x5"),
        ("{{ objs | join }}", "[object Object] [object Object] [object Object]"),
        ("{{ a | join: 0 }}", "10a002,3"),
    ],
)
def test_join(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


FIRST_LAST_AND_SIZE_EVENT: dict[str, Any] = {
    "name": "Ada",
    "n": 5,
    "f": 2.5,
    "s": "Hello World",
    "e": "",
    "a": [1, "a", None, [2, 3]],
    "em": [],
    "o": {"a": 1, "b": "x"},
    "t": True,
    "fa": False,
    "nul": None,
    "uni": "🎉x",
    "objs": [{"n": "A", "v": 1, "ok": True}, {"n": "B", "v": "2", "ok": False}, {"n": "C"}],
    "size_o": {"size": 9, "first": "F"},
    "k": "a",
    "x": {"length": 2, "0": "zero", "1": "one"},
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                '{{ a | first }}{{ a | last }}{{ "abc" | first }}{{ "abc" | last }}[{{ em | first '
                "}}{{ nul | last }}{{ 5 | first }}{{ e | last }}]"
            ),
            "123ac[]",
        ),
        ("{{ a | size }}{{ s | size }}{{ o | size }}{{ 5 | size }}{{ nul | size }}", "411000"),
        ("{{ x | first }}{{ x | last }}{{ x | size }}", "zeroone2"),
    ],
)
def test_first_last_and_size(template: str, expected: str) -> None:
    assert render(template, FIRST_LAST_AND_SIZE_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                '{{ "abcdef" | slice: 2 }}{{ "abcdef" | slice: -2 }}{{ "abcdef" | slice: 1, 3 }}'
                '{{ "abcdef" | slice: -3, 2 }}'
            ),
            "cebcdde",
        ),
        (('[{{ "abc" | slice: -9 }}{{ "abc" | slice: 0, -1 }}{{ "abc" | slice: 9 }}{{ "abc" | slice }}]'), "[]"),
        ("{{ a | slice: 1, 2 | json }}{{ a | slice: -9 | json }}{{ nul | slice: 1 | json }}", '["a",null][][]'),
        ('{{ uni | slice: 0 | json }}{{ 12345 | slice: 1, 2 }}{{ "abcdef" | slice: 1.9, 2.9 }}', '"\\ud83c"23bcd'),
    ],
)
def test_slice(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "abcdefghijklmn" | slice: "1" }}', "bcdefghijk"),
        ('{{ "abcdefghijklmn" | slice: 1, "2" }}', "bcdefghijkl"),
        ('{{ "abcdef" | slice: "-2" }}', ""),
        ('{{ "abc" | slice: "x", 2 }}', ""),
        ('{{ "abcdef" | slice: o }}', ""),
        ('{{ "abc" | slice: nil, 2 }}{{ "abc" | slice: t }}', "abb"),
    ],
)
def test_slice_adds_texts_as_texts(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


COMPACT_AND_SUM_EVENT: dict[str, Any] = {
    "name": "Ada",
    "n": 5,
    "f": 2.5,
    "s": "Hello World",
    "e": "",
    "a": [1, "a", None, [2, 3]],
    "em": [],
    "o": {"a": 1, "b": "x"},
    "t": True,
    "fa": False,
    "nul": None,
    "uni": "🎉x",
    "objs": [{"n": "A", "v": 1, "ok": True}, {"n": "B", "v": "2", "ok": False}, {"n": "C"}],
    "size_o": {"size": 9, "first": "F"},
    "k": "a",
    "x": [{"a": {"b": 1.5}}, {"a": {"b": "2"}}, {"a": None}, 3],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ a | compact | json }}{{ nul | compact | json }}", '[1,"a",[2,3]][]'),
        ('{{ (1..4) | sum }}{{ objs | sum: "v" }}{{ objs | sum: "n" }}{{ a | sum }}{{ "5" | sum }}', "103015"),
        ('{{ x | sum: "a.b" }}{{ x | sum: "" }}', "3.53"),
    ],
)
def test_compact_and_sum(template: str, expected: str) -> None:
    assert render(template, COMPACT_AND_SUM_EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{{ a | push: 9 | json }}{{ a | unshift: 9 | json }}{{ a | pop | json }}{{ a | shift | json }}",
            '[1,"a",null,[2,3],9][9,1,"a",null,[2,3]][1,"a",null]["a",null,[2,3]]',
        ),
        (
            ('{{ nul | push: 1 | json }}{{ "x" | push: nil | json }}{{ em | pop | json }}{{ a | push | json }}'),
            '[1]["x",{}][][1,"a",null,[2,3],null]',
        ),
        ("{% assign b = em | push: nil %}{{ b | join }}{{ b }}{{ b | compact | size }}", "[object Object]0"),
        (
            "{% assign b = em %}" + "{% assign b = b | push: b %}" * 5 + "{{ b | json }}",
            "[[],[[]],[[],[[]]],[[],[[]],[[],[[]]]],[[],[[]],[[],[[]]],[[],[[]],[[],[[]]]]]]",
        ),
    ],
)
def test_push_pop_shift_and_unshift(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ objs | where: "ok" | json }}', '[{"n":"A","v":1,"ok":true}]'),
        ('{{ objs | where: "n", "B" | json }}', '[{"n":"B","v":"2","ok":false}]'),
        (
            (
                '{{ objs | where: "v", 2 | size }}{{ objs | where: "v", missing | size }}{{ objs | '
                'where: "v", nil | size }}'
            ),
            "021",
        ),
        (
            ('{{ "x" | where: "length", 1 | json }}{{ nul | where: "a" | json }}{{ o | where: "a", 1 | json }}'),
            '["x"][][{"a":1,"b":"x"}]',
        ),
        (
            (
                '{{ objs | where: "size", 0 | size }}{{ objs | where: "", nil | size }}{{ objs | '
                'where: "x y", nil | size }}{{ objs | where: "n[0]", "C" | size }}'
            ),
            "3331",
        ),
    ],
)
def test_where(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_where_reads_its_path_when_it_runs() -> None:
    assert (
        render(
            (
                '{{ objs | where: \'["n"]\', "A" | size }}{{ objs | where: ".n", "A" | size }}{{ '
                'objs | where: "n.", "A" | size }}{{ objs | where: \'"n"\' | size }}{{ objs | '
                'where: "[k]" | size }}'
            ),
            EVENT,
        )
        == "11100"
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{{ objs | where: "n[" }}', "[ not closed, line:1, col:3"),
        ('{{ objs | where: "[(1..200000000)]" }}', "memory alloc limit exceeded, line:1, col:1"),
    ],
)
def test_where_reads_its_path_when_it_runs_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            (
                "{{ nul | default: 1 }}{{ fa | default: 2 }}{{ e | default: 3 }}{{ em | default: 4 }}"
                "{{ 0 | default: 5 }}{{ o | default: 6 }}{{ missing | default }}{{ name | default: 7 }}"
            ),
            "12340[object Object]Ada",
        ),
        ("{{ t | default: 1, 2 }}", "true"),
        ("{{ fa | default: 1, o }}{{ fa | default: 1, a }}", "11"),
    ],
)
def test_default(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ fa | default: 1, 2 }}", "Iterator value 2 is not an entry object, line:1, col:1"),
        ("{{ fa | default: 1, nul }}", "Iterator value null is not an entry object, line:1, col:1"),
    ],
)
def test_default_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


JSON_EVENT: dict[str, Any] = {
    "a": [1, None, {"b": []}],
    "o": {"b": 1.0, "10": True, "2": [1, {}]},
    "s": 'a"\\\n\u2028é\ud83c',
    "nul": None,
    "em": [],
    "x": {"n": 12345678901234567890, "m": 1e21, "d": {"e": [[], {"f": None}]}},
    "t": True,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{{ a | json }}{{ o | jsonify }}{{ s | json }}{{ nul | json }}[{{ missing | json }}]",
            '[1,null,{"b":[]}]{"2":[1,{}],"10":true,"b":1}"a\\"\\\\\\n\u2028é\\ud83c"null[]',
        ),
        (
            (
                '{{ o | json: 2 }}|{{ o | json: "--" }}|{{ o | json: 99 }}|{{ em | json: 2 }}|{{ o | '
                "json: nil }}|{{ o | inspect: t }}"
            ),
            (
                '{\n  "2": [\n    1,\n    {}\n  ],\n  "10": true,\n  "b": 1\n}|{\n--"2": '
                '[\n----1,\n----{}\n--],\n--"10": true,\n--"b": 1\n}|{\n          "2": [\n       '
                '             1,\n                    {}\n          ],\n          "10": true,\n      '
                '    "b": 1\n}|[]|{"2":[1,{}],"10":true,"b":1}|{"2":[1,{}],"10":true,'
                '"b":1}'
            ),
        ),
        ("{{ x | inspect }}", '{"n":12345678901234567000,"m":1e+21,"d":{"e":[[],{"f":null}]}}'),
        (
            "{{ x | json: 1 }}",
            (
                '{\n "n": 12345678901234567000,\n "m": 1e+21,\n "d": {\n  "e": [\n   [],\n   '
                '{\n    "f": null\n   }\n  ]\n }\n}'
            ),
        ),
    ],
)
def test_json(template: str, expected: str) -> None:
    assert render(template, JSON_EVENT) == expected


def test_raw_and_unknown_filters_pass_through() -> None:
    assert (
        render("{{ a | raw | json }}{{ n | foo }}{{ n | foo: 1, x: 2 }}{{ n | constructor }}{{ n | unescape }}", EVENT)
        == '[1,"a",null,[2,3]]5555'
    )


def test_unknown_filters_find_their_arguments() -> None:
    assert failure("{{ n | foo: (1..200000000) }}", EVENT) == "memory alloc limit exceeded, line:1, col:1"


def test_disabled_filters_fail_when_they_run() -> None:
    assert render('{% if fa %}{{ a | map: "x" }}{% endif %}ok', EVENT) == "ok"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{{ a | array_to_sentence_string: "x" }}', 'filter "array_to_sentence_string" is disabled, line:1, col:1'),
        ('{{ a | concat: "x" }}', 'filter "concat" is disabled, line:1, col:1'),
        ('{{ a | find: "x" }}', 'filter "find" is disabled, line:1, col:1'),
        ('{{ a | find_exp: "x" }}', 'filter "find_exp" is disabled, line:1, col:1'),
        ('{{ a | find_index: "x" }}', 'filter "find_index" is disabled, line:1, col:1'),
        ('{{ a | find_index_exp: "x" }}', 'filter "find_index_exp" is disabled, line:1, col:1'),
        ('{{ a | group_by: "x" }}', 'filter "group_by" is disabled, line:1, col:1'),
        ('{{ a | group_by_exp: "x" }}', 'filter "group_by_exp" is disabled, line:1, col:1'),
        ('{{ a | has: "x" }}', 'filter "has" is disabled, line:1, col:1'),
        ('{{ a | has_exp: "x" }}', 'filter "has_exp" is disabled, line:1, col:1'),
        ('{{ a | map: "x" }}', 'filter "map" is disabled, line:1, col:1'),
        ('{{ a | newline_to_br: "x" }}', 'filter "newline_to_br" is disabled, line:1, col:1'),
        ('{{ a | reject: "x" }}', 'filter "reject" is disabled, line:1, col:1'),
        ('{{ a | reject_exp: "x" }}', 'filter "reject_exp" is disabled, line:1, col:1'),
        ('{{ a | reverse: "x" }}', 'filter "reverse" is disabled, line:1, col:1'),
        ('{{ a | sort: "x" }}', 'filter "sort" is disabled, line:1, col:1'),
        ('{{ a | sort_natural: "x" }}', 'filter "sort_natural" is disabled, line:1, col:1'),
        ('{{ a | uniq: "x" }}', 'filter "uniq" is disabled, line:1, col:1'),
        ('{{ a | where_exp: "x" }}', 'filter "where_exp" is disabled, line:1, col:1'),
        ('{{ a | type: "x" }}', 'filter "type" is disabled, line:1, col:1'),
        ('a\n{% assign x = a | map: "x" %}', 'filter "map" is disabled, line:2, col:1'),
    ],
)
def test_disabled_filters_fail_when_they_run_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message
