"""The variants of ABsmartly's presets: what they take that the presets do not."""

from typing import Any

import pytest

from destination import Subscription
from destination.catalog.absmartly import absmartly
from destination.definition import to_portable
from destination.presets.absmartly import variants
from tests.kit import MOMENT, SETTINGS, TIMESTAMP

COMMON: dict[str, Any] = {"userId": "u-1", "timestamp": TIMESTAMP, "properties": {}}
EXPOSURE = {
    "publishedAt": MOMENT,
    "units": [{"type": "userId", "uid": "abc"}],
    "exposures": [{"id": 1, "name": "checkout", "exposedAt": MOMENT}],
}
VIEWED = {**COMMON, "type": "track", "event": "Experiment Viewed"}


def bodies(name: str, event: dict[str, Any]) -> list[Any]:
    [variant] = [one for one in variants if one.name == name]
    result = absmartly.instance(SETTINGS, [variant.subscription()]).plan(event).raise_for_errors()
    return [request.json() for request in result.requests]


@pytest.mark.parametrize("variant", variants, ids=lambda variant: variant.name)
def test_every_variant_is_portable_and_without_findings(variant: Any) -> None:
    subscription: Subscription = variant.subscription()
    to_portable(subscription)
    instance = absmartly.instance(SETTINGS, [subscription])
    assert (instance.problems, instance.warnings) == ((), ())


def test_variants_are_not_among_what_an_instance_has_by_itself() -> None:
    assert {item.name for item in absmartly.instance(SETTINGS).subscriptions}.isdisjoint(item.name for item in variants)


@pytest.mark.parametrize(
    ("name", "goal"),
    [("Home", "home_pageview"), ("Sign up! Now é 日本", "sign_up_now_é_日本_pageview"), ("A -- B", "a_b_pageview")],
)
def test_older_naming_of_pages(name: str, goal: str) -> None:
    [body] = bodies("Page Calls (home_pageview)", {**COMMON, "type": "page", "name": name})
    assert body["goals"][0]["name"] == goal


def test_older_naming_of_screens() -> None:
    [body] = bodies("Screen Calls (home_screenview)", {**COMMON, "type": "screen", "name": "Home"})
    assert body["goals"][0]["name"] == "home_screenview"


@pytest.mark.parametrize("place", ["exposure", "absmartly"])
def test_exposures_in_either_place(place: str) -> None:
    event = {**VIEWED, "properties": {place: EXPOSURE}}
    assert bodies("Exposures (exposure or absmartly)", event) == [{**EXPOSURE, "historic": True}]


def test_events_of_the_event_logger_are_not_taken_beside_it() -> None:
    name = "Exposures (beside the event logger)"
    assert bodies(name, {**VIEWED, "properties": {"experiment_name": "checkout"}}) == []
    assert len(bodies(name, {**VIEWED, "properties": {"exposure": EXPOSURE}})) == 1


def test_units_of_the_sdk_come_from_a_property() -> None:
    event = {**COMMON, "type": "track", "event": "Paid", "properties": {"units": {"session_id": "s-1"}}}
    [body] = bodies("Track Calls (units of the SDK)", event)
    assert body["units"] == [{"type": "userId", "uid": "u-1"}, {"type": "session_id", "uid": "s-1"}]
    [without] = bodies("Track Calls (units of the SDK)", {**COMMON, "type": "track", "event": "Paid"})
    assert without["units"] == [{"type": "userId", "uid": "u-1"}]
