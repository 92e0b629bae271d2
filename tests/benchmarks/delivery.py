"""The rows of delivery: `destination run` as a whole process, and the reference, to one collector.

`python -m tests.benchmarks.delivery` measures all of them in about 20 minutes. With names it measures only those:
`single`, `batches`, `memory`, `large`, `ledger`, `workers`. `single-Node-TLS` and so on are parts of `single`.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.values import write_json
from tests.benchmarks.collector import Certificate, Collector, Kind
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import all_cores
from tests.benchmarks.rows import BATCHES, SINGLE, Row, text_table
from tests.conformance.node import node_modules

GROUP = "Delivery"
IN_FLIGHT = 50
BATCH = 500
ROUNDS = 3

_DISTINCT = 10_000
_SINGLE, _BATCHED, _REFERENCE = 20_000, 200_000, 6_000
_MEMORY_EVENTS, _MEMORY_EARLY = 1_000_000, 100_000
_LARGE_EVENTS, _LARGE_BYTES = 3_000, 200_000
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of one run.

    Attributes:
        events: The number of events.
        seconds: Its time, without the start of the process.
        cpu: The CPU time of the process (user and system), in seconds: for the reference without its start, for
            `destination run` with it.
        requests: The requests that the collector got.
        body_bytes: The mean length of their bodies.
    """

    events: int
    seconds: float
    cpu: float
    requests: int = 0
    body_bytes: int = 0

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def delivery_rows(names: tuple[str, ...] = ()) -> Iterator[Row]:
    """All rows of the group, on all cores: the collector has its own, as a partner's server would.

    Args:
        names: The rows that are measured; by default all.
    """
    parts: dict[str, Callable[[Path], Iterator[Row]]] = {
        f"single-{kind}-{'TLS' if secure else 'plain'}": partial(single_rows, kind=kind, secure=secure)
        for kind in _KINDS
        for secure in (False, True)
    }
    parts |= {
        "batches": batch_rows,
        "memory": memory_rows,
        "large": large_row,
        "ledger": ledger_row,
        "workers": workers_row,
    }
    for name, measure in parts.items():
        if not names or name in names or name.partition("-")[0] in names:
            with all_cores(), tempfile.TemporaryDirectory() as folder:
                yield from measure(Path(folder))


_KINDS: tuple[Kind, ...] = ("Python", "Node")


def single_rows(folder: Path, *, kind: Kind, secure: bool) -> Iterator[Row]:
    """One request an event: the CPU time of an event and the events a second, over the reference's.

    Args:
        folder: The folder for files.
        kind: What the collector runs on.
        secure: Whether requests use TLS, with a certificate that its own issuer signed.
    """
    few = _events_file(folder, "single.ndjson", _SINGLE)
    one = _events_file(folder, "one.ndjson", 1)
    some = _events_file(folder, "reference.ndjson", _REFERENCE)
    certificate = Certificate.make(folder) if secure else None
    with Collector(kind, certificate) as collector:
        ours, starts, theirs = [], [], []
        options = ("--no-batch", "--concurrency", str(IN_FLIGHT))
        for _ in range(ROUNDS):
            ours.append(_run(folder, collector, few, _SINGLE, *options))
            starts.append(_run(folder, collector, one, 1, *options))
            theirs.append(_reference(folder, some, collector))
    where = f"{'TLS' if secure else 'plain HTTP'}, collector on {kind}"
    start = min(sent.cpu for sent in starts)
    here = (min(sent.cpu for sent in ours) - start) / _SINGLE
    there = min(sent.cpu / sent.events for sent in theirs)
    details = (
        f"{here * 1e6:.0f} µs an event, without {start * 1e3:.0f} ms to start; reference {there * 1e6:.0f} µs, without "
        f"its start; least of {ROUNDS} rounds; {_SINGLE:,} events, {IN_FLIGHT} requests in flight"
    )
    yield Row(
        GROUP, f"one request an event, {where}: CPU time of the reference ÷ ours", there / here, "at least", 4, details
    )
    median, reference = _median(ours), _median(theirs).rate
    details = f"{median.rate:,.0f}/s ÷ {reference:,.0f}/s; {median.requests:,} requests of {median.body_bytes:,} bytes"
    name = (
        SINGLE
        if kind == "Python" and not secure
        else f"events delivered a second, one by one, {where}: ÷ the reference's"
    )
    yield Row(GROUP, name, median.rate / reference, "at least", 4, details)


def batch_rows(folder: Path) -> Iterator[Row]:
    """Batches over the reference one by one: CPU time, start of the process included, and rate."""
    many = _events_file(folder, "batched.ndjson", _BATCHED)
    some = _events_file(folder, "reference.ndjson", _REFERENCE)
    with Collector() as collector:
        batched, reference = [], []
        for _ in range(ROUNDS):
            batched.append(_run(folder, collector, many, _BATCHED, "--batch-size", str(BATCH)))
            reference.append(_reference(folder, some, collector))
        median, theirs = _median(batched), _median(reference)
        ceiling = collector.ceiling(median.body_bytes, median.requests) * _BATCHED / median.requests
    here, there = min(sent.cpu for sent in batched) / _BATCHED, min(sent.cpu / sent.events for sent in reference)
    details = (
        f"{here * 1e6:.1f} µs an event of {_BATCHED:,}, with the start of the process; reference {there * 1e6:.0f} µs, "
        f"one request an event, without its start; least of {ROUNDS} rounds"
    )
    yield Row(GROUP, f"batches of {BATCH}: CPU time of the reference ÷ ours", there / here, "at least", 20, details)
    details = (
        f"{median.rate:,.0f}/s ÷ {theirs.rate:,.0f}/s (the reference: one request an event); {median.requests:,} "
        f"requests of {median.body_bytes:,} bytes; the collector alone takes {ceiling:,.0f} events/s"
    )
    yield Row(GROUP, BATCHES, median.rate / theirs.rate, "at least", 15, details)


def _median(runs: list[Sent]) -> Sent:
    return sorted(runs, key=lambda run: run.rate)[len(runs) // 2]


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


def large_row(folder: Path) -> Iterator[Row]:
    """The sending process's peak with large events in batches, which are limited by their bytes."""
    file = folder / "large.ndjson"
    with file.open("wb") as out:
        for event in make_events(_LARGE_EVENTS):
            if not isinstance(event.get("properties"), dict):
                event["properties"] = {}
            # Many small objects: of all JSON, they take the most memory for their length.
            event["properties"]["notes"] = [{"a": number} for number in range(1_000, 1_000 + _LARGE_BYTES // 11)]
            out.write(write_json(event) + b"\n")
    with Collector() as collector:
        settings = _settings_file(folder, collector.endpoint)
        process = subprocess.Popen(
            [*_command(), str(file), "--settings", settings, "--batch-size", str(BATCH)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, _peak_kb(process.pid))
            sleep(0.02)
        requests, _ = collector.counts()
    if process.returncode:
        raise RuntimeError(f"destination run ended with status {process.returncode}")
    details = f"{_LARGE_EVENTS:,} events of {_LARGE_BYTES:,} bytes, full of small objects, in {requests:,} requests"
    yield Row(GROUP, "peak memory with large events", peak / 1024, "at most", 150, details, unit="MB")


def ledger_row(folder: Path) -> Iterator[Row]:
    """A run with a ledger over one without: the time of the events, to the collector."""
    file = _events_file(folder, "ledger.ndjson", _SINGLE)
    with Collector() as collector:
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for kept, found in rates.items():
                found.append(_run(folder, collector, file, _SINGLE, "--no-batch", ledger=kept).rate)
    slow, fast = statistics.median(rates[True]), statistics.median(rates[False])
    details = f"{_SINGLE:,} events one by one: {slow:,.0f}/s with, {fast:,.0f}/s without"
    yield Row(GROUP, "a run with a ledger: time ÷ that without", fast / slow, "at most", 1.2, details)


def workers_row(folder: Path) -> Iterator[Row]:
    """Two processes over one, every request answered in the process that makes it, with a ledger."""
    file = _events_file(folder, "workers.ndjson", _BATCHED)
    settings = _settings_file(folder, "http://127.0.0.1:9/v1")
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, found in rates.items():
            found.append(_stubbed(file, settings, "--workers", str(workers)))
    one, two = statistics.median(rates[1]), statistics.median(rates[2])
    details = f"{_BATCHED:,} events, stubbed transport, ledger on: {two:,.0f}/s ÷ {one:,.0f}/s"
    yield Row(GROUP, "events a second with 2 workers: ÷ those with 1", two / one, "at least", 1.7, details)


# --- running -------------------------------------------------------------------------------------------------


def _run(folder: Path, collector: Collector, file: Path, events: int, *options: str, ledger: bool = False) -> Sent:
    trusted = [] if collector.certificate is None else ["--ca-file", str(collector.certificate.issuer)]
    settings = _settings_file(folder, collector.endpoint)
    requests, size = collector.counts()
    before = _spent_by_children()
    summary = _summary([*_command(), str(file), "--settings", settings, *trusted, *options], file, ledger=ledger)
    cpu = _spent_by_children() - before
    sent = sum(item["sent"] for item in summary["subscriptions"])
    if sent != events:
        raise RuntimeError(f"{sent} of {events} events were delivered: {summary['reasons']}")
    now_requests, now_size = collector.counts()
    came = now_requests - requests
    return Sent(events, summary["seconds"], cpu, came, (now_size - size) // came)


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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


def _reference(folder: Path, file: Path, collector: Collector) -> Sent:
    subscriptions = [item.to_json() for item in absmartly.preset_subscriptions()]
    settings = folder / "settings.json"
    settings.write_bytes(write_json({**_settings(collector.endpoint), "subscriptions": subscriptions}))
    script = Path(__file__).with_name("reference_delivery.js")
    environment = {**os.environ, "NODE_PATH": str(node_modules()), "NODE_ENV": "production"}
    if collector.certificate is not None:
        environment["NODE_EXTRA_CA_CERTS"] = str(collector.certificate.issuer)
    done = subprocess.run(
        ["node", str(script), str(file), str(settings), str(IN_FLIGHT), "1000"],
        stdout=subprocess.PIPE,
        env=environment,
        check=True,
    )
    answer = json.loads(done.stdout)
    return Sent(answer["events"], answer["seconds"], answer["cpu"])


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


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    for row in delivery_rows(tuple(sys.argv[1:])):
        print(text_table([row]).splitlines()[1], flush=True)
