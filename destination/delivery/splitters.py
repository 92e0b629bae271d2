"""Cuts the bytes of an input into pieces: lines of NDJSON, items of a JSON array, members of a JSON object."""

import re

from destination.delivery.record import MAX_RECORD_BYTES, Piece

_KEPT_OF_TOO_LONG = 200


class LineSplitter:
    r"""Cuts bytes into lines, and leaves out blank ones.

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
        """Returns the lines that end within this chunk."""
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
        """Returns the last line, where no newline ends it."""
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
_OPENING, _QUOTE = b"[{", ord('"')


class ArraySplitter:
    """Cuts one JSON array into its items; feed it from the byte after its opening bracket.

    It follows strings and brackets only, so an item that is not valid JSON does not affect the next one, as long as its
    brackets pair up.

    Attributes:
        closed: Whether the array's end was reached.
        rest: What came after it in the last chunk.
        offsets: Where items that are too long begin: the number of bytes before them, by the item's number.

    Example:
        >>> items = ArraySplitter()
        >>> [piece.raw for piece in items.feed(b'{"a": "]"}, 5] ')]
        [b'{"a": "]"}', b'5']
        >>> items.closed, items.rest
        (True, b' ')
    """

    unit = "item"
    _end = ord("]")
    _ending = b",]"

    def __init__(self, limit: int = MAX_RECORD_BYTES, first: int = 1) -> None:
        self.closed = False
        self.rest = b""
        self.offsets: dict[int, int] = {}
        self._limit = limit
        self._position = first
        self._buffer = bytearray()
        self._scanned = 0  # up to here the buffer cannot hold the item's end
        self._depth = 0
        self._in_string = False
        self._dropped = b""  # the beginning of an item that is too long
        self._dropped_at = 0
        self._forgotten = 0  # bytes that were fed and are no longer in the buffer
        self._empty = True

    def feed(self, chunk: bytes) -> list[Piece]:
        """Returns the items that end within this chunk."""
        buffer = self._buffer
        buffer += chunk
        pieces: list[Piece] = []
        start = 0
        while not self.closed:
            end = self._find_end()
            if end is None:
                break
            self.closed = buffer[end] == self._end
            self._take(bytes(buffer[start:end]).strip(), start, pieces)
            start = self._scanned = end + 1
        if self.closed:
            self.rest = bytes(buffer[start:])
            buffer.clear()
            return pieces
        del buffer[:start]
        self._scanned -= start
        self._forgotten += start
        if self._dropped or len(buffer) > self._limit:
            if not self._dropped:
                self._dropped, self._dropped_at = bytes(buffer[:_KEPT_OF_TOO_LONG]), self._forgotten
            del buffer[: self._scanned]
            self._forgotten += self._scanned
            self._scanned = 0
        return pieces

    @property
    def next_position(self) -> int:
        """The number that the next item has."""
        return self._position

    def _take(self, raw: bytes, start: int, pieces: list[Piece]) -> None:
        if self._dropped or len(raw) > self._limit:
            self.offsets[self._position] = self._dropped_at if self._dropped else self._forgotten + start
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
            elif byte in self._ending:
                return position
            position += 1
        self._scanned = position
        return None


class MemberSplitter(ArraySplitter):
    """Cuts one JSON object into its members; feed it from the byte after its opening brace.

    Example:
        >>> members = MemberSplitter()
        >>> [piece.raw for piece in members.feed(b'"sentAt": null, "batch": [{}, {}]} ')]
        [b'"sentAt": null', b'"batch": [{}, {}]']
    """

    unit = "member"
    _end = ord("}")
    _ending = b",}"


def _run(pattern: re.Pattern[bytes], buffer: bytearray, position: int) -> int:
    match = pattern.match(buffer, position)
    assert match is not None  # noqa: S101  each pattern matches the empty text
    return match.end()
