"""Reads in a thread of its own, one list of records at a time and only when asked."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from typing import Protocol

from destination.delivery.record import Record


class Source(Protocol):
    """Where events come from: a file that a thread reads, a queue, a topic."""

    async def next(self) -> list[Record] | None:
        """The next records; None when there are no more, or after `close`.

        Raises:
            InputError: The source cannot be read any further.
        """
        ...

    def close(self) -> None:
        """Gives no more; whoever waits in `next` gets None. Called any number of times."""
        ...


class Intake:
    """Records for an event loop that must not wait for a file or a pipe.

    The thread is a daemon: one that waits for standard input does not keep the process alive.
    """

    def __init__(self, batches: Iterator[list[Record]]) -> None:
        self._batches = batches
        self._asked: queue.SimpleQueue[asyncio.Future[list[Record] | None] | None] = queue.SimpleQueue()
        self._waiting: asyncio.Future[list[Record] | None] | None = None
        self._closed = False
        threading.Thread(target=self._read, daemon=True, name="event intake").start()

    async def next(self) -> list[Record] | None:
        """The next records, or None at the end of the input or after `close`.

        Raises:
            InputError: The input cannot be read any further.
        """
        if self._closed:
            return None
        self._waiting = asyncio.get_running_loop().create_future()
        self._asked.put(self._waiting)
        return await self._waiting

    def close(self) -> None:
        """Ends it; whoever waits for records gets None."""
        self._closed = True
        self._asked.put(None)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _read(self) -> None:
        while (asked := self._asked.get()) is not None:
            batch, error = None, None
            try:
                batch = next(self._batches, None)
            except Exception as raised:  # noqa: BLE001  it is raised where the records are awaited
                error = raised
            try:
                asked.get_loop().call_soon_threadsafe(_answer, asked, batch, error)
            except RuntimeError:  # the loop has ended meanwhile: nobody waits any more
                return


def _answer(asked: asyncio.Future[list[Record] | None], batch: list[Record] | None, error: Exception | None) -> None:
    if asked.done():
        return
    if error is not None:
        asked.set_exception(error)
    else:
        asked.set_result(batch)
