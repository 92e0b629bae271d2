"""Takes the pictures of the studio in docs/images: python -m tests.studio.screenshots

It needs Chromium, Playwright and Pillow. The edits are made in the page, as a person makes them.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.definition.given.mappings import GivenMappings
from destination.studio.session import Forwarder
from tests.forwarding.running import TOKEN, Running, await_empty, running, write_config
from tests.studio.conftest import make_studio, serving

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
EVENTS = ROOT / "examples" / "events.ndjson"
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}
PAGES = "Page Calls"
CONDITION = ' and properties.category = "catalog"'


def take(folder: Path) -> list[Path]:
    """Takes all pictures; returns their files."""
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory()))
        forwarder = stack.enter_context(_forwarder(home))
        stack.enter_context(chdir(home))  # the page shows the files by the names that they were given
        shutil.copy(EVENTS, EVENTS.name)
        subscriptions = [item.to_json() for item in absmartly.preset_subscriptions()]
        Path("shop.json").write_text(json.dumps(subscriptions, indent=2))
        studio = make_studio(GivenMappings(("shop.json",)), EVENTS.name, forwarder=Forwarder(forwarder.admin, TOKEN))
        address = stack.enter_context(serving(studio))
        chromium = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        stack.callback(chromium.close)
        camera = _Camera(chromium, address, folder)
        camera.main("studio-light", "light")
        camera.main("studio-dark", "dark")
        camera.broken("studio-broken")
        camera.live("studio-live")
        camera.narrow("studio-narrow")
        return camera.taken


class _Camera:
    """Opens the page in a state, and takes its picture."""

    def __init__(self, chromium: Any, address: str, folder: Path) -> None:
        self._chromium = chromium
        self._address = address
        self._folder = folder
        self.taken: list[Path] = []

    def main(self, name: str, scheme: str) -> None:
        """An edit of a trigger that leaves the chosen event as it is: what changes for all events."""
        with self._page(scheme=scheme) as page:
            self._choose(page, "Product Added")
            self._append_to_trigger(page, "Track Calls", ' and event != "Product Viewed"')
            self._await_changes(page)
            self._take(page, name)

    def broken(self, name: str) -> None:
        """A condition that lets no event of its kind in: the reason, and ways out."""
        with self._page() as page:
            self._choose(page, "Category")
            self._append_to_trigger(page, PAGES, CONDITION)
            self._await_changes(page)
            page.wait_for_selector(".fix li")
            self._take(page, name)

    def live(self, name: str) -> None:
        """The last events of a forwarder."""
        with self._page("#live") as page:
            page.wait_for_selector(".dlr .vd")
            page.locator(".eg").first.click()
            page.locator(".dlr button").first.click()
            page.wait_for_selector(".dl-reason")
            self._take(page, name)

    def narrow(self, name: str) -> None:
        """The result on a small screen."""
        with self._page(size=NARROW) as page:
            page.wait_for_selector("#result .json")
            page.wait_for_selector("#corpus .cell", state="attached")
            self._take(page, name)

    @contextmanager
    def _page(self, hash_: str = "", size: Any = None, scheme: str = "light") -> Iterator[Any]:
        context = self._chromium.new_context(viewport=size or WIDE, color_scheme=scheme, reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{self._address}/{hash_}")
        yield page
        context.close()

    def _choose(self, page: Any, event: str) -> None:
        page.locator("#event .ev", has_text=event).first.click()
        page.wait_for_selector("#result .json")

    def _await_changes(self, page: Any) -> None:
        """Waits until the corpus and the list of events show the edit."""
        page.wait_for_selector("#corpus tbody .bad")
        page.wait_for_selector("#event .ev .bad")
        page.wait_for_selector(".samp tbody tr")

    def _append_to_trigger(self, page: Any, subscription: str, text: str) -> None:
        page.get_by_role("tab", name=subscription).first.click()
        editor = page.locator("#mapping .cm-content").first
        editor.click()
        page.keyboard.press("Control+End")
        page.keyboard.insert_text(text)

    def _take(self, page: Any, name: str) -> None:
        path = self._folder / f"{name}.png"
        page.mouse.move(0, 0)
        drawn = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
        drawn.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
        self.taken.append(path)


@contextmanager
def _forwarder(home: Path) -> Iterator[Running]:
    """Runs a forwarder that got the example events, and some that fail."""
    events = [json.loads(line) for line in EVENTS.read_text().splitlines() if line.strip()]
    bad = [
        {"type": "track", "event": name, "messageId": f"bad-{at}", "userId": "user-7", "properties": ["text"]}
        for at, name in enumerate(("Order Completed", "Coupon Applied", "Order Refunded"))
    ]
    with EmbeddedCollector() as collector:
        config = write_config(home, collector.endpoint)
        with running(config) as forwarder:
            forwarder.send(*events, *bad)
            await_empty(forwarder)
            yield forwarder


if __name__ == "__main__":
    for written in take(IMAGES):
        sys.stdout.write(f"{written} ({written.stat().st_size // 1000} kB)\n")
