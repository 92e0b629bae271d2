"""kill -9 at random moments, then --resume: every event arrives, and only what was in flight arrives twice."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly.collector import API_KEY
from tests.delivery.faulty import FaultyCollector, write_many, write_mappings
from tests.kit import PATIENCE_S
from tests.thorough import rarely


class _Signalling(FaultyCollector):
    """Tells when so many requests have come."""

    def __init__(self) -> None:
        super().__init__(self._count, delay_s=0.004)
        self.reached = threading.Event()
        self.wanted = 0

    def _count(self, number: int) -> None:
        if number >= self.wanted:
            self.reached.set()


def start(
    folder: Path, *arguments: str | Path, form: tuple[str, ...] = ("--json",), **options: Any
) -> "subprocess.Popen[bytes]":
    """`destination run` of the folder's events in a process of its own."""
    command = [sys.executable, "-m", "destination", "run", "events.ndjson", "-s", "settings.toml"]
    return subprocess.Popen(
        [*command, "-m", "mappings.json", "--errors", "failed.ndjson", *form, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "ABSMARTLY_API_KEY": API_KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def prepare(folder: Path, collector: FaultyCollector, count: int) -> None:
    write_many(folder / "events.ndjson", count)
    write_mappings(folder / "mappings.json")
    collector.settings(folder)


def ledger_rows(folder: Path) -> list[tuple[int, int, int, int]]:
    """Position, subscription, request and state, in order."""
    connection = sqlite3.connect(folder / "events.ndjson.ledger")
    try:
        return connection.execute("SELECT position, subscription, request, state FROM settled").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kills", "count", "in_flight", "arguments"),
    [
        (1, 300, 16, ("--no-batch", "--concurrency", "16")),
        rarely(10, 4_000, 40, ("--batch-size", "10", "--concurrency", "4")),
        rarely(10, 1_500, 16, ("--no-batch", "--concurrency", "16")),
        rarely(3, 2_000, 40, ("--batch-size", "10", "--concurrency", "4", "--workers", "2")),
    ],
    ids=["once", "batches", "single", "workers"],
)
def test_kills_lose_nothing_and_resend_only_what_was_in_flight(
    tmp_path: Path, kills: int, count: int, in_flight: int, arguments: tuple[str, ...]
) -> None:
    moments = random.Random(f"{count}{arguments}")
    per_run = count // (1 if "--no-batch" in arguments else 10) // (kills + 2)
    with _Signalling() as collector:
        prepare(tmp_path, collector, count)
        for run in range(kills):
            collector.wanted = collector.requests + moments.randrange(per_run // 2, per_run)
            collector.reached.clear()
            before = collector.seen.copy()
            process = start(tmp_path, *arguments, *(["--resume"] if run else []))
            assert collector.reached.wait(PATIENCE_S), process.communicate(timeout=PATIENCE_S)
            if kills > 1:
                threading.Event().wait(moments.random() * 0.01)  # anywhere between two requests
            process.kill()
            process.communicate(timeout=PATIENCE_S)
            assert process.returncode == -signal.SIGKILL
            again = sum(1 for event in collector.seen if before[event] and collector.seen[event] > before[event])
            assert again <= in_flight
            if "--workers" in arguments:  # they end when they see that whoever started them is dead
                while _is_in_use(tmp_path):
                    threading.Event().wait(0.01)
        process = start(tmp_path, *arguments, "--resume")
        output, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, errors
        assert len(collector.taken) == count
        assert sum(collector.seen.values()) - count <= kills * in_flight
    assert sorted(ledger_rows(tmp_path)) == [(position, 0, 0, 1) for position in range(1, count + 1)]
    summary = json.loads(output)
    assert summary["skipped"] + summary["events"] == count
    assert summary["failed"] == 0


def _is_in_use(folder: Path) -> bool:
    import fcntl

    with (folder / "events.ndjson.ledger").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
