"""Tables that tasks write in parts, and the driver adopts when all tasks have succeeded.

A part is written under `_attempts/RUN/BATCH/PARTITION/`, which readers of the folder do not see. The commit makes one
file of the parts of each partition. Its name depends on nothing but the task, so that a commit that is done again
adds nothing twice.
"""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from destination.values import read_json
from pyspark_destination.progress import ProgressError, TaskKey

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ATTEMPTS: Final = "_attempts"


def part_file(folder: str, key: TaskKey) -> Path:
    """Returns a new file for what one attempt of a task writes, in a folder that exists.

    Raises:
        ProgressError: The folder cannot be made.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> part_file(folder, TaskKey("nightly", 0, 3)).relative_to(folder).parent.as_posix()
        '_attempts/nightly/0/3'
    """
    parent = Path(folder) / ATTEMPTS / key.run / str(key.batch) / str(key.partition)
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProgressError(f"{parent}: cannot be made: {(error.strerror or str(error)).lower()}") from None
    return parent / f"{uuid.uuid4().hex}.json"


def adopt_parts(folder: str, run: str, batch: int) -> int:
    r"""Makes the parts of a run's batch readable, a file for each partition; returns the number of files.

    Where several attempts wrote about one messageId, the last one counts.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> for verdict in ("dead", "acknowledged"):
        ...     part = part_file(folder, TaskKey("nightly", 0, 3))
        ...     _ = part.write_text(json.dumps({"messageId": "m-1", "verdict": verdict}) + chr(10))
        >>> adopt_parts(folder, "nightly", 0)
        1
        >>> [path.read_text() for path in Path(folder).glob("*.json")]
        ['{"messageId": "m-1", "verdict": "acknowledged"}\n']
    """
    root = Path(folder) / ATTEMPTS / run / str(batch)
    adopted = 0
    for partition in sorted(root.glob("*")):
        parts = sorted(partition.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        target = Path(folder) / f"part-{run}-{batch}-{partition.name}.json"
        sources = [path for path in (target, *parts) if path.exists() and path.stat().st_size]
        if sources:
            if len(parts) == len(sources) == 1:
                parts[0].replace(target)
            elif sources != [target]:
                _merge(sources, target)
            adopted += 1
        for path in parts:
            path.unlink(missing_ok=True)
        with suppress(OSError):  # an attempt that Spark gave up may still write there
            partition.rmdir()
    with suppress(OSError):
        root.rmdir()
    return adopted


def _merge(sources: list[Path], target: Path) -> None:
    last: dict[str | bytes, int] = {}
    for number, path in enumerate(sources):
        last.update((identifier, number) for _, identifier in _lines_of(path))
    temporary = target.with_name(f"_{target.name}")
    with temporary.open("wb") as file:
        for number, path in enumerate(sources):
            file.writelines(line for line, found in _lines_of(path) if last[found] == number)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)


def _lines_of(path: Path) -> Iterator[tuple[bytes, str | bytes]]:
    """Yields the whole lines of a part with what identifies each; the last one may be cut off."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                found = read_json(line)
            except ValueError:
                continue
            event = found.get("event") if "deadLetter" in found else found
            identifier = event.get("messageId") if isinstance(event, dict) else None
            yield line, identifier if isinstance(identifier, str) else line


def report_file(state_folder: str, run: str, batch: int) -> Path:
    """Returns the file of the counts of a run's batch.

    Example:
        >>> report_file("/state", "nightly", 0)
        PosixPath('/state/reports/nightly/0.json')
    """
    return Path(state_folder) / "reports" / run / f"{batch}.json"


def write_report(state_folder: str, run: str, batch: int, counts: dict[str, Any]) -> None:
    """Writes the counts of a run's batch, at once or not at all."""
    path = report_file(state_folder, run, batch)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    temporary.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def read_report(state_folder: str, run: str, batch: int = 0) -> dict[str, Any]:
    """Reads the counts of a write that has ended.

    Args:
        state_folder: The option `stateFolder` of the write.
        run: The option `runId`, or the id of a stream's query.
        batch: The number of a stream's micro-batch.

    Example:
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> write_report(folder, "nightly", 0, {"events": 3})
        >>> read_report(folder, "nightly")
        {'events': 3}
    """
    found: dict[str, Any] = json.loads(report_file(state_folder, run, batch).read_text(encoding="utf-8"))
    return found


def without_settled(events: "DataFrame", results: str) -> "DataFrame":
    """Leaves out the events that an earlier job settled, by a left anti-join on messageId.

    An event without a messageId stays. The table may be missing, when no job has written it yet.

    Args:
        events: A DataFrame with a column `value` of JSON.
        results: The folder that the option `results` of the earlier job named.

    Example:
        >>> without_settled.__name__  # docs/spark.md has a job that goes on with another
        'without_settled'
    """
    from pyspark.sql import functions

    if not any(Path(results).glob("*.json")):
        return events
    settled = events.sparkSession.read.schema("messageId string, verdict string").json(results)
    settled = settled.where("messageId IS NOT NULL").select(settled.messageId.alias("_settled")).distinct()
    identifier = functions.get_json_object(events["value"].cast("string"), "$.messageId")
    return events.join(settled, identifier == settled["_settled"], "left_anti")
