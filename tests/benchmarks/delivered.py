"""The rows of a delivery in one process: events from a source to a stubbed transport, through `Delivery`.

`python -m tests.benchmarks.delivered` measures them in about a minute.
"""

import asyncio
import gc
import io
from collections.abc import Iterator
from time import thread_time
from typing import Any

import orjson

from destination.catalog.absmartly import absmartly
from destination.delivery import ByteInput, Delivery, DeliveryOptions, EventSource, Record, run_delivery
from destination.delivery.record import Piece
from destination.request import Request, Response
from destination.values import write_json
from tests.benchmarks.engine import SETTINGS
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import Round, minimums, timed
from tests.benchmarks.rows import Row, text_table

GROUP = "Speed of a delivery"
EVENTS = 2000
BATCH = 500

_BODY = b'{"ok":true,"warnings":[],"errors":[]}'
_HEADERS = {"content-type": "application/json"}


class _Accepting:
    """Answers every request alike, and counts them."""

    def __init__(self) -> None:
        self.requests = 0

    async def send(self, request: Request) -> Response:
        self.requests += 1
        return Response(200, _BODY, _HEADERS, url=request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


class _Lines:
    """A source of lines that are in memory already, read as `EventSource` reads them."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._next = 0

    async def next(self) -> list[Record] | None:
        """The next hundred records, or None at the end."""
        begin = self._next
        self._next = min(begin + 100, len(self._lines))
        numbers = range(begin, self._next)
        return [
            Record("line", Piece(number + 1, self._lines[number], True), ordinal=number + 1) for number in numbers
        ] or None

    def close(self) -> None:
        """Gives no more."""
        self._next = len(self._lines)


def delivered_rows() -> Iterator[Row]:
    """An event by itself and in a batch, over reading its bytes and writing its request's."""
    lines = [write_json(event) for event in make_events(EVENTS)]
    instance = absmartly.instance(SETTINGS)
    bodies = [instance.plan(orjson.loads(line)).requests[0].json() for line in lines]

    def json_alone() -> None:
        for line, body in zip(lines, bodies, strict=True):
            orjson.loads(line)
            orjson.dumps(body)

    single, batched, alone = minimums(
        [
            _deliver(lines, DeliveryOptions(), EVENTS),
            _deliver(lines, DeliveryOptions(batch_size=BATCH), EVENTS // BATCH),
            timed(json_alone),
        ]
    )
    yield single_send_row(lines)
    yield _row("one request an event", single, alone, 20)
    yield _row(f"batches of {BATCH}", batched, alone, 10)


def single_send_row(lines: list[bytes], *, rounds: int = 25) -> Row:
    """The CPU time of the event loop's thread for an event that is sent by itself, as `destination run` sends it.

    A thread of its own reads and parses the events; its time does not count.
    """
    data = b"\n".join(lines)

    async def deliver() -> float:
        instance: Any = absmartly.instance(SETTINGS, transport=_Accepting())
        source = EventSource(ByteInput(io.BytesIO(data)))
        begin = thread_time()
        report = await Delivery(instance).run(source)
        seconds = thread_time() - begin
        if report.sent != len(lines):
            raise AssertionError(f"{report.sent} events were sent")
        return seconds

    found = []
    for _ in range(rounds):
        gc.collect()
        found.append(run_delivery(deliver()))
    value = min(found) / len(lines) * 1e6
    details = f"least of {rounds} rounds; {len(lines):,} events, 4 presets, a transport that answers at once"
    return Row(GROUP, "a single send through `Delivery`, without reading", value, "at most", 40, details, unit="µs")


def _row(name: str, here: float, alone: float, bound: float) -> Row:
    details = f"{here / EVENTS * 1e6:.1f} µs ÷ {alone / EVENTS * 1e6:.1f} µs an event; {EVENTS:,} events, 4 presets"
    return Row(
        GROUP,
        f"`Delivery`, {name}: time ÷ that of `orjson.loads` and `orjson.dumps`",
        here / alone,
        "at most",
        bound,
        details,
    )


def _deliver(lines: list[bytes], options: DeliveryOptions, requests: int) -> Round:
    async def deliver() -> None:
        transport = _Accepting()
        instance: Any = absmartly.instance(SETTINGS, transport=transport)
        report = await Delivery(instance, options=options).run(_Lines(lines))
        if report.failed or transport.requests < requests:
            raise AssertionError(f"{transport.requests} requests, {report.failed} failed events")

    return timed(lambda: asyncio.run(deliver()))


if __name__ == "__main__":
    for row in delivered_rows():
        print(text_table([row]).splitlines()[1], flush=True)
