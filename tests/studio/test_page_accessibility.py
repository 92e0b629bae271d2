"""The page of the studio for whoever does not use a mouse, looks at dark colours, or has a narrow window."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser import accessibility_findings, axe, browser, open_page, shop, start_studio, write_mappings
from tests.studio.page_steps import Open, Start, choose_subscription, headline, retype, started, trigger

__all__ = ["axe", "browser", "open_page", "shop", "start_studio"]
pytestmark = pytest.mark.thorough

LOST = 'type = "page" and properties.category = "catalog"'


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (390, 844)])
def test_axe_finds_nothing_in_any_state_and_scheme(
    shop: str, open_page: Open, axe: str, width: int, height: int
) -> None:
    from playwright.sync_api import expect

    found: list[str] = []
    for scheme in ("light", "dark"):
        page = open_page(shop, width=width, height=height, scheme=scheme)
        expect(headline(page)).to_have_text("Page Calls sends 1 request")
        for pane in panes(page, width):
            found += [f"main {scheme} {pane}: {finding}" for finding in accessibility_findings(page, axe)]
        lose_the_match(page, width)
        for pane in panes(page, width):
            found += [f"lost {scheme} {pane}: {finding}" for finding in accessibility_findings(page, axe)]
    assert not found, "\n".join(found)


def panes(page: Any, width: int) -> Iterator[str]:
    """Shows each pane where only one fits."""
    if width > 720:
        yield "all"
        return
    for name in ("Event", "Mapping", "Corpus", "Result"):
        page.locator("#tabs").get_by_role("tab", name=re.compile(f"^{name}")).click()
        yield name


def lose_the_match(page: Any, width: int) -> None:
    from playwright.sync_api import expect

    if width <= 720:
        page.locator("#tabs").get_by_role("tab", name=re.compile("^Mapping")).click()
    choose_subscription(page, "Page Calls")
    retype(trigger(page), LOST)
    expect(page.locator("#result .lost h2")).to_contain_text("properties.category")
    if width <= 720:
        page.locator("#tabs").get_by_role("tab", name=re.compile("^Result")).click()
    expect(page.locator("#result .fix li").first).to_be_visible()


def test_everything_is_done_by_keys(tmp_path: Path, start_studio: Start, open_page: Open) -> None:
    from playwright.sync_api import expect

    file = write_mappings(tmp_path)
    before = file.read_text()
    page = open_page(started(start_studio).url)
    press = page.keyboard.press
    expect(headline(page)).to_have_text("Page Calls sends 1 request")

    # Two events on, and the subscription that takes it.
    press("j")
    expect(page.locator("#result .hd")).to_contain_text("event 2 ")
    press("j")
    expect(page.locator("#result .hd")).to_contain_text("event 3 ")
    press("l")
    expect(page.get_by_role("tab", selected=True, name=re.compile("Page Calls"))).to_be_visible()

    # The trigger loses it; the first way out is a key.
    press("t")
    expect(trigger(page)).to_be_focused()
    retype(trigger(page), LOST)
    expect(page.locator("#result .fix li").first).to_be_visible()
    press("Escape")
    press("1")
    expect(headline(page)).to_have_text("Page Calls sends 1 request")
    press("Control+z")
    expect(page.locator("#result .lost h2")).to_be_visible()
    press("Control+Shift+z")
    expect(headline(page)).to_have_text("Page Calls sends 1 request")

    # A value is pinned and freed in the payload.
    payload = page.get_by_role("tree", name="Payload")
    payload.focus()
    for _ in range(5):
        press("ArrowDown")
    press("Enter")
    press("End")
    expect(payload.locator(".on").first).to_be_visible()
    press("Home")
    press("ArrowLeft")
    expect(payload.get_by_role("treeitem")).to_have_count(1)
    press("ArrowRight")
    press("Escape")

    press("Control+s")
    expect(page.locator("#announce")).to_have_text("shop.json is saved.")
    old = 'type = \\"page\\"'
    assert file.read_text() == before.replace(old, LOST.replace("catalog", "Catalog").replace('"', '\\"'), 1)
