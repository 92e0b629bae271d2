"""Batches and streams on a Spark with two threads: what arrives, what is doubled, and what makes a task fail."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pyspark_destination.tables import read_report, without_settled
from tests.delivery.faulty import FaultyCollector, write_many
from tests.spark.conftest import Lake, lake_in

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.thorough

COUNT = 2_000


def every(count: int) -> Counter[str]:
    """Each event once."""
    return Counter(f"m{number}" for number in range(1, count + 1))


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.glob("*.json")) for line in path.read_text().splitlines()]


# --- batches ---------------------------------------------------------------------------------------------


def test_each_event_arrives_once_and_is_counted(spark: "SparkSession", lake: Lake) -> None:
    results = lake.folder / "results"
    lake.send(lake.events(spark, COUNT), results=str(results))
    assert lake.collector.taken == every(COUNT)
    report = read_report(str(lake.folder / "state"), "run")
    assert (report["rows"], report["sent"], report["failed"]) == (COUNT, COUNT, 0)
    assert Counter(row["messageId"] for row in rows_of(results)) == every(COUNT)


def test_a_run_of_the_same_name_sends_nothing_again(spark: "SparkSession", lake: Lake) -> None:
    events = lake.events(spark, COUNT)
    lake.send(events)
    lake.send(events)
    assert lake.collector.taken == every(COUNT)
    assert read_report(str(lake.folder / "state"), "run")["settledBefore"] == COUNT


def test_a_task_that_fails_is_tried_again_and_doubles_nothing(spark: "SparkSession", tmp_path: Path) -> None:
    def unavailable_for_a_while(number: int) -> str | None:
        return "503" if 20 <= number < 24 else None

    with FaultyCollector(unavailable_for_a_while) as collector:
        lake = lake_in(tmp_path, collector)
        lake.send(lake.events(spark, COUNT), retryFor="0", batchSize="50", concurrency="2")
        assert collector.faults["503"]
        assert collector.taken == every(COUNT)
    assert read_report(str(tmp_path / "state"), "run")["settledBefore"] > 0
    assert not rows_of(tmp_path / "state" / "dead-letters")


def test_an_event_that_fails_for_good_fails_no_task_and_is_kept(spark: "SparkSession", lake: Lake) -> None:
    broken = [json.dumps({"type": "track", "messageId": "bad", "userId": "u"}), "oops", None]
    lines = (lake.folder / write_many(lake.folder / "e", 10)).read_text().splitlines()
    events = spark.createDataFrame([(line,) for line in (*lines, *broken)], "value string").repartition(2)
    lake.send(events, results=str(lake.folder / "results"))
    assert lake.collector.taken == every(10)
    dead = rows_of(lake.folder / "state" / "dead-letters")
    assert len(dead) == 3
    assert [row["event"]["messageId"] for row in dead if "event" in row] == ["bad"]
    verdicts = Counter(row["verdict"] for row in rows_of(lake.folder / "results"))
    assert verdicts == {"acknowledged": 10, "dead": 3}


def test_refused_credentials_fail_the_job_with_the_reason(spark: "SparkSession", tmp_path: Path) -> None:
    with FaultyCollector(lambda _number: "401") as collector:
        lake = lake_in(tmp_path, collector)
        with pytest.raises(Exception, match="the partner refuses the credentials"):
            lake.send(lake.events(spark, COUNT), batchSize="10", concurrency="1")
        assert not collector.taken
        assert collector.requests < COUNT / 10  # it did not try all of them


def test_an_option_that_is_unknown_fails_before_a_task_starts(spark: "SparkSession", lake: Lake) -> None:
    with pytest.raises(Exception, match="there is no option batchsizze; did you mean batchSize"):
        lake.send(lake.events(spark, 10), batchSizze="3")
    assert not lake.collector.seen


def test_a_frame_without_the_column_is_refused(spark: "SparkSession", lake: Lake) -> None:
    with pytest.raises(Exception, match="the DataFrame has no column value"):
        lake.send(spark.createDataFrame([("x",)], "payload string"))


def test_binary_events_are_read_too(spark: "SparkSession", lake: Lake) -> None:
    lake.send(lake.events(spark, 10).selectExpr("cast(value as binary) as value"))
    assert lake.collector.taken == every(10)


def test_another_job_leaves_out_what_one_settled(spark: "SparkSession", lake: Lake) -> None:
    events, results = lake.events(spark, 100), str(lake.folder / "results")
    assert without_settled(events, results).count() == 100
    lake.send(events.limit(40), results=results)
    left = without_settled(events, results)
    assert left.count() == 60
    lake.send(left, runId="other", results=results)
    assert lake.collector.taken == every(100)


# --- streams ---------------------------------------------------------------------------------------------


def run_stream(spark: "SparkSession", lake: Lake) -> None:
    """Sends all files of the folder `incoming` that the checkpoint does not know."""
    options = {name: value for name, value in lake.options.items() if name != "runId"}
    events: DataFrame = spark.readStream.text(str(lake.folder / "incoming"))
    query = (
        events.writeStream.format("segment-destination")
        .options(**options)
        .option("checkpointLocation", str(lake.folder / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()


def test_a_stream_goes_on_where_it_was(spark: "SparkSession", lake: Lake) -> None:
    (lake.folder / "incoming").mkdir()
    write_many(lake.folder / "incoming" / "1.ndjson", 500)
    run_stream(spark, lake)
    assert lake.collector.taken == every(500)
    requests = lake.collector.requests

    run_stream(spark, lake)  # nothing new
    assert lake.collector.requests == requests

    commits = sorted((lake.folder / "checkpoint" / "commits").glob("[0-9]*"), key=lambda path: int(path.name))
    last = commits[-1]
    last.unlink()
    last.with_name(f".{last.name}.crc").unlink(missing_ok=True)
    run_stream(spark, lake)  # the micro-batch is done again
    assert lake.collector.taken == every(500)
    assert last.exists()
