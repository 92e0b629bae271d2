"""`@jsonpath` and `@jinja`, which Segment does not have, and their limits."""

from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping import extensions_used, transform, validate_mapping
from destination.mapping.sandbox import MAX_TEMPLATE_LENGTH, compile_jinja
from destination.values import MISSING

EVENT: dict[str, Any] = {
    "event": "Order Completed",
    "products": [{"sku": "a", "price": 3}, {"sku": "b", "price": 30}],
    "mixed": [{"n": 1}, {"n": "x"}],
    "properties": {"items": 5, "flag": True, "none": None, "total": 2.5},
    "half": "\ud83c",
    "other": "\udf89",
}


def value(directive: Any, event: Any = None) -> Any:
    return transform({"v": directive}, EVENT if event is None else event).get("v", MISSING)


def failure(directive: Any) -> str:
    with pytest.raises(MappingError) as caught:
        value(directive)
    return str(caught.value)


def problems(directive: Any) -> list[str]:
    return [str(problem) for problem in validate_mapping({"v": directive})]


# --- @jsonpath -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$.products[*].sku", ["a", "b"]),
        ("$.products[?(@.price > 10)].sku", ["b"]),
        ("$..sku", ["a", "b"]),
        ("$.nothing", []),
        ("$.products[-1].sku", ["b"]),
        ("$.products.`len`", [2]),
        ("$.products[*].price * 2", [6, 60]),
        ("$.event * 3", []),
        ({"path": "$.products[*].sku"}, ["a", "b"]),
        ({"path": "$.products[*].sku", "mode": "all"}, ["a", "b"]),
        ({"path": "$.products[*].sku", "mode": "first"}, "a"),
        ({"path": "$.nothing", "mode": "first"}, MISSING),
        ("$.products[?(@.price > 10)].sku.`len`", [1]),
        ("$.products[/price].sku", []),
    ],
)
def test_queries(query: Any, found: Any) -> None:
    assert value({"@jsonpath": query}) == found


def test_what_is_no_query_is_found_by_validation() -> None:
    (problem,) = problems({"@jsonpath": "$["})
    assert problem.startswith("/v/@jsonpath should be a JSONPath query but '$[' is none: ")
    assert problems({"@jsonpath": 5}) == [
        '/v/@jsonpath should be a JSONPath query or an object with a "path" key but it is a number.'
    ]
    assert problems({"@jsonpath": {"mode": "some"}}) == [
        '/v/@jsonpath should have field "path" but it doesn\'t.',
        '/v/@jsonpath/mode should be one of all, first but it is "some".',
    ]


def test_queries_are_bounded() -> None:
    assert problems({"@jsonpath": "$." + "a" * 1000}) == [
        "/v/@jsonpath should be a JSONPath query of at most 1000 characters."
    ]
    assert problems({"@jsonpath": "$..a..b..c"}) == ['/v/@jsonpath should be a JSONPath query with at most 2 "..".']
    assert problems({"@jsonpath": "$..a[?(@..b == 1)][?(@..c == 2)]"}) == [
        '/v/@jsonpath should be a JSONPath query with at most 2 "..".'
    ]


def test_a_query_may_fail_on_an_event() -> None:
    message = failure({"@jsonpath": "$.products.`sorted`"})
    assert message.startswith("@jsonpath: the query '$.products.`sorted`' failed on this event: ")


def test_queries_in_lists_fail_at_run_time() -> None:
    wanted = '@jsonpath requires a query, or an object with a "path" and a "mode" of "all" or "first"'
    for bad in (5, {}, {"path": "$.a", "mode": "x"}, {"path": 5}):
        assert failure([{"@jsonpath": bad}]) == wanted
    assert failure([{"@jsonpath": "$["}]).startswith("@jsonpath should be a JSONPath query but")


def test_a_query_of_nothing() -> None:
    apply = {"@transform": {"apply": {"@path": "$.no"}, "mapping": {"@jsonpath": "$.a"}}}
    assert value(apply) == []


# --- @jinja ----------------------------------------------------------------------------------------------


def jinja(text: str) -> Any:
    return value({"@jinja": text})


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{ event | upper }}!", "ORDER COMPLETED!"),
        ("{{ properties.total * 2 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 3 }} {{ (-8) ** 0.5 }}", "5 3 3 8 NaN"),
        ("{{ missing.at.any.depth }}", ""),
        ("{{ properties.items }}{{ properties['items'] }}", "55"),
        ("{{ properties.flag }} {{ properties.none }} {{ 1e21 }}", "true  1e+21"),
        ("{{ products }}", '[{"sku":"a","price":3},{"sku":"b","price":30}]'),
        (
            "{{ (1, 'a') }} {{ range(3) }} {{ {'a': 1}.keys() }} {{ {'a': 1}.items() }}",
            '[1,"a"] [0,1,2] ["a"] [["a",1]]',
        ),
        ("{{ this.event }}", "Order Completed"),
        ("{% for p in products %}{{ loop.index }}{{ p.sku }}{% endfor %}", "1a2b"),
        ("{% for k, v in this.items() if k == 'event' %}{{ k }}={{ v }}{% endfor %}", "event=Order Completed"),
        ("{% if products | length > 1 %}many{% else %}few{% endif %}", "many"),
        ("{% set n = namespace(t=0) %}{% for p in products %}{% set n.t = n.t + p.price %}{% endfor %}{{ n.t }}", "33"),
        ("{{ products | map(attribute='sku') | join('-') }} {{ products | join('+', attribute='sku') }}", "a-b a+b"),
        ("{{ products | sum(attribute='price') }} {{ [1, 2] | sum(start=1) }}", "33 4"),
        ("{{ event | replace('r', 'R') | replace('R', '', 1) }}", "OdeR Completed"),
        ("{{ 2.345 | round(1) }} {{ 5 | string ~ true }}", "2.3 5true"),
        ("{{ products | tojson }} {{ missing | tojson }}", '[{"sku":"a","price":3},{"sku":"b","price":30}] null'),
        ("{{ half ~ other }}{{ half }}{{ other }}", "🎉🎉"),
        ("{{ 'a' * 3 }} {{ 'a' + 'b' }} {{ [1] + [2] }} {{ 'x' ~ 1.0 }}", "aaa ab [1,2] x1"),
        ("{{ event.upper() }} {{ event[0] }} {{ event[0:2] }} {{ event.nosuch }}", "ORDER COMPLETED O Or "),
        ("{{ event.__class__ }}{{ event.format }}{{ products.append }}", ""),
        ("{% with x = 1 %}{{ x }}{% endwith %}{% filter upper %}a{% endfilter %}{% raw %}{{ }}{% endraw %}", "1A{{ }}"),
        ("line\n", "line\n"),
        ("<b>{{ '<i>' }}", "<b><i>"),
    ],
)
def test_templates(text: str, result: str) -> None:
    assert jinja(text) == result


def test_an_item_that_is_no_object_is_this() -> None:
    assert value({"@arrayPath": ["$.l", {"v": {"@jinja": "<{{ this }}>"}}]}, {"l": ["a", 5, {"this": 1}]}) == [
        {"v": "<a>"},
        {"v": "<5>"},
        {"v": '<{"this":1}>'},
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ 1 + }}", "unexpected 'end of print statement' (line 1)"),
        ("\n{{ x | nosuch }}", "No filter named 'nosuch'. (line 2)"),
        ("{{ x | center(9) }}", "No filter named 'center'. (line 1)"),
        ("{% include 'x' %}", "include is not for use here (line 1)"),
        ("{% macro f() %}{% endmacro %}", "macro is not for use here (line 1)"),
        ("{% for a in b recursive %}{% endfor %}", "a recursive loop is not for use here (line 1)"),
        ("x" * (MAX_TEMPLATE_LENGTH + 1), "it has more than 4000 characters"),
        ("{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "it nests too deeply"),
    ],
)
def test_what_is_no_template_is_found_by_validation(text: str, message: str) -> None:
    assert problems({"@jinja": text}) == [f"/v/@jinja should be a Jinja template but {message}."]
    assert failure([{"@jinja": text}]) == f"@jinja: {message}"


def test_a_template_is_a_string() -> None:
    assert problems({"@jinja": {"@path": "x"}}) == ["/v/@jinja should be a string but it is a directive."]
    assert failure([{"@jinja": 5}]) == "@jinja: the template must be a string"


WROTE = "@jinja: it writes more than 100000 characters"
GREW = "@jinja: a value grew beyond 100000 characters or items"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ missing + 1 }}", "@jinja: + with a value that is missing"),
        ("{{ '%s' % 1 }}", "@jinja: % is not for str and int"),
        ("{{ [1] * 3 }}", "@jinja: * is not for list and int"),
        ("{{ 1 / 0 }}", "@jinja: ZeroDivisionError: division by zero"),
        ("{{ event | sum }}", "@jinja: sum is for numbers"),
        ("{{ event | round }}", "@jinja: round is for numbers"),
        ("{{ range }}", "@jinja: a function is not text (a filter such as map needs `| list` after it)"),
        ("{{ lipsum() }}", "@jinja: UndefinedError: 'lipsum' is undefined"),
        ("{{ 'a' * 1000000 }}", GREW),
        ("{{ event * 100000 }}", GREW),
        ("{{ ('a' * 90000) | replace('a', 'bb') }}", GREW),
        ("{{ range(1000) | join('a' * 1000) }}", GREW),
        ("{{ range(1000) | map('default', 1) | map(attribute='x', default=range(1000) | list) | list }}", GREW),
        ("{% set n = namespace(x='aa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}", GREW),
        ("{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}", GREW),
        ("{% set a = [1] %}" + "{% set a = [a, a] %}" * 60, GREW),
        (
            "{% set x = 'aaa' %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40,
            WROTE,
        ),
        ("{% for i in range(1000) %}" + "x" * 200 + "{% endfor %}", WROTE),
        ("{{ range(100000) }}", "@jinja: a range of more than 1000 numbers"),
        (
            "{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}",
            "@jinja: its loops turn more than 10000 times",
        ),
    ],
)
def test_templates_that_fail_or_run_away(text: str, message: str) -> None:
    assert failure({"@jinja": text}) == message


def test_events_too_deep_for_json_text() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(MappingError, match=r"^@jinja: TooDeeplyNestedError: nested too deeply: an event may"):
        value({"@jinja": "{{ d }}"}, {"d": deep})


def test_a_name_is_not_broken_by_an_event_key() -> None:
    assert (
        compile_jinja("{{ range }}{{ this.a }}").render({"range": "r", "this": 5, "a": 1, " budget": 2, "self": 3})
        == "r1"
    )


# --- portability -----------------------------------------------------------------------------------------


def test_extensions_are_found_wherever_they_stand() -> None:
    mapping = {
        "a": {"@if": {"exists": {"@jsonpath": "$.a"}, "then": [{"x": {"@jinja": "y", "_metadata": {"@jinja": "no"}}}]}},
        "b/c~": {"@jinja": "z"},
        "@jinja": 1,
        "d": "@jinja",
    }
    assert extensions_used(mapping) == [
        ("/a/@if/exists", "@jsonpath"),
        ("/a/@if/then/0/x", "@jinja"),
        ("/b~1c~0", "@jinja"),
    ]
    assert extensions_used({"@jinja": "x"}) == [("", "@jinja")]
    assert extensions_used([{"@path": "$.a"}, 5]) == []
