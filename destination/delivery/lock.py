"""A lock on a file, kept by the process as long as it lives."""

import os
from pathlib import Path

from destination.private_files import PRIVATE


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
        try:
            import fcntl
        except ImportError:
            return True
        if self._file is None:
            return False
        try:
            # flock: SQLite's own locks on the same file are of another kind, and neither sees the other's.
            fcntl.flock(self._file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Gives it up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
