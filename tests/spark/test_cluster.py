"""A standalone cluster of one master and two workers, one of which is killed in the middle of 60,000 events."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from destination.listening import open_socket
from tests.delivery.faulty import FaultyCollector, write_many
from tests.kit import PATIENCE_S
from tests.spark.conftest import lake_in, needs_spark, spark_environment

pytestmark = pytest.mark.thorough

COUNT = 60_000
BATCH = 100
CONCURRENCY = 4
KILL_AFTER = COUNT // BATCH // 3

DRIVER = """
import sys
from pyspark.sql import SparkSession

master, folder = sys.argv[1:]
spark = (
    SparkSession.builder.master(master)
    .config("spark.driver.memory", "512m").config("spark.executor.memory", "512m").config("spark.executor.cores", "1")
    .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.ui.enabled", "false").config("spark.speculation", "false")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
events = spark.read.text(f"{folder}/events")
events.write.format("segment-destination").options(
    destination="actions-absmartly", mappings=f"{folder}/mappings.json", settingsFile=f"{folder}/settings.toml",
    stateFolder=f"{folder}/state", runId="killed", batchSize="BATCH", concurrency="CONCURRENCY",
).mode("append").save()
spark.stop()
""".replace("BATCH", str(BATCH)).replace("CONCURRENCY", str(CONCURRENCY))


class Counting(FaultyCollector):
    """A collector that says when a number of requests has come."""

    def __init__(self) -> None:
        super().__init__(self._count, delay_s=0.02)
        self.reached = threading.Event()

    def _count(self, number: int) -> None:
        if number >= KILL_AFTER:
            self.reached.set()


@contextmanager
def running(log: Path, *command: str | Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A process with all that it starts, which ends with the block."""
    environment = {**os.environ, **spark_environment(), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kills a process with those that it started: they are in its session, or in one of their own."""
    for pid in [process.pid, *descendants(process.pid)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def await_line(log: Path, text: str, process: "subprocess.Popen[bytes]") -> None:
    """Waits until a process has logged something."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.2)):
        if text in log.read_text(errors="replace"):
            return
        assert process.poll() is None, log.read_text(errors="replace")[-3_000:]
        pause.wait(0.2)
    raise AssertionError(f"no {text!r} in {log.read_text(errors='replace')[-3_000:]}")


def free_port() -> int:
    with open_socket("127.0.0.1", 0) as free:
        return int(free.getsockname()[1])


def test_every_event_arrives_when_a_worker_and_its_executor_are_killed(tmp_path: Path) -> None:
    needs_spark()
    import pyspark

    home = Path(str(pyspark.__file__)).parent
    spark_class, port = home / "bin" / "spark-class", free_port()
    (tmp_path / "events").mkdir()
    lines = write_many(tmp_path / "all", COUNT).read_text().splitlines(keepends=True)
    for part in range(4):  # four partitions
        (tmp_path / "events" / f"{part}.ndjson").write_text("".join(lines[part::4]))
    (tmp_path / "driver.py").write_text(DRIVER)
    with ExitStack() as stack:
        collector = stack.enter_context(Counting())
        lake_in(tmp_path, collector)
        master_log = tmp_path / "master.log"
        master = stack.enter_context(
            running(
                master_log,
                spark_class,
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--webui-port",
                "0",
            )
        )
        await_line(master_log, "I have been elected leader", master)
        workers = []
        for number in range(2):
            log = tmp_path / f"worker-{number}.log"
            worker = stack.enter_context(
                running(
                    log,
                    spark_class,
                    "org.apache.spark.deploy.worker.Worker",
                    f"spark://127.0.0.1:{port}",
                    "--host",
                    "127.0.0.1",
                    "--cores",
                    "1",
                    "--memory",
                    "600m",
                    "--webui-port",
                    "0",
                    "--work-dir",
                    tmp_path / f"work-{number}",
                )
            )
            workers.append(worker)
            await_line(log, "Successfully registered with master", worker)
        driver_log = tmp_path / "driver.log"
        driver = stack.enter_context(
            running(driver_log, sys.executable, tmp_path / "driver.py", f"spark://127.0.0.1:{port}", tmp_path)
        )
        assert collector.reached.wait(PATIENCE_S), driver_log.read_text()[-3_000:]
        kill(workers[0])
        assert driver.wait(PATIENCE_S) == 0, driver_log.read_text()[-3_000:]

    assert set(collector.taken) == {f"m{number}" for number in range(1, COUNT + 1)}
    doubled = {name: count - 1 for name, count in collector.taken.items() if count > 1}
    print(f"{len(doubled):,} of {COUNT:,} events were doubled")
    # The killed executor ran one task, which had at most this many events in flight.
    assert sum(doubled.values()) <= BATCH * CONCURRENCY
