"""A forwarder in a process of its own, whose log and output a test reads line by line."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any

import httpx

from destination.catalog.absmartly.collector import API_KEY
from destination.listening import open_socket
from tests.kit import PATIENCE_S

TOKEN = "admin-t0k3n-1"
WITH_TOKEN = {"authorization": f"Bearer {TOKEN}"}
WRITE_KEY = "wk-s3cr3t-1"


def settings_table(endpoint: str) -> str:
    """The table of a destination's settings that leads to a collector."""
    return (
        f'[destinations.settings]\ncollectorEndpoint = "{endpoint}"\n'
        'apiKey = { env = "ABSMARTLY_API_KEY" }\nenvironment = "test"\n'
    )


def write_config(folder: Path, endpoint: str, more: str = "", *, top: str = "") -> Path:
    """A configuration with one destination, `shop`, that sends to a collector.

    Args:
        folder: Where to write it.
        endpoint: The collector's.
        more: Further keys of the destination.
        top: Further tables, before it.
    """
    path = folder / "forward.toml"
    path.write_text(
        f'[http]\nlisten = "127.0.0.1:0"\nwrite_keys = ["{WRITE_KEY}"]\n'
        f'[admin]\nlisten = "127.0.0.1:0"\ntoken = "{TOKEN}"\nevents = true\n{top}'
        f'[[destinations]]\nname = "shop"\nslug = "actions-absmartly"\ndead_letters = "dead.ndjson"\n{more}'
        f"{settings_table(endpoint)}"
    )
    return path


def fixed_port(config: Path) -> str:
    """Gives the intake a port that is the same when the forwarder starts again; returns its address."""
    with open_socket("127.0.0.1", 0) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config.write_text(config.read_text().replace("127.0.0.1:0", address, 1))
    return f"http://{address}"


class Running:
    """A forwarder that runs.

    Attributes:
        process: The process.
        http: Where events arrive.
        admin: Its admin port.
        log: What it logged so far, as JSON.
    """

    def __init__(self, config: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "destination", "forward", str(config), "--json", *arguments],
            cwd=config.parent,
            env={**os.environ, "ABSMARTLY_API_KEY": API_KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.log: list[dict[str, Any]] = []
        self._lines: Queue[bytes | None] = Queue()
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,))
        self._reader.start()
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        if not first:
            raise AssertionError(self._rest())
        found = json.loads(first)["listening"]
        self.http: str = found["http"]
        self.admin: str = found.get("admin", "")
        self.client = httpx.Client(trust_env=False, timeout=PATIENCE_S)

    def _read(self, stream: IO[bytes] | None) -> None:
        for line in stream or ():
            self._lines.put(line)
        self._lines.put(None)

    def await_line(self, what: str, **fields: Any) -> dict[str, Any]:
        """Reads the log up to a line that has these fields, which may have been read before."""
        for line in self.log:
            if line["what"] == what and fields.items() <= line.items():
                return line
        while True:
            try:
                raw = self._lines.get(timeout=PATIENCE_S)
            except Empty:
                raise AssertionError(f"no line {what} {fields} in {self.log}") from None
            if raw is None:
                raise AssertionError(f"ended without a line {what} {fields}: {self.log}")
            assert WRITE_KEY.encode() not in raw
            assert TOKEN.encode() not in raw
            assert API_KEY.encode() not in raw
            line = json.loads(raw)
            self.log.append(line)
            if line["what"] == what and fields.items() <= line.items():
                return dict(line)
            if what == "delivered" and line["what"] == "dead" and line["messageId"] == fields["messageId"]:
                raise AssertionError(line)

    def send(self, *events: Mapping[str, Any]) -> httpx.Response:
        """Sends events as a batch."""
        return self.client.post(f"{self.http}/v1/batch", json={"writeKey": WRITE_KEY, "batch": list(events)})

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Asks the admin port, with the token."""
        return self.client.request(method, f"{self.admin}{path}", headers=WITH_TOKEN, **more)

    def events(self) -> list[dict[str, Any]]:
        """The last events with their outcomes."""
        found: list[dict[str, Any]] = self.ask("GET", "/-/events").json()["events"]
        return found

    def end(self, *numbers: int) -> tuple[int, bytes]:
        """Sends signals, and waits for the end: the status, and what was printed after the first line."""
        for number in numbers:
            self.process.send_signal(number)
        self._reader.join(PATIENCE_S)
        assert self.process.stdout is not None
        output = self.process.stdout.read()
        status = self.process.wait(PATIENCE_S)
        self.log += [json.loads(line) for line in iter(self._lines.get, None)]
        return status, output

    def _rest(self) -> str:
        self._reader.join(PATIENCE_S)
        return b"".join(iter(self._lines.get_nowait, None) if not self._lines.empty() else []).decode()

    def close(self) -> None:
        """Ends the process, however far the test came."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        if hasattr(self, "client"):
            self.client.close()


@contextmanager
def running(config: Path, *arguments: str) -> Iterator[Running]:
    """Starts a forwarder, and ends it with the block."""
    process = Running.__new__(Running)
    try:
        process.__init__(config, *arguments)  # type: ignore[misc]  # so that a start that fails is cleaned up, too
        yield process
    finally:
        process.close()


def await_empty(forwarder: Running, *names: str) -> None:
    """Waits until these destinations have settled every event; none named: all of them."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        waiting = {name: one["waiting"] for name, one in forwarder.ask("GET", "/readyz").json()["destinations"].items()}
        if not any(waiting[name] for name in names or waiting):
            return
        pause.wait(0.05)
    raise AssertionError(waiting)


def goals(received: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of the goals that a collector got."""
    return sorted(item["event"]["goals"][0]["name"] for item in received)
