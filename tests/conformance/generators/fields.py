"""Field definitions (Segment's InputField as JSON): every type with every modifier, and payloads that fit or do not."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.conformance.generators.draw import chance, json_value, mutate_json, mutate_text, pick, scalar, subset
from tests.conformance.generators.events import TIMESTAMPS

TYPES = ["string", "text", "password", "number", "integer", "boolean", "datetime", "object"]
FORMATS = [
    "date", "time", "date-time", "uri", "uri-reference", "uri-template", "email", "hostname", "ipv4", "ipv6", "regex",
    "uuid",
    "json-pointer", "relative-json-pointer", "byte", "int32", "int64", "float", "double", "password", "binary",
    "duration",
    "date-like", "text", "url",
]  # fmt: skip
UNKNOWN_FORMATS = ["iso-time", "iso-date-time", "phone", ""]
FORMATTED = [
    "2023-01-01", "2023-02-30", "2024-02-29", "10:20:30Z", "10:20:30", "10:20", "24:00:00Z", "2023-01-01T10:20:30Z",
    "2023-01-01 10:20:30", "2023-01-01t10:20:30z", "2023-01-01T10:20:30.123+01:00", "https://example.com/a?b=c#d",
    "example.com",
    "/a/b", "http://", "ftp://x.y", "urn:isbn:1", "a b", "mailto:x@y.z", "http://exämple.com", "user@example.com",
    "user@", "@x.y",
    "user@localhost", "a.b+c@d-e.org", '"q"@x.y', "example.com.", "-bad.com", "exa_mple.com", "x" * 64 + ".com",
    "8.8.8.8", "256.1.1.1",
    "1.2.3", "::1", "2001:db8::1", "fe80::1%eth0", "12345::", "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "7C9E6679742540DE944BE07FC1F90AE7", "[a-z]+", "[", "(?<n>a)", "\\Z", "a{2,1}", "/a/0", "/a~1b", "a/b", "/~2",
    "0/a", "1#", "P1D", "PT1H30M", "P1W",
    "P", "Zm9v", "Zm9", "{x}", "http://x/{y}", "http://x/{y", "#frag", "", " ", "é", "10:20:30+25:00", "23:59:60Z",
    "http://[::1]/", "tel:+1-201",
]  # fmt: skip
_ALPHABET = [*"0123456789-:/.+TZ@[]{}()%#?& ~é_aFx\\\n", "::", "//", "%2", "🎉"]
VALUES: dict[str, list[Any]] = {
    "string": ["a", "hello", "", " ", "é🎉", "🎉🎉🎉", "5", "x" * 12, "Ab", "choice1"],
    "number": [0, 1, 5, -1, 2.5, 100, 1e21, "5", "2.5", " ", "0x10", "5.", "1e3", "Infinity", "-Infinity", "+5", ".5",
    "5a", "NaN", "1_0", ""],
    "integer": [0, 1, 5, -1, 2.0, 2.5, "5", "5.0", "2.5", 1e21, 9007199254740993, " 7", "1e2", "0b11", "", "+3"],
    "boolean": [True, False, "true", "false", 0, 1, "0", "1", "True", "yes", 2, "", -0.0],
    "datetime": TIMESTAMPS,
    "object": [{}, {"a": 1}, {"a": {"b": None, "c": ""}}, {"a": ""}, {"k": [1, ""]}, {"0": 1, "b": 2}],
}  # fmt: skip
NAMES = ["a", "b", "c", "d", "name", "email", "count", "items", "a b", "x-y", "0"]
LABELS = ["A", "Field Label", "Größe", "it's", "a label with spaces", ""]

Fields = dict[str, dict[str, Any]]


def _values_of(kind: Any) -> list[Any]:
    if kind in ("text", "password"):
        kind = "string"
    return VALUES.get(kind, VALUES["string"])


def _choices(draw: Random, kind: str) -> list[Any]:
    pool: list[Any] = {"number": [1, 2.5, "3"], "integer": [1, 2, "3"], "boolean": [True, False, "true"]}.get(
        kind, ["a", "b", "choice1", "5", "é"]
    )
    made: list[Any] = []
    for choice in pool[: draw.randrange(1, 5)]:
        bare = chance(draw, 0.5) if isinstance(choice, str) else chance(draw, 0.06)
        made.append(choice if bare else {"label": f"Label {choice}", "value": choice})
    if chance(draw, 0.06):
        made.append(
            pick(
                draw,
                made[0],
                None,
                {"label": "no value"},
                {"label": "n", "value": None},
                {"label": "o", "value": {"k": 1}},
                [],
            )
        )
    return made if chance(draw, 0.96) else []


def _condition(draw: Random, names: list[str]) -> Any:
    def one() -> dict[str, Any]:
        other = draw.choice(names)
        key = pick(draw, other, other, other, f"{other}.{draw.choice(NAMES)}", "missing", f"{other}.a.b")
        condition: dict[str, Any] = {"fieldKey": key, "operator": pick(draw, "is", "is", "is", "is_not", "is_not")}
        if chance(draw, 0.8):
            condition["value"] = pick(draw, "a", "a", 1, True, "", None, ["a", "b"], {"k": 1}, "5")
        if chance(draw, 0.01):
            condition["operator"] = pick(draw, "equals", "", None)
        return condition

    made: dict[str, Any] = {"conditions": [one() for _ in range(draw.choice([1, 1, 1, 2, 2, 3]))]}
    if chance(draw, 0.85):
        made["match"] = pick(draw, "all", "any")
    if chance(draw, 0.02):
        made["conditions"] = []
    return made


def _default(draw: Random) -> Any:
    return pick(
        draw,
        {"@path": "$.userId"},
        "x",
        5,
        None,
        {"@if": {"exists": {"@path": "$.a"}, "then": "y"}},
        True,
        [],
        {"k": {"@path": "$"}},
    )


_PLAIN: dict[str, Callable[[Random], Any]] = {
    "defaultObjectUI": lambda draw: pick(draw, "keyvalue", "object", "keyvalue:only", "object:only", "arrayeditor"),
    "placeholder": lambda _: "e.g. x",
    "dynamic": lambda draw: pick(draw, True, False),
    "category": lambda draw: pick(draw, "identifier", "hashedPII"),
    "readOnly": lambda draw: pick(draw, True, False),
    "unsafe_hidden": lambda draw: pick(draw, True, False),
    "disabledInputMethods": lambda _: ["literal"],
    "displayMode": lambda _: "collapsed",
    "depends_on": lambda draw: {
        "match": "all",
        "conditions": [{"fieldKey": "a", "operator": "is", "value": scalar(draw)}],
    },
}


def field(draw: Random, names: list[str], depth: int = 2) -> dict[str, Any]:
    """One field; `names` are the fields beside it, for conditions."""
    kind = draw.choice(TYPES[:-1]) if chance(draw, 0.75) else "object"
    made: dict[str, Any] = {"type": kind if chance(draw, 0.99) else pick(draw, "array", "date", None, "String")}
    made.update(_text_parts(draw))
    required = draw.randrange(10)
    if required < 2:
        made["required"] = True
    elif required < 4:
        made["required"] = _condition(draw, names)
    elif required < 5:
        made["required"] = pick(draw, False, False, None, "yes", 1)
    made.update(subset(draw, {"multiple": lambda _: chance(draw, 0.9)}, 0.3))
    made.update(subset(draw, {"allowNull": lambda _: chance(draw, 0.9)}, 0.2))
    made.update(_value_limits(draw, kind))
    made.update(subset(draw, {"default": _default}, 0.2))
    if depth > 0 and chance(draw, 0.6 if kind == "object" else 0.02):
        made["properties"] = definition(draw, depth - 1)
    if chance(draw, 0.2 if kind == "object" else 0.03):
        made["additionalProperties"] = pick(draw, True, False)
    made.update(subset(draw, _PLAIN, 0.04))
    return made


def _text_parts(draw: Random) -> dict[str, Any]:
    label = subset(draw, {"label": lambda _: draw.choice(LABELS)}, 0.85)
    return {**label, **subset(draw, {"description": lambda _: "What it is."}, 0.6)}


def _value_limits(draw: Random, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if chance(draw, 0.12) and kind != "object":
        made["choices"] = _choices(draw, kind)
    if kind in ("string", "text") and chance(draw, 0.3):
        made["format"] = draw.choice(FORMATS) if chance(draw, 0.96) else draw.choice(UNKNOWN_FORMATS)
    elif chance(draw, 0.03):
        made["format"] = draw.choice(FORMATS)
    for key in ("minimum", "maximum"):
        if chance(draw, 0.15):
            made[key] = pick(draw, 0, 1, 2, 3, 5, 10, *([2.5, -1] if kind in ("number", "integer") else []))
    return made


def definition(draw: Random, depth: int = 2) -> Fields:
    """A few fields by name."""
    names = draw.sample(NAMES, draw.choice([1, 2, 2, 3, 4]))
    return {name: field(draw, names, depth) for name in names}


def _value_for(draw: Random, given: dict[str, Any]) -> Any:
    kind = draw.randrange(20)
    if kind == 0:
        return json_value(draw)
    if kind == 1:
        return None
    if kind == 2:
        return ""
    choices = given.get("choices")
    if choices and kind < 10:
        choice = draw.choice(choices)
        return choice.get("value") if isinstance(choice, dict) else choice
    one = _single(draw, given, kind)
    if chance(draw, 0.6 if given.get("multiple") else 0.1):
        more = [None, "", *_values_of(given.get("type"))]
        return [one, *(draw.choice(more) for _ in range(draw.choice([0, 0, 1, 2])))]
    return one


def _single(draw: Random, given: dict[str, Any], kind: int) -> Any:
    if isinstance(given.get("properties"), dict) and kind < 17:
        return payload_for(draw, given["properties"])
    if given.get("format") and kind < 15:
        text = draw.choice(FORMATTED)
        return mutate_text(draw, text, _ALPHABET) if chance(draw, 0.3) else text
    return draw.choice(_values_of(given.get("type") if kind < 15 else draw.choice(TYPES)))


def payload_for(draw: Random, fields: Fields) -> dict[str, Any]:
    """A payload for the fields: most present, most of the right kind, some keys too many."""
    payload = {}
    for name, given in fields.items():
        if chance(draw, 0.9):
            payload[name] = _value_for(draw, given if isinstance(given, dict) else {})
    if chance(draw, 0.2):
        payload[pick(draw, "extra", "Name", "zz")] = json_value(draw)
    return payload


def schema(draw: Random) -> dict[str, Any]:
    """Arguments of `fields.schema`."""
    fields: Any = definition(draw)
    if chance(draw, 0.05):
        fields = mutate_json(draw, fields, draw.randrange(1, 3))
    return {"fields": fields if chance(draw, 0.98) else {}}


def validate(draw: Random) -> dict[str, Any]:
    """Arguments of `schema.validate`: often a single field, so that its rule alone decides."""
    fields = (
        {name: field(draw, [name, "b"], 1) for name in draw.sample(NAMES, 1)} if chance(draw, 0.4) else definition(draw)
    )
    payload: Any = payload_for(draw, fields)
    if chance(draw, 0.02):
        payload = pick(draw, None, [], "x", 5, [payload], True)
    return {"fields": fields, "payload": payload}


GENERATORS = {"fields.schema": schema, "schema.validate": validate}
