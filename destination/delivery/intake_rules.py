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
"""The number of ids that `--dedupe` remembers: about 105 MB, measured."""

_DIGEST_BYTES = 16


class RecentIds:
    """The ids that were added last, as digests; beyond the limit, the oldest is forgotten.

    Args:
        limit: The maximum number of ids.

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
    """Returns an id's digest of 16 bytes.

    Example:
        >>> len(digest_of("m-1"))
        16
    """
    return blake2b(found.encode("utf-8", "backslashreplace"), digest_size=_DIGEST_BYTES).digest()


class IntakeRules:
    """Decides for each record, in the order of the input, whether it is settled without being sent.

    A line of a file of failed events is for certain subscriptions only. It is a duplicate if an earlier line with
    the same `messageId` was for all of them. Otherwise the subscriptions of the earlier line are removed from its
    `retry_only`.

    Args:
        destination: The destination's name, as an event's `integrations` have it.
        integrations: Whether `integrations` can exclude an event.
        dedupe: Whether an event is skipped if an earlier one had the same `messageId`.
        ledger: The ledger of a run that may be continued. With `dedupe`, an id that it has as acknowledged is not
            sent at another position.
        limit: The maximum number of ids that are remembered, and again of those from the ledger.

    Example:
        >>> from destination.delivery.record import Piece
        >>> rules = IntakeRules("Shop", dedupe=True)
        >>> first, third = b'{"type": "page", "messageId": "m1"}', b'{"type": "page", "integrations": {"All": false}}'
        >>> lines = (first, first, third)
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
        """Returns why a record is not sent; None if it is sent or holds no event.

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
        # A null byte between them: no other subscription and id result in the same text.
        new = tuple(failed for failed in record.retry_only if ids.add(f"{found}\0{failed.index}\0{failed.name}"))
        if not new:
            return bool(record.retry_only)
        record.retry_only = new
        return False

    def _was_acknowledged(self, found: str, ordinal: int) -> bool:
        """Returns whether an earlier run had an event with this id acknowledged, later in the input."""
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
    """Makes the rules for the options of a delivery."""
    integrations = not options.ignore_integrations
    return IntakeRules(destination, integrations=integrations, dedupe=options.dedupe, ledger=ledger)


def not_sent_row(record: Record, reason: NotSent) -> Row:
    """Returns the row of the ledger for an event that is settled without being sent."""
    state = OPTED_OUT if reason == "opted_out" else DUPLICATE
    return Row(record.ordinal, WHOLE_EVENT, 0, state, message_id(record.event))
