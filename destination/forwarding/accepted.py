"""What the intake hands to the queue, and why the queue may refuse it."""

from typing import NamedTuple

from destination.errors import DestinationError


class Accepted(NamedTuple):
    """An event that the intake accepted.

    Attributes:
        write_key: The write key that it was sent with.
        message_id: Its `messageId`: valid Unicode, under 100 characters.
        body: The event as JSON in UTF-8.
        received_at: Its `receivedAt`, in seconds since 1970.

    Example:
        >>> Accepted("wk-1", "m-1", b'{"type":"track"}', 1_672_531_200.5).message_id
        'm-1'
    """

    write_key: str
    message_id: str
    body: bytes
    received_at: float


class QueueFullError(DestinationError):
    """The queue holds as many events, or bytes, as it may; none of the given events was kept."""


class QueueUnavailableError(DestinationError):
    """The queue cannot be written, for example because the disk is full; none of the given events was kept."""
