"""Hands what is settled to the ledger, in groups that are worth a transaction each."""

import asyncio
from collections.abc import Callable, Iterable

from destination.delivery.errors import LedgerError
from destination.delivery.flights import Flight
from destination.delivery.ledger import Ledger, Row


class Commits:
    """The rows that wait for the ledger, and the events whose places wait for them.

    What came in one turn of the event loop is one group: the more that is under way, the larger it is. It is committed
    right there. A thread of its own for it, tried before, cost three times as much: it has to be given the
    interpreter's lock several times for each transaction, and the events' places wait for that.

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

    def add(self, rows: Iterable[Row], flight: Flight | None = None) -> None:
        """Takes rows.

        Args:
            rows: The rows.
            flight: The event that waits for them, and for all that came before.
        """
        self._rows.extend(rows)
        if flight is not None:
            self._flights.append(flight)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._commit)

    def _commit(self) -> None:
        self._is_due = False
        rows, self._rows = self._rows, []
        flights, self._flights = self._flights, []
        found: LedgerError | None = None
        try:
            self._ledger.add(rows)
        except LedgerError as error:
            found = error
        self._committed(flights, found)
