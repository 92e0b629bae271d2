"""A collector that misbehaves on purpose: ABsmartly's batch and single calls over a loopback port, in a thread.

What it counts as taken is what it answered with success, whether or not the answer arrived.
"""

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.cli.conftest import write_settings

FAULTS = ("500", "503", "429", "429 date", "reset", "slow", "refused", "malformed")

Choose = Callable[[int], str | None]
"""The fault for a request by its number, or None for a good answer."""


def seeded(seed: int, share: float, faults: tuple[str, ...] = FAULTS) -> Choose:
    """Faults at random, for that share of the requests."""
    generator = random.Random(seed)
    return lambda _number: generator.choice(faults) if generator.random() < share else None


class FaultyCollector:
    """Use it as a context manager.

    Attributes:
        taken: How often each event (by the property `id` of its goal) was answered with success.
        seen: How often each event was received at all.
        faults: How often which fault was played.
        at_once: The most requests that were under way at once.
    """

    def __init__(self, choose: Choose = lambda _number: None, *, slow_s: float = 0.3, delay_s: float = 0.0) -> None:
        self.taken: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.faults: Counter[str] = Counter()
        self.order: list[str] = []
        self.requests = 0
        self.port = 0
        self._choose = choose
        self._slow_s, self._delay_s = slow_s, delay_s
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def settings(self, folder: Path) -> Path:
        return write_settings(folder / "settings.toml", self.endpoint)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def die(self) -> None:
        """Closes the port and every connection; from any thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)

    def come_back(self) -> None:
        """Listens again at the same port."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _die_for_a_while(self) -> None:
        await self._close()
        await asyncio.sleep(self._slow_s)
        await self._open()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                if head.startswith(b"GET"):  # whether the credentials are good: as the next request finds them
                    status = "401" if self._choose(self.requests) == "401" else "200"
                    if not await _write(writer, status, "{}"):
                        return
                    continue
                body = json.loads(await reader.readexactly(length))
                batch = b"/context/batch " in head.partition(b"\r\n")[0]
                if not await self._answer(writer, body["requests"] if batch else [body]):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, events: list[dict[str, Any]]) -> bool:
        ids = [event["goals"][0]["properties"]["id"] for event in events]
        self.seen.update(ids)
        fault = self._choose(self.requests)
        self.requests += 1
        self.faults[fault or "none"] += 1
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        if fault == "die":
            self._loop.call_soon(self._loop.create_task, self._die_for_a_while())
            return False
        if fault == "reset":  # taken, but the answer breaks off
            self._take(ids)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{")
            await writer.drain()
            writer.transport.abort()
            return False
        if fault == "slow":
            await asyncio.sleep(self._slow_s)
            self._take(ids)
        if fault in ("500", "503"):
            return await _write(writer, fault, "{}")
        if fault == "401":
            return await _write(writer, "401", "{}")
        if fault is not None and fault.startswith("429"):
            after = "0" if fault == "429" else "Thu, 01 Jan 1970 00:00:00 GMT"
            return await _write(writer, "429", "{}", f"retry-after: {after}\r\n")
        if fault == "refused":
            self.refused.update(ids)
            return await _write(writer, "200", json.dumps({"ok": False, "errors": [{"message": "not this one"}]}))
        if fault != "slow":
            self._take(ids)
        if fault == "malformed":
            return await _write(writer, "200", '{"ok": tr')
        return await _write(writer, "200", '{"ok": true, "warnings": [], "errors": []}')

    def _take(self, ids: list[str]) -> None:
        self.taken.update(ids)
        self.order += ids


async def _write(writer: asyncio.StreamWriter, status: str, body: str, more: str = "") -> bool:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    writer.write((head + body).encode())
    await writer.drain()
    return True


def write_many(path: Path, count: int) -> Path:
    """So many track events, numbered by their messageId."""
    with path.open("w") as file:
        for number in range(1, count + 1):
            event = {
                "type": "track",
                "event": "Goal",
                "messageId": f"m{number}",
                "userId": f"u{number % 97}",
                "timestamp": "2026-01-01T00:00:00.000Z",
                "properties": {"n": number},
            }
            file.write(json.dumps(event) + "\n")
    return path


def write_mappings(path: Path) -> Path:
    """A subscription for track events that tells the collector their messageId."""
    mapping = {
        "name": {"@path": "$.event"},
        "units": {"userId": {"@path": "$.userId"}},
        "properties": {"id": {"@path": "$.messageId"}},
        "timestamp": {"@path": "$.timestamp"},
    }
    path.write_text(
        json.dumps([{"name": "All", "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": mapping}])
    )
    return path
