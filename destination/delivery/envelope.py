"""The envelope around an event in a file of failed events, read back.

It stands around the event, so that the event itself stays as it came:

```json
{"deadLetter": 1, "source": "events.ndjson", "at": "line 7", "failures": [{"subscription": "Track Calls",
 "index": 0, "error": "503 Service Unavailable", "type": "HTTPError", "status": 503, "retryable": true,
 "attempts": 5}], "event": {"type": "track"}}
```

Run again, only the subscriptions that failed are asked. A failure whose `subscription` is null is the whole
event's. What was no event has its text in `raw` instead of `event`: mend it there, and it is read as an event.
"""

from dataclasses import dataclass
from typing import Any

from destination.delivery.errors import InputError
from destination.values import MISSING, real_type_of

MARKER = "deadLetter"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Owed:
    """A subscription that an earlier run left undelivered.

    Attributes:
        name: The subscription's name.
        index: Its place among the enabled subscriptions of that run; tells those of one name apart.
    """

    name: str
    index: int | None = None


def is_envelope(value: dict[str, Any]) -> bool:
    """Whether an object is a line of a file of failed events; every Segment event has a `type`, no envelope has."""
    return MARKER in value and "type" not in value


def open_envelope(value: dict[str, Any]) -> tuple[Any, bytes | None, tuple[Owed, ...] | None]:
    """What an envelope holds: the event or MISSING, else the raw text or None; and which subscriptions are owed.

    None for the last means all of them.

    Raises:
        InputError: It is not as this module writes it.
    """
    failures = value.get("failures")
    if value[MARKER] != VERSION or not isinstance(failures, list):
        raise InputError(f"a dead letter of an unknown form: expected {MARKER} = {VERSION} and a list of failures")
    raw = value.get("raw")
    if "event" not in value:
        return MISSING, raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else None, None
    owed = []
    for failure in failures:
        name = failure.get("subscription") if isinstance(failure, dict) else MISSING
        if name is None:
            return value["event"], None, None
        if not isinstance(name, str):
            raise InputError(f"a dead letter whose failure names its subscription by: {real_type_of(name)}")
        index = failure.get("index")
        owed.append(Owed(name, index if isinstance(index, int) else None))
    return value["event"], None, tuple(owed)
