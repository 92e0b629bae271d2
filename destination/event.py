"""A Segment event: a JSON object, as it came.

The framework never copies, changes or validates it: every event that is an object goes through, as on
Segment. The names here are for readers and type checkers.
"""

from typing import Any, TypeAlias

from destination.errors import DestinationError
from destination.values import real_type_of

Event: TypeAlias = dict[str, Any]
"""An event as read from JSON: `type`, `event`, `userId`, `properties`, `timestamp`, …"""


class NotAnEventError(DestinationError):
    """A JSON value that is no object, where an event was expected."""


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
    """The value, when it is an event.

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
