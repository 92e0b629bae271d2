"""Records in an SQLite file what of an input is settled, so that an interrupted run can be continued.

A row says what became of a subscription of an event. If a perform makes several requests, each acknowledged one is kept
too, with the partner's answer: a perform that is run again gets it, and the request is not sent again. The answers are
sealed with the secrets of the settings, and overwritten in the file when their subscription is settled.

The file is in WAL mode, so that a commit is one short write. Committed rows survive a killed process. If the machine
crashes, the last ones can be lost, and their events are sent again. Only the owner can read it.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Self

from destination.delivery.errors import LedgerError
from destination.delivery.identity import RunIdentity
from destination.delivery.sealing import Seal
from destination.private_files import FileLock, make_private
from destination.runtime.acknowledged import Exchange

ACKNOWLEDGED, DEAD, OPTED_OUT, DUPLICATE = 1, 2, 3, 4
WHOLE_EVENT = -1
"""The subscription of a row for a whole event, or for a line that is not an event."""

_AHEAD = 2_000
_BUSY_S = 10.0  # it blocks the event loop, so not longer than a request may take
_FORM = "3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled (
    position INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    request INTEGER NOT NULL,
    state INTEGER NOT NULL,
    message_id TEXT,
    PRIMARY KEY (position, subscription, request)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    position INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    request INTEGER NOT NULL,
    message_id TEXT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (position, subscription, request)
) WITHOUT ROWID;
"""
_ANYTHING = "SELECT 1 FROM settled UNION ALL SELECT 1 FROM answers LIMIT 1"
_FORGET = "DELETE FROM answers WHERE position = ? AND ? IN (subscription, -1)"
_LEFT_OVER = """
DELETE FROM answers WHERE EXISTS (
    SELECT 1 FROM settled
    WHERE settled.position = answers.position AND settled.subscription IN (answers.subscription, -1)
)
"""
_SETTLED = """
SELECT position, subscription, message_id FROM settled WHERE position BETWEEN ? AND ? ORDER BY position, subscription
"""
_ANSWERS = """
SELECT position, subscription, message_id, sealed FROM answers WHERE position BETWEEN ? AND ?
ORDER BY position, subscription, request
"""
_INSERT = "INSERT OR IGNORE INTO settled VALUES "
_ROW = "(?, ?, ?, ?, ?)"
_COLUMNS = 5
_ROWS_AT_ONCE = 150  # SQLite takes 999 values in a statement, and more only in later versions


def storable(text: str) -> str:
    r"""Returns a text that SQLite accepts: a lone surrogate, as in a file's name that is not valid UTF-8, is escaped.

    Example:
        >>> storable("m-1"), storable("m-\ud800")
        ('m-1', 'm-\\ud800')
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


class Row(NamedTuple):
    """A row of the ledger.

    Attributes:
        position: The number of the event in its input, from 1.
        subscription: The subscription's index in the instance, or `WHOLE_EVENT`.
        request: 0 for the subscription as a whole, else the number of the request within its perform.
        state: `ACKNOWLEDGED`, `DEAD` (it is in the file of failed events), or why the event was not sent: `OPTED_OUT`
            or `DUPLICATE`.
        message_id: The event's `messageId`.
        answer: For one of several requests: the request and its answer, which the ledger seals.
    """

    position: int
    subscription: int
    request: int
    state: int
    message_id: str | None = None
    answer: bytes | None = None


class Settled:
    """What an earlier run settled of one event.

    Attributes:
        message_id: The messageId that the event had.
        subscriptions: The subscriptions that are done, acknowledged or dead-lettered.
        exchanges: By subscription, the acknowledged requests of a perform that did not end; None for one that was
            sealed with other secrets.
    """

    __slots__ = ("exchanges", "message_id", "subscriptions")

    def __init__(self) -> None:
        self.message_id: str | None = None
        self.subscriptions: set[int] = set()
        self.exchanges: dict[int, list[Exchange | None]] = {}


class Ledger:
    r"""The ledger of a run.

    Args:
        path: The file.
        identity: The input, destination and mappings of the run; a ledger of another run is not continued.
        resume: Whether to continue the run in the file. Otherwise the file is replaced, unless its run has settled
            something and did not end.
        shared: Whether the process that started this one has opened the file, and called `share`.

    Attributes:
        run: An identifier of the run, which it keeps when it is continued.
        identity: The input, destination and mappings of the run.
        shared: Whether the run has several processes; the one that started them marks it as finished.
        error: Why the file cannot be written any more, or None.
        replaced: If this run replaced a finished one that had settled something: the name of its input, and whether
            that is also the input of this run. Otherwise None.

    Raises:
        LedgerError: The file cannot be opened or written, is in use, or holds another run.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "events.ledger"
        >>> identity = RunIdentity("events.ndjson", 100, "aa", "demo", "bb")
        >>> with Ledger(path, identity) as ledger:
        ...     ledger.add([Row(1, 0, 0, ACKNOWLEDGED, "m1")])
        >>> with Ledger(path, identity, resume=True) as ledger:
        ...     ledger.settled(1).subscriptions, ledger.settled(2)
        ({0}, None)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        identity: RunIdentity,
        *,
        resume: bool = False,
        shared: bool = False,
    ) -> None:
        self.path = Path(path)
        self.identity = identity
        self.error: LedgerError | None = None
        self.replaced: tuple[str, bool] | None = None
        self._closed = False
        self._known: dict[int, Settled] = {}
        self._known_to = 0
        self._has_answers = False
        try:
            if resume and not shared and not self.path.exists():
                raise LedgerError(f"{self.path}: there is no ledger of a run to continue; leave out --resume")
            self._lock = FileLock(self.path)
        except OSError as error:
            raise LedgerError(f"{self.path}: cannot be opened: {(error.strerror or str(error)).lower()}") from None
        try:
            if not self._lock.take(exclusive=not shared):
                raise LedgerError(f"{self.path}: another run is writing this ledger")
            self._connection = self._open()
            try:
                self.run = self._begin(identity, resume=resume or shared)
                self._seal = Seal(identity.secrets, self.run)
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            self._lock.release()
            raise LedgerError(f"{self.path}: cannot be used as a ledger: {error}") from None
        except LedgerError:
            self._lock.release()
            raise
        self._resumes = resume
        self.shared = shared

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=_BUSY_S,
            isolation_level=None,
            cached_statements=2 * _ROWS_AT_ONCE,
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
            connection.executescript(_SCHEMA)
            for suffix in ("", "-wal", "-shm"):  # only now it is known to be a ledger
                make_private(f"{self.path}{suffix}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin(self, identity: RunIdentity, *, resume: bool) -> str:
        found: dict[str, str] = dict(self._connection.execute("SELECT key, value FROM run"))
        if found and found.get("form") != _FORM:
            raise LedgerError(f"{self.path}: is a ledger of another version of this program")
        if resume:
            problem = identity.differs_from(found)
            if problem is not None:
                raise LedgerError(f"{self.path}: {problem}; --resume continues only the same run")
            run = found["run"]
        else:
            if self._connection.execute(_ANYTHING).fetchone():
                if found.get("finished") == "no":
                    raise LedgerError(
                        f"{self.path}: holds a run of {found.get('input')} that did not end; continue it with "
                        "--resume, or remove that file to send everything again"
                    )
                self.replaced = found.get("input", ""), identity.differs_from(found) is None
            run = os.urandom(8).hex()
        values = {**identity.to_json(), "form": _FORM, "run": run, "finished": "no"}
        settings = [(key, storable(value)) for key, value in values.items()]
        with self._transaction():
            if not resume:
                self._connection.execute("DELETE FROM settled")
                self._connection.execute("DELETE FROM answers")
            self._connection.execute(_LEFT_OVER)  # a run may have been killed between the two statements
            self._has_answers = self._connection.execute("SELECT 1 FROM answers LIMIT 1").fetchone() is not None
            self._connection.executemany("INSERT OR REPLACE INTO run VALUES (?, ?)", settings)
        return run

    def share(self) -> None:
        """Lets processes that this one starts open the same ledger as `shared`."""
        self._lock.take(exclusive=False)

    # --- reading ---------------------------------------------------------------------------------------------

    def settled(self, position: int) -> Settled | None:
        """Returns what an earlier run settled of an event; None for nothing. Call it in the order of the input.

        Raises:
            LedgerError: The file cannot be read.
        """
        if not self._resumes:
            return None
        if position > self._known_to:
            self._look_ahead(position)
        return self._known.pop(position, None)

    def _look_ahead(self, position: int) -> None:
        # This run writes no rows beyond the positions that were read, so no long transaction is needed.
        self._known.clear()
        self._known_to = position + _AHEAD
        span = (position, self._known_to)
        try:
            connection = sqlite3.connect(self.path, timeout=_BUSY_S)
            try:
                rows = connection.execute(_SETTLED, span).fetchall()
                answers = connection.execute(_ANSWERS, span).fetchall()
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}: cannot be read: {error}") from None
        for at, subscription, message_id in rows:
            known = self._known.setdefault(at, Settled())
            known.message_id = message_id
            known.subscriptions.add(subscription)
        for at, subscription, message_id, sealed in answers:
            known = self._known.setdefault(at, Settled())
            known.message_id = message_id
            raw = self._seal.open(sealed)
            known.exchanges.setdefault(subscription, []).append(None if raw is None else Exchange.read(raw))

    def acknowledged(self, limit: int) -> Iterator[tuple[str, int]]:
        """Yields `messageId` and position of the events that an earlier run had acknowledged, the last first.

        Args:
            limit: The maximum number of events.

        Raises:
            LedgerError: The file cannot be read.
        """
        if not self._resumes:
            return
        query = (
            "SELECT message_id, position FROM settled WHERE state = ? AND request = 0 AND message_id IS NOT NULL "
            "ORDER BY position DESC LIMIT ?"
        )
        try:
            yield from self._connection.execute(query, (ACKNOWLEDGED, limit))
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}: cannot be read: {error}") from None

    # --- writing ---------------------------------------------------------------------------------------------

    def add(self, rows: Sequence[Row]) -> None:
        """Commits rows, all of them or none.

        Raises:
            LedgerError: The file cannot be written, now or earlier.
        """
        if self.error is not None:
            raise self.error
        try:
            answers = [row for row in rows if row.answer is not None]
            if answers or self._has_answers:
                self._add_with_answers([row for row in rows if row.answer is None], answers)
                return
            if len(rows) <= _ROWS_AT_ONCE:
                self._insert(rows)  # a statement is a transaction
                return
            with self._transaction():
                self._insert_all(rows)
        except (
            sqlite3.Error,
            ValueError,
            OverflowError,
        ) as error:  # or SQLite has no type for a value
            self.error = LedgerError(f"{self.path}: cannot be written: {error}")
            raise self.error from None

    def _insert_all(self, rows: Sequence[Row]) -> None:
        for begin in range(0, len(rows), _ROWS_AT_ONCE):
            self._insert(rows[begin : begin + _ROWS_AT_ONCE])

    def _insert(self, rows: Sequence[Row]) -> None:
        if rows:
            # Few statements: each releases the interpreter's lock and has to get it back.
            values = tuple(chain.from_iterable([row[:_COLUMNS] for row in rows]))
            self._connection.execute(_INSERT + ", ".join([_ROW] * len(rows)), values)

    def _add_with_answers(self, rows: Sequence[Row], answers: Sequence[Row]) -> None:
        settled = {(row.position, row.subscription) for row in rows}
        sealed = [
            (row.position, row.subscription, row.request, row.message_id, self._seal.close(row.answer))
            for row in answers
            if row.answer is not None and (row.position, row.subscription) not in settled
        ]
        with self._transaction():
            self._insert_all(rows)
            self._connection.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?)", sealed)
            self._connection.executemany(_FORGET, settled)
        self._has_answers = True

    def finish(self) -> None:
        """Marks the run as finished, so that a new one may replace it."""
        try:
            self._connection.execute("INSERT OR REPLACE INTO run VALUES ('finished', 'yes')")
            self._connection.execute(_LEFT_OVER)
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log still has copies of answers
        except sqlite3.Error as error:
            self.error = self.error or LedgerError(f"{self.path}: cannot be written: {error}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Closes the file."""
        if self._closed:
            return
        self._closed = True
        try:
            self._connection.close()
        except sqlite3.Error as error:  # the last checkpoint needs disk space, too
            self.error = self.error or LedgerError(f"{self.path}: cannot be written: {error}")
        self._lock.release()

    def counts(self) -> dict[str, Any]:
        """Counts the subscriptions of events that are acknowledged and dead-lettered, as committed so far."""
        query = "SELECT state, count(*) FROM settled WHERE request = 0 GROUP BY state"
        found = dict(self._connection.execute(query).fetchall())
        return {"acknowledged": found.get(ACKNOWLEDGED, 0), "dead": found.get(DEAD, 0)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
