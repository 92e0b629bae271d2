"""The file of failed events of one destination: written while events are sent, listed, and cleared line by line."""

import asyncio
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final

from destination.delivery import DeadLetters, Failure, Record, RecordingError, message_id
from destination.delivery.record import MARKER, VERSION, Piece
from destination.private_files import open_private
from destination.values import read_json

_ID_BYTES: Final = 8
_MAX_LINE_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DeadLetter:
    r"""One line of a file of failed events.

    Attributes:
        id: Names the line: a digest of its bytes.
        line: The line, with its line break.
        content: The line as JSON.

    Example:
        >>> line = b'{"deadLetter": 1, "at": "line 7", "failures": [], "event": {"messageId": "m-1"}}\n'
        >>> dead_letter = DeadLetter.read(line)
        >>> dead_letter.id, dead_letter.message_id
        ('df68869583b47fdd', 'm-1')
    """

    id: str
    line: bytes
    content: dict[str, Any]

    @classmethod
    def read(cls, line: bytes) -> "DeadLetter | None":
        """Reads a line; None if it is not a dead letter."""
        try:
            content = read_json(line)
        except ValueError:
            return None
        if not isinstance(content, dict) or content.get(MARKER) != VERSION:
            return None
        return cls(id_of(line), line, content)

    @property
    def message_id(self) -> str | None:
        """The event's messageId, or None."""
        return message_id(self.content.get("event"))

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Why it failed, for each subscription."""
        found = self.content.get("failures")
        return [failure for failure in found if isinstance(failure, dict)] if isinstance(found, list) else []

    def to_json(self, *, with_event: bool = False) -> dict[str, Any]:
        """Returns it as JSON: its names and why it failed; the event as well if `with_event` is true."""
        shown = {
            "id": self.id,
            "messageId": self.message_id,
            "at": self.content.get("at"),
            "failures": self.failures,
        }
        if with_event:
            shown["event"] = self.content.get("event", self.content.get("raw"))
        return shown

    def record(self, number: int) -> Record:
        """Returns it as a record of a delivery, for the subscriptions that failed."""
        return Record("dead letter", Piece(number, self.line.rstrip(b"\r\n"), complete=True), _MAX_LINE_BYTES, number)


def id_of(line: bytes) -> str:
    r"""Returns the name of a line: a digest of its bytes without the line break.

    Example:
        >>> id_of(b"{}\n") == id_of(b"{}")
        True
    """
    return blake2b(line.rstrip(b"\r\n"), digest_size=_ID_BYTES).hexdigest()


def read_dead_letters(path: Path) -> Iterator[DeadLetter]:
    """Reads the dead letters of a file, in order; none where there is no file.

    Raises:
        RecordingError: The file cannot be read.

    Example:
        >>> import tempfile
        >>> list(read_dead_letters(Path(tempfile.mkdtemp(), "dead.ndjson")))
        []
    """
    try:
        with path.open("rb") as file:
            for line in file:
                found = DeadLetter.read(line)
                if found is not None:
                    yield found
    except FileNotFoundError:
        return
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {_reason(error)}") from None


class DeadLetterFile:
    r"""A file of failed events that can be cleared line by line while it is written.

    Args:
        path: The file. No other process can write failed events there while it is open.
        source: The name of the events' source.
        redact: Removes the secrets from a JSON value; it is applied to everything except the event itself.

    Attributes:
        path: The file.
        redact: Removes the secrets; it may be replaced.

    Raises:
        RecordingError: The file cannot be written, or another process is writing it.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "dead.ndjson")
        >>> line = b'{"deadLetter": 1, "failures": [], "event": {"type": "track"}}\n'
        >>> _ = path.write_bytes(line)
        >>> file = DeadLetterFile(path)
        >>> asyncio.run(file.remove({id_of(line)})), path.read_bytes()
        (1, b'')
        >>> file.close()
    """

    def __init__(self, path: Path, source: str = "", redact: Callable[[Any], Any] | None = None) -> None:
        self.path = path
        self._source = source
        self.redact = redact
        self._file = self._open(path)
        self._removing = asyncio.Lock()
        try:
            _end_last_line(path)
        except OSError as error:
            self._file.close()
            raise RecordingError(f"{path}: cannot be read: {_reason(error)}") from None

    def add(self, record: Record, failures: Iterable[Failure]) -> None:
        """Writes one event with the reasons why it failed.

        Raises:
            RecordingError: The file cannot be written. It ends as before.
        """
        size = _size_of(self.path)
        try:
            self._file.add(record, failures)
        except RecordingError:
            if size is not None:  # else the next line would be written behind half of this one
                with suppress(OSError):
                    os.truncate(self.path, size)
            raise

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Reads the dead letters, in order.

        Raises:
            RecordingError: The file cannot be read.
        """
        return read_dead_letters(self.path)

    async def remove(self, ids: Collection[str]) -> int:
        """Removes lines in one step: the file always has each of its other lines once.

        Lines that are written meanwhile stay. A line that is there twice is removed twice.

        Args:
            ids: The names of the lines.

        Returns:
            The number of lines that were removed.

        Raises:
            RecordingError: The file cannot be replaced; it is as it was.
        """
        async with self._removing:
            part = self.path.with_name(f"{self.path.name}.part")
            try:
                size = self.path.stat().st_size
                with self.path.open("rb") as source, open_private(part) as target:
                    # What was written before is copied in a thread; what is written meanwhile is short.
                    removed = await asyncio.to_thread(_copy_others, source, target, frozenset(ids), size)
                    removed += _copy_others(source, target, frozenset(ids), None)
                    target.flush()
                    os.fsync(target.fileno())
                return self._replace(part, removed)
            except OSError as error:
                with suppress(OSError):
                    part.unlink()
                raise RecordingError(f"{self.path}: cannot be replaced: {_reason(error)}") from None

    def _replace(self, part: Path, removed: int) -> int:
        if not removed:
            part.unlink()
            return 0
        replacement = self._open(part)  # locked before anybody can find it under its name
        try:
            part.replace(self.path)
        except BaseException:
            replacement.close()
            raise
        replacement.path = self.path
        self._file.close()
        self._file = replacement
        return removed

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _open(self, path: Path) -> DeadLetters:
        return DeadLetters(path, self._source, self._mask, append=True)

    def _mask(self, value: Any) -> Any:
        return value if self.redact is None else self.redact(value)


def _copy_others(source: BinaryIO, target: BinaryIO, ids: frozenset[str], end: int | None) -> int:
    """Copies lines up to an offset or the file's end, except those of these names; returns how many it left out."""
    removed = 0
    while (end is None or source.tell() < end) and (line := source.readline()):
        if id_of(line) in ids:
            removed += 1
        else:
            target.write(line)
    return removed


def _size_of(path: Path) -> int | None:
    """Returns the size of a regular file in bytes; None for a pipe or a device."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _end_last_line(path: Path) -> None:
    """Removes the beginning of a line that was cut off: its event is not settled. A whole line gets its line break.

    Raises:
        OSError: The file cannot be read or written.
    """
    size = _size_of(path)
    if not size:
        return
    with path.open("r+b") as file:
        begin = size
        last = b""
        while begin and b"\n" not in last:
            step = min(begin, 65_536)
            begin -= step
            file.seek(begin)
            last = file.read(step) + last
        unfinished = last.rpartition(b"\n")[2]
        if not unfinished:
            return
        if DeadLetter.read(unfinished) is None:
            file.truncate(size - len(unfinished))
        else:
            file.seek(size)
            file.write(b"\n")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
