"""The live view of the page, in a real browser, over a real forwarder and a real collector."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.definition.given.mappings import GivenMappings
from destination.studio.session import Forwarder
from tests.forwarding.running import TOKEN, Running, await_empty, running, write_config
from tests.studio.browser import EVENTS, accessibility_findings, axe, browser, open_page
from tests.studio.conftest import make_studio, serving

__all__ = ["axe", "browser", "open_page"]
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX"),
]

Open = Callable[..., Any]
CONFIG = '[log]\nlevel = "debug"\n'


def goal(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": f"Goal {number}",
        "messageId": f"m{number}",
        "userId": f"u{number}",
        "properties": {"n": number},
        **more,
    }


BAD = [goal(number, properties=["text"]) for number in (801, 802)]


@contextmanager
def forwarding(folder: Path) -> Iterator[Running]:
    """Runs a forwarder that delivered three events, failed for two and had no subscription for one."""
    with EmbeddedCollector() as collector, running(write_config(folder, collector.endpoint, top=CONFIG)) as started:
        started.send(*[goal(number) for number in range(3)], *BAD, {"type": "alias", "messageId": "a", "userId": "u"})
        for one in BAD:
            started.await_line("dead", messageId=one["messageId"])
        await_empty(started)
        yield started


@pytest.fixture(scope="module")
def forwarder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A forwarder for the tests that only look."""
    with forwarding(tmp_path_factory.mktemp("live")) as started:
        yield started


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Running]:
    """A forwarder for a test that sends, replays or ends it."""
    with forwarding(tmp_path) as started:
        yield started


@pytest.fixture
def expect() -> Any:
    """Playwright's assertions, which wait."""
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


@pytest.fixture
def live(open_page: Open) -> Iterator[Callable[..., Any]]:
    """Opens the live view of a forwarder."""
    with ExitStack() as stack:

        def open_one(forwarder: Running, **size: Any) -> Any:
            studio = make_studio(events=str(EVENTS), forwarder=Forwarder(forwarder.admin, TOKEN), allow_send=True)
            page = open_page(f"{stack.enter_context(serving(studio))}/#live", **size)
            page.wait_for_selector("#live-event-0")
            page.wait_for_selector(".dlr .vd", state="attached")
            return page

        yield open_one


def rows(page: Any) -> list[str]:
    found: list[str] = page.locator("#live-event .lv").all_inner_texts()
    return [" ".join(text.split()) for text in found]


def test_the_last_events_are_listed_with_what_became_of_them_and_new_ones_come_by_themselves(
    live: Callable[..., Any], busy: Running, expect: Any
) -> None:
    page = live(busy)
    expect(page.locator("#live-event .lv")).to_have_count(6)
    listed = rows(page)
    assert sum("Track Calls delivered" in row for row in listed) == 3
    assert sum("Track Calls dead" in row for row in listed) == 2
    assert sum("alias no name none not sent" in row for row in listed) == 1
    busy.send(goal(9, event="Just Now"))
    expect(page.locator("#live-event-0")).to_contain_text("Just Now")
    expect(page.locator("#live-event-0")).to_contain_text("delivered")
    expect(page.locator("#live-stream .hd")).to_contain_text("connected")


def test_a_paused_stream_waits(live: Callable[..., Any], busy: Running, expect: Any) -> None:
    page = live(busy)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Follow")).to_be_visible()
    busy.send(goal(9, event="Just Now"))
    await_empty(busy)
    # The figures go on: when they have counted the event, the stream would have shown it.
    expect(page.locator(".kpi").first).to_contain_text("7")
    expect(page.locator("#live-event .lv")).to_have_count(6)
    page.get_by_role("button", name="Follow").click()
    expect(page.locator("#live-event-0")).to_contain_text("Just Now")


def test_rows_do_not_move_under_a_person_who_scrolled_away(
    live: Callable[..., Any], busy: Running, expect: Any
) -> None:
    page = live(busy)
    busy.send(*[goal(100 + number) for number in range(80)])
    expect(page.locator("#live-stream .filters")).to_contain_text("All 86")
    page.locator("#live-stream .evs").evaluate("element => { element.scrollTop = 480; }")
    expect(page.locator("#live-event-20")).to_be_visible()
    before = page.locator("#live-event-20").inner_text()
    busy.send(goal(9, event="Just Now"))
    expect(page.locator("#live-stream .more")).to_contain_text("1 newer event, you scrolled away")
    assert page.locator("#live-event-20").inner_text() == before
    page.locator("#live-stream .more").click()
    expect(page.locator("#live-event-0")).to_contain_text("Just Now")
    expect(page.locator("#live-stream .more")).to_be_hidden()


def test_the_stream_is_filtered_by_outcome_and_words(live: Callable[..., Any], forwarder: Running, expect: Any) -> None:
    page = live(forwarder)
    page.get_by_role("button", name="Dead 2").click()
    expect(page.locator("#live-event .lv")).to_have_count(2)
    page.get_by_role("button", name="All 6").click()
    page.fill("#live-search", "u801")
    expect(page.locator("#live-event .lv")).to_have_count(1)
    expect(page.locator("#live-event-0")).to_contain_text("Goal 801")


def test_errors_are_grouped_and_say_what_the_events_have_in_common(
    live: Callable[..., Any], forwarder: Running, expect: Any
) -> None:
    page = live(forwarder)
    group = page.locator(".eg")
    expect(group).to_have_count(1)
    expect(group).to_contain_text("Goal Properties must be an object but it was an array.")
    group.click()
    expect(page.locator(".egx")).to_contain_text("$.properties is an array in all 2, and in none of the 3 delivered")
    expect(page.locator(".egx")).to_contain_text("fail again under the mappings in the editor, 2 of 2")
    page.get_by_role("button", name="Show the 2 in the stream").click()
    expect(page.locator("#live-event .lv")).to_have_count(2)
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#live-event .lv")).to_have_count(6)


def test_a_dead_letter_opens_in_the_editor(live: Callable[..., Any], forwarder: Running, expect: Any) -> None:
    page = live(forwarder)
    page.locator(".dlr button").first.click()
    expect(page.locator(".dl-reason")).to_have_text("Goal Properties must be an object but it was an array.")
    expect(page.locator(".dl-detail")).to_contain_text("SchemaValidationError")
    expect(page.locator(".dl-detail [role=tree]")).to_contain_text('"Goal 80')
    page.keyboard.press("o")
    expect(page.locator("#edit")).to_be_visible()
    expect(page.locator("#events")).to_contain_text("Goal 80")


def test_replay_asks_first_and_says_what_became_of_it(live: Callable[..., Any], busy: Running, expect: Any) -> None:
    page = live(busy)
    replay = page.locator("#replay")
    expect(replay).to_be_disabled()
    page.locator(".dlr input").first.check()
    expect(page.locator(".act")).to_contain_text("Replay really sends")
    replay.click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text(f"The forwarder at {busy.admin} sends them again to shop")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    replay.click()
    page.get_by_role("button", name="Replay 1", exact=True).click()
    expect(dialog).to_contain_text("1 failed again.")


def test_replay_is_locked_without_the_option_and_says_how(forwarder: Running, open_page: Open, expect: Any) -> None:
    studio = make_studio(forwarder=Forwarder(forwarder.admin, TOKEN))
    with serving(studio) as address:
        page = open_page(f"{address}/#live")
        page.locator(".dlr input").first.check()
        expect(page.locator("#replay")).to_be_disabled()
        expect(page.locator("#replay")).to_have_attribute("title", "Start the studio with --allow-send to replay.")


def test_would_pass_follows_the_mappings_in_the_editor(
    forwarder: Running, open_page: Open, tmp_path: Path, expect: Any
) -> None:
    repaired = {
        "name": "Goals",
        "enabled": True,
        "partnerAction": "trackGoal",
        "subscribe": 'type = "track"',
        "mapping": {
            "units": {"userId": {"@path": "$.userId"}},
            "name": {"@path": "$.event"},
            "properties": {"list": {"@path": "$.properties"}},
        },
    }
    (tmp_path / "repaired.json").write_text(json.dumps([repaired]))
    mappings = GivenMappings((str(tmp_path / "repaired.json"),))
    with serving(make_studio(mappings, forwarder=Forwarder(forwarder.admin, TOKEN))) as address:
        page = open_page(f"{address}/#live")
        expect(page.locator(".dlr").first).to_contain_text("would pass")
        page.locator(".eg").click()
        expect(page.locator(".egx")).to_contain_text("pass under the mappings in the editor, 2 of 2")


def test_a_forwarder_that_is_away_is_one_line_with_try_again(
    live: Callable[..., Any], busy: Running, expect: Any
) -> None:
    page = live(busy)
    busy.process.kill()
    expect(page.locator("#live-stream .error-line")).to_contain_text("cannot be reached. Is it running?")
    expect(page.locator("#live-stream .hd")).to_contain_text("not connected")
    expect(page.locator("#live-event .lv")).to_have_count(6)


@pytest.mark.parametrize("size", [{}, {"scheme": "dark"}, {"width": 1100}, {"width": 390, "height": 844}])
def test_axe_finds_nothing(
    live: Callable[..., Any], forwarder: Running, axe: str, size: dict[str, Any], expect: Any
) -> None:
    page = live(forwarder, **size)
    if "width" not in size:
        page.locator(".eg").click()
        page.locator(".dlr input").first.check()
        page.locator(".dlr button").first.click()
        expect(page.locator(".dl-reason")).to_be_visible()
    assert accessibility_findings(page, axe) == []
