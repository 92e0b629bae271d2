"""The data source `segment-destination`, for batches and for streams."""

import sys
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pyspark import TaskContext
from pyspark.sql.datasource import (
    DataSource,
    DataSourceArrowWriter,
    DataSourceStreamArrowWriter,
    WriterCommitMessage,
)

from destination.usage_problem import UsageProblem
from pyspark_destination.options import WriteOptions, read_options
from pyspark_destination.progress import TaskKey
from pyspark_destination.rows import check_schema
from pyspark_destination.tables import adopt_parts, write_report

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql.types import StructType

_KEPT_BATCHES: Final = 100
"""The number of a stream's micro-batches whose progress is kept, as many as Spark keeps of its own log."""


@dataclass(frozen=True)
class PartitionCounts(WriterCommitMessage):
    """The commit message of a task: counts, and nothing of any event.

    Attributes:
        key: The task.
        counts: The counts by name.
    """

    key: TaskKey
    counts: dict[str, int]


class DefaultSource(DataSource):
    """Sends the rows of a DataFrame to a destination: `df.write.format("segment-destination")`.

    Example:
        >>> import pytest; _ = pytest.importorskip("pyspark")
        >>> DefaultSource.name()
        'segment-destination'
    """

    @classmethod
    def name(cls) -> str:
        """Returns the name of the format."""
        return "segment-destination"

    def writer(self, schema: "StructType", overwrite: bool) -> DataSourceArrowWriter:
        """Makes the writer of a batch, on the driver.

        Raises:
            UsageProblem: An option or the DataFrame cannot be used.
        """
        if overwrite:
            raise UsageProblem('what was sent cannot be overwritten: use mode("append")')
        options = self._checked(schema)
        return BatchWriter(options, options.run_id or uuid.uuid4().hex)

    def streamWriter(self, schema: "StructType", overwrite: bool) -> DataSourceStreamArrowWriter:  # noqa: N802
        """Makes the writer of a stream, on the driver.

        Raises:
            UsageProblem: An option or the DataFrame cannot be used.
        """
        options = self._checked(schema)
        if options.run_id is not None:
            raise UsageProblem("the option runId is for batches: a stream is known by its checkpoint")
        return StreamWriter(options)

    def _checked(self, schema: "StructType") -> WriteOptions:
        try:
            check_schema(schema)
            options = read_options(self.options)
        except UsageProblem as problem:
            raise UsageProblem(*problem.lines) from None  # its traceback would be shown before the line
        if options.state_folder is None:
            warnings.warn(
                "segment-destination: no stateFolder is given: a task that Spark tries again may send events again",
                stacklevel=2,
            )
        return options


class _Writer:
    """What both writers do.

    Args:
        options: The options of the write.
    """

    def __init__(self, options: WriteOptions) -> None:
        self._options = options

    def _send(self, key: TaskKey, iterator: "Iterator[RecordBatch]") -> PartitionCounts:
        from pyspark_destination.sending import UndeliveredError, send_partition

        try:
            return PartitionCounts(key, send_partition(self._options, key, iterator))
        except (UndeliveredError, UsageProblem) as error:
            _fail(key, error)

    def _commit(self, run: str, batch: int, messages: Sequence[Any]) -> None:
        options = self._options
        counts: Counter[str] = Counter()
        for message in messages:
            if isinstance(message, PartitionCounts):
                counts.update(message.counts)
        for folder in (options.dead_letters, options.results):
            if folder is not None:
                adopt_parts(folder, run, batch)
        if options.state_folder is not None:
            write_report(options.state_folder, run, batch, {"run": run, "batch": batch, **counts})
        line = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        sys.stderr.write(f"segment-destination {run} {batch}: {line or 'no events'}\n")


class BatchWriter(_Writer, DataSourceArrowWriter):
    """Writes a batch.

    Args:
        options: The options of the write.
        run: The name of the run: the option `runId`, or a name of this write alone.
    """

    def __init__(self, options: WriteOptions, run: str) -> None:
        super().__init__(options)
        self._run = run

    def write(self, iterator: "Iterator[RecordBatch]") -> PartitionCounts:
        """Sends the events of a partition, on an executor."""
        return self._send(TaskKey(self._run, 0, _partition_id()), iterator)

    def commit(self, messages: Sequence[WriterCommitMessage | None]) -> None:
        """Adopts dead letters and results, on the driver."""
        self._commit(self._run, 0, messages)


class StreamWriter(_Writer, DataSourceStreamArrowWriter):
    """Writes the micro-batches of a stream."""

    def write(self, iterator: "Iterator[RecordBatch]") -> PartitionCounts:
        """Sends the events of a partition of a micro-batch, on an executor."""
        context = TaskContext.get()
        query = None if context is None else context.getLocalProperty("sql.streaming.queryId")
        batch = None if context is None else context.getLocalProperty("streaming.sql.batchId")
        if query is None or batch is None:
            raise RuntimeError("Spark does not say which micro-batch this is")
        return self._send(TaskKey(query, int(batch), _partition_id()), iterator)

    def commit(self, messages: Sequence[WriterCommitMessage | None], batchId: int) -> None:  # noqa: N803
        """Adopts dead letters and results, on the driver, and forgets the progress of old micro-batches."""
        query = next((message.key.run for message in messages if isinstance(message, PartitionCounts)), None)
        if query is None:
            return
        self._commit(query, batchId, messages)
        state = self._options.state_folder
        if state is not None and batchId >= _KEPT_BATCHES:
            with suppress(FileNotFoundError):
                rmtree(Path(state) / "progress" / query / str(batchId - _KEPT_BATCHES))


def _partition_id() -> int:
    context = TaskContext.get()
    return 0 if context is None else context.partitionId()


def _fail(key: TaskKey, error: Exception) -> NoReturn:
    text = " ".join(getattr(error, "lines", None) or (str(error),))
    raise RuntimeError(f"partition {key.partition} of {key.run} {key.batch}: {text}") from None
