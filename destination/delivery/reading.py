"""Reads the bytes of an input: opens it, unpacks gzip, and says what a file is that does not hold events."""

import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol

from destination.delivery.errors import InputError
from destination.delivery.file_kinds import kind_of_file, what_to_do

CHUNK_BYTES = 1 << 16
STANDARD_INPUT = "-"

_GZIP = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 8


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...

    def close(self) -> None: ...


class FileState(NamedTuple):
    """Distinguishes a file from another one, and from itself after a change."""

    device: int
    number: int
    size: int
    modified_ns: int

    def differs_from(self, before: "FileState") -> str:
        """Returns what happened to a file since it was in another state.

        Example:
            >>> FileState(1, 2, 30, 4).differs_from(FileState(1, 2, 20, 3))
            'grew'
        """
        if self[:2] != before[:2]:
            return "was replaced"
        if self.size == before.size:
            return "was changed"
        return "grew" if self.size > before.size else "became shorter"


class ByteInput:
    """The bytes of an input. Gzip is recognised by its first bytes and unpacked; a UTF-8 byte order mark is left out.

    Attributes:
        name: How messages call it.
        size: Its length in bytes on disk, or None for standard input and the like.
        state: Distinguishes it from another file, and from itself after a change; None for standard input and the like.
        bytes_read: How much of that was read, in bytes.

    Example:
        >>> import gzip
        >>> b"".join(ByteInput(io.BytesIO(gzip.compress(b"[]"))).chunks())
        b'[]'
    """

    def __init__(self, stream: _Readable, name: str = "input", size: int | None = None) -> None:
        self.name = name
        self.size = size
        self.state: FileState | None = None
        self.bytes_read = 0
        self._stream = stream
        self._path: Path | None = None
        self._end: int | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, expected: "FileState | None" = None) -> "ByteInput":
        """Opens a file, or standard input for `-`.

        Args:
            path: The file, or `-`.
            expected: What the file was when another process opened it. No more of it is read than it held then.

        Raises:
            InputError: The file is missing, a folder, not readable, or not as expected; or standard input is closed.
        """
        if path == STANDARD_INPUT:
            return cls(_standard_input(), "standard input")
        path = Path(path)
        try:
            if path.is_dir():
                raise InputError(f"{path}: is a folder; give a file of events, or - for standard input")
            stream = path.open("rb", buffering=0)
        except FileNotFoundError:
            raise InputError(f"{path}: there is no such file") from None
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {_reason(error)}") from None
        found = os.fstat(stream.fileno())
        opened = cls(stream, str(path), found.st_size or None)
        if stat.S_ISREG(found.st_mode):
            opened._path = path
        opened.state = FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if expected is not None:
            if opened.state != expected:
                opened.close()
                raise InputError(f"{path}: {opened.state.differs_from(expected)} while the run started")
            opened._end = expected.size
        return opened

    def again(self) -> "ByteInput":
        """Opens the same file once more, to read it a second time.

        Raises:
            InputError: It is a pipe, or was changed meanwhile.
        """
        if self._path is None or self.state is None:
            raise InputError(
                f"{self.name}: holds its events in one JSON object that is too large to be read from a pipe: "
                "keys after the list count for every event; save it as a file"
            )
        return self.open(self._path, expected=self.state)

    def chunks(self) -> Iterator[bytes]:
        """Returns the bytes, in pieces of at most 64 KiB and never empty; each as soon as it is there.

        Raises:
            InputError: Reading fails, the gzip data are damaged or cut off, or the file is of a kind that does not
                hold JSON text.
        """
        pieces = self._raw()
        head = _at_least(pieces, _HEAD_BYTES)  # no event is as short, so none waits
        if head.startswith(_GZIP):
            pieces = self._gunzip(_chain(head, pieces))
            head = _at_least(pieces, _HEAD_BYTES)
        kind = kind_of_file(head, self.name)
        if kind is not None:
            raise InputError(f"{self.name}: {what_to_do(kind, self.name)}")
        yield from _chain(head.removeprefix(_UTF8_BOM), pieces)

    def _raw(self) -> Iterator[bytes]:
        while True:
            wanted = CHUNK_BYTES if self._end is None else min(CHUNK_BYTES, self._end - self.bytes_read)
            try:
                chunk = self._stream.read(wanted)
            except OSError as error:
                raise InputError(f"{self.name}: reading failed: {_reason(error)}") from None
            if not chunk:
                if wanted and self._end is not None:
                    raise InputError(f"{self.name}: became shorter while it was read")
                return
            self.bytes_read += len(chunk)
            yield chunk

    def _gunzip(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        inflate = zlib.decompressobj(wbits=31)
        try:
            for data in chunks:
                full = False
                while data or full:
                    if inflate.eof:
                        data = data.lstrip(b"\0")  # gzip files may be padded, and may follow one another
                        if not data:
                            break
                        inflate = zlib.decompressobj(wbits=31)
                    piece = inflate.decompress(data, CHUNK_BYTES)
                    data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
                    full = len(piece) == CHUNK_BYTES  # the decompressor may hold more
                    if piece:
                        yield piece
        except zlib.error as error:
            raise InputError(f"{self.name}: the gzip data are damaged: {error}") from None
        if not inflate.eof:
            raise InputError(f"{self.name}: the gzip data end too early; the file was cut off")

    def close(self) -> None:
        """Closes the file; standard input stays open."""
        self._stream.close()

    def __enter__(self) -> "ByteInput":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _standard_input() -> _Readable:
    if sys.stdin is None:
        raise InputError("standard input: is closed; give a file of events")
    try:
        # Unbuffered: a thread that waits in a buffered reader would hold its lock when the process ends.
        return io.FileIO(sys.stdin.fileno(), "rb", closefd=False)
    except (OSError, ValueError):  # replaced by an object without a file, as in tests
        return _Borrowed(sys.stdin.buffer)


class _Borrowed:
    """A stream that belongs to someone else: closing leaves it open."""

    def __init__(self, stream: _Readable) -> None:
        self.read = stream.read

    def close(self) -> None:
        """Leaves it open."""


def _at_least(pieces: Iterator[bytes], length: int) -> bytes:
    head = b""
    while len(head) < length and (piece := next(pieces, b"")):
        head += piece
    return head


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
