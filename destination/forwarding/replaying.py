"""Sends dead letters again: each of those that are named once, to the subscriptions that failed."""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from destination.delivery import (
    Delivery,
    DeliveryOptions,
    Failure,
    Record,
    RecordingError,
    Report,
    RetryPolicy,
    Verdict,
)
from destination.forwarding.dead_letter_file import DeadLetter, DeadLetterFile
from destination.runtime import Instance


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of dead letters that were sent again.

    Attributes:
        acknowledged: The number of those that are delivered now; their lines are gone.
        failed: The number of those that failed again; a line with the new reasons replaces each.
        deferred: The number of those that were not finished; their lines stay, or name what is left.
        missing: The names that no line has.

    Example:
        >>> Replayed(1, 0, 0, ("df68869583b47fdd",)).to_json()
        {'acknowledged': 1, 'failed': 0, 'deferred': 0, 'missing': ['df68869583b47fdd']}
    """

    acknowledged: int
    failed: int
    deferred: int
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Returns the counts by name."""
        return {
            "acknowledged": self.acknowledged,
            "failed": self.failed,
            "deferred": self.deferred,
            "missing": list(self.missing),
        }


async def replay(
    file: DeadLetterFile,
    instance: Instance[Any],
    names: Collection[str] | None,
    options: DeliveryOptions,
    *,
    concurrency: int | None = None,
    begun: Callable[[Delivery], None] | None = None,
) -> Replayed:
    """Sends dead letters again, and removes those that were acknowledged.

    A dead letter that fails again is replaced by one that names only the subscriptions that failed now. If the
    process is killed in between, a dead letter may be sent again later, and none is lost.

    Args:
        file: The file of failed events.
        instance: The instance that sends.
        names: Which of them: ids of lines, or messageIds. None: all.
        options: How to send. The partner is not waited for during an outage.
        concurrency: The maximum number of requests in flight; None: as in `Delivery`.
        begun: Called with the delivery, to stop it.

    Raises:
        RecordingError: The file cannot be read or written.

    Example:
        >>> import asyncio, tempfile
        >>> from pathlib import Path
        >>> from destination.runtime import Destination
        >>> path = Path(tempfile.mkdtemp(), "dead.ndjson")
        >>> _ = path.write_text('{"deadLetter": 1, "failures": [{"subscription": null}], "event": {"type": "page"}}')
        >>> demo = Destination(name="Demo", slug="demo", actions={}).instance({})
        >>> file = DeadLetterFile(path)
        >>> asyncio.run(replay(file, demo, None, DeliveryOptions())).acknowledged, path.read_bytes()
        (1, b'')
        >>> file.close()
    """
    chosen, missing = _choose(file.dead_letters(), names)
    if not chosen:
        return Replayed(0, 0, 0, missing)
    log = _Rewritten(file)
    verdicts: dict[int, Verdict] = {}

    unfinished: dict[int, list[Failure]] = {}

    def observe(_report: Report, record: Record, failures: list[Failure]) -> None:
        unfinished[record.ordinal] = [failure for failure in failures if failure.deferred]

    def settled(record: Record, verdict: Verdict) -> None:
        verdicts[record.ordinal] = verdict
        left = unfinished.pop(record.ordinal, [])
        if left and (record.retry_only is None or len(left) < len(record.retry_only)):
            with suppress(RecordingError):  # then the whole line stays
                log.add(record, left)

    retry = RetryPolicy(attempts=options.retry.attempts, retry_for_s=None)
    delivery = Delivery(
        instance,
        concurrency=concurrency,
        failures=log,
        observe=observe,
        options=replace(options, retry=retry, keep_going=True, dedupe=False),
        settled=settled,
    )
    if begun is not None:
        begun(delivery)
    await delivery.run(_Records([one.record(number) for number, one in enumerate(chosen, 1)]))
    acknowledged = {number for number, verdict in verdicts.items() if verdict == "acknowledged"}
    failed = {number for number, verdict in verdicts.items() if verdict == "dead" and number in log.written}
    await file.remove([chosen[number - 1].id for number in acknowledged | log.written])
    return Replayed(len(acknowledged), len(failed), len(chosen) - len(acknowledged) - len(failed), missing)


def _choose(
    dead_letters: Iterable[DeadLetter], names: Collection[str] | None
) -> tuple[list[DeadLetter], tuple[str, ...]]:
    """Returns the dead letters of these names, lines of one id once, and the names that none has."""
    found: dict[str, DeadLetter] = {}
    left = dict.fromkeys(names or ())
    wanted = set(left)
    for one in dead_letters:
        if names is None or one.id in wanted or one.message_id in wanted:
            found.setdefault(one.id, one)
            left.pop(one.id, None)
            left.pop(one.message_id or "", None)
    return list(found.values()), tuple(left)


class _Rewritten:
    """Keeps failures in the file, and notes whose."""

    def __init__(self, file: DeadLetterFile) -> None:
        self._file = file
        self.written: set[int] = set()

    def add(self, record: Record, failures: list[Failure]) -> None:
        self._file.add(record, failures)
        self.written.add(record.ordinal)


class _Records:
    """A source of a few records."""

    def __init__(self, records: list[Record]) -> None:
        self._records: list[Record] | None = records

    async def next(self) -> list[Record] | None:
        records, self._records = self._records, None
        return records

    def close(self) -> None:
        self._records = None
