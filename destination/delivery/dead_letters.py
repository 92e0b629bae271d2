"""Writes the file of failed events; `record` reads it back."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from destination.availability import is_retryable
from destination.delivery.errors import RecordingError
from destination.delivery.record import MARKER, VERSION, Record
from destination.errors import HTTPError
from destination.private_files import lock_file, open_private
from destination.records import dataclass
from destination.values import MISSING, quote, read_json, write_json

_KEPT_OF_RESPONSE = 2_000


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason why an event is not delivered.

    Attributes:
        error: The exception.
        subscription: The subscription's name, or None if the whole event failed.
        index: The subscription's index in the instance.
        attempts: The number of attempts; 0 if it could not be sent.
        deferred: Whether it did not fail for good, but was not finished when its run stopped.

    Example:
        >>> from destination.errors import IntegrationError
        >>> failure = Failure(IntegrationError("no units", "BAD_REQUEST", 400), "Goals", 0, attempts=1)
        >>> failure.to_json()["error"], failure.to_json()["retryable"]
        ('no units', False)
    """

    error: Exception
    subscription: str | None = None
    index: int | None = None
    attempts: int = 0
    deferred: bool = False

    def to_json(self, redact: Callable[[Any], Any] | None = None) -> dict[str, Any]:
        """Returns the failure as it is written to the file.

        Args:
            redact: Removes the secrets from a JSON value, before anything is cut.
        """
        error = self.error
        record: dict[str, Any] = {"subscription": self.subscription}
        if self.index is not None:
            record["index"] = self.index
        record.update(error=describe(error), type=type(error).__name__)
        for key in ("code", "status"):
            value = getattr(error, key, None)
            if value is not None:
                record[key] = value
        record["retryable"] = is_retryable(error)
        if self.attempts:
            record["attempts"] = self.attempts
        if self.deferred:
            record["deferred"] = True
        if isinstance(error, HTTPError):
            record["response"] = {"status": error.response.status, "data": _short(error.answer, redact)}
        return record if redact is None else redact(record)


def describe(error: BaseException) -> str:
    """Returns an error as one line that needs no context.

    Example:
        >>> from destination.errors import MappingValidationError
        >>> describe(MappingValidationError(["/a is bad.", "/b too."])), describe(KeyError("x"))
        ('/a is bad.; /b too.', "KeyError: 'x'")
    """
    try:
        text = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
    except Exception:  # noqa: BLE001  the author of an error class may have a fault in `__str__`
        text = "(its text cannot be made)"
    if isinstance(error, HTTPError):
        return f"{error.response.status} {text}".strip()
    if type(error).__module__.startswith("destination."):
        return text or type(error).__name__
    return f"{type(error).__name__}: {text}"


def _short(data: Any, redact: Callable[[Any], Any] | None) -> Any:
    if data is MISSING:
        return None
    if redact is not None:
        data = redact(data)  # before cutting: half a secret would not be recognised
    raw = data if isinstance(data, str) else write_json(data).decode("utf-8")
    return data if len(raw) <= _KEPT_OF_RESPONSE else raw[:_KEPT_OF_RESPONSE] + "…"


class DeadLetters:
    """A file of failed events, each written as soon as it failed; only the file's owner can read it.

    Args:
        path: The file. While it is open, only processes that share it can write failed events there.
        source: The name of the events' input.
        redact: Removes the secrets from a JSON value; it is applied to everything except the event itself.
        run: The identifier of the run in its ledger, so that `dead_letters_of` finds what was written before a crash.
        append: Whether to add to the file. Otherwise it must be empty or missing.
        shared: Whether the process that started this one has opened the file, and called `share`.

    Attributes:
        path: The file.
        run: The identifier of the run.
        written: The number of events that were written.

    Raises:
        RecordingError: The file cannot be written, another run is writing it, or it is not empty.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "failed.ndjson"
        >>> _ = path.write_text('{"deadLetter": 1}')
        >>> DeadLetters(path)
        Traceback (most recent call last):
        destination.delivery.errors.RecordingError: ...failed.ndjson: holds failed events of an earlier run; ...
        >>> dead_letters = DeadLetters(path, append=True)
        >>> dead_letters.clear()
        >>> path.read_bytes()
        b''
        >>> dead_letters.close()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        source: str = "",
        redact: Callable[[Any], Any] | None = None,
        *,
        run: str | None = None,
        append: bool = False,
        shared: bool = False,
    ) -> None:
        self.path = Path(path)
        self.run = run
        self.written = 0
        self._source = source
        self._redact = redact
        try:
            # Each line is one write at the file's end, so that several processes may share it.
            self._file: BinaryIO = open_private(self.path, "ab", buffering=0)
        except (OSError, ValueError) as error:
            raise RecordingError(f"{self.path}: cannot be written: {_reason(error)}") from None
        try:
            self._check(append=append, shared=shared)
        except BaseException:
            self._file.close()
            raise

    def _check(self, *, append: bool, shared: bool) -> None:
        try:
            if not self._keeps():
                return
            if not lock_file(self._file.fileno(), exclusive=not shared):
                raise RecordingError(f"{self.path}: another run is writing failed events there")
            size = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be locked: {_reason(error)}") from None
        if size and not append:
            raise RecordingError(
                f"{self.path}: holds failed events of an earlier run; give another name, --resume to add to them, or "
                "--overwrite to replace them"
            )

    def _keeps(self) -> bool:
        """Returns whether it is a regular file; a pipe or a terminal has no contents to lose."""
        return stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)

    def share(self) -> None:
        """Lets processes that this one starts open the same file as `shared`."""
        if self._keeps():
            lock_file(self._file.fileno(), exclusive=False)

    def clear(self) -> None:
        """Removes the contents of the file.

        Raises:
            RecordingError: The file cannot be written.
        """
        try:
            if self._keeps():
                self._file.truncate(0)
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be written: {_reason(error)}") from None

    def add(self, record: Record, failures: Iterable[Failure]) -> None:
        """Writes one event with the reasons why it failed.

        Raises:
            RecordingError: The file cannot be written.
        """
        head: dict[str, Any] = {MARKER: VERSION, "source": self._source, "at": record.label}
        if self._redact is not None:
            head = self._redact(head)
        head["failures"] = [failure.to_json(self._redact) for failure in failures]
        if self.run is not None:
            head.update(run=self.run, position=record.ordinal)
        line = b"".join((write_json(head)[:-1], *_content(record), b"}\n"))
        try:
            while line:  # an unbuffered write may write only a part
                line = line[self._file.write(line) :]
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be written: {_reason(error)}") from None
        self.written += 1

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def dead_letters_of(path: str | os.PathLike[str], run: str) -> Iterator[tuple[int, int | None, Any]]:
    """Reads the failures of a run from a file: position, subscription or None, and the event or MISSING.

    A last line that was cut off when the run was killed is removed.

    Raises:
        RecordingError: The file cannot be read or written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "failed.ndjson"
        >>> line = '{"run": "r1", "position": 7, "failures": [{"index": 0}], "event": {"type": "track"}}'
        >>> _ = path.write_text(f"{line}{chr(10)}", encoding="utf-8")
        >>> list(dead_letters_of(path, "r1")), list(dead_letters_of(path, "r2"))
        ([(7, 0, {'type': 'track'})], [])
    """
    try:
        with Path(path).open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    file.truncate(file.tell() - len(line))
                    return
                yield from _dead_letters_of_line(line, run)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {_reason(error)}") from None


def _dead_letters_of_line(line: bytes, run: str) -> Iterator[tuple[int, int | None, Any]]:
    try:
        dead_letter = read_json(line)
    except ValueError:
        return
    if not isinstance(dead_letter, dict) or dead_letter.get("run") != run:
        return
    position, failures = dead_letter.get("position"), dead_letter.get("failures")
    if not isinstance(position, int) or not isinstance(failures, list):
        return
    for failure in failures:
        index = failure.get("index") if isinstance(failure, dict) else None
        yield position, index if isinstance(index, int) else None, dead_letter.get("event", MISSING)


def _content(record: Record) -> tuple[bytes, ...]:
    if record.event is not None:
        # Unchanged; JSON has line breaks between tokens only.
        return b',"event":', record.event_bytes.replace(b"\r", b" ").replace(b"\n", b" ")
    if not record.complete:
        return b',"start":', quote(record.raw.decode("utf-8", "replace")).encode("utf-8")
    return b',"raw":', quote(record.raw.rstrip(b"\r").decode("utf-8", "surrogateescape")).encode("utf-8")


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
