"""The frame of the page, its list of events and its corpus pane, in a real browser: keys, focus, and what is said."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser import (
    EVENTS,
    RunningStudio,
    accessibility_findings,
    axe,
    browser,
    open_page,
    start_studio,
)

__all__ = ["axe", "browser", "open_page", "start_studio"]
pytestmark = pytest.mark.thorough

Start = Callable[..., RunningStudio]
Open = Callable[..., Any]

MANY = 3_000


@pytest.fixture
def expect() -> Any:
    """Playwright's assertions, which wait."""
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    """A studio over the example events, for all tests that do not end it."""
    running = RunningStudio(tmp_path_factory.mktemp("studio"), str(EVENTS))
    yield running
    running.end()


def focused(page: Any) -> Any:
    return page.evaluate(
        "document.activeElement.id || document.activeElement.dataset.focus || document.activeElement.tagName"
    )


def chosen(page: Any) -> Any:
    return page.locator("#event [aria-selected=true]")


def figures(page: Any) -> Any:
    return page.locator(".c-cp .hd .n")


def opened(studio: RunningStudio, open_page: Open, **size: Any) -> Any:
    page = open_page(studio.url, **size)
    page.locator("#top h1").wait_for()
    return page


def test_keys_choose_events_search_and_leave_the_search(studio: RunningStudio, open_page: Open, expect: Any) -> None:
    page = opened(studio, open_page)
    expect(chosen(page)).to_contain_text("Home")
    page.keyboard.press("j")
    expect(chosen(page)).to_contain_text("Products Searched")
    page.keyboard.press("k")
    expect(chosen(page)).to_contain_text("Home")
    page.keyboard.press("/")
    # A single letter is text in an input, and nothing else.
    page.keyboard.type("jk order completed")
    page.keyboard.press("Control+a")
    page.keyboard.type("order completed")
    expect(page.locator("[data-focus=filter-all]")).to_have_text("All 1")
    page.keyboard.press("Escape")
    assert focused(page) == "event"
    page.keyboard.press("j")
    expect(chosen(page)).to_contain_text("Order Completed")


def test_filters_combine_with_the_search(studio: RunningStudio, open_page: Open, expect: Any) -> None:
    page = opened(studio, open_page)
    expect(page.locator("[data-focus=filter-notTaken]")).to_have_text("Not taken 5")
    page.click("[data-focus=filter-notTaken]")
    expect(page.locator("#event-0")).to_have_attribute("aria-setsize", "5")
    page.keyboard.press("/")
    page.keyboard.type("type:identify")
    expect(page.locator("[data-focus=filter-notTaken]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#event-0 .ty")).to_have_text("identify")
    page.click("[data-focus=filter-all]")
    expect(page.locator("[data-focus=filter-notTaken]")).to_have_attribute("aria-pressed", "false")


def test_an_edit_of_the_event_is_read_at_once_and_undone_from_anywhere(
    studio: RunningStudio, open_page: Open, expect: Any
) -> None:
    page = opened(studio, open_page)
    page.click("[data-focus=event-edit]")
    editor = page.get_by_role("textbox", name="Event, JSON")
    expect(editor).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("x")
    expect(page.locator(".where")).to_contain_text("Line ")
    page.keyboard.press("Control+z")
    expect(page.locator(".where")).to_have_count(0)
    expect(page.locator("#announce")).to_have_text("Undone: the event.")
    page.keyboard.press("Escape")
    expect(editor).not_to_be_focused()
    page.keyboard.press("Tab")
    # Esc has left the editor, so that Tab goes past it.
    assert "split" in page.evaluate("document.activeElement.className")


def test_the_palette_finds_a_subscription_and_gives_the_focus_back(
    studio: RunningStudio, open_page: Open, expect: Any
) -> None:
    page = opened(studio, open_page)
    expect(chosen(page)).to_contain_text("Home")
    page.locator("#event").focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    page.keyboard.type("screen calls")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_have_count(0)
    expect(page.locator("tr.chosen")).to_contain_text("Screen Calls")
    assert focused(page) == "event"


def test_single_letters_can_be_turned_off_and_stay_off(studio: RunningStudio, open_page: Open, expect: Any) -> None:
    page = opened(studio, open_page)
    expect(chosen(page)).to_contain_text("Home")
    page.keyboard.press("?")
    page.locator("#help-letters").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_have_count(0)
    page.keyboard.press("j")
    expect(chosen(page)).to_contain_text("Home")
    page.reload()
    expect(chosen(page)).to_contain_text("Home")
    page.keyboard.press("?")
    expect(page.locator("#help-letters")).not_to_be_checked()


def test_the_corpus_folds_to_its_counts_and_stays_folded(studio: RunningStudio, open_page: Open, expect: Any) -> None:
    page = opened(studio, open_page)
    expect(figures(page)).to_contain_text("45 events ·")
    page.keyboard.press("Control+b")
    expect(page.locator("#corpus-body")).to_be_hidden()
    expect(page.locator("[data-focus=kind-no-longer-sent]")).to_be_visible()
    assert page.locator("#corpus").bounding_box()["height"] <= 34
    page.reload()
    expect(figures(page)).to_contain_text("45 events ·")
    expect(page.locator("#corpus-body")).to_be_hidden()


def test_separators_move_by_arrow_keys_and_are_remembered(studio: RunningStudio, open_page: Open, expect: Any) -> None:
    page = opened(studio, open_page)
    separator = page.get_by_role("separator", name="Width of the events")
    separator.focus()
    page.keyboard.press("ArrowRight")
    expect(separator).to_have_attribute("aria-valuenow", "316")
    page.reload()
    expect(page.locator("#event-0")).to_be_visible()
    assert page.locator("#events").bounding_box()["width"] == 316
    separator.focus()
    page.keyboard.press("Enter")
    expect(separator).to_have_attribute("aria-valuenow", "300")


def test_a_strip_of_many_events_filters_the_list_to_a_bucket(
    start_studio: Start, open_page: Open, expect: Any, tmp_path: Path
) -> None:
    event = json.dumps({"type": "track", "event": "Seen", "userId": "u", "messageId": "m"})
    (tmp_path / "many.ndjson").write_text(f"{event}\n" * MANY)
    page = opened(start_studio("many.ndjson"), open_page)
    expect(figures(page)).to_contain_text("3,000 events ·")
    assert page.locator(".cell").count() <= 400
    assert page.locator("#event .ev").count() < 60
    page.locator(".cell").nth(1).click()
    expect(page.locator(".chips")).to_contain_text("events 9 to 16")
    expect(page.locator("#event-0 .no")).to_have_text("9")
    page.locator(".chips button").click()
    expect(page.locator("#event-0")).to_have_attribute("aria-setsize", str(MANY))
    page.keyboard.press("End")
    expect(chosen(page).locator(".no")).to_have_text("3000")


def test_saving_presets_asks_for_a_new_file_and_says_that_it_is_saved(
    start_studio: Start, open_page: Open, expect: Any, tmp_path: Path
) -> None:
    page = opened(start_studio(str(EVENTS)), open_page)
    page.keyboard.press("Control+s")
    expect(page.locator("#save-path")).to_be_focused()
    page.locator("#save-path").fill("")
    expect(page.locator("#save-panel [role=alert]")).not_to_be_empty()
    page.locator("#save-path").fill("mine.json")
    expect(page.locator("#save-panel .changes")).to_contain_text("Track Calls")
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).to_contain_text("mine.json is saved.")
    assert json.loads((tmp_path / "mine.json").read_text())[0]["name"] == "Track Calls"
    expect(page.locator("#top")).to_contain_text("mine.json")
    assert focused(page) == "save"


def test_an_empty_corpus_offers_events(start_studio: Start, open_page: Open, expect: Any) -> None:
    page = opened(start_studio(), open_page)
    page.get_by_role("button", name="One of each kind").click()
    expect(page.locator(".made-event").first).to_be_visible()
    expect(page.locator(".event-half h3")).to_have_text("New event")
    expect(page.locator(".strip")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator(".event-half h3")).to_have_text("No event")


def test_a_server_that_has_ended_is_said_where_it_matters_and_can_be_tried_again(
    start_studio: Start, open_page: Open, expect: Any
) -> None:
    studio = start_studio(str(EVENTS))
    page = open_page(studio.url)
    expect(chosen(page)).to_contain_text("Home")
    studio.end()
    page.keyboard.press("j")
    line = page.locator(".event-half .error-line")
    expect(line).to_contain_text("The studio does not answer.")
    expect(line.get_by_role("button", name="Try again")).to_be_visible()
    # What is left of the event before must not look like the chosen one.
    expect(page.locator(".event-half .json")).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1400, 900, "light"), (1400, 900, "dark"), (390, 844, "light")]
)
def test_axe_finds_nothing_in_the_states_of_the_frame(
    studio: RunningStudio,
    open_page: Open,
    expect: Any,
    axe: str,
    width: int,
    height: int,
    scheme: str,
) -> None:
    page = opened(studio, open_page, width=width, height=height, scheme=scheme)
    states: dict[str, list[str]] = {}

    def look(state: str) -> None:
        states[state] = accessibility_findings(page, axe)

    if width < 720:
        for pane in ("events", "mapping", "result", "corpus"):
            page.click(f"#tabs [data-pane={pane}]")
            look(pane)
    else:
        expect(figures(page)).to_contain_text("45 events ·")
        look("main")
        for key in ("n", "Control+k", "?"):
            page.keyboard.press(key)
            look(key)
            page.keyboard.press("Escape")
        page.click("[data-focus=event-edit]")
        page.keyboard.type("x")
        expect(page.locator(".where")).to_be_visible()
        look("an event that is not JSON")
    # The page itself never scrolls.
    assert page.evaluate("document.scrollingElement.scrollHeight - innerHeight") <= 0
    assert {state: found for state, found in states.items() if found} == {}


def test_what_is_drawn_between_press_and_release_takes_no_click_away(
    studio: RunningStudio, open_page: Open, expect: Any
) -> None:
    page = opened(studio, open_page)
    expect(figures(page)).to_contain_text("45 events ·")
    subject = page.locator(".event-half h3")
    for target, meanwhile in (("#event-4", "Event 2"), ("[data-focus=filter-sent]", "Event 6")):
        page.hover(target)
        page.mouse.down()
        page.keyboard.press("j")
        expect(subject).to_have_text(meanwhile)
        page.mouse.up()
        if target == "#event-4":
            expect(subject).to_have_text("Event 5")
    expect(page.locator("[data-focus=filter-sent]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [1400, 1280, 1100])
def test_what_is_typed_into_a_trigger_is_shown_in_the_order_of_typing(
    studio: RunningStudio, open_page: Open, expect: Any, width: int
) -> None:
    page = opened(studio, open_page, width=width)
    trigger = page.get_by_role("textbox", name="Trigger")
    expect(trigger).to_contain_text("Experiment Viewed")
    page.keyboard.press("t")
    expect(trigger).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" and userId != null")
    expect(trigger).to_have_text(
        'type = "track" and event != "Experiment Viewed" and userId != null', use_inner_text=True
    )
    expect(page.locator("#top .edited")).to_have_text("1 of 4 edited, not saved")


def test_a_row_that_is_pressed_while_the_list_scrolls_is_chosen(start_studio: Start, open_page: Open) -> None:
    page = open_page(start_studio(str(EVENTS)).url)
    row = page.locator("#event-4")
    row.hover()
    page.mouse.down()
    page.evaluate("document.querySelector('.evs').dispatchEvent(new Event('scroll'))")
    page.mouse.up()
    page.locator("#event-4[aria-selected=true]").wait_for()
