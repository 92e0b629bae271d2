"""Bad input on the page of the studio: each is said where it is, with its words, and the rest works on."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser import EVENTS, browser, open_page, start_studio
from tests.studio.page_steps import (
    Open,
    Start,
    choose_event,
    choose_subscription,
    headline,
    retype,
    started,
    trigger,
    write_mappings,
)

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


def test_a_trigger_that_does_not_parse_is_marked_and_the_last_results_stand(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    from playwright.sync_api import expect

    write_mappings(tmp_path)
    page = open_page(started(start_studio).url)
    choose_event(page, 3)
    choose_subscription(page, "Page Calls")
    expect(headline(page)).to_have_text("Page Calls sends 1 request")
    retype(trigger(page), 'type = "page" nd userId')
    expect(trigger(page)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#trigger-error")).to_be_visible()
    # The tree of the last good text is not shown as if it held; the result is, and says what it is.
    expect(page.locator("#mapping .tree:visible")).to_have_count(0)
    expect(page.locator("#result .verdict .tag")).to_have_text("of the last valid edit")
    expect(headline(page)).to_have_text("Page Calls sends 1 request")
    expect(page.locator("#corpus")).to_contain_text("of the last valid edit")
    retype(trigger(page), 'type = "page" and userId != null')
    expect(page.locator("#result .verdict .tag")).to_have_count(0)
    expect(page.locator("#mapping .tree:visible")).to_have_count(1)


def test_json_that_does_not_parse_keeps_the_draft_and_cannot_be_saved(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    from playwright.sync_api import expect

    file = write_mappings(tmp_path)
    before = file.read_text()
    page = open_page(started(start_studio).url)
    choose_event(page, 3)
    choose_subscription(page, "Page Calls")
    page.get_by_role("group", name="Show as").get_by_role("button", name="JSON").click()
    editor = page.locator("#mapping .jed").get_by_role("textbox")
    whole = editor.inner_text()
    retype(editor, '{"name": ')
    expect(page.locator("#mapping .fail-l")).to_contain_text("The mapping is as it was before.")
    expect(page.get_by_role("button", name=re.compile("^Save"))).to_be_disabled()
    expect(headline(page)).to_have_text("Page Calls sends 1 request")
    page.get_by_role("button", name="Discard this text").click()
    expect(page.locator("#mapping .fail-l")).to_have_count(0)
    assert editor.inner_text() == whole
    assert file.read_text() == before


def test_a_file_that_changed_on_disk_is_overwritten_only_after_a_question(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    from playwright.sync_api import expect

    file = write_mappings(tmp_path)
    page = open_page(started(start_studio).url)
    choose_event(page, 3)
    choose_subscription(page, "Page Calls")
    retype(trigger(page), 'type = "page" and userId != null')
    expect(page.locator("#top")).to_contain_text("1 of 4 edited, not saved")
    theirs = file.read_text().replace('"Page Calls"', '"Pages of the shop"')
    file.write_text(theirs)

    page.get_by_role("button", name=re.compile("^Save")).click()
    question = page.get_by_role("dialog", name="The file changed on disk")
    expect(question).to_contain_text("Pages of the shop")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    assert file.read_text() == theirs

    page.get_by_role("button", name=re.compile("^Save")).click()
    question.get_by_role("button", name="Overwrite it").click()
    expect(page.locator("#announce")).to_have_text("shop.json is saved.")
    assert '"Page Calls"' in file.read_text()
    assert "userId != null" in file.read_text()


def test_no_secret_is_in_the_page_or_in_what_it_is_sent(tmp_path: Path, start_studio: Start, open_page: Open) -> None:
    write_mappings(tmp_path)
    secret = "s3cr3t-of-the-shop"  # noqa: S105
    settings = f'collectorEndpoint = "https://collector.example.com/v1"\napiKey = "{secret}"\nenvironment = "test"\n'
    (tmp_path / "settings.toml").write_text(settings)
    studio = started(start_studio, "--settings", "settings.toml")
    page = open_page("about:blank")
    requests: list[Any] = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(studio.url)
    choose_event(page, 15)
    page.keyboard.press("Control+e")
    page.locator("#result .text-panel pre").wait_for()
    assert "<redacted>" in page.locator("#result").inner_text()
    assert secret not in page.content()
    answers = [request.response() for request in requests]
    assert len(answers) > 10
    assert [answer.url for answer in answers if secret in answer.text()] == []
