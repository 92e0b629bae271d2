"""Whose events reach which destination: by write key, for a name that leaves and returns, and after a restart."""

import signal
import sys
from pathlib import Path

import pytest

from tests.delivery.faulty import FaultyCollector, write_mappings
from tests.forwarding.running import Running, await_empty, running, settings_table, write_config
from tests.forwarding.sending import numbered_events

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX")


def _send(forwarder: Running, key: str, *numbers: int) -> None:
    events = numbered_events(max(numbers))
    body = {"writeKey": key, "batch": [events[number - 1] for number in numbers]}
    assert forwarder.client.post(f"{forwarder.http}/v1/batch", json=body).status_code == 200


@pytest.mark.thorough
def test_keys_decide_and_a_name_that_returns_gets_what_was_accepted_while_it_was_there(tmp_path: Path) -> None:
    write_mappings(tmp_path / "mappings.json")
    with FaultyCollector() as first, FaultyCollector(lambda _number: "503") as second:
        config = write_config(tmp_path, first.endpoint, 'mappings = "mappings.json"\n', top="")
        text = config.read_text().replace('["wk-s3cr3t-1"]', '{ "wk-of-a" = ["shop"], "wk-of-both" = ["shop", "b"] }')
        other = (
            f'[[destinations]]\nname = "b"\nslug = "actions-absmartly"\nmappings = "mappings.json"\n'
            f"attempts = 1000\n{settings_table(second.endpoint)}"
        )
        config.write_text(text + other)
        with running(config) as forwarder:
            _send(forwarder, "wk-of-a", 1)
            _send(forwarder, "wk-of-both", 2)
            _send(forwarder, "wk-of-both", 2, 3)
            await_empty(forwarder, "shop")
            config.write_text(text.replace('["shop", "b"]', '["shop"]'))
            assert forwarder.ask("POST", "/-/reload").json()["changed"] == ["write keys", "b removed", "shop loaded"]
            _send(forwarder, "wk-of-both", 4)
            await_empty(forwarder, "shop")
            assert forwarder.end(signal.SIGTERM)[0] == 0
        config.write_text(text + other.replace(second.endpoint, first.endpoint))
        with running(config) as forwarder:
            _send(forwarder, "wk-of-both", 2, 4, 5)
            _send(forwarder, "wk-of-a", 2)  # of another key: no duplicate
            await_empty(forwarder)
            assert forwarder.end(signal.SIGTERM)[0] == 0
    # By shop: 1, 2, 3, 4, 5 and the 2 of the other key; by b: 2 and 3, which waited for it, and 5.
    assert first.taken == {"m1": 1, "m2": 3, "m3": 2, "m4": 1, "m5": 2}
    assert not second.taken
