"""The standard streams of a process: closed when it starts, or gone while it runs."""

import os
import sys
from contextlib import suppress
from typing import Any, TextIO


def open_missing_streams() -> None:
    """Lets what is written to a standard output or standard error that is closed (`>&-`) go nowhere.

    Python has None there then, and the next file that is opened would get the stream's number.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def forget_stream(stream: TextIO) -> None:
    """Sends what is written to a stream from now on, and what is still buffered, nowhere.

    For a stream that nobody reads any more: else the interpreter's last flush fails, and with it the exit status.
    """
    with suppress(OSError, ValueError):  # it has no file, as in tests
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, number)
        finally:
            os.close(nowhere)


class UnfailingStream:
    """A stream of remarks, which nobody has to read: one that cannot be written any more is forgotten.

    Args:
        stream: The stream, such as standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes a text."""
        try:
            return self._stream.write(text)
        except OSError:
            forget_stream(self._stream)
            return len(text)

    def flush(self) -> None:
        """Writes what is buffered."""
        try:
            self._stream.flush()
        except OSError:
            forget_stream(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
