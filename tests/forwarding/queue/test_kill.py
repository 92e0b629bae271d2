"""kill -9 at random moments of a process that puts and settles: what was accepted is settled or still there."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from destination.forwarding.queue import Queue
from tests.forwarding.events import names
from tests.kit import PATIENCE_S

ROOT = Path(__file__).parents[3]

IN_FLIGHT = 64 + 256 + 256
"""The events that may come again: a block that was read, and settled ones that were not on the disk."""


def killed(path: Path, first: int, lines: int) -> list[str]:
    """Starts the process, kills it after it wrote that number of lines, and returns everything that it wrote."""
    command = [sys.executable, "-m", "tests.forwarding.queue.putting_and_settling", str(path), str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    with process.stdout as output:
        written = [output.readline() for _ in range(lines)]
        process.kill()
        rest = output.read()  # not by `communicate`, which would leave out what `readline` has read ahead
    process.wait(PATIENCE_S)
    assert process.returncode == -signal.SIGKILL
    found = b"".join(written) + rest
    return found[: found.rfind(b"\n") + 1].decode().splitlines()


def left_in(path: Path) -> dict[str, list[str]]:
    """The events that each destination has not settled, after the counts of the file were checked."""

    async def read() -> dict[str, list[str]]:
        queue = Queue(path, {"a": None, "b": None})
        found = {name: await names(queue, name) for name in ("a", "b")}
        for name, left in found.items():
            assert queue.depth(name).rows == len(left)
        assert queue.rows == len({*found["a"], *found["b"]})
        await queue.close()
        return found

    found = asyncio.run(read())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        ((rows, size),) = connection.execute("SELECT count(*), sum(length(body)) FROM events").fetchall()
        assert connection.execute("SELECT rows, bytes FROM totals").fetchall() == [(rows, size or 0)]
    return found


def _kill_and_check(path: Path, seed: int, kills: int, most_lines: int) -> None:
    moments = random.Random(seed)
    accepted: set[str] = set()
    settled: dict[str, set[str]] = defaultdict(set)
    for number in range(kills):
        first = number * 1_000_000
        for line in killed(path, first, moments.randrange(1, most_lines)):
            kind, *values = line.split()
            if kind == "+":
                accepted.update(f"m{int(values[0]) + offset}" for offset in range(int(values[1])))
            else:
                settled[values[0]].add(values[1])
        left = left_in(path)
        for name, found in left.items():
            assert len(set(found)) == len(found)
            assert accepted <= settled[name] | set(found), "lost"
            again = settled[name] & set(found)
            assert len(again) <= IN_FLIGHT
            settled[name] -= again


def test_three_kills_lose_nothing(tmp_path: Path) -> None:
    _kill_and_check(tmp_path / "queue.db", 1, 3, 2_000)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_many_kills_lose_nothing(tmp_path: Path, seed: int) -> None:
    _kill_and_check(tmp_path / "queue.db", seed, 12, 20_000)
