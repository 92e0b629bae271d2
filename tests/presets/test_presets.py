"""Each preset over events that take every branch of its mapping: what matches, the payload, what would be sent."""

import copy
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from destination import MISSING, Outcome
from destination.catalog.absmartly import absmartly
from destination.presets.absmartly import presets
from destination.values import stringify
from tests.kit import MOMENT, SETTINGS, TIMESTAMP

INSTANCE = absmartly.instance(SETTINGS)
COMMON = {
    "messageId": "m-1",
    "userId": "u-1",
    "anonymousId": "a-1",
    "timestamp": TIMESTAMP,
    "context": {"library": {"name": "analytics.js"}},
}
EXPOSURE = {
    "publishedAt": MOMENT - 1000,
    "hashed": True,
    "units": [{"type": "userId", "uid": "abc"}],
    "exposures": [
        {"id": 1, "name": "checkout", "variant": 1, "exposedAt": MOMENT - 2000, "assigned": True, "eligible": True}
    ],
}
EVENTS: dict[str, dict[str, Any]] = {
    "Track Calls": {
        **COMMON,
        "type": "track",
        "event": "Order Completed",
        "properties": {"total": 9.5, "n": {"a": ""}},
    },
    "Page Calls": {**COMMON, "type": "page", "name": "Home", "properties": {"path": "/"}},
    "Screen Calls": {**COMMON, "type": "screen", "name": "Settings", "properties": {"tab": 2}},
    "Exposures (Verbatim)": {
        **COMMON,
        "type": "track",
        "event": "Experiment Viewed",
        "properties": {"exposure": EXPOSURE},
    },
}
PATHS = {
    "Track Calls": ("userId", "anonymousId", "event", "properties", "context.library.name", "timestamp"),
    "Page Calls": ("name", "properties"),
    "Screen Calls": ("name", "properties"),
    "Exposures (Verbatim)": (
        "properties.exposure",
        "properties.exposure.publishedAt",
        "properties.exposure.units",
        "properties.exposure.exposures",
        "properties.exposure.goals",
        "properties.exposure.attributes",
        "context.library.name",
        "timestamp",
    ),
}
VALUES = {
    "absent": MISSING,
    "null": None,
    "empty text": "",
    "blank text": "  ",
    "text": "some text",
    "number": 5,
    "boolean": True,
    "empty list": [],
    "one-item list": ["one"],
    "list": [{"a": 1}, {"a": 2}],
    "empty object": {},
    "object": {"key": "value"},
}


def changed(event: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    event = copy.deepcopy(event)
    *parents, key = path.split(".")
    place = event
    for parent in parents:
        place = place[parent]
    if value is MISSING:
        place.pop(key, None)
    else:
        place[key] = value
    return event


def shown(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{type(outcome.error).__name__}: {INSTANCE.redactor.text(str(outcome.error))}"
    if not outcome.matched:
        return "not matched"
    lines = [f"payload {stringify(outcome.payload)}"]
    for request in map(INSTANCE.redactor.request, outcome.requests):
        lines.append(f"{request['method']} {request['url']}")
        lines += [f"  {name}: {value}" for name, value in request["headers"].items()]
        lines.append(f"  {stringify(request['body'])}")
    return "\n".join(lines)


def story(name: str, event: dict[str, Any]) -> str:
    outcomes = {outcome.name: outcome for outcome in INSTANCE.plan(event)}
    taken = [other for other, outcome in outcomes.items() if outcome.matched]
    return f"matched by: {', '.join(taken) or 'none'}\n{shown(outcomes[name])}"


def test_there_is_a_story_for_every_preset() -> None:
    assert list(EVENTS) == list(PATHS) == [preset.name for preset in presets]


@pytest.mark.parametrize("name", EVENTS)
def test_preset(name: str, snapshot: SnapshotAssertion) -> None:
    stories = {"as it is": story(name, EVENTS[name])}
    for path in PATHS[name]:
        for kind, value in VALUES.items():
            stories[f"{path} {kind}"] = story(name, changed(EVENTS[name], path, value))
    assert "s3cr3t" not in repr(stories)
    assert "\n\n".join(f"# {title}\n{text}" for title, text in stories.items()) == snapshot


@pytest.mark.parametrize("kind", ["identify", "group", "alias", "Track", "", None, 5])
def test_other_types_of_events_match_nothing(kind: Any) -> None:
    assert INSTANCE.plan({**COMMON, "type": kind, "event": "x", "name": "x", "properties": {}}).matched == []
