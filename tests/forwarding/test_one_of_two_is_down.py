"""A destination that is down the whole time holds back no other, and keeps its events."""

import signal
import sys
from pathlib import Path

import pytest

from destination.listening import open_socket
from tests.delivery.faulty import FaultyCollector, write_mappings
from tests.forwarding.running import await_empty, running, settings_table, write_config
from tests.forwarding.sending import Clients, numbered_events

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX")

COUNT = 600


@pytest.mark.thorough
def test_everything_reaches_the_other_and_the_rest_waits(tmp_path: Path) -> None:
    write_mappings(tmp_path / "mappings.json")
    with FaultyCollector() as collector, open_socket("127.0.0.1", 0) as free:
        gone = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        free.close()
        config = write_config(tmp_path, collector.endpoint, 'mappings = "mappings.json"\n')
        config.write_text(
            f'{config.read_text()}[[destinations]]\nname = "down"\nslug = "actions-absmartly"\n'
            f'mappings = "mappings.json"\ndead_letters = "down.ndjson"\n{settings_table(gone)}'
        )
        with running(config) as forwarder:
            with Clients(forwarder.http, numbered_events(COUNT), seed=5) as clients:
                clients.join()
            await_empty(forwarder, "shop")
            forwarder.await_line("paused", destination="down")
            found = forwarder.ask("GET", "/readyz")
            assert found.status_code == 200
            assert list(found.json()["paused"]) == ["down"]
            assert found.json()["destinations"]["down"]["waiting"] == COUNT
            assert f'destination_queue_rows{{destination="down"}} {COUNT}.0' in forwarder.ask("GET", "/metrics").text
            forwarder.process.send_signal(signal.SIGTERM)
            assert forwarder.end()[0] == 0
            assert forwarder.await_line("stopped")["left"] == {"shop": 0, "down": COUNT}
        assert clients.refusals == []
        assert set(collector.taken) == {f"m{number}" for number in range(1, COUNT + 1)}
        assert set(collector.taken.values()) == {1}
        assert (tmp_path / "down.ndjson").read_bytes() == b""
        config.write_text(config.read_text().replace(gone, collector.endpoint))
        with running(config) as forwarder:
            await_empty(forwarder)
            assert forwarder.end(signal.SIGTERM)[0] == 0
        assert set(collector.taken.values()) == {2}
