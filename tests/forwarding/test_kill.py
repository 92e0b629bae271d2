"""kill -9 of a forwarder while clients send and the collector misbehaves: nothing that was answered 200 is lost."""

import asyncio
import random
import signal
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from destination.forwarding.dead_letter_file import read_dead_letters
from tests.delivery.faulty import FAULTS, Choose, FaultyCollector, seeded, write_mappings
from tests.forwarding.running import await_empty, fixed_port, running, write_config
from tests.forwarding.sending import Clients, numbered_events

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")

_CONCURRENCY, _BATCH = 4, 20
IN_FLIGHT = _CONCURRENCY * _BATCH + 256 + 256
"""The events that may come again after a kill: those in requests, and settled ones that were not on the disk."""

_LOST_ANSWERS = ("reset", "malformed")
"""What the collector takes without an answer that says so: the forwarder has to send it again."""


class CountingCollector(FaultyCollector):
    """Counts what it takes with an answer that says so.

    Attributes:
        answered: How often each event was taken so.
    """

    def __init__(self, choose: Choose) -> None:
        super().__init__(self._note, slow_s=0.2)
        self.answered: Counter[str] = Counter()
        self._chosen = choose
        self._fault_of: dict[asyncio.Task[None] | None, str | None] = {}  # each connection is a task

    def _note(self, number: int) -> str | None:
        fault = self._chosen(number)
        self._fault_of[asyncio.current_task()] = fault
        return fault

    def _take(self, ids: list[str]) -> None:
        super()._take(ids)
        if self._fault_of.get(asyncio.current_task()) not in _LOST_ANSWERS:
            self.answered.update(ids)


def _kill_and_check(folder: Path, *, seed: int, count: int, kills: int, faults: tuple[str, ...] = FAULTS) -> None:
    moments = random.Random(seed)
    part = count // (kills + 1)
    with CountingCollector(seeded(seed, 0.15, faults)) as collector:
        write_mappings(folder / "mappings.json")
        more = f'mappings = "mappings.json"\nconcurrency = {_CONCURRENCY}\nbatch_size = {_BATCH}\n'
        config = write_config(folder, collector.endpoint, more)
        url = fixed_port(config)
        with Clients(url, numbered_events(count), seed=seed) as clients:
            for number in range(kills):
                with running(config) as forwarder:
                    clients.await_accepted(part * number + moments.randrange(1, part))
                    threading.Event().wait(moments.random() * 0.02)  # anywhere between two commits
                    forwarder.process.kill()
                    assert forwarder.end()[0] == -signal.SIGKILL
            with running(config) as forwarder:
                clients.join()
                await_empty(forwarder)
                assert forwarder.end(signal.SIGTERM)[0] == 0
        dead = {str(letter.message_id) for letter in read_dead_letters(folder / "dead.ndjson")}
    everything = {f"m{number}" for number in range(1, count + 1)}
    assert clients.accepted == everything
    assert everything - collector.taken.keys() - dead == set(), "lost"
    assert dead <= collector.refused
    again = sum(collector.answered.values()) - len(collector.answered)
    assert again <= kills * IN_FLIGHT
    assert {"500", "429", "reset", "slow", "none"} <= collector.faults.keys() or count < 1_000


def test_one_kill_loses_nothing(tmp_path: Path) -> None:
    _kill_and_check(tmp_path, seed=3, count=500, kills=1)


@pytest.mark.thorough
def test_ten_kills_lose_nothing_of_20_000_events(tmp_path: Path) -> None:
    _kill_and_check(tmp_path, seed=1, count=20_000, kills=10)
