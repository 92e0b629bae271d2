"""The quirks of Segment's runtime that were seen by hand, each as questions: `python -m tests.conformance.seen_quirks`.

The command records the reference's answers in `seen/quirks.jsonl`; `test_seen_quirks` holds this project to them.
Quirks that no question of plain JSON can show have tests of their own, beside the code that has them.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

from tests.conformance.divergences import REWRITES
from tests.conformance.node import Oracle

SEEN = Path(__file__).parent / "seen"
Question: TypeAlias = tuple[str, dict[str, Any]]

SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "k", "environment": "test"}
EVENT = {"type": "track", "event": "e", "userId": "u", "timestamp": "2023-01-01T00:00:00.000Z", "properties": {}}
EXPOSURE = {
    "publishedAt": 1_672_531_199_000,
    "units": [{"type": "userId", "uid": "abc"}],
    "exposures": [{"id": 1, "exposedAt": 1_672_531_198_000}],
}


def parse(*texts: str) -> list[Question]:
    """Triggers to be parsed."""
    return [("fql.parse", {"fql": text}) for text in texts]


def match(fql: str, *events: Any) -> list[Question]:
    """A trigger asked about events."""
    return [("fql.match", {"fql": fql, "event": event}) for event in events]


def resolve(mapping: Any, *events: Any) -> list[Question]:
    """A mapping resolved against events."""
    return [("mapping.transform", {"mapping": mapping, "event": event}) for event in events]


def values(directive: Any, *values: Any) -> list[Question]:
    """One directive over events whose `p` has these values."""
    return resolve({"v": directive}, *({"p": value} for value in values))


def liquid(*templates: str, **event: Any) -> list[Question]:
    """Templates rendered with one event."""
    return [("mapping.liquid", {"template": template, "event": event}) for template in templates]


def fit(field: dict[str, Any], *values: Any) -> list[Question]:
    """Values of a payload with the one field `f`."""
    fields = {"f": {"label": "F", **field}}
    return [("schema.validate", {"fields": fields, "payload": {"f": value}}) for value in values]


def send(event: dict[str, Any], settings: dict[str, Any] | None = None, **record: Any) -> list[Question]:
    """An event through one subscription of ABsmartly's, Track Goal with its defaults unless told otherwise."""
    goal = {
        "units": {"anonymousId": {"@path": "$.anonymousId"}, "userId": {"@path": "$.userId"}},
        "name": {"@path": "$.event"},
        "properties": {"@path": "$.properties"},
    }
    subscription = {
        "name": "s", "enabled": True, "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": goal
    } | record  # fmt: skip
    args = {"event": {**EVENT, **event}, "settings": {**SETTINGS, **(settings or {})}, "subscriptions": [subscription]}
    return [("destination.on_event", args)]


def expose(exposure: Any) -> list[Question]:
    """An exposure through Track Exposure."""
    mapping = {"exposure": {"@path": "$.properties.exposure"}}
    return send({"properties": {"exposure": exposure}}, partnerAction="trackExposure", mapping=mapping)


DATE = {"type": "datetime"}
PATH = {"@path": "$.p"}
MERGE = {"objects": [PATH, {"k": 1}], "direction": "right"}

QUIRKS: dict[int, list[Question]] = {
    1: [
        *parse('type = "track" and event = "a" or event = "b"', 'event = "a" event = "b"'),
        *match('type = "track" and event = "a" or event = "b"', {"type": "page", "event": "b"}),
    ],
    2: parse('foo = "bar" and type = "track"', 'type = "track" OR event = "a"', 'foo = "bar"', "", "type = [0]"),
    3: [
        *parse("event = 'x'", 'type = "track"and event = "a"', r'event = "a\"b"'),
        *match("event = 'x'", {"event": "x"}),
    ],
    4: parse('!(event = "x")'),
    5: parse('((type = "track") and (event = "a"))', 'type = "track") and event = "a"', '(type = "track"'),
    6: parse("properties.or = 1", "properties.null = 1", "properties.order = 1"),
    7: parse("type =", "type"),
    8: [
        *parse("event != null", "properties.x != true", "name = true", "userId = true"),
        *match("event != null", {}, {"event": None}, {"event": "a"}),
        *match("properties.x != true", {"properties": {"x": True}}, {"properties": {"x": "true"}}, {}),
    ],
    9: [
        *parse('match(event, "x")', 'match(event, "*x*")', "match(event, 'x*')"),
        *parse('contains(propertiesX.y,"a")', 'contains(type, "a")'),
        *match('match(event, "x")', {"event": "abc"}),
    ],
    10: match('event = "a" and ("b")', {"event": "a"}, {"event": "z"}) + parse('event = "a" and ("b")'),
    11: [
        *match('properties.price = "5"', {"properties": {"price": 5}}),
        *match("properties.price = 5", {"properties": {"price": "5"}}),
        *match("properties.price > 5", {"properties": {"price": "6"}}),
        *match("properties.price != 5", {"properties": {"price": "5"}}, {}),
        *match('properties.price != "5"', {}),
        *match('!contains(event, "a")', {}),
        *parse("properties.x = -", "properties.x = 1.", "type = \r", "type\u00a0= 1"),
    ],
    12: [
        *parse(r"properties.dot\.key = 1"),
        *match(r"properties.dot\.key = 1", {"properties": {"dot.key": 1, "dot": {"key": 1}}}),
        ("fql.generate", {"ast": {"type": "group", "operator": "and", "children": [
            {"type": "event-property", "operator": "=", "value": 1, "name": "a.b c"}]}}),
    ],
    13: [
        *resolve({"v": {"@path": "x$.p"}}, {"xp": 1}),
        *resolve({"v": {"@path": "$.it's"}}, {"its": 1}),
        *resolve({"v": {"@path": "p['dot.key']"}}, {"p": {"dot": {"key": 1}, "dot.key": 2}}),
        *resolve({"v": {"@path": "p[a]"}}, {"p": {"a": 1}, "p[a]": 2}),
        *resolve({"a": {"@path": ""}, "b": {"@path": "."}}, {"p": 1}),
        *values({"@path": "$.p.x"}, 0, "", None, False),
        *values({"@path": "$.p.length"}, "abc", [1, 2]),
        *values({"@path": "$.p[0]"}, "abc", [1, 2]),
    ],
    14: [
        *values({"@template": "{{p}}"}, [1, [2, None], "x"], {}, 1e21, True, None),
        *resolve({"v": {"@template": "{{{a}}}"}}, {"a": "{{b}}", "b": "B"}),
        *resolve({"v": {"@template": "{{}}|{{ }}"}}, {"p": 1}),
    ],
    15: [
        *values({"@if": {"blank": PATH, "then": "blank", "else": "not"}},
                0, False, [], [""], [[]], [None], " ", [0]),
        *values({"@if": {"exists": PATH, "then": 0, "else": 0}}, 1, None),
        *values({"@if": {"exists": ""}}, 1),
    ],
    16: [
        *(question for live in ("[$&]", "$$", "$`", "$'") for question in values(
            {"@replace": {"value": PATH, "pattern": "b", "replacement": live}}, "abc")),
        *values({"@replace": {"value": PATH, "pattern": "1", "replacement": "2"}}, 1e21, [1], None, False),
        *values({"@replace": {"value": 0, "pattern": "a"}}, 1),
        *values({"@replace": {"value": PATH, "pattern": "x" * 200}}, "a"),
    ],
    17: values({"@case": {"operator": "nope", "value": PATH}}, 5, [1], "a"),
    18: [
        *values({"@merge": MERGE}, "ab", [1, 2], None, 5, {"k": 0}),
        *values({"@merge": {**MERGE, "direction": "LEFT"}}, {"k": 0}),
        *values({"@merge": {"objects": [PATH]}}, {}),
        *values({"@merge": {**MERGE, "objects": [5]}}, {}),
    ],
    19: [
        *values({"@flatten": {"value": PATH, "separator": "."}}, 5, {"a": {}, "b": [], "c": {"d": 1}}),
        *values({"@flatten": {"value": PATH, "separator": ".", "omitArrays": True}}, {"a": [1, {"b": 2}]}),
        *values({"@flatten": {"value": PATH, "separator": ""}}, {"a": 1}),
    ],
    20: [
        *values({"@json": {"mode": "ENCODE", "value": PATH}}, {}),
        *values({"@json": {"mode": "decode", "value": PATH}}, "NaN", "[1,]", "12345678901234567890"),
        *values({"@json": {"mode": "encode", "value": PATH}}, {"a": [1e21, 0.1, "é\u2028"]}),
    ],
    21: values({"@excludeWhenNull": {"a": PATH, "b": PATH, "d": {"e": None}}}, None, [None, {"c": None}]),
    22: [
        *values({"@arrayPath": ["$.p", {"i": {"@path": "$.x"}}]}, {"x": 1}, "abc", [None, "s", {"x": 2}]),
        *values({"@arrayPath": ["$.p", {}]}, [{"x": 1}]),
    ],
    23: [
        *resolve({"a": [{"@path": 5}]}, {}),
        *resolve({"a": {"@path": 5}}, {}),
        *resolve([1, {"@path": "$.p"}], {"p": 2}),
    ],
    24: [
        *resolve({"a": {"@path": "x", "b": 1}}, {}),
        *resolve({"a": {"@path": "$.p", "_metadata": {}}}, {"p": 1}),
        *resolve(
            {"__segment_internal_directive": {"@transform": {"apply": {"q": PATH}}}, "a": {"@path": "$.q"}}, {"p": 1}
        ),
    ],
    25: resolve({"@path": "missing"}, {}) + resolve({"a": [{"@path": "$.x"}], "b": {"@path": "$.x"}}, {}),
    26: liquid(
        '{{ "a" | nofilter }}',
        '{% if false %}{{ "a" | map: "b" }}{% endif %}x',
        '{{ "a" | map: "b" }}',
        "{% for i in p %}{% endfor %}",
        "{% comment %}{% for i in p %}{% endcomment %}a",
        "{% raw %}{% for i in p %}{% endraw %}",
    ),
    27: liquid(
        '{% if "" %}a{% endif %}{% if 0 %}b{% endif %}',
        "{{ 5 | divided_by: 2 }} {{ 5 | divided_by: 2, true }} {{ 1 | divided_by: 0 }}",
        '{{ "x" | plus: 1 }} {{ -2.5 | round }} {{ 1.005 | round: 2 }}',
        '{{ "abc" | replace: "b", "[$&]" }}',
    ),
    28: liquid(
        "{{ l }} {{ o }} {{ f }} {{ o.size }} {{ s.size }}",
        "{{ t | size }}",
        "{{ t | slice: 0 }}",
        l=[1, "a", None, [2, 3]], o={"a": 1}, f=False, s={"size": 9}, t="🎉x",
    ),
    29: liquid(
        "x {{-1}} y", "{{ a b }}", "{{ .5 }}{{ 1e3 }}", "{{ 00012 }}", "{{ n == 5 }}", "a{% break %}b",
        "{% assign a = 9 %}{{ a }}", "{% increment x %}{{ x }}", "{% increment x %}{% assign x = 9 %}{{ x }}",
        "{% increment x %}{% decrement x %}{% assign x = 9 %}{{x}}{% increment x %}",
        "{% if false and false or true %}a{% else %}b{% endif %}",
        a="A", b="B", n=5,
    ),
    30: [
        *fit({"type": "number"}, " ", "0x10", "5.", "Infinity", True, [None]),
        *fit({"type": "boolean"}, "true", "yes", 0, 1, 2, [None]),
        *fit({"type": "string"}, ["x"], [None]),
        *fit(DATE, ["2023-01-01"], [1]),
        *fit({"type": "boolean", "allowNull": True}, [True]),
        *fit({"type": "string", "allowNull": True}, [""]),
    ],
    31: [
        *fit({"type": "string", "required": True}, ""),
        *fit({"type": "string", "allowNull": True}, None),
        *fit({"type": "string"}, None),
        *fit({"type": "object", "properties": {
            "n": {"label": "N", "type": "number"}, "s": {"label": "S", "type": "string"}}}, {"n": "", "s": ""}),
        *fit({"type": "object", "multiple": True, "properties": {"a": {"label": "A", "type": "number"}}}, [{"a": ""}]),
        *fit({"type": "string", "multiple": True}, [None, ""]),
        *fit({"type": "number", "multiple": True}, ["1", "", None, 2]),
    ],
    32: [
        *fit({"type": "string", "multiple": True}, "a"),
        *fit({"type": "object", "properties": {"a": {"label": "A", "type": "string"}}}, {"a": "x", "b": 1}),
        *fit({"type": "object"}, {"b": 1}),
        ("schema.validate", {"fields": {"f": {"label": "F", "type": "string"}}, "payload": {"f": "a", "g": 1}}),
    ],
    33: [
        *fit({"type": "number", "minimum": 0}, -1),
        *fit({"type": "integer", "minimum": 5}, 1),
        *fit({"type": "string", "maximum": 2}, "🎉🎉🎉", "🎉🎉"),
    ],
    34: fit(
        DATE, "foo 12", "2023-13-45", ".5", "9999999999999999", "foo", "12:00", "2023-W20", "true", "99999999999999"
    ),
    35: [
        ("schema.validate", {"fields": {
            "g": {"label": "G", "type": "string"},
            "f": {"label": "F", "type": "string", "required": {
                "conditions": [{"fieldKey": "g", "operator": "is", "value": "x"}]}},
        }, "payload": {"g": "x"}}),
    ],
    36: [
        *fit({"type": "string", "choices": [1]}, "1"),
        *fit({"type": "string", "format": "iso-time"}, "12:00"),
        ("fields.schema", {"fields": {"f": {"label": "F", "type": "string", "choices": [1]}}}),
    ],
    37: [
        *(question for stamp in (
            None, "", "garbage", "2023-13-01", "1672531200000", "foo 12", "2023-02-30", "1/1/49", "1/1/50",
            "2023-01-01", "2023-01-01T00:00",
        ) for question in send({"timestamp": stamp})),
    ],
    38: [
        *send({"userId": " ", "anonymousId": 5}),
        *send({"userId": None, "anonymousId": True}),
        *send({"event": 5}),
        *send({"event": ["x"]}),
        *(question for name in (None, {"a": 1}) for question in send(
            {"name": name}, mapping={"units": {}, "properties": {}, "name": {"@template": "Page: {{ name }}"}})),
    ],
    39: [
        *expose(EXPOSURE),
        *expose({**EXPOSURE, "historic": False, "x": 1, "goals": [], "attributes": [
            {"name": "a"}, {"name": "b", "setAt": "5"}, {"name": "c", "setAt": None}]}),
        *expose({**EXPOSURE, "attributes": None}),
        *expose({**EXPOSURE, "exposures": [None]}),
        *expose({**EXPOSURE, "units": []}),
    ],
    40: [
        *send({}, enabled=False),
        *send({}, partnerAction="nope"),
        *send({}, subscribe=""),
        *send({}, settings={"collectorEndpoint": "https://demo.absmartly.io/v1/"}),
        *send({}, settings={"collectorEndpoint": "https://demo.absmartly.io/v1?x=1"}),
        *(question for agent in (" a ", " ", "é", "日", "a\nb") for question in send(
            {}, mapping={"units": {}, "properties": {}, "name": "n", "agent": agent, "application": " app "})),
    ],
}  # fmt: skip
"""By number of the quirk, the questions that show it."""


def main() -> None:
    """Writes `seen/quirks.jsonl`."""
    asked = [(number, *question) for number, questions in QUIRKS.items() for question in questions]
    with Oracle() as oracle:
        rows: list[dict[str, Any]] = [
            {"id": f"quirk {number}, question {index}", "op": op, "args": args}
            for index, (number, op, args) in enumerate(asked)
        ]
        for row, answer in zip(rows, oracle.ask((op, args) for _number, op, args in asked), strict=True):
            row.update(answer)
        changed = [row for row in rows if row["op"] in REWRITES and REWRITES[row["op"]](row["args"]) is not row["args"]]
        rewritten = [(row["op"], REWRITES[row["op"]](row["args"])) for row in changed]
        for row, instead in zip(changed, oracle.ask(rewritten), strict=True):
            row["instead"] = instead
    SEEN.mkdir(exist_ok=True)
    lines = [json.dumps(row, separators=(",", ":")) for row in rows]
    (SEEN / "quirks.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


if __name__ == "__main__":
    main()
