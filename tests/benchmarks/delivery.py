"""The rows of delivery: `destination run` as a whole process, and the reference, to one collector."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.values import write_json
from tests.benchmarks.collector import Collector
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import all_cores
from tests.benchmarks.rows import BATCHES, SINGLE, Row
from tests.conformance.node import node_modules

GROUP = "Delivery"
IN_FLIGHT = 50
BATCH = 500
ROUNDS = 5

_DISTINCT = 10_000
_SINGLE, _BATCHED, _REFERENCE = 20_000, 200_000, 6_000
_MEMORY_EVENTS, _MEMORY_EARLY = 1_000_000, 100_000
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of one run.

    Attributes:
        rate: Events a second, without the start of the process.
        requests: The requests that the collector got.
        body_bytes: The mean length of their bodies.
    """

    rate: float
    requests: int
    body_bytes: int


def delivery_rows() -> Iterator[Row]:
    """All rows of the group, on all cores: the collector has its own, as a partner's server would."""
    with all_cores(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from rate_rows(folder)
        yield from memory_rows(folder)
        yield ledger_row(folder)
        yield workers_row(folder)


def rate_rows(folder: Path) -> Iterator[Row]:
    """Delivered events a second, one by one and in batches, over the reference's one by one."""
    few = _events_file(folder, "single.ndjson", _SINGLE)
    many = _events_file(folder, "batched.ndjson", _BATCHED)
    some = _events_file(folder, "reference.ndjson", _REFERENCE)
    with Collector() as collector:
        settings = _settings_file(folder, collector.endpoint)
        single, batched, reference = [], [], []
        for _ in range(ROUNDS):
            single.append(_run(collector, few, _SINGLE, settings, "--no-batch", "--concurrency", str(IN_FLIGHT)))
            batched.append(_run(collector, many, _BATCHED, settings, "--batch-size", str(BATCH)))
            reference.append(_reference(folder, some, collector.endpoint))
        theirs = statistics.median(reference)
        yield _rate_row(SINGLE, 4, single, theirs, collector)
        yield _rate_row(BATCHES, 15, batched, theirs, collector)


def _rate_row(name: str, bound: float, runs: list[Sent], theirs: float, collector: Collector) -> Row:
    median = sorted(runs, key=lambda run: run.rate)[len(runs) // 2]
    events = _SINGLE if median.requests >= _SINGLE else _BATCHED
    an_event = median.requests / events
    ceiling = collector.ceiling(median.body_bytes, min(median.requests, 30_000)) / an_event
    details = (
        f"{median.rate:,.0f}/s ÷ {theirs:,.0f}/s (the reference: one request an event); "
        f"{median.requests:,} requests of {median.body_bytes:,} bytes; the "
        f"collector alone takes {ceiling:,.0f} events/s"
    )
    return Row(GROUP, name, median.rate / theirs, "at least", bound, details)


def memory_rows(folder: Path) -> Iterator[Row]:
    """The sending process's peak over a million events in batches, with a report."""
    block = b"".join(write_json(event) + b"\n" for event in make_events(_DISTINCT))
    with Collector() as collector:
        settings = _settings_file(folder, collector.endpoint)
        report = str(folder / "report.html")
        process = subprocess.Popen(
            [*_command(), "-", "--settings", settings, "--batch-size", str(BATCH), "--report", report],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        assert process.stdin is not None
        early = 0
        written = [0]
        feeder = threading.Thread(target=_feed, args=(process, block, written))
        feeder.start()
        late = 0
        while process.poll() is None:
            # A pipe and the batches under way hold some thousands of events: what is written is nearly what is sent.
            late = max(late, _peak_kb(process.pid))
            if written[0] >= _MEMORY_EARLY + _DISTINCT and not early:
                early = late
            sleep(0.02)
        feeder.join()
        if process.returncode:
            raise RuntimeError(f"destination run ended with status {process.returncode}")
    note = f"{late / 1024:.0f} MB after {_MEMORY_EVENTS:,} events, {early / 1024:.0f} MB after {_MEMORY_EARLY:,}"
    yield Row(GROUP, "peak memory at the end: ÷ that after 100,000 events", late / early, "at most", 1.1, note)
    yield Row(GROUP, "peak memory", late / 1024, "at most", 200, note, unit="MB")


def _feed(process: "subprocess.Popen[bytes]", block: bytes, written: list[int]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as pipe:
        while written[0] < _MEMORY_EVENTS:
            pipe.write(block)
            written[0] += _DISTINCT


def _peak_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line.split() for line in status.splitlines()]
    return next((int(line[1]) for line in lines if line[0] == "VmHWM:"), 0)


def ledger_row(folder: Path) -> Row:
    """A run with a ledger over one without: the time of the events, to the collector."""
    file = _events_file(folder, "ledger.ndjson", _SINGLE)
    with Collector() as collector:
        settings = _settings_file(folder, collector.endpoint)
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for kept, found in rates.items():
                found.append(_run(collector, file, _SINGLE, settings, "--no-batch", ledger=kept).rate)
    slow, fast = statistics.median(rates[True]), statistics.median(rates[False])
    details = f"{_SINGLE:,} events one by one: {slow:,.0f}/s with, {fast:,.0f}/s without"
    return Row(GROUP, "a run with a ledger: time ÷ that without", fast / slow, "at most", 1.2, details)


def workers_row(folder: Path) -> Row:
    """Two processes over one, every request answered in the process that makes it, with a ledger."""
    file = _events_file(folder, "workers.ndjson", _BATCHED)
    settings = _settings_file(folder, "http://127.0.0.1:9/v1")
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, found in rates.items():
            found.append(_stubbed(file, settings, "--workers", str(workers)))
    one, two = statistics.median(rates[1]), statistics.median(rates[2])
    details = f"{_BATCHED:,} events, stubbed transport, ledger on: {two:,.0f}/s ÷ {one:,.0f}/s"
    return Row(GROUP, "events a second with 2 workers: ÷ those with 1", two / one, "at least", 1.6, details)


# --- running -------------------------------------------------------------------------------------------------


def _run(collector: Collector, file: Path, events: int, settings: str, *options: str, ledger: bool = False) -> Sent:
    requests, size = collector.counts()
    summary = _summary([*_command(), str(file), "--settings", settings, *options], file, ledger=ledger)
    sent = sum(item["sent"] for item in summary["subscriptions"])
    if sent != events:
        raise RuntimeError(f"{sent} of {events} events were delivered: {summary['reasons']}")
    now_requests, now_size = collector.counts()
    came = now_requests - requests
    return Sent(events / summary["seconds"], came, (now_size - size) // came)


def _stubbed(file: Path, settings: str, *options: str) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.stubbed_run", "run", str(file), "--settings", settings]
    summary = _summary([*command, *options, "--json"], file, ledger=True)
    return float(summary["events"] / summary["seconds"])


def _summary(command: list[str], file: Path, *, ledger: bool) -> Any:
    place = Path(f"{file}.ledger")
    for part in place.parent.glob(f"{place.name}*"):
        part.unlink()
    options = ["--ledger", str(place)] if ledger else ["--no-ledger"]
    done = subprocess.run(
        [*command, *options, *([] if "--json" in command else ["--json"])],
        capture_output=True,
        env=_environment(),
        cwd=_ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"destination run ended with status {done.returncode}: {done.stderr.decode()[-500:]}")
    return json.loads(done.stdout)


def _reference(folder: Path, file: Path, endpoint: str) -> float:
    subscriptions = [item.to_json() for item in absmartly.preset_subscriptions()]
    settings = folder / "settings.json"
    settings.write_bytes(write_json({**_settings(endpoint), "subscriptions": subscriptions}))
    script = Path(__file__).with_name("reference_delivery.js")
    done = subprocess.run(
        ["node", str(script), str(file), str(settings), str(IN_FLIGHT), "1000"],
        stdout=subprocess.PIPE,
        env={**os.environ, "NODE_PATH": str(node_modules()), "NODE_ENV": "production"},
        check=True,
    )
    answer = json.loads(done.stdout)
    return float(answer["events"] / answer["seconds"])


def _command() -> list[str]:
    return [sys.executable, "-m", "destination", "run"]


def _environment() -> dict[str, str]:
    return {**os.environ, "TZ": "UTC", "PYTHONPATH": str(_ROOT)}


def _settings(endpoint: str) -> dict[str, str]:
    return {"collectorEndpoint": endpoint, "apiKey": "benchmark-key", "environment": "production"}


def _settings_file(folder: Path, endpoint: str) -> str:
    file = folder / "settings.toml"
    file.write_text("".join(f'{key} = "{value}"\n' for key, value in _settings(endpoint).items()), encoding="utf-8")
    return str(file)


def _events_file(folder: Path, name: str, count: int) -> Path:
    file = folder / name
    lines = [write_json(event) + b"\n" for event in make_events(min(count, _DISTINCT))]
    with file.open("wb") as out:
        for begin in range(0, count, len(lines)):
            out.writelines(lines[: count - begin])
    return file
