"""Files that nobody but their owner may read, since they hold events and answers of partners; and locks on them."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

PRIVATE: Final = 0o600

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system answers that has no locks, such as some network drives."""


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


# --- locks -----------------------------------------------------------------------------------------------


class FileLock:
    """Holds a file open, and a lock on it that ends with the process at the latest.

    Where the system has no such locks (Windows), every lock is granted.

    Args:
        path: The file; made where it is missing, as its owner's alone.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), PRIVATE)

    def take(self, *, exclusive: bool) -> bool:
        """Takes the lock, or changes its kind; false where another process holds one that forbids it."""
        return self._file is not None and lock_file(self._file, exclusive=exclusive)

    def release(self) -> None:
        """Gives it up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def lock_file(descriptor: int, *, exclusive: bool) -> bool:
    """Locks an open file until it is closed, or changes the kind of its lock.

    Returns:
        False where another process holds a lock that forbids it. True also where the system has no such locks.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        # flock: SQLite's own locks on the same file are of another kind, and neither sees the other's.
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return True
        raise
    return True
