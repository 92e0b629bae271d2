"""The rows of forwarding: accepting into the queue, and from there to the partner.

`python -m tests.benchmarks.forwarding` measures them. `… forward FILE BATCH` forwards a file of events in a process of
its own, whose CPU time is compared with that of `destination run`; `… latency` forwards events at half of the rate that
it can; `… memory` forwards a million events.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.delivery import DeliveryOptions, RetryPolicy, run_delivery
from destination.forwarding.forwarder import ForwardedDestination, Forwarder
from destination.forwarding.queue import Accepted, Queue
from destination.forwarding.watching import ForwardWatch
from destination.request import Request, Response
from destination.values import read_json, write_json
from tests.benchmarks.engine import SETTINGS
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import Round, minimums
from tests.benchmarks.rows import Row, text_table

GROUP = "Forwarding"
EVENTS = 50_000
PUT = 100
BATCH = 500
ROUNDS = 3

_PUT_EVENTS = 20_000
_DISTINCT = 10_000
_MEMORY_EVENTS, _MEMORY_EARLY = 1_000_000, 100_000
_PUTTING = 4
_MOST_BEHIND = 20_000
_BODY = b'{"ok":true,"warnings":[],"errors":[]}'
_HEADERS = {"content-type": "application/json"}


class _Accepting:
    """Answers every request alike."""

    async def send(self, request: Request) -> Response:
        return Response(200, _BODY, _HEADERS, url=request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


def forwarding_rows() -> Iterator[Row]:
    """All rows of the group."""
    yield put_row()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = b"\n".join(write_json(event) for event in make_events(EVENTS))
        (folder / "events.ndjson").write_bytes(lines)
        settings = "".join(f'{key} = "{value}"\n' for key, value in SETTINGS.items())
        (folder / "settings.toml").write_text(settings, encoding="utf-8")
        yield ratio_row(folder, "one request an event", 0)
        yield ratio_row(folder, f"batches of {BATCH}", BATCH)
    yield from _latency()
    yield memory_row()


def put_row() -> Row:
    """The CPU time of accepting an event in groups of a hundred, until it is on the disk."""
    events = [(event["messageId"], write_json(event)) for event in make_events(_PUT_EVENTS)]

    def put() -> float:
        async def putting() -> float:
            with tempfile.TemporaryDirectory() as folder:
                queue = Queue(Path(folder, "queue.db"), {"absmartly": None})
                begin = time.process_time()
                await _put_all(queue, events)
                spent = time.process_time() - begin
                await queue.close()
            return spent

        return run_delivery(putting())

    (spent,) = minimums([put], count=5, warm_up=1)
    value = spent / _PUT_EVENTS * 1e6
    details = f"{_PUT_EVENTS:,} events in groups of {PUT}, {_PUTTING} at once"
    return Row(GROUP, "accepting an event into the queue: CPU time", value, "at most", 12, details, unit="µs")


async def _put_all(queue: Queue, events: Sequence[tuple[str, bytes]]) -> None:
    now = time.time()
    for first in range(0, len(events), PUT * _PUTTING):
        await asyncio.gather(
            *(
                queue.put([Accepted("wk", name, body, now) for name, body in events[at : at + PUT]])
                for at in range(first, min(first + PUT * _PUTTING, len(events)), PUT)
            )
        )


def ratio_row(folder: Path, name: str, batch: int) -> Row:
    """Events a second from accepted to acknowledged, over those of `destination run`, by CPU time."""
    batches = ["--batch-size", str(batch)] if batch else ["--no-batch", "--concurrency", "50"]
    run = ["run", str(folder / "events.ndjson"), "--settings", str(folder / "settings.toml"), *batches]
    ours, theirs = minimums(
        [
            _process("tests.benchmarks.forwarding", "forward", str(folder / "events.ndjson"), str(batch)),
            _process("tests.benchmarks.stubbed_run", *run, folder=folder),
        ],
        count=ROUNDS,
        warm_up=1,
    )
    details = f"{theirs / EVENTS * 1e6:.1f} µs ÷ {ours / EVENTS * 1e6:.1f} µs an event; {EVENTS:,} events, each process"
    title = f"accepted → acknowledged, {name}: events a second ÷ those of `destination run`"
    return Row(GROUP, title, theirs / ours, "at least", 0.7, details)


def _process(module: str, *arguments: str, folder: Path | None = None) -> Round:
    def round_() -> float:
        if folder is not None:
            for ledger in folder.glob("*.ledger*"):
                ledger.unlink()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", module, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return round_


def _latency() -> Iterator[Row]:
    """How long after it is received an event is acknowledged, at half of the rate that one process can."""
    command = [sys.executable, "-m", "tests.benchmarks.forwarding", "latency"]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    details = f"{found['events']:,} events, {found['rate']:,} of at most {found['most']:,} events a second; wall time"
    yield Row(GROUP, "from received to acknowledged, the median", found["median_ms"], "at most", 50, details, unit="ms")
    title = "from received to acknowledged, the 99th percentile"
    yield Row(GROUP, title, found["late_ms"], "at most", 250, details, unit="ms")


def memory_row() -> Row:
    """The peak memory of a process that forwards a million events."""
    command = [sys.executable, "-m", "tests.benchmarks.forwarding", "memory"]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    late, early = found["late_kb"], found["early_kb"]
    details = f"{late / 1024:.0f} MB after {_MEMORY_EVENTS:,} events, {early / 1024:.0f} MB after {_MEMORY_EARLY:,}"
    return Row(GROUP, "peak memory at the end: ÷ that after 100,000 events", late / early, "at most", 1.2, details)


# --- in a process of its own -----------------------------------------------------------------------------


def _forwarder(folder: str, batch: int, watch: ForwardWatch | None = None) -> tuple[Queue, Forwarder]:
    queue = Queue(Path(folder, "queue.db"), {"absmartly": None})
    instance: Any = absmartly.instance(SETTINGS, transport=_Accepting())
    options = DeliveryOptions(retry=RetryPolicy(), batch_size=batch or None)
    return queue, Forwarder(queue, [ForwardedDestination("absmartly", instance, options)], watch=watch)


async def _forward(lines: list[bytes], batch: int) -> None:
    events = [(read_json(line)["messageId"], line) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        queue, forwarder = _forwarder(folder, batch)
        running = asyncio.create_task(forwarder.run())
        await _put_all(queue, events)
        await forwarder.stop(drain_s=600)
        await running
        await queue.flush()
        if queue.rows:
            raise AssertionError(f"{queue.rows} events are left")
        await queue.close()


async def _forward_a_million() -> dict[str, int]:
    bodies = [write_json(event) for event in make_events(_DISTINCT)]
    early = 0
    with tempfile.TemporaryDirectory() as folder:
        queue, forwarder = _forwarder(folder, BATCH)
        running = asyncio.create_task(forwarder.run())
        for first in range(0, _MEMORY_EVENTS, _DISTINCT):
            await _put_all(queue, [(f"m{first + at}", body) for at, body in enumerate(bodies)])
            while queue.rows > _MOST_BEHIND:  # noqa: ASYNC110  the queue has no event for this
                await asyncio.sleep(0.01)
            if first + _DISTINCT == _MEMORY_EARLY:
                early = _peak_kb()
        await forwarder.stop(drain_s=600)
        await running
        await queue.close()
    return {"early_kb": early, "late_kb": _peak_kb()}


class _Latencies:
    """Keeps how long each event took."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def delivered(self, destination: str, subscription: str, message_id: str, latency_s: float) -> None:
        self.seconds.append(latency_s)

    def retried(self, destination: str, subscription: str, count: int) -> None: ...
    def dead(self, destination: str, subscription: str | None, message_id: str, reason: str) -> None: ...
    def unsent(self, destination: str, message_id: str) -> None: ...
    def paused(self, destination: str, reason: str) -> None: ...
    def recovered(self, destination: str) -> None: ...


async def _forward_at(rate: float | None, bodies: Sequence[bytes]) -> tuple[float, list[float]]:
    """Forwards events in groups of ten, at a rate or as fast as it goes.

    Returns:
        The time that it took, in seconds, and that of each event from received to acknowledged.
    """
    watch, group = _Latencies(), 10
    with tempfile.TemporaryDirectory() as folder:
        queue, forwarder = _forwarder(folder, 0, watch)
        running = asyncio.create_task(forwarder.run())
        begin = time.monotonic()
        for first in range(0, len(bodies), group):
            if rate is not None:
                await asyncio.sleep(begin + first / rate - time.monotonic())
            some, now = bodies[first : first + group], time.time()
            await queue.put([Accepted("wk", f"m{first + at}", body, now) for at, body in enumerate(some)])
        await forwarder.stop(drain_s=600)
        seconds = time.monotonic() - begin
        await running
        await queue.close()
    return seconds, watch.seconds


async def _latencies() -> dict[str, float]:
    bodies = [write_json(event) for event in make_events(_DISTINCT)]
    took, _ = await _forward_at(None, bodies)
    most = len(bodies) / took
    _, seconds = await _forward_at(most / 2, bodies)
    seconds.sort()
    at = [seconds[len(seconds) * share // 100] * 1000 for share in (50, 99)]
    return {"events": len(bodies), "most": round(most), "rate": round(most / 2), "median_ms": at[0], "late_ms": at[1]}


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(arguments: Sequence[str]) -> None:
    """Measures all rows, or does the work of one process."""
    match arguments:
        case ["forward", path, batch]:
            run_delivery(_forward(Path(path).read_bytes().splitlines(), int(batch)))
        case ["latency"]:
            print(json.dumps(run_delivery(_latencies())))
        case ["memory"]:
            print(json.dumps(run_delivery(_forward_a_million())))
        case _:
            print(text_table(list(forwarding_rows())))


if __name__ == "__main__":
    main(sys.argv[1:])
