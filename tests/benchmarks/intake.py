"""The rows of the HTTP intake: a batch of 100 events beside an empty route, in CPU time of the server's process."""

import asyncio
import http.client
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from destination.forwarding.accepted import Accepted
from destination.forwarding.http import IntakeOptions, WriteKeys, create_intake
from destination.forwarding.queue import Queue
from tests.benchmarks.rows import Row

GROUP = "The HTTP intake"
EVENTS = 100
BATCHES = 60
"""Batches in a round."""
ROUNDS = 15
KEY = "write-key"
_ROOT = Path(__file__).parents[2]
_HEADERS = {
    "authorization": "Basic d3JpdGUta2V5Og==",
    "content-type": "application/json",
    "user-agent": "analytics-python/2.4.0",
}


# --- the server's process --------------------------------------------------------------------------------


class _Uncounted:
    def accepted(self, write_key: str, count: int) -> None: ...
    def duplicate(self, count: int) -> None: ...
    def refused(self, reason: str, count: int) -> None:
        raise AssertionError(reason)


async def _put_nowhere(events: Sequence[Accepted]) -> int:
    return len(events)


async def _read_only(request: Request) -> JSONResponse:
    await request.body()
    return JSONResponse({"success": True})


class _Measured:
    """Answers `GET /cpu` with the CPU time of the process, and everything else with the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/cpu":
            await JSONResponse(process_time())(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _app(kind: str, folder: str) -> ASGIApp:
    if kind == "empty":
        return Starlette(routes=[Route("/v1/batch", _read_only, methods=["POST"])])
    put: Callable[[Sequence[Accepted]], Awaitable[int]] = _put_nowhere
    if kind == "queue":
        put = Queue(Path(folder, "queue.db"), {"d": None}).put
    return create_intake(
        put, keys=WriteKeys([KEY]), behind=lambda _key: None, refused=None, counts=_Uncounted(), options=IntakeOptions()
    )


async def _serve(kind: str, folder: str) -> None:
    config = uvicorn.Config(
        _Measured(_app(kind, folder)), port=0, log_level="critical", ws="none", lifespan="off", loop="none", http="h11"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving


# --- measuring -------------------------------------------------------------------------------------------


class _Server:
    """A server in a process of its own."""

    def __init__(self, kind: str, folder: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.intake", kind, folder]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._connection = http.client.HTTPConnection("127.0.0.1", int(self._process.stdout.readline()))

    def cpu_s(self) -> float:
        return float(orjson.loads(self._ask("GET", "/cpu", None)))

    def send(self, bodies: Sequence[bytes]) -> float:
        """Sends batches, and returns the CPU time of the server for one of them, in seconds."""
        begin = self.cpu_s()
        for body in bodies:
            assert orjson.loads(self._ask("POST", "/v1/batch", body))["success"]
        return (self.cpu_s() - begin) / len(bodies)

    def close(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.communicate()

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        self._connection.request(method, path, body, _HEADERS)
        return self._connection.getresponse().read()


def batches(count: int, first: int = 0) -> list[bytes]:
    """Batches as Segment's client for Python posts them, with events that differ."""
    return [_batch(range(EVENTS * number, EVENTS * (number + 1))) for number in range(first, first + count)]


def _batch(numbers: Sequence[int]) -> bytes:
    sent_at = "2026-11-30T20:59:00.123456+00:00"
    return orjson.dumps({"batch": [_event(number) for number in numbers], "sentAt": sent_at, "writeKey": KEY})


def _event(number: int) -> dict[str, Any]:
    return {
        "integrations": {},
        "anonymousId": None,
        "timestamp": f"2026-11-30T20:{number % 60:02}:11.{number % 1_000_000:06}+00:00",
        "context": {
            "library": {"name": "analytics-python", "version": "2.4.0"},
            "page": {"url": "https://example.com/pricing", "title": "Pricing", "referrer": ""},
            "locale": "en-US",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        },
        "type": "track",
        "userId": f"user-{number % 1000}",
        "event": "Order Completed",
        "properties": {
            "orderId": str(number),
            "revenue": 19.99,
            "currency": "EUR",
            "products": [{"sku": "a", "price": 9.99, "quantity": 1}, {"sku": "b", "price": 10.0, "quantity": 1}],
        },
        "messageId": f"5a0d8c52-6f4e-4c1b-9a3d-{number:012}",
    }


def intake_rows() -> Iterator[Row]:
    """All rows of the group."""
    least = least_cpu_s(("empty", "none", "queue"))
    empty_us, none_us, queue_us = (1e6 * least[kind] for kind in ("empty", "none", "queue"))
    details = f"{queue_us:.0f} µs ÷ {empty_us:.0f} µs; without the queue's commit {none_us:.0f} µs"
    name = f"accepting a batch of {EVENTS} ÷ an empty Starlette route that reads the body"
    yield Row(GROUP, name, queue_us / empty_us, "at most", 6, details)
    yield Row(GROUP, "CPU time of an event in it", queue_us / EVENTS, "at most", 25, "with the queue's commit", "µs")


def least_cpu_s(kinds: Sequence[str]) -> dict[str, float]:
    """The least CPU time of a batch in each server, in seconds; their rounds take turns."""
    least = dict.fromkeys(kinds, float("inf"))
    with TemporaryDirectory() as folder:
        servers = {kind: _Server(kind, folder) for kind in kinds}
        try:
            for round_ in range(ROUNDS):
                bodies = batches(BATCHES, BATCHES * round_)
                for kind, server in servers.items():
                    least[kind] = min(least[kind], server.send(bodies))
        finally:
            for server in servers.values():
                server.close()
    return least


if __name__ == "__main__":
    if len(sys.argv) > 2:
        asyncio.run(_serve(sys.argv[1], sys.argv[2]))
    elif os.environ.get("WITHOUT_QUEUE"):
        print(least_cpu_s(("empty", "none")))
    else:
        for row in intake_rows():
            print(*row.cells(), sep="  ")
