"""20,000 events through a collector that misbehaves: each ends acknowledged or dead-lettered, once in the ledger."""

import json
import sqlite3
from pathlib import Path

import pytest

from destination.catalog.absmartly import absmartly
from destination.catalog.absmartly.collector import API_KEY
from destination.definition.given.mappings import GivenMappings, read_mappings
from destination.delivery import (
    AcknowledgingTransport,
    ByteInput,
    DeadLetters,
    Delivery,
    DeliveryOptions,
    EventSource,
    Ledger,
    Report,
    RetryPolicy,
    RunIdentity,
)
from destination.delivery.ledger import ACKNOWLEDGED, DEAD
from destination.request import HttpxTransport
from tests.delivery.faulty import Choose, FaultyCollector, seeded, write_many, write_mappings

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.thorough,  # test_simulation.py has such faults in virtual time
    # A time limit that ends a request while httpx connects leaves the socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
EVENTS = 20_000
_QUICK = RetryPolicy(attempts=8, retry_for_s=30, base_s=0.01, longest_s=0.2, longest_pause_s=0.2)


async def _deliver(
    folder: Path, collector: FaultyCollector, count: int, options: DeliveryOptions, *, resume: bool = False
) -> Report:
    """Through the real transport, with ledger and file of failed events."""
    file = folder / "events.ndjson"
    if not resume:
        write_many(file, count)
    instance = absmartly.instance(
        {"collectorEndpoint": collector.endpoint, "apiKey": API_KEY, "environment": "test"},
        read_mappings(GivenMappings((str(write_mappings(folder / "mappings.json")),)), absmartly, print),
        transport=AcknowledgingTransport(HttpxTransport()),
    )
    identity = RunIdentity.of("events.ndjson", file, instance)
    with ByteInput.open(file) as data, Ledger(folder / "ledger", identity, resume=resume) as ledger:
        letters = DeadLetters(folder / "failed.ndjson", "events.ndjson", run=ledger.run, append=resume)
        async with instance:
            delivery = Delivery(instance, failures=letters, options=options, ledger=ledger)
            report = await delivery.run(EventSource(data))
        letters.close()
    return report


def _check_every_event_is_settled_once(folder: Path, count: int, collector: FaultyCollector) -> tuple[int, int]:
    """So many are acknowledged and so many dead-lettered."""
    connection = sqlite3.connect(folder / "ledger")
    rows = connection.execute("SELECT position, subscription, request, state, message_id FROM settled").fetchall()
    connection.close()
    assert sorted(row[:3] for row in rows) == [(position, 0, 0) for position in range(1, count + 1)]
    assert all(message_id == f"m{position}" for position, _, _, _, message_id in rows)
    acknowledged = {row[4] for row in rows if row[3] == ACKNOWLEDGED}
    dead = {row[4] for row in rows if row[3] == DEAD}
    assert len(acknowledged) + len(dead) == count
    letters = [json.loads(line) for line in (folder / "failed.ndjson").read_text().splitlines()]
    assert sorted(letter["event"]["messageId"] for letter in letters) == sorted(dead)
    assert all(letter["failures"][0]["attempts"] >= 1 for letter in letters)
    assert acknowledged <= collector.taken.keys()
    return len(acknowledged), len(dead)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests time out after 150 ms; a slow answer takes longer."""
    monkeypatch.setattr("destination.request.options.DEFAULT_TIMEOUT_MS", 150)


def _with_a_death(number_of_death: int, choose: Choose) -> Choose:
    return lambda number: "die" if number == number_of_death else choose(number)


@pytest.mark.usefixtures("impatient")
async def test_every_event_of_20_000_in_batches_is_settled_once_whatever_the_collector_does(tmp_path: Path) -> None:
    options = DeliveryOptions(retry=_QUICK, batch_size=40)
    with FaultyCollector(_with_a_death(250, seeded(1, 0.3))) as collector:
        report = await _deliver(tmp_path, collector, EVENTS, options)
        acknowledged, dead = _check_every_event_is_settled_once(tmp_path, EVENTS, collector)
    assert set(collector.faults) == {
        "500",
        "503",
        "429",
        "429 date",
        "reset",
        "slow",
        "refused",
        "malformed",
        "die",
        "none",
    }
    assert report.stop is None
    assert (report.events, report.sent, report.failed) == (EVENTS, acknowledged, dead)
    assert report.retried > 0
    assert dead >= len(collector.refused - collector.taken.keys()) > 0


@pytest.mark.usefixtures("impatient")
async def test_single_events_are_settled_once_whatever_the_collector_does(tmp_path: Path) -> None:
    with FaultyCollector(_with_a_death(100, seeded(2, 0.3))) as collector:
        await _deliver(tmp_path, collector, 600, DeliveryOptions(retry=_QUICK))
        _check_every_event_is_settled_once(tmp_path, 600, collector)


async def test_an_acknowledged_event_is_sent_once_where_no_answer_is_lost(tmp_path: Path) -> None:
    choose = seeded(3, 0.4, ("500", "429", "refused"))
    with FaultyCollector(choose) as collector:
        await _deliver(tmp_path, collector, 2_000, DeliveryOptions(retry=_QUICK, batch_size=20))
        _check_every_event_is_settled_once(tmp_path, 2_000, collector)
    assert set(collector.taken.values()) == {1}


async def test_refused_credentials_stop_the_run_and_resume_sends_the_rest(tmp_path: Path) -> None:
    options = DeliveryOptions(retry=_QUICK, batch_size=20)
    with FaultyCollector(lambda number: "401" if number >= 10 else None) as collector:
        report = await _deliver(tmp_path, collector, 5_000, options)
    assert report.stop == "credentials"
    assert "check the settings" in report.stop_message
    assert collector.requests < 60
    assert report.deferred > 0
    assert report.failed == 0
    assert (tmp_path / "failed.ndjson").read_bytes() == b""
    with FaultyCollector() as healed:
        again = await _deliver(tmp_path, healed, 5_000, options, resume=True)
        assert again.stop is None
        assert again.skipped == len(collector.taken)
        assert not collector.taken.keys() & healed.taken.keys()
        healed.taken.update(collector.taken)
        assert _check_every_event_is_settled_once(tmp_path, 5_000, healed) == (5_000, 0)
