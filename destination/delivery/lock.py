"""A lock on a file, kept by the process as long as it lives."""

import errno
import os
from pathlib import Path

from destination.private_files import PRIVATE

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system answers that has no locks, such as some network drives."""


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
