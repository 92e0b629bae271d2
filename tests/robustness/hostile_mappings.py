"""Mappings and events that ask for work without end, each of another kind."""

from collections.abc import Callable
from typing import Any, Final

LETTERS: Final = "a" * 1_000_000
WIDE: Final = "\u0100" * 300_000
TAGS: Final = [f"tag {number}" for number in range(20_000)]
OTHER_TAGS: Final = [f"other {number}" for number in range(20_000)]
NUMBERS: Final = list(range(100_000, 0, -1))
PRODUCTS: Final = [{"sku": f"sku-{number}", "n": number % 7, "l": [number] * 3} for number in range(10_000)]
_PATH: Final = {"@path": "$.v"}


def _nested(depth: int, value: Any, wrap: Any) -> Any:
    for _ in range(depth):
        value = wrap(value)
    return value


def _replaced(value: Any, replacement: str = "a" * 10, **options: Any) -> Any:
    return {"@replace": {"pattern": "a", "replacement": replacement, "value": value, **options}}


def _twice(value: Any) -> Any:
    """The value of `a`, twice in a list, of what an inner mapping gave."""
    return {"@transform": {"apply": {"a": value}, "mapping": {"a": [{"@path": "$.a"}, {"@path": "$.a"}]}}}


def _chain(depth: int) -> Any:
    return _nested(depth, {"x": 1}, lambda inner: {"k" * 200: inner, "leaf": 1})


def _deep(depth: int, inner: Any) -> Any:
    return _nested(depth, inner, lambda value: [value])


HOSTILE: Final[dict[str, Callable[[], tuple[Any, Any]]]] = {
    "nine nested @replace": lambda: (_nested(9, _PATH, _replaced), "aaaaa"),
    "@replace with what stands around": lambda: (_replaced(_PATH, "$`$'$&$`$'"), "a" * 20_000),
    "@replace of each letter in any case": lambda: (_replaced(_PATH, "b", ignorecase=True), LETTERS),
    "@replace in any case of letters from everywhere": lambda: (
        [_replaced(_PATH, "b", ignorecase=True)] * 500,
        "".join(map(chr, range(256, 50_000))) * 2,
    ),
    "@template of a long text many times": lambda: ({"@template": "{{v}}" * 1_000}, LETTERS),
    "@template that an event makes": lambda: ({"@template": "{{{v}}}"}, "{{v}}" * 200_000),
    "@template of a long list many times": lambda: (
        {"@transform": {"apply": {"a": [_PATH] * 90}, "mapping": {"@template": "{{a}}"}}},
        NUMBERS,
    ),
    "@path that an event makes": lambda: ([{"@path": _PATH}] * 200, "a." * 300_000),
    "@path to the length of a long text": lambda: ([{"@path": "$.v.length"}] * 5_000, WIDE),
    "@case of a long text": lambda: ([{"@case": {"operator": "upper", "value": _PATH}}] * 3_000, WIDE),
    "@json of the event in itself": lambda: (
        {"@json": {"mode": "encode", "value": [_PATH] * 5_000}},
        PRODUCTS,
    ),
    "@json of its own text": lambda: (
        _nested(40, _PATH, lambda value: {"@json": {"mode": "encode", "value": value}}),
        '"\\' * 10_000,
    ),
    "@json decoded": lambda: ([{"@json": {"mode": "decode", "value": _PATH}}] * 500, "[" + '{"":0},' * 200_000 + "0]"),
    "@merge of a text's letters": lambda: ({"@merge": {"direction": "right", "objects": [_PATH] * 50}}, LETTERS),
    "@merge of many objects": lambda: (
        {"@merge": {"direction": "right", "objects": [_PATH] * 2_000}},
        {f"k{number}": number for number in range(50_000)},
    ),
    "@flatten of long keys": lambda: ({"@flatten": {"separator": ".", "value": _PATH}}, _chain(1_900)),
    "@flatten of a long list": lambda: ([{"@flatten": {"separator": ".", "value": _PATH}}] * 100, NUMBERS),
    "@excludeWhenNull many times": lambda: (
        {"@excludeWhenNull": {str(number): _PATH for number in range(5_000)}},
        {f"k{number}": {"a": None} for number in range(10_000)},
    ),
    "@if of a blank list": lambda: (
        [{"@if": {"blank": [_PATH, _PATH], "then": 1}}] * 1_500,
        NUMBERS,
    ),
    "the event in many fields": lambda: ({str(number): _PATH for number in range(9_000)}, PRODUCTS),
    "a text in many fields": lambda: ({str(number): _PATH for number in range(9_000)}, LETTERS),
    "@transform of twice as much each time": lambda: (_nested(30, _PATH, _twice), 1),
    "@arrayPath of a large shape": lambda: (
        {"@arrayPath": ["$.v", {str(number): {"@template": "{{n}}"} for number in range(2_000)}]},
        PRODUCTS,
    ),
    "@liquid appends doubling": lambda: (
        {"@liquid": "{% assign b = v %}" + "{% assign b = b | append: b %}" * 30 + "{{ b | size }}"},
        "0123456789",
    ),
    "@liquid replace of nothing": lambda: ({"@liquid": "{{ v | replace: '', v }}"}, "a" * 50_000),
    "@liquid replace_last": lambda: ({"@liquid": "{{ v | replace_last: 'ab" + "a" * 900 + "', '' | size }}"}, LETTERS),
    "@liquid strip of many": lambda: ({"@liquid": "{{ v | strip: v }}" * 40}, "".join(map(chr, range(256, 50_000)))),
    "@liquid filters on a long text": lambda: ([{"@liquid": "{{ v | upcase | slugify | size }}" * 25}] * 50, WIDE),
    "@liquid writes JSON": lambda: ([{"@liquid": "{{ v | json | size }}" * 40}] * 10, PRODUCTS),
    "@liquid splits": lambda: ([{"@liquid": "{{ v | split: '' | size }}" * 30}] * 10, WIDE),
    "@liquid contains": lambda: ([{"@liquid": "{% if v contains 'x' %}{% endif %}" * 28}] * 50, TAGS),
    "@liquid ranges": lambda: ([{"@liquid": "{% assign a = (1..999999) %}" * 30}] * 10, 1),
    "@liquid sums by a path": lambda: ({"@liquid": "{{ v | sum: '" + "a." * 400 + "' }}"}, PRODUCTS),
    "@liquid format of a date": lambda: ([{"@liquid": "{{ 0 | date: v }}" * 40}] * 10, "%s" * 200_000),
    "@liquid writes much": lambda: ({"@liquid": "{{ v }}" * 140}, LETTERS),
    "@liquid captures doubling": lambda: (
        {"@liquid": "{% assign b = v %}" + "{% capture b %}{{ b }}{{ b }}{% endcapture %}" * 20},
        LETTERS,
    ),
    "@jinja selects in": lambda: ({"@jinja": "{{ v.a|select('in', v.b)|list }}"}, {"a": TAGS, "b": OTHER_TAGS}),
    "@jinja in, in a loop": lambda: (
        {"@jinja": "{% for x in v.a[:5000] %}{% if x in v.b %}y{% endif %}{% endfor %}"},
        {"a": TAGS, "b": OTHER_TAGS},
    ),
    "@jinja sorts": lambda: ({"@jinja": "{% for i in range(1000) %}{{ v|sort|first }}{% endfor %}"}, NUMBERS),
    "@jinja sorts deep lists": lambda: (
        {"@jinja": "{{ v|sort|first|length }}"},
        [_deep(50, [number]) for number in NUMBERS],
    ),
    "@jinja unique": lambda: ({"@jinja": "{% for i in range(1000) %}{{ v|unique|first }}{% endfor %}"}, TAGS),
    "@jinja unique, all of it": lambda: (
        {"@jinja": "{% for i in range(1000) %}{{ v|unique|list|length }}{% endfor %}"},
        TAGS,
    ),
    "@jinja title": lambda: ({"@jinja": "{% for i in range(1000) %}{% set x = v|title %}{% endfor %}"}, "ab " * 30_000),
    "@jinja wordcount": lambda: (
        {"@jinja": "{% for i in range(1000) %}{{ v|wordcount }}{% endfor %}"},
        "a b " * 200_000,
    ),
    "@jinja methods of a text": lambda: (
        {"@jinja": "{% for i in range(1000) %}{{ v.count('aab') }}{% endfor %}"},
        LETTERS,
    ),
    "@jinja strip of many": lambda: (
        {"@jinja": "{% for i in range(1000) %}{{ v.strip(v)|length }}{% endfor %}"},
        "".join(map(chr, range(256, 50_000))),
    ),
    "@jinja striptags": lambda: (
        {"@jinja": "{% for i in range(50) %}{{ (v|striptags)|length }}{% endfor %}"},
        "<!---->" * 14_000,
    ),
    "@jinja nested loops": lambda: (
        {"@jinja": "{% for i in range(1000) %}{% for j in range(10) %}" + "{{ v }}" * 500 + "{% endfor %}{% endfor %}"},
        "",
    ),
    "@jinja loops of assignments": lambda: (
        {
            "@jinja": "{% for i in range(1000) %}{% for j in range(9) %}"
            + "{%set a=v%}" * 340
            + "{% endfor %}{% endfor %}"
        },
        1,
    ),
    "@jinja loops of nots": lambda: (
        {
            "@jinja": "{% for i in range(1000) %}{% for j in range(9) %}{% if "
            + "not " * 80
            + "v %}{% endif %}{% endfor %}{% endfor %}"
        },
        1,
    ),
    "@jinja nested namespaces": lambda: (
        {
            "@jinja": "{% set n = namespace(x=v) %}{% for i in range(1000) %}{% for j in range(9) %}"
            "{% set n.x = namespace(x=n.x, y=v|list) %}{% endfor %}{% endfor %}"
        },
        NUMBERS[:50_000],
    ),
    "@jinja big integers": lambda: (
        {
            "@jinja": "{% set n = namespace(x=v|int(base=16)) %}{% for i in range(1000) %}"
            "{% set n.x = n.x * n.x %}{{ n.x // 3 }}{{ n.x ** 9 }}{% endfor %}"
        },
        "f" * 90_000,
    ),
    "@jinja maps by a long path": lambda: (
        {"@jinja": "{{ v|map(attribute='" + "a." * 1_500 + "b')|list|length }}"},
        PRODUCTS,
    ),
    "@jinja selects nothing": lambda: ([{"@jinja": "{{ v|select|first }}" * 100}] * 50, [0] * 500_000),
    "@jinja compares": lambda: (
        {"@jinja": "{% for i in range(1000) %}{% if v.a == v.b %}y{% endif %}{% endfor %}"},
        {"a": PRODUCTS, "b": [*PRODUCTS]},
    ),
    "@jinja slices": lambda: ({"@jinja": "{% for i in range(1000) %}{% set a = v[1:] %}{% endfor %}"}, NUMBERS * 5),
    "@jinja splits": lambda: (
        {"@jinja": "{% for i in range(1000) %}{{ v.split('a')|length }}{% endfor %}"},
        "ab" * 40_000,
    ),
    "@jinja groups": lambda: (
        {"@jinja": "{% for i in range(1000) %}{{ v|groupby('n')|length }}{% endfor %}"},
        PRODUCTS,
    ),
    "@jinja lists of lists": lambda: (
        {"@jinja": "{% for i in range(1000) %}{% for j in range(9) %}{% set a = [v] %}{% endfor %}{% endfor %}"},
        NUMBERS[:90_000],
    ),
    "@jsonpath with an expression that backtracks": lambda: ({"@jsonpath": "$.v[?(@ =~ '(a*)*b')]"}, [LETTERS]),
    "@jsonpath with a large expression": lambda: (
        [{"@jsonpath": "$.v[?(@ =~ '(a?){500}a{400}b')]"}] * 20,
        ["a" * 20_000] * 20,
    ),
    "@jsonpath substitutes": lambda: ({"@jsonpath": "$.v.`sub(/(a.*b|a)/, x)`"}, LETTERS),
    "@jsonpath substitutes long": lambda: ({"@jsonpath": "$.v.`sub(/a/, " + "x" * 900 + ")`"}, LETTERS),
    "@jsonpath descends twice": lambda: ({"@jsonpath": "$..l..*"}, PRODUCTS * 5),
    "@jsonpath returns the event many times": lambda: ({"@jsonpath": "$..*"}, _deep(450, NUMBERS)),
    "@jsonpath compares with the root": lambda: (
        {"@jsonpath": "$..[?(@.n == $.v[0].n)]"},
        [{"n": 1, "m": _deep(300, PRODUCTS)}],
    ),
    "@jsonpath compares deep values": lambda: (
        {"@jsonpath": "$.v.a[?(@ == $.v.b)]"},
        {"a": [PRODUCTS] * 1_000, "b": [*PRODUCTS]},
    ),
    "@jsonpath sorts": lambda: ({"@jsonpath": "$.v[\\n, /sku]"}, PRODUCTS * 5),
    "@jsonpath adds lists": lambda: ({"@jsonpath": " + ".join(["$.v"] * 160)}, NUMBERS),
    "@jsonpath of a long list": lambda: ({"@jsonpath": "$.v[*]"}, [0] * 1_000_000),
    "@jsonpath of all members": lambda: ({"@jsonpath": "$..*"}, [0] * 1_000_000),
}
"""By name, what makes the value of a field and the event's `v`: all of them at once are five million objects."""
