"""The process of the command: its standard streams, the signals that end it in an orderly way, and its end."""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn, TextIO

HANGUP: int | None = getattr(signal, "SIGHUP", None)  # Windows has none


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


def ending_signals() -> list[int]:
    """Returns SIGINT, SIGTERM, and SIGHUP unless that was ignored when the process began, as `nohup` has it.

    Call it before a handler is set.
    """
    found: list[int] = [signal.SIGINT, signal.SIGTERM]
    if HANGUP is not None and signal.getsignal(HANGUP) is not signal.SIG_IGN:
        found.append(HANGUP)
    return found


def is_repeated_hangup(number: int, received: Sequence[int]) -> bool:
    """Returns whether a signal only says a second time that the terminal is gone.

    A shell passes SIGHUP on to its jobs, and the system sends it, too, when the shell ends: two of them do not mean
    that somebody is impatient.

    Example:
        >>> import signal
        >>> is_repeated_hangup(signal.SIGHUP, []), is_repeated_hangup(signal.SIGHUP, [signal.SIGHUP])
        (False, True)
    """
    return number == HANGUP and number in received


def end_process(status: int) -> NoReturn:
    """Ends the process with a status; where pyreqwest was used, without taking the interpreter down.

    Its threads run on when its client is closed. One that asks for the interpreter's lock while that is being taken
    down aborts the process: status 134 after a run in which all went well, seen on a busy machine.
    """
    if "pyreqwest" not in sys.modules:
        gc.freeze()  # else the interpreter looks for garbage among all objects as it ends: a tenth of a short command
        sys.exit(status)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(status)
