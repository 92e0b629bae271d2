"""Segment's own clients: each sends one event of each kind to an intake on the loopback address."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlencode

import pytest

from tests.kit import PATIENCE_S

FOLDER: Final = Path(__file__).parent / "clients"
_INSTALL: Final = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_SILENT: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
)
"""Options with which Chromium shows nothing and contacts nobody but the page."""


def absent(what: str) -> Any:
    """Skips a test because something is missing here; where everything must be there (`CI`), it fails instead."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@lru_cache
def node_modules() -> Path:
    """The folder with Segment's clients, installed first where they are not there yet."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        absent("Node with npm is not installed")
    folder = FOLDER / "node_modules"
    mark, pins = folder / ".pins", (FOLDER / "package.json").read_text()
    if not mark.exists() or mark.read_text() != pins:
        done = subprocess.run(_INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        if done.returncode:
            absent(f"npm install failed: {done.stderr.strip() or done.stdout.strip()}")
        mark.write_text(pins)
    return folder


# --- Python ----------------------------------------------------------------------------------------------


def send_with_python(key: str, port: int, **options: Any) -> None:
    """Sends with segment-analytics-python."""
    try:
        from segment.analytics.client import Client
    except ModuleNotFoundError:
        absent("segment-analytics-python is not installed: pip install 'destination-actions[sdk]'")
    errors: list[Any] = []
    with direct_connections():
        client = Client(
            key,
            host=f"http://127.0.0.1:{port}",
            on_error=lambda *error: errors.append(error),
            upload_interval=0.1,
            **options,
        )
        user = "user-1"
        client.identify(user, {"email": "ann@example.com"})
        properties = {"revenue": 19.99, "title": "Größe 🎉"}
        client.track(user, "Order Completed", properties, integrations={"All": True, "Other": False})
        client.page(user, "Docs", "Start", {"url": "https://example.com/"})
        client.screen(user, None, "Home", {"tab": 1})
        client.group(user, "group-1", {"plan": "pro"})
        client.alias("user-0", user)
        if not options.get("sync_mode"):
            client.flush()
            client.join()
    assert errors == []


@contextlib.contextmanager
def direct_connections() -> Iterator[None]:
    """Has clients ignore the proxies of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "*")
        yield


# --- Node ------------------------------------------------------------------------------------------------


def send_with_node(key: str, port: int) -> None:
    """Sends with @segment/analytics-node."""
    environment = {**os.environ, "NODE_PATH": str(node_modules()), "NO_PROXY": "*"}
    command = ["node", str(FOLDER / "node_client.js"), key, f"http://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr


# --- a browser -------------------------------------------------------------------------------------------


def send_with_browser(key: str, port: int, folder: Path, *, batching: bool, is_done: Callable[[], bool]) -> None:
    """Sends with @segment/analytics-next from a page of another origin in Chromium.

    Args:
        key: The write key.
        port: The port of the intake.
        folder: An empty folder for the browser's data.
        batching: Whether the client sends batches.
        is_done: Returns whether everything arrived; the browser is ended then.
    """
    chromium = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if chromium is None:
        absent("Chromium is not installed")
    script = node_modules() / "@segment" / "analytics-next" / "dist" / "umd" / "index.js"
    with _serving_pages({"/page.html": FOLDER / "page.html", "/analytics.js": script}) as pages:
        query = urlencode({"key": key, "api": f"http://127.0.0.1:{port}", "batching": "1" if batching else ""})
        url = f"http://localhost:{pages.port}/page.html?{query}"
        process = subprocess.Popen(
            [str(chromium), *_SILENT, f"--user-data-dir={folder}", "--remote-debugging-port=0", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_for(lambda: pages.outcome is not None and (pages.outcome != "sent" or is_done()), process)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its own group: the browser and its helpers
            process.wait()
    assert pages.outcome == "sent"


def _wait_for(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        if condition():
            return
        assert process.poll() is None, "the browser ended"
        pause.wait(0.05)
    pytest.fail("the browser did not send everything")


class _Pages:
    """What the page server knows: its port, and what the page reported."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.outcome: str | None = None


@contextlib.contextmanager
def _serving_pages(files: dict[str, Path]) -> Iterator[_Pages]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Writes no log."""

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/done":
                pages.outcome = unquote(query)
            file = files.get(path)
            body = file.read_bytes() if file else b""
            self.send_response(200 if file or path == "/done" else 404)
            kind = "text/html" if path.endswith("html") else "text/javascript"
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pages = _Pages(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        thread.join(PATIENCE_S)
        server.server_close()
