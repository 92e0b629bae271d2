"""What the intake is configured with: write keys, limits, and whom it reports to."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Final, Protocol

EVENT_REASONS: Final = (
    "not_an_object",
    "unknown_type",
    "no_user",
    "no_event_name",
    "invalid_message_id",
    "event_too_large",
    "too_deep",
)
"""The reasons for which one event is refused."""

REQUEST_REASONS: Final = (
    "wrong_key",
    "wrong_signature",
    "invalid_body",
    "body_too_large",
    "too_many_events",
    "slow_body",
    "behind",
    "queue_full",
    "queue_unavailable",
    "busy",
    "stopping",
    "fault",
)
"""The reasons for which a whole request is refused."""

_MAX_KEY_LENGTH = 200


class WriteKeys:
    """The write keys that the intake accepts; they can be replaced while it runs.

    Args:
        keys: The keys. If there are none, every key is accepted.

    Example:
        >>> keys = WriteKeys(["wk-1"])
        >>> keys.accepts("wk-1"), keys.accepts("wk-2"), keys.accepts(None)
        (True, False, False)
        >>> keys.replace([])
        >>> keys.accepts("wk-2"), keys.accepts("")
        (True, False)
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._keys = frozenset(keys)

    def replace(self, keys: Iterable[str]) -> None:
        """Replaces the keys; requests that are already being answered keep theirs."""
        self._keys = frozenset(keys)

    def accepts(self, key: object) -> bool:
        """Returns whether events may be sent with a key."""
        if not isinstance(key, str):
            return False
        return key in self._keys or (not self._keys and is_write_key(key))


def is_write_key(key: str) -> bool:
    """Returns whether a text can be a write key: 1 to 200 printable ASCII characters.

    Example:
        >>> is_write_key("wk-1"), is_write_key(""), is_write_key("é")
        (True, False, False)
    """
    return 0 < len(key) <= _MAX_KEY_LENGTH and key.isascii() and key.isprintable()


def basic_key(authorization: bytes) -> str | None:
    """Returns the user name in an `Authorization: Basic` header, which is the write key.

    Returns:
        The write key; an empty text if the header cannot be read, and None for another scheme.

    Example:
        >>> basic_key(b"Basic d2stMTo="), basic_key(b"Basic ?"), basic_key(b"Bearer x")
        ('wk-1', '', None)
    """
    scheme, _, encoded = authorization.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """Limits and settings of the intake. The limits are those of Segment's tracking API.

    Attributes:
        max_event_bytes: The maximum size of an event as JSON without spaces, in bytes.
        max_batch_bytes: The maximum size of a body, in bytes, as sent and decompressed.
        max_batch_events: The maximum number of events in a batch.
        max_buffered_bytes: The maximum size of all bodies that have not been answered, in bytes. Beyond it, requests
            are answered 503.
        body_s: The maximum time for a body to arrive, in seconds.
        retry_after_s: The `Retry-After` of an answer for which nothing better is known, in seconds.
        trusted_proxies: The networks of proxies whose header with the client's address is believed.
        forwarded_header: The header that those proxies add.
        public_url: The URL under which browsers reach the intake, such as `https://events.example.com`; if None, it is
            the `Host` of their request.
        webhook_secret: The shared secret of Segment's webhooks; if None, there is no route for them.
        webhook_key: The write key of events from webhooks.

    Example:
        >>> IntakeOptions().max_event_bytes
        32768
    """

    max_event_bytes: int = 32 << 10
    max_batch_bytes: int = 500 << 10
    max_batch_events: int = 2_500
    max_buffered_bytes: int = 64 << 20
    body_s: float = 30.0
    retry_after_s: float = 10.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    forwarded_header: str = "x-forwarded-for"
    public_url: str | None = None
    webhook_secret: bytes | None = None
    webhook_key: str | None = None


class IntakeCounts(Protocol):
    """Counts what the intake does.

    Example:
        >>> class Printed:
        ...     def accepted(self, write_key: str, count: int) -> None:
        ...         print("accepted", count)
        ...     def duplicate(self, count: int) -> None:
        ...         print("duplicate", count)
        ...     def refused(self, reason: str, count: int) -> None:
        ...         print(reason, count)
        >>> counts: IntakeCounts = Printed()
        >>> counts.refused("no_user", 1)
        no_user 1
    """

    def accepted(self, write_key: str, count: int) -> None:
        """Counts events that were new, by the key that they were sent with."""

    def duplicate(self, count: int) -> None:
        """Counts events that the queue had already."""

    def refused(self, reason: str, count: int) -> None:
        """Counts events, or a request, that were refused for one of `EVENT_REASONS` or `REQUEST_REASONS`."""
