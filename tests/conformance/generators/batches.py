"""Batches of events for the destination of `batch_destination.py`: what matches, what fits, what the partner says."""

from random import Random
from typing import Any

from tests.conformance.generators import fql
from tests.conformance.generators.draw import chance, json_value, mutate_json, pick, scalar, weighted

_FITTING: dict[str, list[Any]] = {
    "name": ["a", "Ann", "x y", "é", "5", 5, True],
    "count": [1, 2, "3", 4.0, "1"],
    "email": ["a@b.example", "user@example.com"],
    "tags": [["a", "b"], "one", [], [1, 2], ["", None, "x"]],
    "flag": [True, False, "true", 0, 1],
    "when": ["2023-01-01", "2023-05-06T07:08:09.123Z", 1672531200],
    "extra": [{"a": 1}, {"a": "2.5", "b": ""}, {"a": 1, "b": "x", "c": 1}, {"a": 0, "b": None}],
    "items": [[{"id": 1}], {"id": "2", "label": "x"}, [], [{"id": 1, "label": ""}, {"label": "b"}]],
    "enable_batching": [True, "false", False],
    "batch_size": [100, "5", 1],
    "batch_keys": [["name"], "name", []],
}  # fmt: skip
_WRONG: dict[str, list[Any]] = {
    "name": ["", None, [], ["a", "b"], {}, {"a": 1}, [""]],
    "count": ["", None, "x", 1.5, True, [1], {}, "1e3", " "],
    "email": ["", "no", None, 5, [], "a@b"],
    "tags": ["", None, [[1]], {}, [None], [{"a": 1}]],
    "flag": ["", None, "yes", 2, [], "1"],
    "when": ["", None, "no date", True, [], {}, "foo 12"],
    "extra": ["", None, {}, {"a": "x"}, [], [{"a": 1}], "a", 5, {"a": None}, {"b": "x"}],
    "items": ["", None, [{"id": "x"}], [5], [None], [[]], "a", [{"id": ""}], {"id": None}],
    "enable_batching": ["", None, "no", 5],
    "batch_size": ["", None, "x", 1.5],
    "batch_keys": ["", None, {}, [None, "a"]],
}  # fmt: skip
_TYPES = ["track", "track", "track", "page", "identify", "screen"]
_ERROR_CODES = ["BAD_REQUEST", "NOT_FOUND", "", None, "PAYLOAD_VALIDATION_FAILED", "MY_CODE"]
_BODIES: list[Any] = [{}, {"id": 1}, "", "text", None, 0, 1, False, [], ["x"], {"errors": [{"code": 5}]}]
_STATUSES: list[Any] = [200, 201, 207, 400, 401, 403, 404, 408, 409, 418, 422, 429, 499, 500, 501, 503, 529, 299, 600]


def _value(draw: Random, key: str) -> Any:
    if chance(draw, 0.9):
        return draw.choice(_FITTING[key])
    return draw.choice(_WRONG[key]) if chance(draw, 0.85) else json_value(draw)


def _node_data(draw: Random, kind: str) -> Any:
    if kind == "error":
        data: dict[str, Any] = {"status": draw.choice(_STATUSES), "errormessage": pick(draw, "no", "", "zu spät", "x")}
        if chance(draw, 0.5):
            data["errortype"] = draw.choice(_ERROR_CODES)
        if chance(draw, 0.1):
            data["errorreporter"] = "DESTINATION"
        parts = 0.5
    else:
        data, parts = {"status": draw.choice(_STATUSES[:3]) if chance(draw, 0.9) else draw.choice(_STATUSES)}, 0.9
    for key in ("sent", "body"):
        if chance(draw, parts):
            data[key] = draw.choice(_BODIES)
    return mutate_json(draw, data, 1) if chance(draw, 0.05) else data


def _node(draw: Random) -> dict[str, Any]:
    """What the action `multi` is to do with a payload; the other actions read the first payload's."""
    kind = pick(draw, "success", "success", "error")
    how = draw.choice(["push"] * 4 + ["set"] * 4 + ["node"] * 3 + ["object", "put", "put", "unset", "gap", "asked"])
    if chance(draw, 0.02):
        return {"how": "junk", "data": pick(draw, {"status": 200}, "text", 5, [])}
    node: dict[str, Any] = {"how": how, "kind": kind, "data": _node_data(draw, kind)}
    if chance(draw, 0.15):
        node["at"] = draw.randrange(5)
    return node


def _thrown(draw: Random) -> dict[str, Any]:
    return {
        "error": pick(draw, "integration", "payload", "retryable", "authentication", "api"),
        "message": pick(draw, "no", "", "limit reached", "ü"),
        "code": "CODE",
        "status": pick(draw, 400, 404, 429, 500),
    }


def _event(draw: Random, action: str, number: int) -> Any:
    properties = {"name": _value(draw, "name")}
    for key in _FITTING:
        if chance(draw, 0.25):
            properties[key] = _value(draw, key)
    if action == "multi":
        properties["node"] = _node(draw)
    elif action == "throws":
        properties["node"] = _thrown(draw)
    elif action == "other" and chance(draw, 0.8):
        properties["node"] = {"value": json_value(draw)}
    event: Any = {"type": draw.choice(_TYPES), "messageId": f"m{number}", "properties": properties}
    if chance(draw, 0.15):
        event["context"] = _context(draw)
    if chance(draw, 0.03):
        event = mutate_json(draw, event, 1)
    return scalar(draw) if chance(draw, 0.01) else event


def _context(draw: Random) -> Any:
    kind = draw.randrange(10)
    if kind == 0:
        return pick(draw, None, {"personas": None}, {}, 5, "x", [], {"personas": 5}, {"personas": []})
    personas: dict[str, Any] = {
        "computation_class": pick(draw, "audience", "journey_step", "trait"),
        "computation_key": pick(draw, "flag", "flag", "name", ""),
    }
    if chance(draw, 0.4):
        personas["audience_settings"] = pick(draw, {"list": "l1"}, {}, None)
    return {"personas": personas}


_KEYS = (*_FITTING, "node")
_ALL: dict[str, Any] = {key: {"@path": f"$.properties.{key}"} for key in _KEYS}


def _mapping(draw: Random) -> Any:
    return weighted(
        draw,
        (30, lambda _: dict(_ALL)),
        (4, lambda _: {**_ALL, draw.choice(list(_FITTING)): _literal(draw)}),
        (2, lambda _: {"@path": pick(draw, "$.properties", "$.properties.extra", "$.properties.name", "$", "$.nope")}),
        (2, lambda _: {**_ALL, "name": {"@template": "{{type}} {{properties.count}}"}}),
        (1, lambda _: {**_ALL, "name": {"@case": {"operator": "lower", "value": {"@path": "$.properties.name"}}}}),
        (1, lambda _: {**_ALL, "extra": {"@arrayPath": ["$.properties.items", {"a": {"@path": "$.id"}}]}}),
        (1, lambda _: mutate_json(draw, dict(_ALL), 2)),
        (1, lambda _: pick(draw, {}, None, [], {"name": {"@path": 5}}, {"name": {"@liquid": "{% for %}"}})),
        (1, lambda _: {**_ALL, "name": {"@flatten": {"value": {"@path": "$.properties.extra"}, "separator": ""}}}),
    )


def _literal(draw: Random) -> Any:
    return pick(draw, "", None, "a", 5, ["x"], "2023-01-01")


_ACTIONS = ["answer", "answer", "strict", "caught", "both", "bare", "other", "throws", "single"] + ["multi"] * 8


def _subscription(draw: Random, action: str) -> dict[str, Any]:
    subscribe = weighted(
        draw,
        (10, lambda _: 'type = "track"'),
        (6, lambda _: 'type != "none"'),
        (2, lambda _: "properties.count > 1"),
        (2, lambda _: 'type = "track" or type = "page"'),
        (1, lambda _: fql.text(draw)),
        (1, lambda _: pick(draw, "", "type", None, 5, 'type ="', 'type = "none"', 'type = "track" and ("b")')),
    )
    made: dict[str, Any] = {"subscribe": subscribe, "partnerAction": action, "mapping": _mapping(draw)}
    if chance(draw, 0.02):
        made["partnerAction"] = pick(draw, "unknown", "", None, 5)
    if chance(draw, 0.02):
        del made[pick(draw, "subscribe", "mapping", "partnerAction")]
    return made


def _answer(draw: Random) -> dict[str, Any]:
    status, text = draw.choice(
        [(200, "OK")] * 4
        + [(201, "Created"), (202, "Accepted"), (400, "Bad Request"), (401, "Unauthorized"), (404, "Not Found"),
           (429, "Slow Down"), (500, "Internal Server Error"), (503, "Busy")]
    )  # fmt: skip
    kind = draw.choice(["application/json", "application/json; charset=utf-8", "text/plain", "text/html"])
    body = pick(draw, '{"ok":true}', "", "null", "[1,2]", "text", "{", '"x"', "0", '{"a":{"b":[]}}')
    return {"status": status, "text": text, "type": kind, "body": body}


def on_batch(draw: Random) -> dict[str, Any]:
    """Arguments of `destination.on_batch`."""
    action = draw.choice(_ACTIONS)
    events = [_event(draw, action, number) for number in range(draw.choice([0, 1, 2, 2, 3, 3, 3, 4, 5]))]
    subscriptions = [_subscription(draw, action)]
    if chance(draw, 0.15):
        # Only the first may reject: which of two errors comes first is a matter of time.
        more = pick(draw, "answer", "caught", "other", "bare")
        subscriptions.append({"subscribe": 'type = "track"', "partnerAction": more, "mapping": dict(_ALL)})
    settings = {"region": pick(draw, "eu", "us")} if chance(draw, 0.98) else {"region": pick(draw, None, "a\nb", 5)}
    return {"events": events, "settings": settings, "subscriptions": subscriptions, "answer": _answer(draw)}


GENERATORS = {"destination.on_batch": on_batch}
