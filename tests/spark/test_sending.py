"""What one attempt of a task sends and logs, without a Spark around it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly.collector import API_KEY
from pyspark_destination.options import WriteOptions, read_options
from pyspark_destination.progress import TaskKey
from pyspark_destination.sending import UndeliveredError, send_partition
from tests.delivery.faulty import FaultyCollector
from tests.forwarding.sending import numbered_events
from tests.spark.conftest import lake_in

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is missing: pip install 'destination-actions[spark]'")

KEY = TaskKey("run", 0, 0)
BATCH = 10


@pytest.fixture(autouse=True)
def _with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABSMARTLY_API_KEY", API_KEY)


def options_for(folder: Path, collector: FaultyCollector, **more: str) -> WriteOptions:
    return read_options({**lake_in(folder, collector).options, "batchSize": str(BATCH), "concurrency": "2", **more})


def batches(events: list[dict[str, Any]], *, fails: bool = False) -> Iterator[Any]:
    """Arrow batches of fifty events; after them, what Spark raises when the step before fails."""
    lines = [json.dumps(event) for event in events]
    for first in range(0, len(lines), 50):
        yield pyarrow.RecordBatch.from_pydict({"value": lines[first : first + 50]})
    if fails:
        raise EOFError("the step before failed")


def test_what_was_acknowledged_before_a_failure_is_not_sent_again(tmp_path: Path) -> None:
    events = numbered_events(1_000)
    with FaultyCollector() as collector:
        options = options_for(tmp_path, collector)
        with pytest.raises(EOFError):
            send_partition(options, KEY, batches(events[:700], fails=True))
        before = collector.taken.total()
        assert before
        counts = send_partition(options, KEY, batches(events))
        assert collector.taken == Counter(event["messageId"] for event in events)
    assert counts["settledBefore"] == before
    assert counts["sent"] == len(events) - before


def test_an_outage_beyond_its_bound_fails_the_task_and_doubles_nothing(tmp_path: Path) -> None:
    events = numbered_events(200)
    with FaultyCollector(lambda number: "503" if 5 <= number < 8 else None) as collector:
        options = options_for(tmp_path, collector, retryFor="0")
        with pytest.raises(UndeliveredError, match=r"events are deferred: .*Spark tries the task again"):
            send_partition(options, KEY, batches(events))
        while len(collector.taken) < len(events):
            try:
                send_partition(options, KEY, batches(events))
            except UndeliveredError:
                continue
        assert collector.taken == Counter(event["messageId"] for event in events)


def test_an_event_that_one_subscription_took_is_sent_to_the_other_only(tmp_path: Path) -> None:
    events = [{**event, "messageId": f"{event['messageId']}"} for event in numbered_events(1)]
    down = True
    with FaultyCollector(lambda number: "503" if number and down else None) as collector:
        lake_in(tmp_path, collector)
        mappings = tmp_path / "mappings.json"
        (first,) = json.loads(mappings.read_text())
        second = {**first, "name": "Other"}
        mappings.write_text(json.dumps([first, second]))
        texts = {
            "destination": "actions-absmartly",
            "mappings": str(mappings),
            "settingsFile": str(tmp_path / "settings.toml"),
            "stateFolder": str(tmp_path / "state"),
            "batchSize": "1",
            "concurrency": "1",
            "retryFor": "0",
        }
        with pytest.raises(UndeliveredError):
            send_partition(read_options(texts), KEY, batches(events))
        assert collector.taken == {"m1": 1}
        down = False
        send_partition(read_options(texts), KEY, batches(events))
        assert collector.taken == {"m1": 2}  # once for each subscription


def test_events_without_a_message_id_are_counted(tmp_path: Path) -> None:
    events = numbered_events(4)
    del events[0]["messageId"]
    with FaultyCollector() as collector:
        counts = send_partition(options_for(tmp_path, collector), KEY, batches(events))
    assert (counts["rows"], counts["withoutMessageId"]) == (4, 1)
