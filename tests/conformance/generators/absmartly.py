"""Events through the ABsmartly destination: its presets, own mappings, broken subscriptions and odd settings."""

import copy
from random import Random
from typing import Any

from tests.conformance.generators import fql
from tests.conformance.generators.draw import chance, json_value, mutate_json, pick, weighted
from tests.conformance.generators.events import event, plain_event, timestamp
from tests.conformance.generators.mapping import mapping_for

SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "key-1", "environment": "production"}
ENDPOINTS = [
    "https://demo.absmartly.io/v1/", "https://demo.absmartly.io", "http://localhost:8080/v1?x=1",
    "https://demo.absmartly.io/v1#f",
    "https://user:pw@demo.absmartly.io/v1", "https://DEMO.absmartly.io/V1/../x", "https://demo.absmartly.io/a b",
    "ftp://x.y/z", "x",
    "", "https://exämple.com/v1", "mailto:a@b.c", "https://demo.absmartly.io:443/v1", "http://[::1]:80/v1", "https://",
    "/v1", 5, None,
]  # fmt: skip
KEYS = [
    "k",
    "",
    " padded ",
    "schlüssel",
    "日本",
    "line\nbreak",
    5,
    True,
    None,
    ["k"],
    {"k": 1},
    1.5,
    "tab\tkey",
    "x" * 300,
]
_AGENT = {
    "@if": {
        "exists": {"@path": "$.context.library.name"},
        "then": {"@path": "$.context.library.name"},
        "else": "segment",
    }
}
_GOAL = {
    "units": {"anonymousId": {"@path": "$.anonymousId"}, "userId": {"@path": "$.userId"}},
    "name": {"@path": "$.event"},
    "properties": {"@path": "$.properties"},
    "agent": _AGENT,
}
PRESETS: list[dict[str, Any]] = [
    {"name": "Track Calls", "subscribe": 'type = "track" and event != "Experiment Viewed"',
    "partnerAction": "trackGoal",
     "mapping": _GOAL},
    {"name": "Page Calls", "subscribe": 'type = "page"', "partnerAction": "trackGoal",
     "mapping": {**_GOAL, "name": {"@template": "Page: {{ name }}"}}},
    {"name": "Screen Calls", "subscribe": 'type = "screen"', "partnerAction": "trackGoal",
     "mapping": {**_GOAL, "name": {"@template": "Screen: {{ name }}"}}},
    {"name": "Exposures (Verbatim)", "subscribe": 'type = "track" and event = "Experiment Viewed"',
     "partnerAction": "trackExposure", "mapping": {"exposure": {"@path": "$.properties.exposure"}, "agent": _AGENT}},
]  # fmt: skip


def exposure(draw: Random) -> Any:
    """A publish request of ABsmartly's SDK, sometimes out of shape."""
    published = 1672531200000 + draw.randrange(10**10)
    one: dict[str, Any] = {
        "id": 1,
        "name": "exp_a",
        "variant": 1,
        "exposedAt": published - 1000,
        "assigned": True,
        "eligible": True,
    }
    given: dict[str, Any] = {
        "hashed": True,
        "publishedAt": published,
        "units": [{"type": "session_id", "uid": "abc"}],
        "exposures": [one, {**one, "id": 2, "name": "exp_b", "unit": "user_id", "exposedAt": published - 5.5}][
            : draw.randrange(1, 3)
        ],
    }
    if chance(draw, 0.4):
        given["attributes"] = [
            {"name": "country", "value": "DE", "setAt": published - 2000},
            {"name": "x", "value": None},
        ]
        given["attributes"][1]["setAt"] = pick(draw, published, "5", None, True, 2.5)
    if chance(draw, 0.3):
        given["goals"] = pick(draw, [], [], None, [{"name": "g"}])
    if chance(draw, 0.25):
        key = draw.choice(["publishedAt", "units", "exposures", "attributes", "historic", "goals"])
        given[key] = pick(
            draw, None, [], {}, "x", 0, 5, timestamp(draw), timestamp(draw), 1262304000000, 1262303999999,
            2524608000000, 2524608000001,
            [None], [{"exposedAt": "2023-01-01"}], [{"exposedAt": published}, 5], [[]], ["ab"], [{"setAt": {}}],
            [{"setAt": [1]}], True,
        )  # fmt: skip
    if chance(draw, 0.1):
        return mutate_json(draw, given, 2)
    return given if chance(draw, 0.95) else json_value(draw)


def _event(draw: Random) -> dict[str, Any]:
    given = event(draw) if chance(draw, 0.7) else plain_event(draw)
    if chance(draw, 0.3):
        given = {**plain_event(draw), "type": "track", "event": "Experiment Viewed"}
        given["properties"] = {"exposure": exposure(draw), "other": 1}
        changed: dict[str, Any] = mutate_json(draw, given, draw.choice([0, 0, 0, 0, 0, 0, 0, 0, 1, 2]))
        return changed
    if chance(draw, 0.03):
        given["context"] = pick(draw, None, {"personas": None}, {"personas": 5}, 5, "x", [])
    return given


def settings(draw: Random) -> dict[str, Any]:
    """Settings: mostly the right ones."""
    given: dict[str, Any] = dict(SETTINGS)
    if chance(draw, 0.12):
        given["collectorEndpoint"] = draw.choice(ENDPOINTS)
    if chance(draw, 0.08):
        given["apiKey"] = draw.choice(KEYS)
    if chance(draw, 0.06):
        given["environment"] = draw.choice(KEYS)
    if chance(draw, 0.03):
        del given[draw.choice(list(given))]
    if chance(draw, 0.03):
        given[pick(draw, "extra", "oauth", "ApiKey")] = pick(draw, "x", {}, None)
    return given


def _goal_mapping(draw: Random) -> dict[str, Any]:
    """The default goal mapping with some fields mapped otherwise."""
    made: dict[str, Any] = copy.deepcopy(_GOAL)
    for _ in range(draw.choice([1, 1, 2])):
        key = draw.choice(["units", "name", "properties", "agent", "application", "units", "name", "exposure"])
        made[key] = draw.choice(_FIELD_VALUES[key]) if chance(draw, 0.8) else json_value(draw)
    if chance(draw, 0.15):
        del made[draw.choice(list(made))]
    return made


_FIELD_VALUES: dict[str, list[Any]] = {
    "units": [
        {"user_id": {"@path": "$.userId"}}, {"session": {"@path": "$.properties.session"}, "10": "ten", "2": "two",
        "b": " x "},
        {"a": "", "b": " ", "c": None, "d": True, "e": 0, "f": 2.50, "g": 1e21, "h": "é"}, {}, {"a": [1],
        "b": {"c": 1}}, None, [], ["x"],
        "u", {"@path": "$.context"}, {"@path": "$.properties"}, {"@path": "$.userId"}, {"a": -0.0,
        "b": 12345678901234567890},
    ],
    "name": [
        "goal", {"@template": "{{ event }} ({{ properties.currency }})"}, "", " ", 5, None, True, ["a"], ["a", "b"],
        [], {"@path": "$.name"},
        {"@liquid": "{{ event | downcase | replace: ' ', '_' }}"}, {"@case": {"operator": "lower",
        "value": {"@path": "$.event"}}},
        {"@if": {"exists": {"@path": "$.name"}, "then": {"@path": "$.name"}, "else": {"@path": "$.event"}}},
        {"@path": "$.properties"},
        {"@replace": {"pattern": " ", "replacement": "_", "value": {"@path": "$.event"}}}, {"@path": 5},
        {"@liquid": "{% for %}"},
    ],
    "properties": [
        {}, None, "text", [], [1], {"a": None, "b": ""}, {"@path": "$.traits"},
        {"@flatten": {"value": {"@path": "$.properties"}, "separator": "."}},
        {"@merge": {"objects": [{"@path": "$.properties"}, {"x": 1}], "direction": "right"}}, {"@path": "$"},
        {"@json": {"mode": "decode", "value": "{\"z\":1}"}},
        {"@excludeWhenNull": {"@path": "$.properties"}}, {"@arrayPath": ["$.properties.products",
        {"id": {"@path": "$.id"}}]}, 5,
    ],
    "agent": ["x", " padded ", "", "  ", None, 5, "ä", "日本", "a\nb", "a\tb", ["a"],
    {"@path": "$.context.library.name"}, True],
    "application": ["web", " web ", "", " ", None, 5, False, "é", "日本", {"@path": "$.context.app.name"}, ["app"],
    "a\r\nb"],
    "exposure": [{"a": 1}, None],
}  # fmt: skip


def subscription(draw: Random) -> Any:
    """A subscription: a preset, one with its own mapping, or a broken one."""
    made: dict[str, Any] = copy.deepcopy(draw.choice(PRESETS))
    kind = draw.randrange(20)
    if kind < 7:
        pass
    elif kind < 12:
        made["mapping"] = _goal_mapping(draw)
        made["partnerAction"] = "trackGoal" if chance(draw, 0.9) else "trackExposure"
        made["subscribe"] = pick(draw, 'type = "track"', made["subscribe"], fql.text(draw), 'type != "x"')
    elif kind < 14:
        made["mapping"]["exposure"] = pick(
            draw, exposure(draw), {"@path": "$.properties.exposure"}, {"@literal": exposure(draw)}
        )
        made["partnerAction"] = "trackExposure"
        made["subscribe"] = 'type != "x"'
    elif kind < 16:
        made["subscribe"] = fql.text(draw)
    elif kind == 16:
        made["subscribe"] = pick(
            draw, "", None, 5, 'type ="', "foo", [], 'type = "track" and ("b")', 'event = "a" and ("b")'
        )
    elif kind == 17:
        made["partnerAction"] = pick(draw, "unknown", "", "trackgoal", 5, None)
    elif kind == 18:
        made["mapping"] = pick(draw, {}, None, mapping_for(draw, plain_event(draw)), [], "x", 0)
    elif chance(draw, 0.5):
        del made[draw.choice(["subscribe", "mapping", "partnerAction", "name"])]
    else:
        made["mapping"] = mutate_json(draw, made["mapping"], 2)
    if chance(draw, 0.3):
        made["enabled"] = chance(draw, 0.85)
    return made


def on_event(draw: Random) -> dict[str, Any]:
    """Arguments of `destination.on_event`."""
    presets = copy.deepcopy(PRESETS)
    subscriptions: Any = weighted(
        draw,
        (5, lambda _: presets),
        (6, lambda _: [subscription(draw)]),
        (5, lambda _: [subscription(draw) for _ in range(draw.randrange(2, 5))]),
        (2, lambda _: [*presets, subscription(draw)]),
    )
    return {
        "event": _event(draw),
        "settings": settings(draw),
        "subscriptions": subscriptions if chance(draw, 0.99) else [],
    }


GENERATORS = {"destination.on_event": on_event}
