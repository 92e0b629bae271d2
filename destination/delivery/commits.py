"""Hands what is settled to the ledger, in groups that are worth a transaction each."""

import asyncio
from collections.abc import Callable, Iterable

from destination.delivery.errors import LedgerError
from destination.delivery.flights import Flight
from destination.delivery.ledger import Ledger, Row

_LONGEST_S = 0.002


class Commits:
    """The rows that wait for the ledger, and the events whose places wait for them.

    A group is committed when as many events wait for it as are still being sent, or two milliseconds after its first
    row: a transaction for each event would cost as much as sending it. That is done right in the event loop. A thread
    of its own, tried before, cost several times as much: it has to be given the interpreter's lock again and again for
    each transaction, and the events' places wait for that.

    Args:
        ledger: Where they go.
        committed: Gets the events of each group once it is committed, or cannot be.
    """

    def __init__(self, ledger: Ledger, committed: Callable[[list[Flight], LedgerError | None], None]) -> None:
        self._ledger = ledger
        self._committed = committed
        self._rows: list[Row] = []
        self._flights: list[Flight] = []
        self._is_due = False
        self._timer: asyncio.TimerHandle | None = None

    def add(self, rows: Iterable[Row], flight: Flight | None = None, *, under_way: int = 1) -> None:
        """Takes rows.

        Args:
            rows: The rows.
            flight: The event that waits for them, and for all that came before.
            under_way: So many events are still being sent.
        """
        self._rows.extend(rows)
        if flight is not None:
            self._flights.append(flight)
        if self._is_due:
            return
        if len(self._flights) >= under_way:
            # Not at once: who adds a row is still busy with its event.
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._commit)
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LONGEST_S, self._commit)

    def _commit(self) -> None:
        self._is_due = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows, self._rows = self._rows, []
        flights, self._flights = self._flights, []
        found: LedgerError | None = None
        try:
            self._ledger.add(rows)
        except LedgerError as error:
            found = error
        self._committed(flights, found)
