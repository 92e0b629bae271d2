"""A studio in a process of its own, and its page in a real browser."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "examples" / "events.ndjson"
AXE = Path(__file__).parent / "axe"
_INSTALL = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
_WAIT_MS = 60_000
"""How long a state may take, in milliseconds: the machine may be ten times slower than ours."""


class RunningStudio:
    """A process of `destination studio`.

    Attributes:
        url: Where its page is.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "destination", "studio", *arguments, "--port", "0", "--no-config"]
        self._process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        )
        self._lines: list[str] = []
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)
            if found := re.search(r"http://[\d.]+:\d+", line):
                self.url = found[0]
                break
        else:
            raise AssertionError("".join(self._lines))
        # Its log is read on, or a full pipe would stop it.
        self._reading = threading.Thread(target=self._lines.extend, args=(self._process.stdout,))
        self._reading.start()

    def end(self) -> None:
        """Ends it as Ctrl-C does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._reading.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def write_mappings(folder: Path) -> Path:
    """Writes the presets as a file in a layout that no program would choose."""
    subscriptions = [json.dumps(item.to_json(), ensure_ascii=False) for item in absmartly.preset_subscriptions()]
    file = folder / "shop.json"
    file.write_text("[\n\n" + "  ,\n".join(f"   {text}" for text in subscriptions) + "\n]\n\n")
    return file


@pytest.fixture
def start_studio(tmp_path: Path) -> Iterator[Callable[..., RunningStudio]]:
    """Starts studios in the test's folder; they end with it."""
    with contextlib.ExitStack() as stack:

        def start(*arguments: str) -> RunningStudio:
            studio = RunningStudio(tmp_path, *arguments)
            stack.callback(studio.end)
            return studio

        yield start


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a studio that no test of the module saves in: what a page edits, only that page knows."""
    folder = tmp_path_factory.mktemp("shop")
    write_mappings(folder)
    studio = RunningStudio(folder, str(EVENTS), "--mappings", "shop.json")
    yield studio.url
    studio.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, or a skip that says why there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("chromium is not installed")
    options = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    api.expect.set_options(timeout=_WAIT_MS)
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages. An error of a script, and whatever the browser complains about, fails the test."""
    complaints: list[str] = []
    with contextlib.ExitStack() as stack:

        def open_one(url: str, *, width: int = 1400, height: int = 900, scheme: str = "light") -> Any:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                accept_downloads=True,
                permissions=["clipboard-read", "clipboard-write"],
            )
            stack.callback(context.close)
            context.set_default_timeout(_WAIT_MS)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda message: _note(message, complaints))
            page.goto(url)
            return page

        yield open_one
    assert complaints == [], complaints


def _note(message: Any, complaints: list[str]) -> None:
    # A request that is answered with an error is one of the states that the tests bring about.
    if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
        complaints.append(message.text)


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, or a skip that says why it is not there."""
    folder = Path(os.environ.get("STUDIO_NODE_MODULES") or AXE / "node_modules")
    script = folder / "axe-core" / "axe.min.js"
    if not script.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed, so axe-core is missing")
        ran = subprocess.run(_INSTALL, cwd=AXE, capture_output=True, text=True, check=False, timeout=300)
        if not script.exists():
            pytest.skip(f"axe-core cannot be installed: {ran.stderr.strip()[-300:]}")
    return script.read_text()


def accessibility_findings(page: Any, source: str) -> list[str]:
    """Lists what axe-core finds on a page, one line for each element."""
    page.evaluate(source)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
