"""The queue's SQLite file: opening it, its schema, its lock, and the disk space that is kept in reserve.

The file is in WAL mode with `synchronous = FULL`: a commit is on the disk when it returns, so that accepted events
survive a killed process and a loss of power. A commit waits for the disk for this, in a thread of its own.

On a full disk events can still be settled. A second file beside the queue holds space in reserve. It is removed when
a write fails, so that the log can be copied into the file and written anew from its beginning. Rows that are deleted
free pages for new events. The reserve is made again as soon as there is space for it.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from destination.errors import DestinationError
from destination.private_files import FileLock, make_private, open_private

RESERVE_BYTES: Final = 16 << 20
LARGEST_LOG_BYTES: Final = 4 << 20
"""From this size on, the log is copied into the file."""

_APPLICATION: Final = 0x46574451  # "FWDQ"
_FORM: Final = 1
_PAGE_BYTES: Final = 4096
_PAGES_KEPT: Final = 64
_BUSY_S: Final = 10.0
_SCHEMA: Final = """
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    route INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE routes (id INTEGER PRIMARY KEY, destinations TEXT NOT NULL UNIQUE);
CREATE TABLE cursors (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    read_to INTEGER NOT NULL,
    unsettled BLOB NOT NULL,
    remaining BLOB NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), last_id INTEGER, rows INTEGER, bytes INTEGER);
INSERT INTO totals VALUES (1, 0, 0, 0);
CREATE TABLE seen (id INTEGER PRIMARY KEY AUTOINCREMENT, moment REAL NOT NULL, digests BLOB NOT NULL);
"""


class QueueFileError(DestinationError):
    """A file cannot be used as a queue: it is in use, of another kind or version, or cannot be opened."""


class QueueFile:
    """An open queue file, which no other process can open.

    Args:
        path: The file; created if it is missing, readable by its owner only.

    Attributes:
        path: The file.
        writer: The connection that writes.
        reader: A connection for a thread that reads what is committed. It returns text as bytes.
        lookup: A connection for short lookups of what is committed.
        is_short_of_space: Whether the reserve was given up because the disk is full.

    Raises:
        QueueFileError: The file cannot be used.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "queue.db"
        >>> file = QueueFile(path)
        >>> QueueFile(path)
        Traceback (most recent call last):
        destination.forwarding.queue.file.QueueFileError: ...: another process is using this queue: stop it first
        >>> file.close()
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.is_short_of_space = False
        self._log = self.path.with_name(f"{self.path.name}-wal")
        self._reserve = self.path.with_name(f"{self.path.name}-reserve")
        try:
            self._lock = FileLock(self.path)
        except (OSError, ValueError) as error:
            raise QueueFileError(f"{self.path}: cannot be opened: {_reason(error)}") from None
        try:
            if not self._lock.take(exclusive=True):
                raise QueueFileError(f"{self.path}: another process is using this queue: stop it first")
            make_private(self.path)
            self.writer = self._connect()
            try:
                self._prepare()
                self.reader, self.lookup = self._connect(), self._connect()
            except BaseException:
                self.writer.close()
                raise
        except sqlite3.DatabaseError as error:
            self._lock.release()
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise QueueFileError(f"{self.path}: is not a queue of events") from None
            raise QueueFileError(f"{self.path}: cannot be used as a queue: {error}") from None
        except BaseException:
            self._lock.release()
            raise
        self.reader.text_factory = bytes
        for connection in (self.reader, self.lookup):
            connection.execute("PRAGMA query_only = ON")
        self._keep_reserve()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _prepare(self) -> None:
        writer = self.writer
        (application,) = writer.execute("PRAGMA application_id").fetchone()
        (form,) = writer.execute("PRAGMA user_version").fetchone()
        (tables,) = writer.execute("SELECT count(*) FROM sqlite_master").fetchone()
        is_new = not (application or form or tables)
        if not is_new and application != _APPLICATION:
            raise QueueFileError(f"{self.path}: is not a queue of events")
        if not is_new and form != _FORM:
            raise QueueFileError(f"{self.path}: is a queue of another version of this program (form {form})")
        if is_new:
            writer.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        (mode,) = writer.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise QueueFileError(f"{self.path}: its file system does not support SQLite's WAL mode")
        writer.execute("PRAGMA wal_autocheckpoint = 0")  # `checkpoint` notices when the disk is full
        if is_new:  # in one transaction: a process that is killed meanwhile leaves an empty file
            writer.executescript(
                f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA application_id = {_APPLICATION};PRAGMA user_version = {_FORM};COMMIT;"
            )
        for suffix in ("-wal", "-shm"):
            make_private(f"{self.path}{suffix}")

    # --- writing ---------------------------------------------------------------------------------------------

    def commit(self) -> bool:
        """Commits the transaction; blocks until it is on the disk. Returns whether a checkpoint is due.

        Raises:
            sqlite3.Error: It was not committed.
        """
        self.writer.execute("COMMIT")
        try:
            return self._log.stat().st_size >= LARGEST_LOG_BYTES
        except OSError:
            return False

    def checkpoint(self) -> None:
        """Copies the log into the file and empties it; blocks until that is on the disk.

        Raises:
            sqlite3.Error: There is no space for the file.
        """
        self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def checkpoint_or_make_room(self) -> None:
        """Copies the log into the file, or gives up the reserve if there is no space for that."""
        try:
            self.checkpoint()
        except sqlite3.Error:
            self.roll_back()

    def has_room(self, size: int) -> bool:
        """Returns whether the file can take events of a size in bytes, with some pages left for settling others."""
        pages = size // _PAGE_BYTES + _PAGES_KEPT
        (free,) = self.writer.execute("PRAGMA freelist_count").fetchone()
        if self.is_short_of_space and not self._keep_reserve():
            return bool(free >= pages)
        if free >= pages:
            return True
        (most,) = self.writer.execute("PRAGMA max_page_count").fetchone()
        (used,) = self.writer.execute("PRAGMA page_count").fetchone()
        return bool(most - used + free >= pages)

    def roll_back(self) -> None:
        """Ends a transaction that failed, and makes space so that events can be settled."""
        with suppress(sqlite3.Error):
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
        self.is_short_of_space = True
        with suppress(OSError):
            self._reserve.unlink()
        with suppress(sqlite3.Error):
            self.checkpoint()

    def _keep_reserve(self) -> bool:
        """Makes the reserve; returns whether there is space for it."""
        try:
            if not self._reserve.exists() or self._reserve.stat().st_size != RESERVE_BYTES:
                with open_private(self._reserve) as file:
                    _allocate(file.fileno())
        except OSError:
            self.is_short_of_space = True
            with suppress(OSError):
                self._reserve.unlink()
            return False
        self.is_short_of_space = False
        return True

    def close(self) -> None:
        """Closes the file, and copies the log into it."""
        self.reader.close()
        self.lookup.close()
        try:
            with suppress(sqlite3.Error):
                self.checkpoint()
            self.writer.close()
        finally:
            self._lock.release()


def _allocate(descriptor: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        return
    piece = bytes(1 << 20)
    for _ in range(RESERVE_BYTES // len(piece)):
        os.write(descriptor, piece)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
