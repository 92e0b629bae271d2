"""Reloads and stops while clients send: every event arrives exactly once."""

import signal
import sys
from pathlib import Path

import pytest

from tests.delivery.faulty import FaultyCollector, write_mappings
from tests.forwarding.running import Running, await_empty, fixed_port, running, write_config
from tests.forwarding.sending import Clients, numbered_events

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX")

COUNT, PARTS = 2_000, 4


def _reload(forwarder: Running, outcome: str) -> None:
    """Has it load its configuration, and waits for the line of the log that says what came of it."""
    forwarder.log.clear()
    forwarder.process.send_signal(signal.SIGHUP)
    forwarder.await_line(outcome)


@pytest.mark.thorough
def test_reloads_broken_files_and_stops_in_the_middle_of_a_load_lose_and_double_nothing(tmp_path: Path) -> None:
    mappings = write_mappings(tmp_path / "mappings.json")
    good = mappings.read_text()
    with FaultyCollector(delay_s=0.002) as collector:
        config = write_config(tmp_path, collector.endpoint, 'mappings = "mappings.json"\nconcurrency = 4\n')
        url = fixed_port(config)
        with Clients(url, numbered_events(COUNT), seed=11) as clients:
            for part in range(PARTS):
                with running(config, "--drain", "3600") as forwarder:
                    clients.await_accepted(COUNT // PARTS * part)
                    mappings.write_text(good[:-2])
                    _reload(forwarder, "not reloaded")
                    mappings.write_text(good)
                    _reload(forwarder, "reloaded")
                    clients.await_accepted(COUNT // PARTS * part + COUNT // PARTS // 2)
                    _reload(forwarder, "reloaded")
                    assert forwarder.end(signal.SIGTERM)[0] == 0
            with running(config) as forwarder:
                clients.join()
                await_empty(forwarder)
                assert forwarder.end(signal.SIGTERM)[0] == 0
    assert len(clients.accepted) == COUNT
    assert set(collector.taken) == clients.accepted
    assert set(collector.taken.values()) == {1}
    assert (tmp_path / "dead.ndjson").read_bytes() == b""
