"""New events: of Segment's spec, those that a subscription takes, and those just outside of its trigger."""

import json
from typing import Any

import pytest

from destination.fql import matches, parse_fql
from destination.studio.new_events import new_events
from destination.studio.session import StudioProblem
from tests.kit import SETTINGS
from tests.studio.opened import PAGES, studio_of


def events_of(trigger: str, kind: str, **more: Any) -> dict[str, Any]:
    item = {"key": "n1", "saved": None, **PAGES, "subscribe": trigger, **more}
    return new_events(studio_of(), [item], "n1", kind)


def test_the_spec_has_one_event_of_each_kind() -> None:
    found = new_events(studio_of(), [], None, "spec")["events"]
    events = [json.loads(one["text"]) for one in found]
    assert [event["type"] for event in events] == ["track", "page", "screen", "identify", "group", "alias"]
    assert all(one["title"].startswith(event["type"]) for one, event in zip(found, events, strict=True))
    required = {"track": "event", "page": "name", "identify": "traits", "group": "groupId", "alias": "previousId"}
    assert all(key in event for event in events for kind, key in required.items() if event["type"] == kind)
    presets = studio_of().instance_of(studio_of().saved)
    assert all(presets.plan(event).matched for event in events[:3])


@pytest.mark.parametrize(
    "trigger",
    [
        'type = "page"',
        'type = "page" and name = "Home" and properties.price > 10',
        'type = "screen" and context.app.version = "1.2"',
        'type = "track" and event contains "Order"',
    ],
)
def test_an_event_that_would_match_does_and_its_payload_is_valid(trigger: str) -> None:
    found = events_of(trigger, "match")
    assert (found["error"], len(found["events"]) >= 2) == (None, True)
    instance = studio_of().instance_of([{**PAGES, "subscribe": trigger}])
    for one in found["events"]:
        outcome = instance.plan(json.loads(one["text"])).outcomes[0]
        assert (outcome.matched, outcome.error) == (True, None), one["title"]
    assert found["events"][0]["title"] == "Every field of the mapping has a value"
    assert "example.com" in found["events"][0]["text"] or "analytics.js" in found["events"][0]["text"]


def test_each_branch_of_a_mapping_has_an_event() -> None:
    branch = {"@if": {"exists": {"@path": "$.traits.plan"}, "then": {"@path": "$.traits.plan"}, "else": "free"}}
    titles = [one["title"] for one in events_of('type = "page"', "match", mapping={"name": branch})["events"]]
    assert any("name @if else: the condition of the @if at name finds nothing" in title for title in titles)


def test_an_event_whose_payload_cannot_be_made_valid_says_why() -> None:
    found = events_of('type = "page"', "match", mapping={"units": {"userId": {"@path": "$.userId"}}})
    assert all("; the action fails: " in one["title"] and "'name'" in one["title"] for one in found["events"])


@pytest.mark.parametrize("trigger", ['type = "page"', 'type = "track" and properties.total >= 5 and userId != null'])
def test_an_event_just_outside_does_not_match(trigger: str) -> None:
    found = events_of(trigger, "outside")
    (inside, *_) = events_of(trigger, "match")["events"]
    assert matches(parse_fql(trigger), json.loads(inside["text"]))
    assert (found["error"], len(found["events"])) == (None, trigger.count("and") + 1)
    for one in found["events"]:
        assert not matches(parse_fql(trigger), json.loads(one["text"]))
        assert one["title"].endswith("is just outside")


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ('type = "page" and type = "track"', "No event matches the trigger: "),
        ("type ~ 1", "The trigger cannot be read: "),
        ("", "The trigger is empty"),
    ],
)
def test_a_trigger_that_no_event_matches_is_an_error_with_its_reason(trigger: str, words: str) -> None:
    for kind in ("match", "outside"):
        found = events_of(trigger, kind)
        assert (found["events"], found["error"][: len(words)]) == ([], words)


def test_a_disabled_subscription_has_events_too() -> None:
    assert events_of('type = "page"', "match", enabled=False)["events"]


def test_an_unknown_kind_and_an_unknown_subscription_are_refused() -> None:
    with pytest.raises(StudioProblem, match="the kinds are: spec, match, outside"):
        events_of("", "other")
    with pytest.raises(StudioProblem, match="no subscription 's9'"):
        new_events(studio_of(), [], "s9", "match")


def test_a_secret_in_a_trigger_is_masked_in_titles() -> None:
    item = {"key": "n1", **PAGES, "subscribe": f'userId = "{SETTINGS["apiKey"]}"'}
    found = new_events(studio_of(settings=SETTINGS), [item], "n1", "outside")
    assert found["events"]
    assert all(SETTINGS["apiKey"] not in one["title"] for one in found["events"])
