"""Makes events for tests."""

from copy import deepcopy
from typing import Any, Final

from destination.values import MISSING

TIMESTAMP: Final = "2026-01-01T00:00:00.000Z"
"""The time of test events, which `frozen_clock` shows too."""

_DEFAULTS: Final[dict[str, Any]] = {
    "anonymousId": "anonId1234",
    "context": {
        "ip": "8.8.8.8",
        "library": {"name": "analytics.js", "version": "2.11.1"},
        "locale": "en-US",
        "location": {
            "city": "San Francisco",
            "country": "United States",
            "latitude": 40.2964197,
            "longitude": -76.9411617,
            "speed": 0,
        },
        "page": {
            "path": "/academy/",
            "referrer": "",
            "search": "",
            "title": "Analytics Academy",
            "url": "https://segment.com/academy/",
        },
        "timezone": "Europe/Amsterdam",
        "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 9_1 like Mac OS X) AppleWebKit/601.1.46 "
        "(KHTML, like Gecko) Version/9.0 Mobile/13B143 Safari/601.1",
    },
    "event": "Test Event",
    "messageId": "3f4e1b5c-7a60-4d2b-9c11-0a8d5e6f7b21",
    "properties": {},
    "receivedAt": "2026-01-01T00:00:02.000Z",
    "sentAt": "2026-01-01T00:00:01.000Z",
    "timestamp": TIMESTAMP,
    "traits": {},
    "type": "track",
    "userId": "user1234",
}


def create_test_event(kind: str = "track", /, **fields: Any) -> dict[str, Any]:
    """Makes an event with everything that events usually have; Segment's `createTestEvent`.

    The values are Segment's, and equal for every type of event: a page has an `event` too. Segment makes four values
    anew for each event. Here they are fixed, so that every run of a test has equal events: `messageId` (a UUID),
    `timestamp` (2026-01-01T00:00:00Z), `sentAt` (one second later) and `receivedAt` (two seconds later).

    Args:
        kind: The event's `type`.
        **fields: Values that replace the defaults, under Segment's names. An object replaces the default object and
            is not merged with it; `MISSING` removes a field. Pass an event that is a dict as `**event`.

    Example:
        >>> event = create_test_event("page", name="Home", userId=MISSING)
        >>> event["type"], event["name"], event["timestamp"], "userId" in event
        ('page', 'Home', '2026-01-01T00:00:00.000Z', False)
        >>> create_test_event(**{"type": "identify", "traits": {"plan": "pro"}})["traits"]
        {'plan': 'pro'}
    """
    event = {**deepcopy(_DEFAULTS), "type": kind, **fields}
    return {key: value for key, value in event.items() if value is not MISSING}
