"""What earlier attempts of a task had acknowledged, so that the next attempt sends nothing of it again.

Each attempt writes a file of its own, a line for each event, because appending to one file from two machines is not
safe on every shared file system. A line is the messageId as JSON. An event of which only some subscriptions were
acknowledged has a line `[messageId, [[name, index], …]]` with the subscriptions that are left.
"""

import os
import uuid
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from destination.delivery import FailedSubscription, Record, message_id
from destination.errors import DestinationError
from destination.values import read_json, write_json


class TaskKey(NamedTuple):
    """Identifies a task whatever its attempt.

    Attributes:
        run: The query of a stream, or the run of a batch.
        batch: The number of the micro-batch; 0 in a batch.
        partition: The number of the partition.

    Example:
        >>> TaskKey("nightly", 0, 3).folder(Path("/state"))
        PosixPath('/state/progress/nightly/0/3')
    """

    run: str
    batch: int
    partition: int

    def folder(self, state: Path) -> Path:
        """Returns the folder of its progress log."""
        return state / "progress" / self.run / str(self.batch) / str(self.partition)


class ProgressError(DestinationError):
    """The progress log cannot be read or written."""


class Progress:
    """The progress log of one attempt of a task. Use it as a context manager.

    Args:
        folder: The folder of the task's log; None keeps no log.

    Example:
        >>> import tempfile
        >>> from destination.delivery.record import Piece
        >>> folder = Path(tempfile.mkdtemp())
        >>> record = Record("row", Piece(1, b'{"type": "page", "messageId": "m-1"}', True))
        >>> with Progress(folder) as first:
        ...     first.is_settled(record)
        ...     first.add(record)
        False
        >>> with Progress(folder) as second:
        ...     second.is_settled(record)
        True
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file: int | None = None
        self._lines: list[bytes] = []
        self._earlier: dict[str, list[tuple[FailedSubscription, ...]]] = defaultdict(list)

    def __enter__(self) -> Self:
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                for path in sorted(self._folder.glob("*.log"), key=lambda found: found.stat().st_mtime_ns):
                    self._read(path)
                name = self._folder / f"{uuid.uuid4().hex}.log"
                self._file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
            except OSError as error:
                raise _unusable(self._folder, error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            try:
                self.flush()
            finally:
                os.close(self._file)
                self._file = None

    def _read(self, path: Path) -> None:
        for line in path.read_bytes().split(b"\n")[:-1]:  # the last one was cut off, or is empty
            try:
                found = read_json(line)
            except ValueError:
                continue
            if isinstance(found, str):
                left = self._earlier[found]
                if left and left[0]:  # what was left is settled now
                    left.pop(0)
                left.append(())
            elif isinstance(found, list) and len(found) == 2 and isinstance(found[0], str):
                left = self._earlier[found[0]]
                if left and left[0]:
                    left.pop(0)
                left.insert(0, tuple(FailedSubscription(name, index) for name, index in found[1]))

    def is_settled(self, record: Record) -> bool:
        """Returns whether an earlier attempt settled an event; one that it settled in part is sent only to the rest.

        As many events of one messageId are left out as were settled, so that two different ones are never taken for
        one.
        """
        found = self._earlier.get(message_id(record.event) or "")
        if not found:
            return False
        left = found.pop()
        if not left:
            return True
        record.retry_only = left
        return False

    def add(self, record: Record, left: Iterable[tuple[str, int]] = ()) -> None:
        """Logs an event that is settled, or what is left of it; `flush` writes it.

        Args:
            record: The event.
            left: The names and indexes of the subscriptions that are left.
        """
        identifier = message_id(record.event)
        if self._file is not None and identifier is not None:
            entry: Any = [identifier, [list(each) for each in left]] if left else identifier
            self._lines.append(write_json(entry) + b"\n")

    def flush(self) -> None:
        """Writes what was added.

        Raises:
            ProgressError: It cannot be written.
        """
        if not self._lines or self._file is None:
            return
        data = b"".join(self._lines)
        self._lines.clear()
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise _unusable(self._folder, error) from None


def _unusable(folder: Path | None, error: OSError) -> ProgressError:
    return ProgressError(f"{folder}: the progress log cannot be used: {(error.strerror or str(error)).lower()}")
