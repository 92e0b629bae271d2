"""Sends the events of one partition, on an executor, by the one delivery engine."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from destination.delivery import (
    AcknowledgingTransport,
    DeadLetters,
    Delivery,
    Failure,
    Record,
    Report,
    Verdict,
    describe,
    message_id,
    run_delivery,
)
from destination.delivery.source import Intake
from destination.errors import DestinationError
from destination.late import asyncio
from destination.request import delivery_transport
from destination.runtime import Instance
from destination.values import write_json
from pyspark_destination.options import WriteOptions
from pyspark_destination.progress import Progress, TaskKey
from pyspark_destination.rows import records_of
from pyspark_destination.tables import part_file

if TYPE_CHECKING:
    from pyarrow import RecordBatch


class UndeliveredError(DestinationError):
    """A task did not settle all its events, so that Spark has to try it again."""


def send_partition(options: WriteOptions, key: TaskKey, batches: "Iterator[RecordBatch]") -> dict[str, int]:
    """Sends the events of a partition; returns counts.

    Args:
        options: The options of the write.
        key: The task.
        batches: The partition's Arrow batches.

    Raises:
        UndeliveredError: Events are deferred, or the partner refuses the credentials. Dead events raise nothing.
        UsageProblem: A secret cannot be looked up on this executor.
    """
    with ExitStack() as stack:
        state = options.state_folder
        progress = stack.enter_context(Progress(None if state is None else key.folder(Path(state))))
        timeout_ms = None if options.timeout_s is None else options.timeout_s * 1000
        transport = AcknowledgingTransport(delivery_transport(max(options.concurrency or 0, 100)))
        instance = options.given.instance(transport, timeout_ms)
        dead_letters = None
        if options.dead_letters is not None:
            source = f"{key.run}/{key.batch}/{key.partition}"
            dead_letters = DeadLetters(part_file(options.dead_letters, key), source, redact=instance.redactor)
            stack.callback(dead_letters.close)
        results = None if options.results is None else stack.enter_context(part_file(options.results, key).open("wb"))
        partition = Partition(options, instance, progress, dead_letters, results)
        report = run_delivery(partition.send(batches))
    return partition.counts(report)


class Partition:
    """What is sent of one partition, and what is written about it.

    Args:
        options: The options of the write.
        instance: The instance that sends.
        progress: The progress log of this attempt.
        dead_letters: Keeps failed events, or None.
        results: The file of the results, or None.
    """

    def __init__(
        self,
        options: WriteOptions,
        instance: Instance[Any],
        progress: Progress,
        dead_letters: DeadLetters | None,
        results: Any,
    ) -> None:
        self._options = options
        self._instance = instance
        self._progress = progress
        self._dead_letters = dead_letters
        self._results = results
        self._lines: list[bytes] = []
        self._failures: dict[int, list[Failure]] = {}
        self._is_due = False
        self._more: Counter[str] = Counter()
        self._delivery: Delivery | None = None

    async def send(self, batches: "Iterator[RecordBatch]") -> Report:
        """Sends all events, and returns the report.

        Raises:
            UndeliveredError: Not all events are settled.
        """
        self._delivery = delivery = Delivery(
            self._instance,
            concurrency=self._options.concurrency,
            failures=self._dead_letters,
            observe=self._observe,
            options=self._options.delivery,
            settled=self._settled,
        )
        async with self._instance:
            report = await delivery.run(Intake(self._records(batches)))
        self._flush()
        if report.deferred or report.stop is not None or report.unrecorded:
            raise UndeliveredError(self._instance.redactor.text(_why_undelivered(report)))
        return report

    def _records(self, batches: "Iterator[RecordBatch]") -> Iterator[list[Record]]:
        """Yields the events that no earlier attempt settled; runs in the thread of the intake."""
        for records in records_of(batches):
            self._more["rows"] += len(records)
            self._more["withoutMessageId"] += sum(
                record.event is not None and message_id(record.event) is None for record in records
            )
            left = [record for record in records if not self._progress.is_settled(record)]
            self._more["settledBefore"] += len(records) - len(left)
            if left:
                yield left

    def _observe(self, _report: Report, record: Record, failures: list[Failure]) -> None:
        if failures:
            self._failures[record.ordinal] = failures

    def _settled(self, record: Record, verdict: Verdict) -> None:
        failures = self._failures.pop(record.ordinal, [])
        if verdict == "deferred":
            self._defer(record, failures)
        else:
            self._progress.add(record)
            if self._results is not None:
                line = {"messageId": message_id(record.event), "verdict": verdict}
                reasons = [{"subscription": each.subscription, "error": describe(each.error)} for each in failures]
                line["errors"] = self._instance.redactor(reasons)
                self._lines.append(write_json(line) + b"\n")
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._flush_soon)

    def _defer(self, record: Record, failures: list[Failure]) -> None:
        """Logs which subscriptions are left, if others have the event already, so that only those get it again."""
        names = self._instance.subscriptions
        left = [(str(each.subscription), each.index) for each in failures if each.deferred and each.index is not None]
        if left and len(left) == sum(each.deferred for each in failures) and len(left) < len(names):
            self._progress.add(record, left)

    def _flush_soon(self) -> None:
        try:
            self._flush()
        except (DestinationError, OSError) as error:
            assert self._delivery is not None  # noqa: S101  it settles nothing before it runs
            self._delivery.end("recording", str(error))

    def _flush(self) -> None:
        self._is_due = False
        if self._lines:
            self._results.writelines(self._lines)
            self._results.flush()
            self._lines.clear()
        self._progress.flush()

    def counts(self, report: Report) -> dict[str, int]:
        """Returns the counts of the partition, by name."""
        return {
            "rows": self._more["rows"],
            "settledBefore": self._more["settledBefore"],
            "withoutMessageId": self._more["withoutMessageId"],
            "events": report.events,
            "sent": report.sent,
            "unmatched": report.unmatched,
            "optedOut": report.opted_out,
            "failed": report.failed,
            "unreadable": report.unreadable,
            "retried": report.retried,
        }


def _why_undelivered(report: Report) -> str:
    reason = report.stop_message
    if not reason and report.reasons:
        reason = report.reasons.most_common(1)[0][0][1]
    if not reason and report.unrecorded:
        reason = f"{report.unrecorded[0]} could not be recorded"
    return f"{report.deferred:,} of {report.events:,} events are deferred: {reason}; Spark tries the task again"
