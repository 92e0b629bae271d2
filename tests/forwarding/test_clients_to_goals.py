"""Segment's own clients, a forwarder in a process of its own, and the collector: each event becomes its goal, once."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from tests.conformance.node import Oracle, OracleUnavailableError
from tests.forwarding.http.real_clients import absent, send_with_browser, send_with_node, send_with_python
from tests.forwarding.running import WRITE_KEY, Running, await_empty, running, write_config
from tests.thorough import some

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX")

KINDS = ("alias", "group", "identify", "page", "screen", "track")
MAPPING = {
    "name": {"@template": "{{type}}: {{event}}{{name}}"},
    "units": {"userId": {"@path": "$.userId"}, "anonymousId": {"@path": "$.anonymousId"}},
    "properties": {
        "properties": {"@path": "$.properties"},
        "traits": {"@path": "$.traits"},
        "library": {"@path": "$.context.library"},
        "messageId": {"@path": "$.messageId"},
        "receivedAt": {"@path": "$.receivedAt"},
    },
    "achievedAt": {"@path": "$.originalTimestamp"},
    "timestamp": {"@path": "$.timestamp"},
}
SUBSCRIPTIONS = [
    {
        "name": "All",
        "subscribe": " or ".join(f'type = "{kind}"' for kind in KINDS),
        "partnerAction": "trackGoal",
        "mapping": MAPPING,
    }
]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    try:
        found = Oracle()
    except OracleUnavailableError as error:
        absent(f"Segment's runtime cannot run here: {error}")
    with found:
        yield found


def _browser(folder: Path, forwarder: Running, port: int, *, batching: bool) -> None:
    def is_done() -> bool:
        return len(forwarder.events()) >= len(KINDS)

    send_with_browser(WRITE_KEY, port, folder / "browser", batching=batching, is_done=is_done)


@pytest.fixture
def embedded() -> Iterator[EmbeddedCollector]:
    with EmbeddedCollector() as collector:
        yield collector


SENDERS: dict[str, Callable[[Path, Running, int], None]] = {
    "python": lambda _folder, _forwarder, port: send_with_python(WRITE_KEY, port),
    "python gzip": lambda _folder, _forwarder, port: send_with_python(WRITE_KEY, port, gzip=True),
    "python sync": lambda _folder, _forwarder, port: send_with_python(WRITE_KEY, port, sync_mode=True),
    "node": lambda _folder, _forwarder, port: send_with_node(WRITE_KEY, port),
    "browser": lambda folder, forwarder, port: _browser(folder, forwarder, port, batching=False),
    "browser batching": lambda folder, forwarder, port: _browser(folder, forwarder, port, batching=True),
}


@pytest.mark.parametrize("client", some(SENDERS))
def test_each_event_of_a_client_becomes_the_goal_that_the_reference_makes_of_it(
    tmp_path: Path, embedded: EmbeddedCollector, oracle: Oracle, client: str
) -> None:
    (tmp_path / "mappings.json").write_text(json.dumps(SUBSCRIPTIONS))
    config = write_config(tmp_path, embedded.endpoint, 'mappings = "mappings.json"\n')
    with running(config) as forwarder:
        SENDERS[client](tmp_path, forwarder, int(forwarder.http.rpartition(":")[2]))
        await_empty(forwarder)
        stored = [one["event"] for one in forwarder.events()]
        assert forwarder.end(signal.SIGTERM)[0] == 0
    assert sorted(event["type"] for event in stored) == sorted(KINDS)
    args = {"settings": embedded.settings, "subscriptions": SUBSCRIPTIONS}
    answers = oracle.ask(("destination.on_event", {**args, "event": event}) for event in stored)
    expected = [request["body"] for answer in answers for request in answer["ok"]["requests"]]
    assert len(expected) == len(KINDS)
    received = _canonical(item["event"] for item in embedded.received)
    # The key is in the address of the browser's page; what the admin port shows has no key.
    assert [text.replace(WRITE_KEY, "<redacted>") for text in received] == _canonical(expected)


def _canonical(events: Any) -> list[str]:
    """Publish requests in an order of their own, without the moment of sending."""
    return sorted(json.dumps({**event, "publishedAt": 0}, sort_keys=True) for event in events)
