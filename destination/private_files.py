"""Files that nobody but their owner may read: they hold events, and what partners answered."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

PRIVATE: Final = 0o600


def private_opener(path: str | os.PathLike[str], flags: int) -> int:
    """An `opener` for `open`: what it makes, or finds with wider rights, is the owner's alone.

    Devices and pipes stay as they are, and so does a file that belongs to somebody else. On Windows there are no such
    rights; a file has those of its folder.

    Raises:
        OSError: The file cannot be opened.

    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "answers")
        >>> with open(path, "w", opener=private_opener) as file:
        ...     _ = file.write("secret")
        >>> oct(stat.S_IMODE(os.stat(path).st_mode)) if os.name == "posix" else "0o600"
        '0o600'
    """
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0), PRIVATE)
    try:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) != PRIVATE and hasattr(os, "fchmod"):
            with suppress(PermissionError):  # it is another user's
                os.fchmod(handle, PRIVATE)
    except BaseException:
        os.close(handle)
        raise
    return handle


def open_private(path: str | os.PathLike[str], mode: str = "wb", buffering: int = -1) -> BinaryIO:
    """Opens a file of bytes that is the owner's alone.

    Args:
        path: The file.
        mode: As for `open`, with a `b`.
        buffering: As for `open`.

    Raises:
        OSError: It cannot be opened.
        ValueError: The path is no name that a file can have.
    """
    return open(path, mode, buffering, opener=private_opener)  # type: ignore[return-value]


def make_private(path: str | os.PathLike[str]) -> None:
    """Takes the rights of others on a file that may be there, without opening it.

    A file of SQLite may not be opened beside it: closing it would end the locks that SQLite has on it.
    """
    with suppress(FileNotFoundError, PermissionError):
        file = Path(path)
        status = file.stat()
        if os.name == "posix" and stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) != PRIVATE:
            file.chmod(PRIVATE)
