"""Files that only their owner can read, since they hold events and answers; locks; replacing in one step."""

import errno
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

PRIVATE: Final = 0o600

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Error numbers of a file system without locks, such as some network drives."""


def private_opener(path: str | os.PathLike[str], flags: int) -> int:
    """Opens a file so that only its owner can read it; an `opener` for `open`.

    A new file is created with mode 0600, and an existing one with wider permissions gets it. Devices, pipes and files
    of other users keep theirs. On Windows a file has the permissions of its folder.

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
            with suppress(PermissionError):  # another user owns it
                os.fchmod(handle, PRIVATE)
    except BaseException:
        os.close(handle)
        raise
    return handle


def open_private(path: str | os.PathLike[str], mode: str = "wb", buffering: int = -1) -> BinaryIO:
    """Opens a binary file that only its owner can read.

    Args:
        path: The file.
        mode: As for `open`, with a `b`.
        buffering: As for `open`.

    Raises:
        OSError: The file cannot be opened.
        ValueError: A file cannot have this path.
    """
    return open(path, mode, buffering, opener=private_opener)  # type: ignore[return-value]


def make_private(path: str | os.PathLike[str]) -> None:
    """Removes the permissions of others from a file, if it exists, without opening it.

    A file that SQLite uses must not be opened a second time: closing it would end SQLite's locks.
    """
    with suppress(FileNotFoundError, PermissionError):
        file = Path(path)
        status = file.stat()
        if os.name == "posix" and stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) != PRIVATE:
            file.chmod(PRIVATE)


# --- locks -----------------------------------------------------------------------------------------------


class FileLock:
    """An open file with a lock, which the system releases when the process ends.

    On a system without such locks (Windows), every lock is granted.

    Args:
        path: The file; created if it is missing, readable by its owner only.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), PRIVATE)

    def take(self, *, exclusive: bool) -> bool:
        """Takes the lock, or changes its kind; returns False if a lock of another process prevents it."""
        return self._file is not None and lock_file(self._file, exclusive=exclusive)

    def release(self) -> None:
        """Releases the lock and closes the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def lock_file(descriptor: int, *, exclusive: bool) -> bool:
    """Locks an open file until it is closed, or changes the kind of its lock.

    Returns:
        False if a lock of another process prevents it. True also on a system without such locks.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        # flock: SQLite's own locks on the same file are of another kind, so the two do not affect each other.
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return True
        raise
    return True


def replace_content(path: Path, content: bytes) -> None:
    """Replaces the content of a file in one step, so that it is never half written; it keeps its mode.

    Raises:
        OSError: The file cannot be replaced; it is as it was.

    Example:
        >>> file = Path(tempfile.mkdtemp(), "mappings.json")
        >>> _ = file.write_bytes(b"old")
        >>> replace_content(file, b"new")
        >>> file.read_bytes()
        b'new'
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class FileChangedError(Exception):
    """A file is not as it was when it was read."""


class ReadOnlyFileError(Exception):
    """A file must not be written."""


def replace_known_content(path: Path, before: bytes, after: bytes) -> None:
    """Replaces the content of a file as `replace_content` does, if it still is as it was read.

    A link stays a link: the file that it names is replaced.

    Args:
        path: The file.
        before: What it held when it was read.
        after: What it is to hold.

    Raises:
        FileChangedError: It holds something else now.
        ReadOnlyFileError: It is read-only.
        OSError: It cannot be read or replaced; it is as it was.

    Example:
        >>> file = Path(tempfile.mkdtemp(), "mappings.json")
        >>> _ = file.write_bytes(b"newer")
        >>> replace_known_content(file, b"old", b"new")
        Traceback (most recent call last):
        destination.private_files.FileChangedError
    """
    target = Path(os.path.realpath(path))
    if target.read_bytes() != before:
        raise FileChangedError
    if is_read_only(target):
        raise ReadOnlyFileError
    replace_content(target, after)


def is_read_only(path: Path) -> bool:
    """Returns whether a file must not be written, although its folder may allow to replace it: root may write any."""
    return not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK))
