"""Triggers: everything the grammar has, what it nearly has, and texts of loose tokens."""

import re
from random import Random
from typing import Any

from tests.conformance.generators.draw import (
    chance,
    json_value,
    mutate_json,
    mutate_text,
    pick,
    places,
    scalar,
    weighted,
)
from tests.conformance.generators.events import EVENT_NAMES, PAGE_NAMES, event, no_event

REALISTIC = [
    "userId = true", "userId = false or properties.vip = true", "context.page.path = true and traits.plan = false",
    'type = "track"', 'type = "track" and event != "Experiment Viewed"', 'type = "page"', 'type = "screen"',
    'type = "track" and event = "Experiment Viewed"', 'type = "identify" or type = "group"',
    'type = "track" and event = "Order Completed" and properties.price > 10',
    'type = "track" and (event = "Order Completed" or event = "Product Viewed")',
    'contains(event, "Order") and type = "track"', 'type = "track" and !contains(event, "Test")',
    'match(event, "Product*")', 'match(event, "*Viewed") or match(event, "*Completed")',
    'type = "identify" and traits.email != null', "properties.price >= 5 and properties.price <= 100",
    'context.library.name = "analytics.js"', "properties.a.b.c = null", "userId = null",
    'name != null and type = "page"',
    'type = "track" and properties.products.length > 1', "traits.subscribed = true", "properties.currency != \"EUR\"",
    '(type = "page" or type = "screen") and name = "Home"', 'type = "track" and (event = "a" and userId = "u")',
    'type = "track"\nand event = "a"', '!(type = "alias")',
]  # fmt: skip
FIELDS = [
    "type", "event", "name", "userId", "properties.price", "properties.currency", "properties.a.b", "traits.email",
    "traits.age", "context.library.name", "context.page.path", "properties.tags.0", "properties.products.length",
]  # fmt: skip
ODD_FIELDS = [
    "foo", "messageId", "anonymousId", "properties", "traits", "context", "properties.", "properties..price", ".price",
    r"properties.dot\.key", r"properties.a\ b", r"properties.it\'s", "properties.or", "properties.and",
    "properties.null",
    "properties.order", "properties.key-1", "properties.0", "properties.10", "propertiesX.y", "Properties.price",
    "properties . price", "properties.é", r"properties.\é", "properties.price.x", "event.name", "type.x", "null",
    "true", "eos", "and", "or", "properties.a[0]", r"properties.tags\[0\]", "context.page", "_private", r"\event",
    "traits.a.b.c.d", "userId.length", "event_name", "order", "android", "nullable", "properties.contains",
    "properties.constructor", "traits.toString",
]  # fmt: skip
OPERATORS = ["=", "!=", "<", "<=", ">", ">="]
ODD_OPERATORS = ["==", "=!", "! =", "~", "<>", "!", "", ".", "and", "contains", "is", "=>", "!==", "\\="]
VALUES = [
    '"track"', '"Order Completed"', '"a"', '"5"', '"EUR"', '"analytics.js"', '""', '"null"', '"Home"', '"u"', "5", "10",
    "2.5", "-3", "0", "99.99", "null", "null", "true", "true", "false",
    "false",
]  # fmt: skip
ODD_VALUES = [
    "'track'", "'a b'", r'"a\"b"', r'"a\\b"', '"it\'s"', '"é 🎉"', "-", "+5", "+", "1.", ".5", "1.2.3", "1e5", "0x10",
    "TRUE", "Null", "track", "other.path", "[1]", '["a", "b"]', "(", ")", "5a", "--1", "007", "1-1", '"unclosed',
    '"a"b"', '"tab\there"', '"line\nbreak"', "99999999999999999999", "eos", "-1", "undefined", "5 6", '"x" "y"',
    '"a*"', '"(a)"', "'", '"', "\u00a0", "1,5",
]  # fmt: skip
TOKENS = [
    "type", "event", "properties.x", "traits.y", "context", "userId", "name", "foo", "=", "!=", "<", ">=", "!", "and",
    "or", "AND", "(", ")", "((", "))", ",", ".", "[", "]", '"a"', "'b'", "5", "-1", "null", "true", "false", "contains",
    "match", 'contains(event, "a")', '!match(name, "b*")', "\\", "\n", "\t", "\r", "\u00a0", "@", "_", "eos",
]  # fmt: skip
ALPHABET = [
    '"',
    "'",
    "(",
    ")",
    " ",
    "=",
    "!",
    "\\",
    ".",
    ",",
    "and ",
    "or ",
    "null",
    "\n",
    "1",
    "*",
    "é",
    "[",
    "]",
    "<",
]


def field(draw: Random) -> str:
    """A field's path, right or odd."""
    return draw.choice(FIELDS) if chance(draw, 0.87) else draw.choice(ODD_FIELDS)


def _value(draw: Random) -> str:
    if chance(draw, 0.15):
        return f'"{draw.choice(EVENT_NAMES + PAGE_NAMES)}"'
    return draw.choice(VALUES) if chance(draw, 0.92) else draw.choice(ODD_VALUES)


def _comparison(draw: Random) -> str:
    operator = draw.choice(OPERATORS) if chance(draw, 0.97) else draw.choice(ODD_OPERATORS)
    space = pick(draw, *[" "] * 12, "", "  ", "\t", "\n")
    return f"{field(draw)}{space}{operator}{space}{_value(draw)}"


def _function(draw: Random) -> str:
    name = pick(draw, *["contains", "match"] * 6, "Contains", "exists")
    value = pick(
        draw, '"Order"', '"Pro*"', '"*ed"', '"*x*"', '"x"', '"*"', '""', "'x*'", "5", "null", "true", "path", '"🎉*"'
    )
    parts = weighted(
        draw,
        (20, lambda _: f"({field(draw)}, {value})"),
        (1, lambda _: f"({field(draw)},{value})"),
        (1, lambda _: f"( {field(draw)} , {value} )"),
        (
            1,
            lambda _: pick(
                draw, "()", "(event)", '(event "x")', '("event", "x")', '(event, "x"', "", '(event, "x", "y")'
            ),
        ),
    )
    return f"{pick(draw, *['', '', '!'] * 6, '! ')}{name}{parts}"


def _group(draw: Random, depth: int) -> str:
    inner = expression(draw, depth - 1)
    odd = [f"(({inner}))", f"({inner}", f"{inner})", "()"]
    return pick(draw, *[f"({inner})"] * 8, f"( {inner} )", f"!({inner})", draw.choice(odd))


def _operand(draw: Random, depth: int) -> str:
    kind = draw.randrange(20)
    if kind < 11:
        return _comparison(draw)
    if kind < 16:
        return _function(draw)
    return _group(draw, depth) if depth > 0 else _comparison(draw)


def expression(draw: Random, depth: int = 2) -> str:
    """Conditions joined by conjunctions, mixed and missing ones too."""
    text = _operand(draw, depth)
    for _ in range(draw.choice([0, 0, 1, 1, 1, 2, 3])):
        odd = pick(draw, " ", " AND ", "\nor ", "and ", " and and ", ", ")
        joint = pick(draw, *[" and ", " or "] * 5, odd)
        text += joint + _operand(draw, depth)
    return text


def _soup(draw: Random) -> str:
    joint = pick(draw, " ", " ", "")
    return joint.join(draw.choice(TOKENS) for _ in range(draw.randrange(1, 9)))


def text(draw: Random) -> str:
    """A trigger."""
    drawn: str = weighted(
        draw,
        (9, expression),
        (1, lambda _: draw.choice(REALISTIC)),
        (3, lambda _: mutate_text(draw, draw.choice(REALISTIC), ALPHABET, draw.randrange(1, 3))),
        (2, _soup),
    )
    return drawn


def parse(draw: Random) -> dict[str, Any]:
    """Arguments of `fql.parse`."""
    return {"fql": text(draw)}


def _literal(given: Any) -> str:
    if isinstance(given, str):
        return f'"{given}"'
    return "null" if given is None else str(given).lower()


def _aimed(draw: Random, given: Any) -> str:
    """A condition on a value that the event has, so that it is often true."""
    paths = [path for path in places(given) if path[0] in _ROOTS]
    if not paths:
        return expression(draw)
    trail = draw.choice(paths)
    value: Any = given
    for step in trail:
        value = value[step]
    name = ".".join(re.sub(r"[^a-zA-Z0-9_-]", r"\\\g<0>", str(step)) for step in trail)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and chance(draw, 0.7):
        return f"{name} {draw.choice(OPERATORS)} {_literal(value + pick(draw, 0, 0, 1, -1))}"
    if isinstance(value, str) and value and chance(draw, 0.5):
        part = value[draw.randrange(len(value)) :]
        return pick(draw, f'contains({name}, "{part}")', f'match({name}, "*{part}")', f'match({name}, "{value[:2]}*")')
    if isinstance(value, (dict, list)) or chance(draw, 0.2):
        return f"{name} {pick(draw, '=', '!=', '!=')} null"
    return f"{name} {pick(draw, '=', '=', '=', '!=')} {_literal(value)}"


_ROOTS = ["type", "event", "name", "userId", "properties", "traits", "context"]


def _aimed_text(draw: Random, given: Any) -> str:
    parts = [_aimed(draw, given) if chance(draw, 0.85) else _operand(draw, 1) for _ in range(draw.choice([1, 1, 2, 3]))]
    text = pick(draw, " and ", " or ").join(parts)
    return f"{parts[0]} {pick(draw, 'and', 'or')} ({text})" if chance(draw, 0.15) else text


def match(draw: Random) -> dict[str, Any]:
    """Arguments of `fql.match`: rather well-formed triggers, so that the event decides."""
    given = no_event(draw) if chance(draw, 0.03) else event(draw)
    fql = weighted(
        draw,
        (7, lambda _: _aimed_text(draw, given)),
        (1, expression),
        (2, lambda _: draw.choice(REALISTIC)),
        (1, text),
    )
    return {"fql": fql, "event": given}


_NODE_TYPES = ["event", "event-type", "name", "userId", "event-property", "event-trait", "event-context"]
_NODE_OPERATORS = [
    "=", "!=", "<", "<=", ">", ">=", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with",
    "not_ends_with", "exists", "not_exists", "is_true", "is_false", "number_equals", "number_not_equals",
]  # fmt: skip
_NAMES = ["price", "a.b", "dot.key", "a b", "it's", "", "é", "a-b_c", "x[0]", "or", "a\\b", "🎉", 'q"q', "0"]


def _leaf(draw: Random) -> Any:
    node: dict[str, Any] = {"type": draw.choice(_NODE_TYPES), "operator": draw.choice(_NODE_OPERATORS)}
    if node["type"] in _NODE_TYPES[4:] or chance(draw, 0.05):
        node["name"] = draw.choice(_NAMES)
    if chance(draw, 0.9):
        node["value"] = scalar(draw)
    kind = draw.randrange(25)
    if kind == 0:
        node["type"] = pick(draw, "foo", None, "Group", 5)
    elif kind == 1:
        node["operator"] = pick(draw, "~", None, "IS", 5, "and")
    elif kind == 2:
        node["value"] = json_value(draw)
    elif kind == 3:
        node["name"] = pick(draw, None, 5, ["a"], {"a": 1}, True)
    elif kind == 4:
        return pick(draw, None, {}, 5, "event", [])
    return node


def tree(draw: Random, depth: int = 2) -> dict[str, Any]:
    """A group of conditions in Segment's JSON shape."""
    children = [
        tree(draw, depth - 1) if depth > 0 and chance(draw, 0.25) else _leaf(draw)
        for _ in range(draw.choice([0, 1, 1, 2, 2, 3, 4]))
    ]
    return {"type": "group", "operator": pick(draw, "and", "and", "or", "or", "xor"), "children": children}


def generate(draw: Random) -> dict[str, Any]:
    """Arguments of `fql.generate`."""
    kind = draw.randrange(12)
    if kind == 0:
        return {"ast": mutate_json(draw, tree(draw), draw.randrange(1, 3))}
    if kind == 1:
        return {
            "ast": pick(draw, _leaf(draw), {"error": {"message": "Value token is missing"}}, {}, [], "type", 5, None)
        }
    return {"ast": tree(draw)}


GENERATORS = {"fql.parse": parse, "fql.match": match, "fql.generate": generate}
