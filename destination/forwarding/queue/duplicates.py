"""Recognises events that were accepted before, by write key and `messageId`."""

import sqlite3
from collections import deque
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

REMEMBERED_S: Final = 24 * 3600.0
DEFAULT_DEDUPE_ROWS: Final = 1_000_000
"""The maximum number of ids that are remembered: about 15 MB of memory and 12 MB of the file."""

_DIGEST_BYTES: Final = 12
_SHARDS: Final = 1 << 14
_MOST_FORGOTTEN: Final = 20_000
_ROWS_AHEAD: Final = 64


def digest_of(write_key: str, message_id: str) -> bytes:
    """Returns the digest of an event's identity. Two of a million differ but for a chance of 10⁻¹⁷.

    Example:
        >>> digest_of("wk", "m-1") == digest_of("wk", "m-1"), digest_of("wk", "m-1") == digest_of("wk", "m-2")
        (True, False)
    """
    text = f"{write_key}\0{message_id}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


class Digests:
    """A set of digests that forgets the oldest ones first, with little more memory than the digests themselves.

    Each digest is at the end of one of many byte arrays. A Python set of as many would need eight times the memory.

    Example:
        >>> digests = Digests()
        >>> digests.add(b"abcdefghijkl")
        >>> b"abcdefghijkl" in digests, len(digests)
        (True, 1)
        >>> digests.forget(b"abcdefghijkl")
        >>> b"abcdefghijkl" in digests
        False
    """

    def __init__(self) -> None:
        self._shards = [bytearray() for _ in range(_SHARDS)]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._shards[(digest[0] | digest[1] << 8) % _SHARDS]

    def add(self, digest: bytes) -> None:
        """Adds a digest that is not in the set."""
        self._shards[(digest[0] | digest[1] << 8) % _SHARDS] += digest
        self._count += 1

    def forget(self, digest: bytes) -> None:
        """Removes the oldest digest of its shard; does nothing if that is another one."""
        shard = self._shards[(digest[0] | digest[1] << 8) % _SHARDS]
        if shard.startswith(digest):
            del shard[:_DIGEST_BYTES]
            self._count -= 1

    def take_back(self, digest: bytes) -> None:
        """Removes a digest that was added last."""
        shard = self._shards[(digest[0] | digest[1] << 8) % _SHARDS]
        if shard.endswith(digest):
            del shard[-_DIGEST_BYTES:]
            self._count -= 1


class Duplicates:
    """The events that were accepted in the last 24 hours, in memory and in the table `seen` of the queue's file.

    A row of the table holds the digests of one commit, so that writing and forgetting them takes little time.

    Args:
        connection: The connection that writes. Each method that takes part in a transaction says so.
        limit: The maximum number of events; beyond it, the oldest are forgotten.
        now: Seconds since 1970.
    """

    def __init__(self, connection: sqlite3.Connection, limit: int, now: float) -> None:
        self._connection = connection
        self._limit = limit
        self._digests = Digests()
        self._oldest: deque[tuple[int, float, bytes]] = deque()
        self._added: list[bytes] = []
        oldest = now - REMEMBERED_S
        for moment, digests in connection.execute("SELECT moment, digests FROM seen ORDER BY id"):
            if moment >= oldest:
                for digest in _split(digests):
                    if digest not in self._digests:
                        self._digests.add(digest)

    def __len__(self) -> int:
        return len(self._digests)

    def is_new(self, digest: bytes) -> bool:
        """Adds a digest to those of the current transaction; returns False if it was accepted before."""
        if digest in self._digests:
            return False
        self._digests.add(digest)
        self._added.append(digest)
        return True

    def take_back(self, count: int) -> None:
        """Removes the digests that were added last, because their events are not accepted after all."""
        for _ in range(count):
            self._digests.take_back(self._added.pop())

    def write(self, now: float) -> None:
        """Writes the new digests within the current transaction."""
        if self._added:
            self._connection.execute("INSERT INTO seen (moment, digests) VALUES (?, ?)", (now, b"".join(self._added)))

    def forget(self, now: float) -> None:
        """Removes the digests that are too old or too many, at the beginning of a transaction."""
        last, forgotten = None, 0
        while forgotten < _MOST_FORGOTTEN:
            if not self._oldest:
                after = 0 if last is None else last
                query = "SELECT id, moment, digests FROM seen WHERE id > ? ORDER BY id LIMIT ?"
                self._oldest.extend(self._connection.execute(query, (after, _ROWS_AHEAD)))
                if not self._oldest:
                    break
            found, moment, digests = self._oldest[0]
            if moment >= now - REMEMBERED_S and len(self._digests) <= self._limit:
                break
            self._oldest.popleft()
            for digest in _split(digests):
                self._digests.forget(digest)
            last, forgotten = found, forgotten + len(digests) // _DIGEST_BYTES
        if last is not None:
            self._connection.execute("DELETE FROM seen WHERE id <= ?", (last,))

    def committed(self) -> None:
        """Ends the current transaction."""
        self._added.clear()

    def rolled_back(self) -> None:
        """Ends the current transaction; its events are not accepted."""
        self.take_back(len(self._added))
        self._oldest.clear()


def _split(digests: bytes) -> Sequence[bytes]:
    return [digests[at : at + _DIGEST_BYTES] for at in range(0, len(digests), _DIGEST_BYTES)]
