"""Events for somebody else's mapping: what its paths read is there, typical or odd, and its trigger matches.

Nothing here knows a destination: mappings, triggers and fields are looked at as they come.
"""

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from destination.fql import parse_fql
from tests.conformance.generators.draw import chance, json_value, mutate_json, pick
from tests.conformance.generators.events import plain_event, timestamp
from tests.conformance.generators.fields import FORMATTED, VALUES

Fields = dict[str, Any]
Trail = tuple[str, ...]

_TYPICAL: list[tuple[str, list[Any]]] = [
    ("email", ["user@example.com", "User+tag@Example.COM ", "no-email", ["a@b.co", "c@d.org"]]),
    ("phone", ["+14155550123", "(415) 555-0123", 4155550123]),
    ("_at$|time|date|birth", ["2023-05-06T07:08:09.123Z", "2023-05-06", 1683356889, 1683356889123, "06/05/1990"]),
    ("products|items|contents", [
        [{"product_id": "p1", "sku": "s", "name": "Shirt", "price": 5, "quantity": 2, "category": "c", "brand": "b"}],
        [{"product_id": 7, "price": "2.50", "quantity": "1"}, {"id": "x", "price": None, "quantity": 1.5}],
        [],
    ]),
    ("price|value|revenue|total|tax|discount|amount|shipping", [12.5, "12.50", 0, 99, "1,000", -3]),
    ("quantity|count|number|age|width|height|size", [1, 3, "2", 2.5, 0]),
    ("currency", ["EUR", "usd"]),
    (r"\bip$|_ip$", ["8.8.8.8", "2001:db8::1"]),
    ("url|referrer|link|icon|image", ["https://example.com/a?b=c#d", "example.com", "/path"]),
    ("useragent|user_agent", ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/120.0"]),
    ("locale|language", ["de-DE", "en"]),
    ("country", ["DE", "Germany"]),
    ("enabled|^is|_is|opt|consent|tracking|wifi|mobile|limit", [True, False, "true", "yes", 1]),
    ("gender", ["f", "female", "M"]),
    ("latitude|longitude|density", [52.52, "13.4"]),
    ("tags|groups|list|segments|categories|keywords", [["a", "b"], "a,b", [], [1, "x"]]),
    ("id$|key$|token$|guid", ["id-1", "7c9e6679-7425-40de-944b-e07fc1f90ae7", 42, "42"]),
    ("name|title", ["Ada", "Ada Lovelace", "Größe", ""]),
]  # fmt: skip
_ODD: list[Any] = [None, "", " ", 0, False, [], {}, ["x"], [None], {"a": None}, "null", 1e21, 9007199254740993, "🎉"]


def paths_of(mapping: Any) -> Iterator[tuple[Trail, Any]]:
    """What a mapping reads: trails from the event's root; beside a list to make, the shape of its items."""
    if isinstance(mapping, list):
        for item in mapping:
            yield from paths_of(item)
    if not isinstance(mapping, dict):
        return
    for key, options in mapping.items():
        if key == "@path" and isinstance(options, str):
            yield trail(options), None
        elif key in ("@template", "@liquid") and isinstance(options, str):
            for inner in re.findall(r"{{{?\s*([^}|]*?)\s*[}|]", options) + re.findall(
                r"(?:if|unless)\s+(\S+)", options
            ):
                yield trail(inner), None
        elif key == "@arrayPath" and isinstance(options, list) and options and isinstance(options[0], str):
            yield trail(options[0]), options[1] if len(options) > 1 else {}
        else:
            yield from paths_of(options)


def trail(path: str) -> Trail:
    """The keys of a path."""
    return tuple(
        part for part in re.split(r"[.\[\]]", path.replace("$.", "", 1).replace("'", "").replace('"', "")) if part
    )


_FITTING: dict[str, list[Any]] = {
    "string": ["text", "a b", "é🎉", "id-1"], "text": ["text", "more\ntext"], "password": ["secret"],
    "number": [5, 12.5, "3"], "integer": [5, "7"], "boolean": [True, False, "true"],
    "datetime": ["2023-05-06T07:08:09.123Z", "2023-05-06", 1683356889], "object": [{"k": "v", "n": 1, "o": {"x": "y"}}],
}  # fmt: skip
_FITTING_FORMATS = {
    "email": "user@example.com", "uri": "https://example.com/a?b=c", "uri-reference": "/a", "date": "2023-05-06",
    "date-time": "2023-05-06T07:08:09Z", "time": "07:08:09Z",
    "date-like": "2023-05-06T07:08:09.123Z", "ipv4": "8.8.8.8",
    "ipv6": "2001:db8::1", "uuid": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "hostname": "example.com",
}  # fmt: skip


def fitting(draw: Random, key: str, field: Any) -> Any:
    """A value that the field takes, as far as can be told."""
    if not isinstance(field, dict):
        return typical(draw, key)
    choices = field.get("choices")
    properties = field.get("properties")
    one: Any
    if isinstance(choices, list) and choices:
        choice = draw.choice(choices)
        one = choice.get("value") if isinstance(choice, dict) else choice
    elif isinstance(properties, dict) and properties:
        one = {
            name: fitting(draw, name, inner)
            for name, inner in properties.items()
            if isinstance(inner, dict) and (inner.get("required") or chance(draw, 0.6))
        }
    elif field.get("format") in _FITTING_FORMATS:
        one = _FITTING_FORMATS[str(field["format"])]
    else:
        one = draw.choice(_FITTING.get(str(field.get("type")), ["text"]))
    if field.get("multiple"):
        return pick(draw, [one], [one, one], one)
    return one


def typical(draw: Random, key: str, field: Any = None) -> Any:
    """A value for what is called so, or for a field, that may fit it or not."""
    if isinstance(field, dict) and chance(draw, 0.6):
        return _for_field(draw, field)
    lowered = key.lower()
    for pattern, values in _TYPICAL:
        if re.search(pattern, lowered):
            return draw.choice(values) if chance(draw, 0.9) else timestamp(draw)
    return pick(draw, "text", "a b", "5", 5, 2.5, True, {"k": "v", "n": 1}, ["x", "y"], "é🎉")


def _for_field(draw: Random, field: dict[str, Any]) -> Any:
    choices = field.get("choices")
    if isinstance(choices, list) and choices and chance(draw, 0.8):
        choice = draw.choice(choices)
        return choice.get("value") if isinstance(choice, dict) else choice
    properties = field.get("properties")
    if isinstance(properties, dict) and properties:
        one = {key: typical(draw, key, inner) for key, inner in properties.items() if chance(draw, 0.8)}
        return [one, one] if field.get("multiple") and chance(draw, 0.8) else one
    if field.get("format") and chance(draw, 0.7):
        return draw.choice(FORMATTED)
    kind = field.get("type")
    value = draw.choice(VALUES.get(kind if isinstance(kind, str) else "", VALUES["string"]))
    return [value, draw.choice(VALUES["string"])] if field.get("multiple") and chance(draw, 0.7) else value


def _put(root: Any, keys: Trail, value: Any) -> None:
    """Sets a place where it can be set: what is in the way stays."""
    for key, after in zip(keys, (*keys[1:], None), strict=True):
        step: Any = int(key) if isinstance(root, list) and key.isdigit() else key
        if isinstance(root, list):
            if not isinstance(step, int) or step > 3:
                return
            root.extend({} for _ in range(step + 1 - len(root)))
        elif not isinstance(root, dict):
            return
        if after is None:
            root[step] = value
            return
        here = root[step] if isinstance(root, list) or step in root else None
        if not isinstance(here, (dict, list)):
            root[step] = here = [] if after == "0" else {}
        root = here


def _suit(draw: Random, node: Any, event: dict[str, Any]) -> None:
    """Makes a trigger's conditions hold, as far as plain comparisons go."""
    if not isinstance(node, dict):
        return
    children = node.get("children")
    if isinstance(children, list):
        for child in children if node.get("operator") == "and" or not children else [draw.choice(children)]:
            _suit(draw, child, event)
        return
    kind, value = node.get("type"), node.get("value")
    roots = {"event-type": ("type",), "event": ("event",), "name": ("name",), "userId": ("userId",),
             "event-property": ("properties",), "event-trait": ("traits",), "event-context": ("context",)}  # fmt: skip
    keys = roots.get(str(kind), ())
    if str(kind) in ("event-property", "event-trait", "event-context"):
        keys = (*keys, *str(node.get("name")).split("."))
    operator = node.get("operator")
    made = {"exists": "there", "is_true": True, "is_false": False}.get(str(operator), value)
    if keys and operator not in ("!=", "not_exists", "not_contains"):
        _put(event, keys, made)


def event_for(draw: Random, mapping: Any, fql: Any = None, fields: Fields | None = None) -> dict[str, Any]:
    """An event that the mapping finds its paths in, and whose trigger matches, mostly."""
    event = plain_event(draw)
    by_key = fields or {}
    value_for, odd = (fitting, 0.02) if chance(draw, 0.6) else (typical, 0.1)
    for key, part in mapping.items() if isinstance(mapping, dict) else []:
        for keys, shape in paths_of(part):
            if not keys or (len(keys) == 1 and keys[0] in ("properties", "traits", "context", "type")):
                continue
            if keys[-1] in ("0", "length") or chance(draw, 0.12):
                continue
            field = by_key.get(key)
            value = _items(draw, shape) if isinstance(shape, dict) and shape else value_for(draw, keys[-1], field)
            _put(event, keys, draw.choice(_ODD) if chance(draw, odd) else value)
    if isinstance(fql, str) and chance(draw, 0.95):
        condition = parse_fql(fql)
        _suit(draw, condition.to_json(), event)
    if chance(draw, 0.08):
        changed: dict[str, Any] = mutate_json(draw, event, draw.randrange(1, 4))
        return changed
    return event


def _items(draw: Random, shape: dict[str, Any]) -> Any:
    items = []
    for _ in range(draw.randrange(3)):
        item: dict[str, Any] = {}
        for key, part in shape.items():
            for keys, inner in paths_of(part):
                if keys and chance(draw, 0.85):
                    _put(item, keys, _items(draw, inner) if inner else typical(draw, key))
        items.append(item)
    return items if chance(draw, 0.9) else pick(draw, {}, "x", [None], items[:1] and items[0], [5, "x"])


def own_mapping(draw: Random, defaults: Any, fields: Fields) -> dict[str, Any]:
    """The default mapping with most of the fields that have none mapped too, as a user would."""
    made: dict[str, Any] = dict(defaults) if isinstance(defaults, dict) else {}
    for key, field in fields.items():
        if (key in made and chance(draw, 0.9)) or not chance(draw, 0.8):
            continue
        kind = draw.randrange(6)
        if kind < 3:
            made[key] = {"@path": f"$.{pick(draw, 'properties', 'traits')}.{key}"}
        elif kind < 5 or chance(draw, 0.7):
            made[key] = fitting(draw, key, field)
        else:
            made[key] = pick(draw, json_value(draw), _for_field(draw, field))
    return made
