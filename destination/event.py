"""Segment events: JSON objects.

The framework never copies, changes or validates an event. As on Segment, every object is accepted. The names here
are for readers and type checkers.
"""

from typing import Any, Final, TypeAlias

from destination.errors import DestinationError
from destination.values import MISSING, real_type_of

Event: TypeAlias = dict[str, Any]
"""An event as read from JSON: `type`, `event`, `userId`, `properties`, `timestamp`, …"""

EVENT_TYPES: Final = ("track", "page", "screen", "identify", "group", "alias")
"""The types of events that Segment has."""


class NotAnEventError(DestinationError):
    """A JSON value is not an object, so it is not an event."""


_NAMES = {
    "undefined": "undefined",
    "null": "null",
    "boolean": "a boolean",
    "number": "a number",
    "string": "a string",
    "array": "an array",
    "object": "no JSON value",
}


def as_event(value: Any) -> Event:
    """Returns the value if it is an event.

    Raises:
        NotAnEventError: The value is not a JSON object.

    Example:
        >>> as_event({"type": "track"})
        {'type': 'track'}
        >>> as_event([1])
        Traceback (most recent call last):
        destination.event.NotAnEventError: an event is a JSON object, but this is an array
    """
    if isinstance(value, dict):
        return value
    raise NotAnEventError(f"an event is a JSON object, but this is {_NAMES[real_type_of(value)]}")


def opted_out_by(event: Event, destination: str) -> str | None:
    """Returns the key of the event's `integrations` that excludes a destination; None if none does.

    Segment's service reads `integrations` before its runtime sees an event. An event excludes a destination if the
    value under the destination's name is `false`, or if `All` is `false` and that name is absent. Any other value
    under the name, such as an object of options, means that the event is sent.

    Args:
        event: The event.
        destination: The destination's name, as its definition has it; it is case-sensitive.

    Example:
        >>> opted_out_by({"integrations": {"All": False, "Shop": {"region": "eu"}}}, "Shop") is None
        True
        >>> opted_out_by({"integrations": {"All": False}}, "Shop")
        'All'
        >>> opted_out_by({"integrations": {"All": True, "Shop": False}}, "Shop")
        'Shop'
    """
    chosen = event.get("integrations")
    if chosen is None or not isinstance(chosen, dict):
        return None
    own = chosen.get(destination, MISSING)
    if own is False:
        return destination
    return "All" if own is MISSING and chosen.get("All") is False else None
