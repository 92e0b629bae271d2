"""Makes the events of a request into those that Segment's pipeline hands to a destination."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import orjson

from destination.forwarding.accepted import Accepted
from destination.values import (
    TooDeeplyNestedError,
    date_to_string,
    is_number,
    parse_date,
    real_type_of,
    to_string,
    to_well_formed,
    utf16_length,
    write_json,
)

TYPES: Final = frozenset({"track", "identify", "page", "screen", "group", "alias"})
"""The types of events."""

_MAX_ID_LENGTH: Final = 100
_MAX_DATE_LENGTH: Final = 100
_MAX_TIME_MS: Final = 8_640_000_000_000_000
_SLOW_PART: Final = 32
"""What part of the maximum size of a batch may be events that orjson does not write, which takes 50 times as long."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was refused.

    Attributes:
        reason: One of `EVENT_REASONS`.
        message: What is wrong with it, as a sentence.
        item: The event as it was sent.

    Example:
        >>> Refused("no_user", "it has neither `userId` nor `anonymousId`", {"messageId": "m-1"}).message_id
        'm-1'
    """

    reason: str
    message: str
    item: Any

    @property
    def message_id(self) -> str:
        """The `messageId` of the event; empty if it has none."""
        found = self.item.get("messageId") if isinstance(self.item, dict) else None
        return found if isinstance(found, str) else ""


@dataclass(slots=True)
class Envelope:
    """What the events of one request share.

    Args:
        write_key: The key that they were sent with.
        received_ms: When the request came, in Unix milliseconds.
        max_event_bytes: The maximum size of an event, in bytes.
        ip: The address of the client.
        body: The body, whose `sentAt` counts for all events, and for a batch the `context` and the `integrations`.
        from_pipeline: Whether the events come from Segment's pipeline, so that their times and addresses are kept.

    Example:
        >>> envelope = Envelope("wk-1", 1_672_531_200_000, 32_768, "203.0.113.7",
        ...     {"sentAt": "2023-01-01T00:00:10Z", "context": {"app": {"name": "Shop"}}})
        >>> item = {"messageId": "m-1", "userId": "u", "event": "Paid", "timestamp": "2023-01-01T00:00:09Z"}
        >>> accepted = envelope.accept(item, "track")
        >>> orjson.loads(accepted.body)
        {'messageId': 'm-1', 'userId': 'u', 'event': 'Paid', 'timestamp': '2022-12-31T23:59:59.000Z', 'type': 'track',
         'context': {'app': {'name': 'Shop'}, 'ip': '203.0.113.7'}, 'sentAt': '2023-01-01T00:00:10Z',
         'originalTimestamp': '2023-01-01T00:00:09Z', 'receivedAt': '2023-01-01T00:00:00.000Z'}
        >>> envelope.accept({"event": "Paid"}, "track").reason
        'no_user'
    """

    write_key: str
    received_ms: int
    max_event_bytes: int
    ip: str | None
    body: dict[str, Any]
    from_pipeline: bool = False
    _received: str = field(init=False)
    _sent_ms: int | None = field(init=False)
    _sent: Any = field(init=False)
    _context: dict[str, Any] | None = field(init=False)
    _integrations: dict[str, Any] | None = field(init=False)
    _slow_bytes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._received = date_to_string(self.received_ms)
        self._sent = self.body.get("sentAt")
        self._sent_ms = read_date(self._sent)
        context, integrations = self.body.get("context"), self.body.get("integrations")
        self._context = context if isinstance(context, dict) and context else None
        self._integrations = integrations if isinstance(integrations, dict) and integrations else None

    def accept_all(self, items: Sequence[Any], max_bytes: int) -> tuple[list[Accepted], list[Refused]] | None:
        """Makes the events of a batch; those that are refused do not affect the others.

        Args:
            items: The events.
            max_bytes: The maximum size of all of them, with what the batch adds to each.

        Returns:
            The accepted and the refused events; None if they are larger than `max_bytes`.
        """
        taken, refused, size = [], [], 0
        if self._shared_bytes() * len(items) > max_bytes:
            return None
        accept = self.accept
        for item in items:
            made = accept(item, None)
            if type(made) is Accepted:
                taken.append(made)
                size += len(made.body)
                if size > max_bytes or self._slow_bytes > max_bytes // _SLOW_PART:
                    return None
            else:
                refused.append(made)
        return taken, refused  # type: ignore[return-value]

    def accept(self, item: Any, kind: str | None) -> Accepted | Refused:
        """Makes one event, or says why it is refused; the item is not changed.

        Args:
            item: The event as it was sent.
            kind: The type that its route has; None if the event has its own.
        """
        if type(item) is not dict:
            return Refused("not_an_object", f"an event is a JSON object, but this is: {real_type_of(item)}", item)
        event = item.copy()
        if "writeKey" in event:
            del event["writeKey"]
        if kind is None:
            kind = event.get("type")
            if type(kind) is not str or kind not in TYPES:
                return Refused("unknown_type", f"`type` is not one of {', '.join(sorted(TYPES))}", item)
        else:
            event["type"] = kind
        user = event.get("userId")
        if not ((user and type(user) is str) or _is_given(user) or _is_given(event.get("anonymousId"))):
            return Refused("no_user", "it has neither `userId` nor `anonymousId`", item)
        if kind == "track" and not _is_given(event.get("event")):
            return Refused("no_event_name", "a track call needs `event`, the name of what happened", item)
        message_id = event.get("messageId")
        if not (type(message_id) is str and 0 < len(message_id) < _MAX_ID_LENGTH and message_id.isascii()):
            message_id = _message_id(message_id)
            if message_id is None:
                return Refused("invalid_message_id", "`messageId` is not a text of fewer than 100 characters", item)
            event["messageId"] = message_id
        self._add_shared(event)
        if not (self.from_pipeline and event.get("receivedAt") is not None):
            self._set_times(event)
        try:
            body = orjson.dumps(event)
        except TypeError:  # lone surrogates, and more levels than orjson writes
            try:
                body = write_json(event)
            except TooDeeplyNestedError as error:
                return Refused("too_deep", str(error), item)
            self._slow_bytes += len(body)
        if len(body) > self.max_event_bytes and self._size(event, item) > self.max_event_bytes:
            return Refused("event_too_large", f"it is larger than {self.max_event_bytes:,} bytes", item)
        return Accepted(self.write_key, message_id, body, self.received_ms / 1000)

    def _add_shared(self, event: dict[str, Any]) -> None:
        """Merges what the batch says about all events, and adds the client's address."""
        own = event.get("context")
        shared = self._context
        if shared is not None and (own is None or type(own) is dict):
            event["context"] = own = {**shared, **own} if own else shared
        if self.ip is not None and not self.from_pipeline:
            if own is None:
                event["context"] = {"ip": self.ip}
            elif type(own) is dict and ("ip" not in own or own.get("direct") is True):
                event["context"] = own = own.copy()
                own["ip"] = self.ip
        shared = self._integrations
        if shared is not None:
            own = event.get("integrations")
            if own is None or type(own) is dict:
                event["integrations"] = {**shared, **own} if own else shared

    def _set_times(self, event: dict[str, Any]) -> None:
        """Corrects the client's clock: `timestamp = receivedAt - (sentAt - originalTimestamp)`."""
        sent_ms = self._sent_ms
        if sent_ms is None:
            sent_ms = read_date(event.get("sentAt"))
        else:
            event["sentAt"] = self._sent
        original = event.get("timestamp")
        if original is None:
            original = event.get("originalTimestamp")
        if original is not None:
            event["originalTimestamp"] = original
        event["receivedAt"] = self._received
        original_ms = read_date(original)
        if original_ms is None:
            event["timestamp"] = self._received
            return
        if sent_ms is not None:
            corrected = self.received_ms - sent_ms + original_ms
            if -_MAX_TIME_MS <= corrected <= _MAX_TIME_MS:
                event["timestamp"] = date_to_string(corrected)
                return
        event["timestamp"] = original

    def _shared_bytes(self) -> int:
        """Returns the size of what the batch says about all events, in bytes."""
        if self._context is None and self._integrations is None:
            return 0
        return len(write_json([self._context, self._integrations]))

    def _size(self, event: dict[str, Any], item: dict[str, Any]) -> int:
        """Returns the size of an event with what its batch adds, but without what is added here, in bytes."""
        sent = item.copy()
        for key, shared in (("context", self._context), ("integrations", self._integrations)):
            if shared is not None and type(event.get(key)) is dict:
                own = item.get(key)
                sent[key] = {**shared, **own} if type(own) is dict else shared
        return len(write_json(sent))


def read_date(value: Any) -> int | None:
    """Returns a date in Unix milliseconds, as JavaScript's `Date.parse` reads it; None if it is not readable.

    Text of more than 100 characters is not a date.

    Example:
        >>> read_date("2023-01-01T00:00:00Z"), read_date("soon"), read_date(1672531200)
        (1672531200000, None, None)
    """
    if type(value) is not str or len(value) > _MAX_DATE_LENGTH:
        return None
    read = parse_date(value)
    return read if type(read) is int else None


def _is_given(value: Any) -> bool:
    """Returns whether an identifier or a name is there: text that is not empty, or a number."""
    return value != "" if type(value) is str else is_number(value)


def _message_id(value: Any) -> str | None:
    """Returns the `messageId` of an event, a new one if it is absent, and None if it is invalid."""
    if type(value) is not str:
        if is_number(value):
            value = to_string(value)
        elif value is None:
            return str(uuid4())
        else:
            return None
    if not value:
        return str(uuid4())
    return to_well_formed(value) if utf16_length(value) < _MAX_ID_LENGTH else None
