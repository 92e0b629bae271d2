"""Reads the bytes of an input, decompressed, and cuts them into lines of NDJSON or items of a JSON array."""

import io
import os
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol

from destination.delivery.errors import InputError
from destination.delivery.record import MAX_RECORD_BYTES, Piece

CHUNK_BYTES = 1 << 16
STANDARD_INPUT = "-"

_GZIP = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_KEPT_OF_TOO_LONG = 200


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
    """Bytes as they come: gzip is recognised by its first bytes, a UTF-8 byte order mark is dropped.

    Attributes:
        name: How messages call it.
        size: Its length in bytes on disk, or None for standard input and the like.
        state: Distinguishes it from another file, and from itself after a change; None for standard input and the like.
        bytes_read: How much of that was read.

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
        opened.state = FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if expected is not None:
            if opened.state != expected:
                opened.close()
                raise InputError(f"{path}: {opened.state.differs_from(expected)} while the run started")
            opened._end = expected.size
        return opened

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces of at most 64 KiB and never empty; each as soon as it is there.

        Raises:
            InputError: Reading fails, the gzip data are damaged or cut off, or the text is UTF-16.
        """
        raw = self._raw()
        head = _at_least(raw, len(_GZIP))
        if head.startswith(_GZIP):
            pieces = self._gunzip(_chain(head, raw))
            head = _at_least(pieces, len(_UTF8_BOM))
        else:
            pieces = raw
            head += _at_least(pieces, len(_UTF8_BOM) - len(head))
        if head.startswith(_UTF16_BOMS):
            raise InputError(f"{self.name}: is UTF-16 text; save it as UTF-8")
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


# --- lines and items -------------------------------------------------------------------------------------


class LineSplitter:
    r"""Lines, without those that are blank.

    Example:
        >>> lines = LineSplitter()
        >>> lines.feed(b'{"a":1}\n\n{"b"'), lines.feed(b":2}"), lines.finish()
        ([Piece(position=1, raw=b'{"a":1}', complete=True)], [], [Piece(position=3, raw=b'{"b":2}', complete=True)])
    """

    unit = "line"

    def __init__(self, limit: int = MAX_RECORD_BYTES, first: int = 1) -> None:
        self._limit = limit
        self._position = first
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Piece]:
        """The lines that end within this chunk."""
        first, *others = chunk.split(b"\n")
        self._keep(first)
        if not others:
            return []
        pieces: list[Piece] = []
        self._end(pieces)
        rest = others.pop()
        position, limit = self._position, self._limit
        for line in others:
            if len(line) > limit:
                pieces.append(Piece(position, line[:_KEPT_OF_TOO_LONG], False))
            elif line and not line.isspace():
                pieces.append(Piece(position, line, True))
            position += 1
        self._position = position
        self._keep(rest)
        return pieces

    def finish(self) -> list[Piece]:
        """The last line, where no newline ends it."""
        pieces: list[Piece] = []
        self._end(pieces)
        return pieces

    def _keep(self, part: bytes) -> None:
        before = self._size
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
        elif before <= self._limit:
            self._parts = [b"".join([*self._parts, part])[:_KEPT_OF_TOO_LONG]]

    def _end(self, pieces: list[Piece]) -> None:
        line = b"".join(self._parts)
        if self._size > self._limit:
            pieces.append(Piece(self._position, line, False))
        elif line and not line.isspace():
            pieces.append(Piece(self._position, line, True))
        self._parts, self._size = [], 0
        self._position += 1


_STRING = rb'"(?:[^"\\]++|\\.)*+"'


def _balanced(levels: int) -> bytes:
    """Matches brackets that pair up, nested `levels` deep at most, with their contents."""
    inner = rb'[^"\[\]{}]++|' + _STRING + (rb"|" + _balanced(levels - 1) if levels > 1 else b"")
    return rb"[\[{](?:" + inner + rb")*+[\]}]"


# Each runs over all that leaves the depth as it is; possessive, so that time stays linear. Most events nest no
# deeper than this many levels, and are passed over in one go; deeper ones are followed bracket by bracket.
_PASSED_OVER = _STRING + rb"|" + _balanced(5)
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|' + _PASSED_OVER + rb")*+", re.DOTALL)
_BETWEEN = re.compile(rb'(?:[^"\[\]{},]++|' + _PASSED_OVER + rb")*+", re.DOTALL)
_IN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_OPENING, _ENDING, _QUOTE, _ARRAY_END = b"[{", b",]", ord('"'), ord("]")


class ArraySplitter:
    """The items of one JSON array; feed it from the byte after its opening bracket.

    It follows strings and brackets only, so an item that is not valid JSON does not affect the next one, as long as its
    brackets pair up.

    Attributes:
        closed: Whether the array's end was reached.
        rest: What came after it in the last chunk.

    Example:
        >>> items = ArraySplitter()
        >>> [piece.raw for piece in items.feed(b'{"a": "]"}, 5] ')]
        [b'{"a": "]"}', b'5']
        >>> items.closed, items.rest
        (True, b' ')
    """

    unit = "item"

    def __init__(self, limit: int = MAX_RECORD_BYTES, first: int = 1) -> None:
        self.closed = False
        self.rest = b""
        self._limit = limit
        self._position = first
        self._buffer = bytearray()
        self._scanned = 0  # up to here the buffer cannot hold the item's end
        self._depth = 0
        self._in_string = False
        self._dropped = b""  # the beginning of an item that is too long
        self._empty = True

    def feed(self, chunk: bytes) -> list[Piece]:
        """The items that end within this chunk."""
        buffer = self._buffer
        buffer += chunk
        pieces: list[Piece] = []
        start = 0
        while not self.closed:
            end = self._find_end()
            if end is None:
                break
            self.closed = buffer[end] == _ARRAY_END
            self._take(bytes(buffer[start:end]).strip(), pieces)
            start = self._scanned = end + 1
        if self.closed:
            self.rest = bytes(buffer[start:])
            buffer.clear()
            return pieces
        del buffer[:start]
        self._scanned -= start
        if self._dropped or len(buffer) > self._limit:
            self._dropped = self._dropped or bytes(buffer[:_KEPT_OF_TOO_LONG])
            del buffer[: self._scanned]
            self._scanned = 0
        return pieces

    @property
    def next_position(self) -> int:
        """The number that the next item has."""
        return self._position

    def _take(self, raw: bytes, pieces: list[Piece]) -> None:
        if self._dropped or len(raw) > self._limit:
            pieces.append(Piece(self._position, self._dropped or raw[:_KEPT_OF_TOO_LONG], False))
        elif raw or not (self.closed and self._empty):  # `[]` has no items, `[1,]` has two
            pieces.append(Piece(self._position, raw, True))
        else:
            return
        self._empty = False
        self._dropped = b""
        self._position += 1

    def _find_end(self) -> int | None:
        """Where the comma or bracket after the current item is; None when more bytes are needed."""
        buffer, position = self._buffer, self._scanned
        length = len(buffer)
        while True:
            if self._in_string:
                position = _run(_IN_STRING, buffer, position)
                if position == length or buffer[position] != _QUOTE:
                    break  # the end of what is there, or a lone backslash before it
                self._in_string = False
                position += 1
            position = _run(_INSIDE if self._depth else _BETWEEN, buffer, position)
            if position == length:
                break
            byte = buffer[position]
            if byte == _QUOTE:  # a string whose end is not there yet
                self._in_string = True
            elif byte in _OPENING:
                self._depth += 1
            elif self._depth:
                self._depth -= 1
            elif byte in _ENDING:
                return position
            position += 1
        self._scanned = position
        return None


def _run(pattern: re.Pattern[bytes], buffer: bytearray, position: int) -> int:
    match = pattern.match(buffer, position)
    assert match is not None  # noqa: S101  each pattern matches the empty text
    return match.end()
