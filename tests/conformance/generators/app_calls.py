"""What a destination is asked beside events: settings, hooks, dynamic fields, audiences, tokens."""

from random import Random
from typing import Any

from tests.conformance.generators import events, fields
from tests.conformance.generators.draw import chance, json_value, mutate_json, mutate_text, pick, scalar, subset

MODES = ["add", "update", "upsert", "delete", "mirror"]
_KEYS = ["vip", "a", "0", "length", "a b", "constructor"]
_CLASSES = [
    "audience",
    "audience",
    "audience",
    "journey_step",
    "journey_step",
    "computed_trait",
    "",
    None,
    ["audience"],
]
_ROWS = ["new", "updated", "deleted", "new", "updated", "deleted", "New", "", None, ["new"], "Order Completed"]
_ALPHABET = [".", "..", "[", "]", ".[0].", ".[12].", "'", '"', "__keys__", "__values__", "a", "b", "\n", " ", "0"]


def _personas(draw: Random, key: str) -> Any:
    made: dict[str, Any] = {"computation_class": draw.choice(_CLASSES), "computation_key": key}
    if chance(draw, 0.3):
        made["audience_settings"] = pick(draw, {}, {"folder": "f"}, None, "x")
    if chance(draw, 0.1):
        made["computation_key"] = pick(draw, 0, 1, "", None, True, ["vip"], 5)
    return made


def member_event(draw: Random) -> Any:
    """An event that may tell of an audience, or of a row."""
    key = draw.choice(_KEYS)
    told: dict[str, Any] = {key: pick(draw, True, False, True, False, "true", 1, None, {})}
    event: dict[str, Any] = {
        "type": pick(draw, "track", "track", "identify", "page", None, ""),
        "event": draw.choice(_ROWS),
        "properties": pick(draw, told, told, {}, None, [True], "text"),
        "traits": pick(draw, told, told, {}, None, [False]),
    }
    if chance(draw, 0.7):
        personas = _personas(draw, key) if chance(draw, 0.92) else pick(draw, None, 5, "x", [], {})
        event["context"] = {"personas": personas} if chance(draw, 0.95) else pick(draw, None, 5, "x", [], {})
    if chance(draw, 0.15):
        event = mutate_json(draw, event)
    return event


def membership(draw: Random) -> dict[str, Any]:
    """Arguments of `audience.membership`."""
    event = member_event(draw) if chance(draw, 0.95) else json_value(draw)
    args: dict[str, Any] = {"event": event}
    if chance(draw, 0.8):
        args["syncMode"] = draw.choice(MODES) if chance(draw, 0.9) else pick(draw, "", None, "replace", "Add")
    return args


def declared(draw: Random, depth: int) -> dict[str, Any]:
    """Fields that an author can declare: what a definition here refuses, the reference finds when it is compiled."""
    return _declarable(fields.definition(draw, depth))


_TELLING = ("type", "multiple", "allowNull", "choices", "format", "minimum", "maximum", "additionalProperties")


def _declarable(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with those keys that validation reads: vectors are kept small."""
    made = {}
    for key, field in given.items():
        kept = {"label": field.get("label", key)} | {name: field[name] for name in _TELLING if name in field}
        if kept["type"] not in fields.TYPES:
            kept["type"] = "string"
        required = field.get("required")
        if isinstance(required, bool) or (isinstance(required, dict) and _is_known(required)):
            kept["required"] = required
        if "properties" in field:
            kept["properties"] = _declarable(field["properties"])
        made[key] = kept
    return made


def _is_known(required: dict[str, Any]) -> bool:
    return all(condition["operator"] in ("is", "is_not") for condition in required["conditions"])


def settings(draw: Random) -> dict[str, Any]:
    """Arguments of `settings.validate`."""
    given = declared(draw, pick(draw, 0, 0, 1))
    values = fields.payload_for(draw, given)
    values.update(
        subset(
            draw,
            {
                "oauth": lambda _: {"access_token": "t"},
                "subscriptions": lambda _: [],
                "subscription": scalar,
                "subcription": scalar,
                "dynamicAuthSettings": json_value,
            },
            0.1,
        )
    )
    return {"fields": given if chance(draw, 0.95) else {}, "settings": values}


_FIELD_NAMES = ["list", "user", "items", "a", "b", "a.b", "x y", "0", "__keys__"]
_MEMBERS = ["id", "sku", "a", "b", "0", "__keys__", "__values__", "x y"]


def _handlers(draw: Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in draw.sample(_FIELD_NAMES, draw.choice([1, 2, 3, 4])):
        members = dict.fromkeys(draw.sample(_MEMBERS, draw.choice([0, 1, 2, 3])), True)
        made[name] = True if chance(draw, 0.3) else members
    return made


def _path(draw: Random, handlers: dict[str, Any]) -> str:
    name = draw.choice([*handlers, *handlers, *_FIELD_NAMES])
    member = draw.choice([*_MEMBERS, "email", "", "1"])
    index = pick(draw, "0", "3", "12", "007", "99999999999999999999", "-1", "x", "")
    path = pick(
        draw,
        name,
        f"{name}.{member}",
        f"{name}.{member}",
        f"{name}.[{index}].{member}",
        f"{name}.[{index}].{member}",
        f"{name}[{index}].{member}",
        f"{name}['{member}']",
        f"{name}.{member}.{draw.choice(_MEMBERS)}",
        f"{name}.[{index}].{member}.[1].{draw.choice(_MEMBERS)}",
    )
    return mutate_text(draw, path, _ALPHABET) if chance(draw, 0.25) else path


def dynamic_field(draw: Random) -> dict[str, Any]:
    """Arguments of `dynamic_field.resolve`."""
    handlers = _handlers(draw)
    return {"handlers": handlers, "paths": [_path(draw, handlers) for _ in range(draw.choice([1, 2, 4]))]}


def hook(draw: Random) -> dict[str, Any]:
    """Arguments of `hook.execute`."""
    hooks: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    for name in draw.sample(["onMappingSave", "retlOnMappingSave"], draw.choice([1, 1, 2])):
        hooks[name] = {"performs": chance(draw, 0.95)}
        if chance(draw, 0.85):
            hooks[name]["inputFields"] = inputs = declared(draw, 1)
    data: dict[str, Any] = {}
    if chance(draw, 0.95):
        data["hookInputs"] = fields.payload_for(draw, inputs) if chance(draw, 0.93) else json_value(draw)
    name = draw.choice(list(hooks)) if chance(draw, 0.93) else pick(draw, "onMappingSave", "constructor", "")
    return {"hooks": hooks if chance(draw, 0.96) else None, "hook": name, "data": data}


def perform_input(draw: Random) -> dict[str, Any]:
    """Arguments of `perform.input`."""
    mapping: dict[str, Any] = {}
    if chance(draw, 0.8):
        mapping["__segment_internal_sync_mode"] = draw.choice(MODES) if chance(draw, 0.8) else scalar(draw)
    if chance(draw, 0.6):
        mapping["__segment_internal_matching_key"] = pick(draw, "email", "user_id", json_value(draw))
    for name in ("onMappingSave", "retlOnMappingSave"):
        if chance(draw, 0.4):
            mapping[name] = pick(
                draw, {"inputs": {"n": 1}, "outputs": {"id": "l1"}}, {}, "", None, 0, "text", [1], True
            )
    ids = subset(
        draw, dict.fromkeys(("ID", "ConfigID", "ActionID", "ProjectID"), lambda d: pick(d, "i1", "", "x")), 0.5
    )
    return {
        "mapping": mapping,
        "event": member_event(draw) if chance(draw, 0.95) else events.event(draw),
        "syncModes": chance(draw, 0.75),
        "hooks": draw.sample(["onMappingSave", "retlOnMappingSave"], draw.choice([0, 1, 2])),
        "ids": ids,
    }


def _tokens(draw: Random) -> Any:
    made: dict[str, Any] = {"accessToken": pick(draw, "new-1", "new-2", "n")}
    if chance(draw, 0.5):
        made["refreshToken"] = pick(draw, "refresh-2", "", None)
    return made if chance(draw, 0.9) else None


def refresh(draw: Random) -> dict[str, Any]:
    """Arguments of `oauth.refresh`."""
    stored = {"access_token": "old-1", "refresh_token": "refresh-1", "clientId": "c", "clientSecret": "s"}
    oauth = {key: value for key, value in stored.items() if chance(draw, 0.85)}
    return {
        "scheme": pick(draw, "oauth2", "oauth2", "oauth-managed", "custom", "basic"),
        "statuses": [pick(draw, 401, 401, 200, 403, 500) for _ in range(draw.choice([0, 1, 1, 2, 2, 3]))],
        "refreshes": [_tokens(draw), _tokens(draw)] if chance(draw, 0.9) else None,
        "oauth": oauth or {"access_token": "old-1"},
        "raises": pick(draw, None, None, "http", "authentication", "integration"),
    }


GENERATORS = {
    "audience.membership": membership,
    "settings.validate": settings,
    "dynamic_field.resolve": dynamic_field,
    "hook.execute": hook,
    "perform.input": perform_input,
    "oauth.refresh": refresh,
}
