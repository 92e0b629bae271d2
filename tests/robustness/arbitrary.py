"""Arbitrary JSON: any shape, hostile keys and texts, well-formed inputs with anything put into any place of them."""

import copy
from random import Random
from typing import Any

from tests.conformance.generators import GENERATORS
from tests.conformance.generators.draw import SCALARS, chance, places

HOSTILE_KEYS = [
    "__class__", "__proto__", "__dict__", "__init__", "__getitem__", "__subclasses__", "__globals__", "__mro__",
    "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then", "to_json", "items", "keys", "get",
    "_values", "_plan", "self", "cls", "values", "fields_set", "model_config", "a\nb", "a\r\nX-Injected: 1", 'a"b',
    "a'b", "a`b", "", " ", "\x00", "\ud83c", "@path", "@if", "@", "$", "$ref", "~0/~1", "%s", "{0.__class__}", "{{a}}",
    "length", "0", "-1", "999999999999", "1e5", "é", "🎉", "type", "properties", "items", "enum", "allOf", "required",
    "choices", "multiple", "default", "format", "minimum", "label", "value", "conditions", "fieldKey", "operator",
    "match", "children", "name", "subscribe", "mapping", "partnerAction", "enabled", "__segment_internal_directive",
]  # fmt: skip
"""Names that mean something to Python, to JavaScript, to HTTP or to this project."""

HOSTILE_TEXTS = [
    "__class__", "{{ event.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{constructor}}", "$.constructor", "\x00",
    "\ud83c", "\udf89x", "\r\nX-Injected: 1", "%n%s", "{0.__class__}", "$[", "$..*", "[", "]", "(", '"', "'", "\\",
    "{% if", "{{", "}}", "{% liquid\nassign x", "\u2028", "9" * 400, "-" + "9" * 30, "1e999", "1" + "0" * 5000,
    "0x" + "f" * 300, "\ufeff", "a" * 2000, "and or ( ) = !=", "contains(", "match(event,", "type =", "\\u0000",
    "2023-01-01T00:00:00.000Z", "+275760-09-13T00:00:00.001Z", "/" * 50, "http://[", "//", "@", "a@b", "<" * 60,
    "%E0%A4%A", "\U0010ffff", "NaN", "Infinity", "-0",
]  # fmt: skip
_NUMBERS = [0, -0.0, -1, 1, 2**53, 2**63, -(2**63), 2**64, 10**400, 1e308, -1e308, 5e-324, 1e21, 0.1, 99999999999]


def value(draw: Random, depth: int = 3) -> Any:
    """Any JSON value."""
    kind = draw.randrange(12)
    if depth <= 0 or kind < 5:
        pool: list[Any] = draw.choice([SCALARS, HOSTILE_TEXTS, _NUMBERS, HOSTILE_KEYS, [None, True, False, [], {}]])
        return draw.choice(pool)
    if kind < 8:
        return [value(draw, depth - 1) for _ in range(draw.randrange(4))]
    return {draw.choice(HOSTILE_KEYS): value(draw, depth - 1) for _ in range(draw.randrange(4))}


def spoiled(draw: Random, given: Any, times: int) -> Any:
    """A copy with anything in some of its places, and hostile keys beside its own."""
    changed = copy.deepcopy(given)
    for _ in range(times):
        trails = places(changed)
        if not trails:
            return changed
        trail = draw.choice(trails)
        parent = changed
        for step in trail[:-1]:
            parent = parent[step]
        if chance(draw, 0.2):
            del parent[trail[-1]]
        elif isinstance(parent, dict) and chance(draw, 0.3):
            parent[draw.choice(HOSTILE_KEYS)] = value(draw, 1)
        else:
            parent[trail[-1]] = value(draw, 2)
    return changed


def arguments(draw: Random, op: str) -> dict[str, Any]:
    """Arguments of a conformance op: drawn, then spoiled inside, or each of them anything at all."""
    drawn = GENERATORS[op](draw)
    if chance(draw, 0.25):
        return {key: value(draw) if chance(draw, 0.5) else item for key, item in drawn.items()}
    return {key: spoiled(draw, item, draw.choice([0, 1, 1, 2, 4, 8])) for key, item in drawn.items()}
