"""A Spark in this process with two threads, and a folder with what a delivery needs."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from destination.catalog.absmartly.collector import API_KEY
from tests.delivery.faulty import FaultyCollector, write_many, write_mappings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROOT = Path(__file__).parents[2]


def needs_spark() -> None:
    """Skips where Spark cannot run, with the reason."""
    pytest.importorskip("pyspark", reason="pyspark is missing: pip install 'destination-actions[spark]'")
    pytest.importorskip("pandas", reason="pandas is missing: pip install 'destination-actions[spark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Java is missing: Spark needs Java 17 or later")


def spark_environment() -> dict[str, str]:
    """What the processes of Spark need: this interpreter, this checkout, and the secret."""
    return {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "ABSMARTLY_API_KEY": API_KEY}


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """Spark with two threads, which tries a task up to four times."""
    needs_spark()
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        for name, value in spark_environment().items():
            patch.setenv(name, value)
        session = (
            SparkSession.builder.master("local[2,4]")
            .config("spark.driver.memory", "1g")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")  # tasks are made to fail
        yield session
        session.stop()


@dataclass(frozen=True)
class Lake:
    """A folder with events, mappings and settings that lead to a collector.

    Attributes:
        folder: The folder.
        collector: The collector.
    """

    folder: Path
    collector: FaultyCollector

    @property
    def options(self) -> dict[str, str]:
        """The options of a delivery with its state in the folder."""
        return {
            "destination": "actions-absmartly",
            "mappings": str(self.folder / "mappings.json"),
            "settingsFile": str(self.folder / "settings.toml"),
            "stateFolder": str(self.folder / "state"),
            "runId": "run",
        }

    def events(self, spark: "SparkSession", count: int) -> "DataFrame":
        """So many numbered events in two partitions."""
        path = write_many(self.folder / "events.ndjson", count)
        lines = path.read_text().splitlines()
        return spark.createDataFrame([(line,) for line in lines], "value string").repartition(2)

    def send(self, events: "DataFrame", **more: Any) -> None:
        """Sends events as a batch."""
        options = {**self.options, **more}
        events.write.format("segment-destination").options(**options).mode("append").save()


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A folder whose settings lead to a collector that takes everything."""
    with FaultyCollector() as collector:
        yield lake_in(tmp_path, collector)


def lake_in(folder: Path, collector: FaultyCollector) -> Lake:
    """Prepares a folder for a collector."""
    write_mappings(folder / "mappings.json")
    collector.settings(folder)
    return Lake(folder, collector)
