"""Writes to the terminal; nothing reaches it unmasked, and nothing from outside can control it."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from destination.cli.plain_table import plain_table, wants_rich
from destination.cli.problems import OutputClosedError, OutputFailedError
from destination.cli.process import UnfailingStream, forget_stream
from destination.values import write_json
from destination.values.printable import indent_json, printable, printable_json

if TYPE_CHECKING:
    from rich.console import Console

    from destination.runtime import Redactor


_WIDTH_OF_FILES = 120
_BLOCK_BYTES = 1 << 16


class StyledLine:
    """A line of parts, each with a style of rich's, for `Output.styled`; the texts went through `Output.text`.

    Example:
        >>> str(StyledLine("error", "bold red").append(": ").append("no such field"))
        'error: no such field'
    """

    def __init__(self, text: str = "", style: str = "") -> None:
        self.parts = [(text, style)]

    def append(self, text: str, style: str = "") -> "StyledLine":
        """Adds a part, and returns the line."""
        self.parts.append((text, style))
        return self

    def __str__(self) -> str:
        return "".join(text for text, _ in self.parts)


class Output:
    """Standard output and standard error.

    Attributes:
        redactor: Masks the secrets of the instance in use; set as soon as they are known.
    """

    def __init__(self) -> None:
        self.redactor: Redactor | None = None
        self._block: BinaryIO | None = None
        self._held = 0

    def text(self, text: str) -> str:
        """Masks a text and puts it on one line: what could control a terminal is written out, line breaks too."""
        if self.redactor is not None:
            text = self.redactor.text(text)
        return printable(text)

    def line(self, text: str = "") -> None:
        """Writes a line to standard output."""
        _write(sys.stdout, self.text(text))

    def text_as_it_is(self, text: str) -> None:
        """Writes text of several lines, such as a file, to standard output; what could control a terminal is escaped.

        It is not masked: it has no settings in it.
        """
        for line in text.splitlines():
            _write(sys.stdout, printable(line))

    def note(self, text: str) -> None:
        """Writes a line to standard error, under the program's name; where that cannot be written, nothing happens."""
        self.flush()
        try:
            _write(sys.stderr, self.text(f"destination: {text}"))
        except (OutputClosedError, OutputFailedError):  # no remark is worth ending a run for
            forget_stream(sys.stderr)

    @contextmanager
    def in_blocks(self) -> Iterator[None]:
        """Within the `with` block, writes JSON lines several at a time, unless a terminal shows them.

        Lines are held back until `flush` or a remark, or until 64 KiB are full. At the end none is, however it ends.
        """
        sys.stdout.flush()
        self._block = None if sys.stdout.isatty() else _with_room(sys.stdout)
        try:
            yield
        except BaseException:
            with suppress(OutputClosedError, OutputFailedError):  # what ended it matters more
                self.flush()
            raise
        else:
            self.flush()
        finally:
            self._block = None

    def json_line(self, value: Any) -> None:
        """Writes a JSON value to one line of standard output; as bytes, so that any terminal's encoding will do."""
        self.plain_line(printable_json(self._written(value)) + b"\n")

    def plain_line(self, line: bytes) -> None:
        """Writes a line of JSON, with its line break, that has no secret and nothing to escape; see `json_line`."""
        if self._block is None:
            self._bytes(line)
            return
        size = len(line)
        # What fits in is taken without waiting. So no signal can come while only a part of a line is written.
        if self._held + size > _BLOCK_BYTES:
            self.flush()
        self._held += size
        try:
            self._block.write(line)
        except OSError as error:
            raise _refusal(error) from None

    def flush(self) -> None:
        """Writes the lines that are held back."""
        if self._block is not None and self._held:
            try:
                self._block.flush()
            except OSError as error:
                raise _refusal(error) from None
            self._held = 0

    def json(self, value: Any) -> None:
        """Writes a JSON value to standard output, indented for people."""
        try:
            compact = self._written(value)
        except ValueError as error:  # a payload may nest deeper than JSON can be written
            compact = write_json(f"cannot be shown: {error}")
        self._bytes(printable_json(indent_json(compact.decode("utf-8")).encode("utf-8")) + b"\n")

    def _written(self, value: Any) -> bytes:
        return write_json(value) if self.redactor is None else self.redactor.json(value)

    def _bytes(self, line: bytes) -> None:
        try:
            sys.stdout.flush()
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except OSError as error:
            raise _refusal(error) from None

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "", more: str = "") -> None:
        """Writes a table to standard output, columns of numbers set to the right.

        Args:
            columns: The headings.
            rows: The cells of each row.
            title: The title, if any.
            more: What to say of rows that are left out, if any.
        """
        cells = [[str(cell) if isinstance(cell, int) else self.text(str(cell)) for cell in row] for row in rows]
        numeric = [bool(cells) and all(row[index].isdigit() for row in cells) for index in range(len(columns))]
        lines = None if sys.stdout.isatty() else plain_table(columns, cells, numeric, self.text(title), _WIDTH_OF_FILES)
        if lines is None:
            lines = self._rich_table(columns, cells, numeric, title)
        _write(sys.stdout, "\n".join([*filter(None, lines), *([f" {self.text(more)}"] if more else []), ""]))

    def _rich_table(self, columns: Sequence[str], cells: list[list[str]], numeric: list[bool], title: str) -> list[str]:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        heading = Text(self.text(title), "table.title") if title else None
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=heading, title_justify="left")
        for column, right in zip(columns, numeric, strict=True):
            table.add_column(Text(column), justify="right" if right else "left", overflow="fold")
        for row in cells:
            table.add_row(*map(Text, row))
        return [line.rstrip() for line in _drawn(table)]

    def styled(self, lines: Iterable[StyledLine]) -> None:
        """Writes lines to standard output; in colours on a terminal only."""
        if sys.stdout.isatty() or wants_rich(os.environ):
            from rich.text import Text

            self.draw(Text.assemble(*line.parts) for line in lines)
            return
        for line in lines:
            _write(sys.stdout, str(line).rstrip())

    def draw(self, drawings: Iterable[Any]) -> None:
        """Draws for rich on standard output what went through `text`; in colours on a terminal only."""
        for drawing in drawings:
            for line in _drawn(drawing):
                _write(sys.stdout, line.rstrip())


def _with_room(stream: TextIO) -> BinaryIO:
    """Opens a stream's file once more, with room for a whole block."""
    try:
        return os.fdopen(stream.fileno(), "wb", buffering=_BLOCK_BYTES, closefd=False)
    except (OSError, ValueError):  # it has no file, as in tests
        return stream.buffer


def _drawn(drawing: Any) -> list[str]:
    from rich.text import Text

    terminal = console(sys.stdout)
    try:
        with terminal.capture() as capture:
            terminal.print(drawing, soft_wrap=isinstance(drawing, Text))  # a line stays one: terminals wrap themselves
    except OSError as error:  # it flushes the stream
        raise _refusal(error) from None
    return capture.get().splitlines()


def console(stream: TextIO) -> "Console":
    """Makes a rich console on a stream; wide where there is no terminal to fit."""
    from rich.console import Console

    width = None if stream.isatty() else _WIDTH_OF_FILES
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def remarks_console() -> "Console":
    """Makes a rich console on standard error that goes on when that cannot be written any more."""
    return console(cast(TextIO, UnfailingStream(sys.stderr)))


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except OSError as error:
        raise _refusal(error) from None


def _refusal(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return OutputClosedError()
    return OutputFailedError((error.strerror or str(error)).lower())
