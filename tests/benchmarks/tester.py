"""The row of the tester: many requests at once, to `destination serve-tester` as a process."""

import asyncio
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from pyreqwest.client import Client, ClientBuilder

from destination.values import write_json
from tests.benchmarks.collector import Collector
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import all_cores
from tests.benchmarks.rows import Row

GROUP = "The tester"
AT_ONCE = 200
ROUNDS = 9
_ROOT = Path(__file__).parents[2]


def tester_rows() -> Iterator[Row]:
    """All rows of the group, on all cores."""
    with all_cores(), Collector() as collector:
        command = [sys.executable, "-m", "destination", "serve-tester", "--port", "0"]
        process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split(b"127.0.0.1:")[1].split(b" ")[0])
            rates = asyncio.run(_rates(f"http://127.0.0.1:{port}/trackGoal", _body(collector.endpoint)))
        finally:
            process.kill()
            process.communicate()
    rate = statistics.median(rates)
    details = f"median of {ROUNDS} times {AT_ONCE} events at once, each sent to a collector"
    yield Row(GROUP, f"answers of `POST /trackGoal`, {AT_ONCE} requests at once", rate, "at least", 500, details, "/s")


def _body(endpoint: str) -> bytes:
    event = next(event for event in make_events(100) if event.get("event") == "Order Completed")
    settings = {"collectorEndpoint": endpoint, "apiKey": "k", "environment": "test"}
    return write_json({"payload": event, "settings": settings})


async def _rates(url: str, body: bytes) -> list[float]:
    rates = []
    async with ClientBuilder().no_proxy().http1_only().max_connections(AT_ONCE).build() as client:
        for _ in range(1 + ROUNDS):
            begin = perf_counter()
            await asyncio.gather(*(_send(client, url, body) for _ in range(AT_ONCE)))
            rates.append(AT_ONCE / (perf_counter() - begin))
    return rates[1:]


async def _send(client: Client, url: str, body: bytes) -> None:
    response = await client.post(url).body_bytes(body).build().send()
    if response.status != 200 or b'"statusCode":200' not in bytes(await response.bytes()):
        raise AssertionError(f"an answer of {response.status}: {await response.text()}")
