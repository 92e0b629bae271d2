"""Bad input on the page of the studio: each is said where it is, with its words, and the rest works on."""

import re
from pathlib import Path

import pytest

from tests.studio.browser import EVENTS, browser, open_page, start_studio
from tests.studio.page_steps import Open, Start, choose_event, headline, retype, started, write_mappings

__all__ = ["browser", "open_page", "start_studio"]
pytestmark = pytest.mark.thorough


def test_event_text_that_is_not_json_leaves_the_last_result_standing(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    from playwright.sync_api import expect

    write_mappings(tmp_path)
    page = open_page(started(start_studio).url)
    choose_event(page, 15)
    page.locator("#events").get_by_role("button", name="Edit", exact=True).click()
    editor = page.get_by_role("textbox", name="Event, JSON")
    valid = '{"type": "track", "event": "Tea", "userId": "u", "timestamp": "2026-03-01T10:00:00Z", "properties": {}}'
    retype(editor, valid)
    payload = page.get_by_role("tree", name="Payload")
    expect(payload).to_contain_text('"name": "Tea"')

    retype(editor, valid[:-1])
    expect(page.locator("#result .verdict .tag")).to_have_text("of the last valid edit")
    expect(page.locator("#events")).to_contain_text(re.compile(r"Line 1, column \d+"))
    expect(payload).to_contain_text('"name": "Tea"')
    expect(payload).to_contain_text("$.event")
    expect(page.get_by_role("button", name="Make this a test")).to_be_enabled()

    retype(editor, valid.replace("Tea", "Coffee"))
    expect(payload).to_contain_text('"name": "Coffee"')
    expect(page.locator("#result .verdict .tag")).to_have_count(0)


def test_a_line_of_the_corpus_that_cannot_be_read_is_a_row_with_its_reason(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    from playwright.sync_api import expect

    write_mappings(tmp_path)
    lines = EVENTS.read_text().splitlines()[:3]
    (tmp_path / "events.ndjson").write_text("\n".join([lines[0], '{"type": "track",', lines[2]]) + "\n")
    page = open_page(start_studio("events.ndjson", "--mappings", "shop.json").url)
    row = page.locator("#events .unreadable")
    expect(row).to_contain_text("2")
    row.click()
    expect(headline(page)).to_have_text("Event 2 is not valid JSON")
    expect(page.locator("#result .verdict-note")).to_contain_text(re.compile(r"Line 1, column \d+|line 2"))
    expect(page.locator("#result .tree, #result .json:visible")).to_have_count(0)
    choose_event(page, 3)
    expect(headline(page)).to_have_text("Page Calls sends 1 request")


def test_a_studio_that_is_gone_is_said_in_each_pane_and_tried_again(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    from playwright.sync_api import expect

    write_mappings(tmp_path)
    studio = started(start_studio)
    page = open_page(studio.url)
    choose_event(page, 15)
    studio.end()
    page.keyboard.press("k")
    problem = page.locator("#result .error-line")
    expect(problem).to_contain_text("The studio does not answer. It may have been stopped in its terminal.")
    expect(page.get_by_role("tree", name="Payload")).to_contain_text("Order Completed")
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_be_visible()
