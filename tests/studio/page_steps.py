"""What a person does on the page of the studio, as steps that wait for what follows."""

import re
from collections.abc import Callable
from typing import Any

from tests.studio.browser import EVENTS, RunningStudio

Start = Callable[..., RunningStudio]
Open = Callable[..., Any]


def started(start_studio: Start, *arguments: str) -> RunningStudio:
    return start_studio(str(EVENTS), "--mappings", "shop.json", *arguments)


def choose_event(page: Any, line: int) -> None:
    """Chooses an event by the number of its line, and waits until its result is there."""
    option = page.locator("#events [role=option]").filter(has=page.get_by_text(str(line), exact=True))
    option.first.click()
    page.locator("#result .hd", has_text=f"event {line} ").wait_for()
    settled(page)


def choose_subscription(page: Any, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^(.* )?{re.escape(name)}")).first.click()
    settled(page)


def settled(page: Any) -> None:
    """Waits until the newest results are there, for the event and for the corpus."""
    page.locator("#result:not([aria-busy]) .verdict:not(.old)").wait_for(state="attached")


def trigger(page: Any) -> Any:
    return page.get_by_role("textbox", name="Trigger", exact=True)


def retype(editor: Any, text: str) -> None:
    """Replaces the text of an editor by keys, as a person does."""
    editor.press("Control+a")
    editor.press("Delete")
    editor.page.keyboard.insert_text(text)


def headline(page: Any) -> Any:
    return page.locator("#result .verdict h2")


def changed_count(page: Any, words: str) -> Any:
    return page.get_by_role("group", name="Changes to show").get_by_role("button", name=re.compile(words))
