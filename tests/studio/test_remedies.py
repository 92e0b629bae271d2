"""`POST /api/remedies`: why a subscription does not take an event, and ways out that were tried."""

import asyncio
import json
from typing import Any

import pytest

from destination.fql import compile_trigger
from destination.studio.remedies import remedies
from destination.studio.session import Studio, StudioProblem
from tests.studio.corpora import compared, loaded, studio_of
from tests.studio.test_inspection import PAGE, absmartly_studio, edited
from tests.workbench.diff.post import API_KEY, post, subscription

WITHOUT_CATEGORY = {**PAGE, "properties": {"path": "/"}}


def found(studio: Studio, draft: Any, key: str = "s1", event: Any = None, *, after_comparison: bool = True) -> Any:
    async def ask() -> dict[str, Any]:
        if after_comparison:
            await compared(studio, draft)
        return await remedies(studio, draft, key, event or {"index": 0})

    return json.loads(json.dumps(asyncio.run(ask())))


def of_trigger(subscribe: Any, *events: Any, index: int = 1) -> Any:
    studio = absmartly_studio(*events)
    return found(studio, edited(studio, index, subscribe=subscribe), f"s{index}")


def triggers(answer: Any, index: int = 1) -> list[str | None]:
    return [way["draft"][index]["subscribe"] if "draft" in way else None for way in answer["ways"]]


def test_a_condition_on_another_value_has_three_ways_out() -> None:
    answer = of_trigger(
        'type = "page" and properties.category = "catalog"', PAGE, WITHOUT_CATEGORY, WITHOUT_CATEGORY, {"type": "track"}
    )
    assert answer["sentences"] == ['properties.category is "Catalog".', 'The trigger wants "catalog".']
    assert answer["detail"] == (
        "Text is compared letter for letter, capitals included. The saved trigger took this event. "
        "2 other lost events have no properties.category."
    )
    value, drop, event = answer["ways"]
    assert (value["title"], value["removed"], value["added"]) == (
        "Change the trigger's value",
        '"catalog"',
        '"Catalog"',
    )
    assert value["detail"] == "event 1 is sent again; 1 of the 3 lost events"
    assert value["draft"][1]["subscribe"] == 'type = "page" and properties.category = "Catalog"'
    assert drop["detail"] == "back to the saved trigger; 3 of the 3 lost events"
    assert (drop["removed"], drop["draft"][1]["subscribe"]) == (
        'and properties.category = "catalog"',
        'type = "page"',
    )
    assert (event["removed"], event["added"]) == ('properties.category "Catalog"', '"catalog"')
    assert event["event"] == {**PAGE, "properties": {"category": "catalog"}}


def test_a_comparison_that_starts_at_the_same_time_is_counted() -> None:
    studio = absmartly_studio()
    draft = edited(studio, 1, subscribe='type = "pages"')

    async def ask() -> dict[str, Any]:
        asked = asyncio.create_task(remedies(studio, draft, "s1", {"index": 0}))
        await compared(studio, draft)
        return await asked

    assert asyncio.run(ask())["ways"][0]["detail"] == "back to the saved trigger; 1 of the 1 lost event"


def test_before_a_comparison_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("destination.studio.remedies._START_S", 0)
    studio = absmartly_studio()
    draft = edited(studio, 1, subscribe='type = "pages"')
    answer = found(studio, draft, after_comparison=False)
    assert answer["ways"][0]["detail"] == "back to the saved trigger"


def test_a_comparison_of_another_trigger_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("destination.studio.remedies._START_S", 0)
    studio = absmartly_studio()
    asyncio.run(compared(studio, edited(studio, 1, subscribe='type = "other"')))
    answer = found(studio, edited(studio, 1, subscribe='type = "pages"'), after_comparison=False)
    assert answer["ways"][0]["detail"] == "back to the saved trigger"


def test_several_wrong_conditions_are_changed_together() -> None:
    answer = of_trigger('type = "Page" and name = "category"')
    assert triggers(answer)[0] == 'type = "page" and name = "Category"'
    assert answer["ways"][0]["added"] == '"page" … "Category"'


def test_one_of_several_values_gets_one_more() -> None:
    answer = of_trigger('type = "page" and (name = "Home" or name = "Cart")')
    assert triggers(answer)[:2] == [
        'type = "page" and (name = "Home" or name = "Cart" or name = "Category")',
        'type = "page"',
    ]
    assert answer["sentences"] == ['name is "Category".', 'The trigger wants "Home" or "Cart".']
    assert answer["ways"][0]["title"] == "Add the event's value"


def test_a_bound_becomes_the_value_of_the_event() -> None:
    event = {**PAGE, "properties": {"n": 3}}
    answer = of_trigger('type = "page" and properties.n > 5', event)
    assert triggers(answer)[0] == 'type = "page" and properties.n >= 3'
    assert answer["sentences"][1] == "The trigger wants a number greater than 5."


def test_a_missing_value_can_only_be_dropped_or_given() -> None:
    answer = of_trigger('properties.plan != null and type = "page"')
    assert answer["sentences"] == ["properties.plan is missing.", "The trigger wants a value."]
    assert [way["title"] for way in answer["ways"]] == ["Drop the condition", "Change the event, to try"]


def test_a_trigger_that_cannot_be_parsed_goes_back_to_the_saved_one() -> None:
    answer = of_trigger('type = "page')
    assert answer["sentences"] == ["Unterminated string.", "A trigger that is not valid matches no event."]
    assert triggers(answer) == ['type = "page"']
    assert answer["ways"][0]["detail"] == "event 1 is sent again; 1 of the 1 lost event"


@pytest.mark.parametrize("subscribe", ["", None, 5])
def test_a_trigger_that_is_empty_goes_back_to_the_saved_one(subscribe: Any) -> None:
    answer = of_trigger(subscribe)
    assert answer["sentences"] == ["The trigger is empty.", "An empty trigger matches no event."]
    assert triggers(answer) == ['type = "page"']


def test_a_trigger_that_never_matched_is_not_sent_again() -> None:
    answer = of_trigger('type = "track"', index=0)
    assert "saved trigger" not in answer["detail"]
    assert [way["title"] for way in answer["ways"]] == ["Change the trigger's value", "Change the event, to try"]
    assert answer["ways"][0]["detail"] == "event 1 matches, and fails"  # it has no name for the goal


def test_a_way_that_matches_but_fails_says_so() -> None:
    answer = of_trigger('type = "Page"', {"type": "page"})
    assert answer["ways"][0]["detail"].startswith("back to the saved trigger")
    assert triggers(answer)[0] == 'type = "page"'
    answer = of_trigger('type = "screen"', {**PAGE, "event": "Home"}, index=0)
    assert answer["ways"][0]["detail"] == "event 1 is sent"


def test_a_disabled_subscription_can_be_enabled() -> None:
    studio = absmartly_studio()
    answer = found(studio, edited(studio, 1, enabled=False))
    assert answer["sentences"][0] == "Page Calls is disabled."
    assert [way["draft"][1]["enabled"] for way in answer["ways"]] == [True]


def test_a_subscription_that_takes_the_event_needs_no_way_out() -> None:
    studio = absmartly_studio()
    assert found(studio, studio.saved) == {"sentences": [], "detail": "", "ways": []}


def test_an_event_of_the_editor_is_this_event() -> None:
    studio = absmartly_studio()
    answer = found(studio, edited(studio, 1, subscribe='type = "x"'), event={"text": json.dumps(PAGE)})
    assert answer["ways"][-1]["detail"].startswith("the smallest change of this event that matches")


def test_an_event_that_excludes_the_destination_has_no_way_out() -> None:
    studio = absmartly_studio({**PAGE, "integrations": {"All": False}})
    answer = found(studio, edited(studio, 1, subscribe='type = "x"'))
    assert (answer["sentences"][1], answer["ways"]) == ("Its integrations exclude All.", [])


def test_a_subscription_that_is_not_in_the_draft_is_a_problem() -> None:
    studio = absmartly_studio()
    with pytest.raises(StudioProblem, match="not in the draft"):
        found(studio, studio.saved, "n9")


def test_the_saved_trigger_is_offered_as_it_was_written() -> None:
    studio = studio_of([subscription("Send", {}, 'event  =  "A"')], loaded([{"event": "A"}]), post)
    answer = found(studio, edited(studio, 0, subscribe='event = "a"'), "s0")
    assert triggers(answer, 0)[0] == 'event  =  "A"'
    assert answer["ways"][0]["detail"].startswith("back to the saved trigger")


def test_no_secret_is_in_the_words_of_a_way() -> None:
    studio = studio_of([subscription("Send", {})], loaded([{"type": "track", "event": API_KEY}]), post)
    answer = found(studio, edited(studio, 0, subscribe='event = "x"'), "s0")
    for way in answer["ways"]:
        way.pop("draft", None), way.pop("event", None)
    assert API_KEY not in json.dumps(answer)


def test_every_way_was_tried() -> None:
    studio = absmartly_studio()
    sources = [
        'type = "page" and name = "a" or userId = "x"',
        'contains(name, "Z") and type = "page"',
        'match(name, "Z*") or !contains(name, "ateg")',
        '(type = "track" and userId != null) or properties.category = null',
        'type != "page" and userId = true',
        "properties.category > 5 and (foo)",
        "type = 'page' AND name = \"x\"",
    ]
    for source in sources:
        answer = found(studio, edited(studio, 1, subscribe=source))
        assert len(answer["ways"]) <= 3, source
        for way in answer["ways"]:
            trigger = compile_trigger(way["draft"][1]["subscribe"] if "draft" in way else source)
            assert trigger(way.get("event", PAGE)), (source, way)
