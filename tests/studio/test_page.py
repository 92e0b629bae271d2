"""The page of the studio in a real browser: what a person does with it, from the first look to the saved file."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser import browser, open_page, shop, start_studio, write_mappings
from tests.studio.page_steps import (
    Open,
    Start,
    changed_count,
    choose_event,
    choose_subscription,
    headline,
    retype,
    started,
    trigger,
)

__all__ = ["browser", "open_page", "shop", "start_studio"]
pytestmark = pytest.mark.thorough


def test_a_broken_trigger_is_explained_mended_and_the_mapping_saved(
    tmp_path: Path, start_studio: Start, open_page: Open
) -> None:
    file = write_mappings(tmp_path)
    before = file.read_text()
    page = open_page(started(start_studio).url)
    from playwright.sync_api import expect

    choose_event(page, 3)
    choose_subscription(page, "Page Calls")
    expect(headline(page)).to_have_text("Page Calls sends 1 request")

    # The edit that stops the match keeps its subscription open and says why.
    retype(trigger(page), 'type = "page" and properties.category = "catalog"')
    lost = page.locator("#result .lost")
    expect(lost.locator("h2")).to_contain_text('properties.category is "Catalog".')
    expect(lost.locator(".fix li")).to_have_count(3)
    expect(lost.get_by_text("Was sent by the saved version")).to_be_visible()
    expect(page.get_by_role("tab", selected=True, name=re.compile("Page Calls"))).to_be_visible()
    expect(changed_count(page, "no longer sent")).to_contain_text("6")
    expect(page.locator("#announce")).to_contain_text("no longer matches")

    # The first way out brings this event back.
    page.keyboard.press("Escape")
    lost.get_by_role("button", name=re.compile("^Apply")).first.click()
    expect(headline(page)).to_have_text("Page Calls sends 1 request")
    expect(trigger(page)).to_have_text('type = "page" and properties.category = "Catalog"')

    # Undo and redo reach it.
    page.get_by_role("button", name=re.compile("^Undo")).first.click()
    expect(lost.locator("h2")).to_contain_text("Catalog")
    page.get_by_role("button", name=re.compile("^Redo")).first.click()
    expect(headline(page)).to_have_text("Page Calls sends 1 request")

    # Back to the saved trigger; then another path for the name.
    retype(trigger(page), 'type = "page"')
    expect(changed_count(page, "no longer sent")).to_contain_text("0")
    change_name(page)
    expect(page.locator("#result .json[aria-label=Payload]")).to_contain_text('"name": "Catalog"')
    expect(changed_count(page, "changed")).not_to_contain_text(re.compile(r"^0"))

    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator("#announce")).to_have_text("shop.json is saved.")
    old, new = json.dumps({"@template": "Page: {{ name }}"}), json.dumps({"@path": "$.category"})
    assert file.read_text() == before.replace(old, new, 1)


def change_name(page: Any) -> None:
    """Maps the field `name` to `$.category`."""
    page.get_by_role("group", name=re.compile(r"^name\b")).locator("button.chip").first.click()
    page.get_by_role("group", name="Kind of mapping").get_by_role("button", name="Path").click()
    path = page.get_by_role("combobox", name="Path")
    path.fill("$.category")
    path.press("Enter")


def test_an_event_becomes_a_case_that_pytest_runs(tmp_path: Path, start_studio: Start, open_page: Open) -> None:
    from playwright.sync_api import expect

    write_mappings(tmp_path)
    page = open_page(started(start_studio).url)
    choose_event(page, 15)
    page.keyboard.press("Control+e")
    panel = page.locator("#result .text-panel")
    expect(panel.get_by_role("button", name="Copy")).to_be_focused()
    with page.expect_download() as caught:
        panel.get_by_role("button", name="Download").click()
    case = tmp_path / caught.value.suggested_filename
    caught.value.save_as(case)
    assert case.read_text() == panel.locator("pre").text_content()

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), case.name]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_one_value_lights_in_every_column_and_a_pin_holds_it(shop: str, open_page: Open) -> None:
    from playwright.sync_api import expect

    page = open_page(shop)
    choose_event(page, 15)
    payload = page.get_by_role("tree", name="Payload")
    name = payload.get_by_role("treeitem").filter(has_text='"name"')
    name.hover()
    for place in (payload, page.get_by_role("tree", name="Request: body"), page.locator("#events .json")):
        expect(place.locator(".on")).to_contain_text(["Order Completed"])
    described = page.locator(f"#{name.get_attribute('aria-describedby')}")
    assert "from $.event" in described.text_content().replace("From", "from")

    name.click()
    page.mouse.move(5, 5)
    expect(payload.locator(".on")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".on")).to_have_count(0)


def test_every_part_of_an_edited_trigger_is_seen_at_every_width(shop: str, open_page: Open) -> None:
    from playwright.sync_api import expect

    text = 'type = "page" and properties.category = "catalog"'
    for width in (1400, 1280, 1000):
        page = open_page(shop, width=width)
        choose_event(page, 3)
        choose_subscription(page, "Page Calls")
        retype(trigger(page), text)
        expect(page.locator("#result .lost h2")).to_be_visible()
        assert trigger(page).inner_text() == text


def test_nothing_is_sent_without_being_allowed(shop: str, open_page: Open) -> None:
    from playwright.sync_api import expect

    page = open_page(shop)
    choose_event(page, 15)
    send = page.locator("#result").get_by_role("button", name=re.compile("^Send"))
    expect(send).to_be_disabled()
    expect(send).to_have_attribute("title", "Start the studio with --allow-send to send for real")
