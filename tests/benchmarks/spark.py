"""The rows of Spark: a warm `local[2]` beside `destination run` with two workers, on the same events.

`python -m tests.benchmarks.spark [EVENTS]` measures them in an environment that has pyspark; `.ci/spark` makes one.
Both sides take turns in one run, and the least wall time of each counts. Spark is warm: its workers run already.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from destination.values import write_json
from tests.benchmarks.collector import Collector
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import all_cores
from tests.benchmarks.rows import Row, text_table

GROUP = "Spark"
EVENTS = 200_000
BATCH = 500
ROUNDS = 3

_DISTINCT = 10_000
_ROOT = Path(__file__).parents[2]
_KEY = "7Qf0cJx2VbTn5sWgLr8KdYh3"
_IMPORT = "import pyspark_destination.sending"
_PARTITIONS = 2


def spark_rows(count: int = EVENTS) -> Iterator[Row]:
    """All rows of the group; none where pyspark is missing."""
    if importlib.util.find_spec("pyspark") is None:
        print("  pyspark is missing: pip install 'destination-actions[spark]'", file=sys.stderr)
        return
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(_ROOT), "BENCHMARK_KEY": _KEY}
    with all_cores(), tempfile.TemporaryDirectory() as name, Collector() as collector:
        folder = Path(name)
        (folder / "settings.toml").write_text(
            f'collectorEndpoint = "{collector.endpoint}"\napiKey = {{ env = "BENCHMARK_KEY" }}\nenvironment = "e"\n'
        )
        lines = [write_json(event) + b"\n" for event in make_events(_DISTINCT)]
        lines *= count // _DISTINCT
        (folder / "all.ndjson").write_bytes(b"".join(lines))
        (folder / "events").mkdir()
        for part in range(_PARTITIONS):
            (folder / "events" / f"{part}.ndjson").write_bytes(b"".join(lines[part::_PARTITIONS]))
        yield from _rows(folder, len(lines))


def _rows(folder: Path, count: int) -> Iterator[Row]:
    from pyspark.sql import SparkSession

    from pyspark_destination import plan

    settings = str(folder / "settings.toml")
    spark = (
        SparkSession.builder.master(f"local[{_PARTITIONS}]")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")

    def send() -> None:
        options = {"destination": "actions-absmartly", "settingsFile": settings, "batchSize": str(BATCH)}
        written = spark.read.text(str(folder / "events")).write.format("segment-destination").options(**options)
        written.mode("append").save()

    def look() -> None:
        found = plan(spark.read.text(str(folder / "events")), destination="actions-absmartly", settings_file=settings)
        found.write.format("noop").mode("overwrite").save()

    run = ["run", str(folder / "all.ndjson"), "--settings", settings, "--workers", "2"]
    try:
        sides = (
            (f"batches of {BATCH}", send, [*run, "--no-ledger", "--batch-size", str(BATCH)], "destination run"),
            ("plan", look, [*run, "--dry-run"], "run --dry-run"),
        )
        for name, ours, theirs, command in sides:
            here, there = _least(ours, lambda theirs=theirs: _command(*theirs))  # type: ignore[misc]
            workers = " --workers 2" if "--workers" in theirs else ""
            title = f"{name}, `local[2]` warm: events a second ÷ those of `{command}{workers}`, start included"
            details = f"{count / here:,.0f}/s ÷ {count / there:,.0f}/s; {count:,} events, least of {ROUNDS} rounds"
            yield Row(GROUP, title, there / here, "at least", 1, details)
    finally:
        spark.stop()
    start, bare = _least(lambda: _python(_IMPORT), lambda: _python("import pyarrow, pyspark.sql.datasource"))
    details = f"{start:.2f} s ÷ {bare:.2f} s"
    yield Row(GROUP, "imports of a Python worker ÷ those of Spark and Arrow alone", start / bare, "at most", 2, details)


def _least(*sides: Callable[[], None]) -> list[float]:
    """Runs each side once without counting it, and then all of them in turns; the least seconds of each."""
    for side in sides:
        side()
    spent = [float("inf")] * len(sides)
    for _ in range(ROUNDS):
        for number, side in enumerate(sides):
            begin = perf_counter()
            side()
            spent[number] = min(spent[number], perf_counter() - begin)
    return spent


def _command(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "destination", *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    print(text_table(list(spark_rows(*map(int, sys.argv[1:])))))
