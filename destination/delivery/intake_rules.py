"""Finds events that are settled without being sent: opted out, or a duplicate of an earlier one."""

from collections import deque
from hashlib import blake2b
from typing import Literal, TypeAlias

from destination.delivery.in_flight import message_id
from destination.delivery.ledger import DUPLICATE, OPTED_OUT, WHOLE_EVENT, Ledger, Row
from destination.delivery.options import DeliveryOptions
from destination.delivery.record import Record
from destination.event import opted_out_by

NotSent: TypeAlias = Literal["opted_out", "duplicate"]
"""Why an event is not sent: its `integrations` exclude the destination; an earlier event has its `messageId`."""

MAX_IDS = 1_000_000
"""How many ids `--dedupe` remembers: about 105 MB, measured."""

_DIGEST_BYTES = 16


class RecentIds:
    """The last ids that were seen, as digests; the oldest is forgotten for a new one when there are too many.

    Args:
        limit: The greatest number of ids.

    Example:
        >>> ids = RecentIds(limit=2)
        >>> [ids.add(found) for found in ("a", "b", "a", "c", "a")]
        [True, True, False, True, True]
    """

    def __init__(self, limit: int = MAX_IDS) -> None:
        self._limit = limit
        self._known: set[bytes] = set()
        self._order: deque[bytes] = deque()

    def add(self, found: str) -> bool:
        """Remembers an id; returns whether it was new."""
        digest = digest_of(found)
        if digest in self._known:
            return False
        self._known.add(digest)
        self._order.append(digest)
        if len(self._order) > self._limit:
            self._known.discard(self._order.popleft())
        return True

    def __contains__(self, found: str) -> bool:
        return digest_of(found) in self._known


def digest_of(found: str) -> bytes:
    """Returns 16 bytes that stand for an id.

    Example:
        >>> len(digest_of("m-1"))
        16
    """
    return blake2b(found.encode("utf-8", "backslashreplace"), digest_size=_DIGEST_BYTES).digest()


class IntakeRules:
    """Says of each record, in the order of the input, whether it is settled without being sent.

    A line of a file of failed events is for certain subscriptions only. It is a duplicate where an earlier line with
    the same `messageId` was for all of them; else those that had the event before are taken out of its `retry_only`.

    Args:
        destination: The destination's name, as an event's `integrations` have it.
        integrations: Whether an event's `integrations` count.
        dedupe: Whether an event is left out when an earlier one had the same `messageId`.
        ledger: The ledger of a run that may be continued. With `dedupe`, what it has as acknowledged is not sent
            under another position.
        limit: How many ids are remembered; of a ledger, as many again.

    Example:
        >>> from destination.delivery.record import Piece
        >>> rules = IntakeRules("Shop", dedupe=True)
        >>> lines = (b'{"messageId": "m1"}', b'{"messageId": "m1"}', b'{"integrations": {"All": false}}')
        >>> [rules.reason(Record("line", Piece(1, line, True))) for line in lines]
        [None, 'duplicate', 'opted_out']
    """

    def __init__(
        self,
        destination: str,
        *,
        integrations: bool = True,
        dedupe: bool = False,
        ledger: Ledger | None = None,
        limit: int = MAX_IDS,
    ) -> None:
        self._destination = destination
        self._integrations = integrations
        self._ids = RecentIds(limit) if dedupe else None
        self._ledger = ledger
        self._limit = limit
        self._acknowledged: dict[bytes, int] | None = None

    def reason(self, record: Record) -> NotSent | None:
        """Returns why a record is not sent; None where it is, or holds no event.

        Raises:
            LedgerError: The ledger cannot be read.
        """
        event = record.event
        if event is None:
            return None
        if self._integrations and "integrations" in event and opted_out_by(event, self._destination) is not None:
            return "opted_out"
        if self._ids is None:
            return None
        found = message_id(event)
        return "duplicate" if found and self._is_duplicate(found, record, self._ids) else None

    def _is_duplicate(self, found: str, record: Record, ids: RecentIds) -> bool:
        if record.retry_only is None:
            return self._was_acknowledged(found, record.ordinal) or not ids.add(found)
        if found in ids:
            return True
        # A null byte: no name of a subscription and no id of another event reads like the two together.
        new = tuple(failed for failed in record.retry_only if ids.add(f"{found}\0{failed.index}\0{failed.name}"))
        if not new:
            return bool(record.retry_only)
        record.retry_only = new
        return False

    def _was_acknowledged(self, found: str, ordinal: int) -> bool:
        """Whether an earlier run had an event with this id acknowledged that comes later in the input."""
        if self._ledger is None:
            return False
        if self._acknowledged is None:
            self._acknowledged = {digest_of(one): at for one, at in self._ledger.acknowledged(self._limit)}
        if not self._acknowledged:
            return False
        digest = digest_of(found)
        position = self._acknowledged.get(digest)
        if position == ordinal:
            del self._acknowledged[digest]
        return position not in (None, ordinal)


def rules_for(options: DeliveryOptions, destination: str, ledger: Ledger | None = None) -> IntakeRules:
    """Returns the rules that the options of a delivery ask for."""
    integrations = not options.ignore_integrations
    return IntakeRules(destination, integrations=integrations, dedupe=options.dedupe, ledger=ledger)


def not_sent_row(record: Record, reason: NotSent) -> Row:
    """Returns the row of the ledger for an event that is settled without being sent."""
    state = OPTED_OUT if reason == "opted_out" else DUPLICATE
    return Row(record.ordinal, WHOLE_EVENT, 0, state, message_id(record.event))
