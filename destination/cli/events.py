"""Reads the events that a command looks at: each event of a file, or the one event that it is about."""

import re
from collections.abc import Callable
from typing import Any, Final

from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.cli.progress import Progress
from destination.delivery import MAX_RECORD_BYTES, ByteInput, EventSource, InputError, Record
from destination.delivery.record import Piece
from destination.event import Event

_MAX_NOTES: Final = 10
"""Maximum number of lines without an event that are named."""

# A line break outside of all texts: JSON has none in them.
_BETWEEN_EVENTS = re.compile(rb"\}[ \t\r]*\n\s*\{")


def each_event(file: str, output: Output, take: Callable[[Event, str], object], status: Callable[[], str]) -> int:
    """Hands over every event of a file; returns the number of lines or items that are none.

    Args:
        file: The file's path; `-` is standard input.
        output: Takes the remarks.
        take: Gets each event, and the name of its line or item.
        status: Returns what the progress shows beside the number of events.

    Raises:
        UsageProblem: The file cannot be read, or breaks off.
    """
    events = unreadable = 0
    try:
        with ByteInput.open(file) as data, Progress(data, output) as progress:
            for record in EventSource(data):
                if record.event is None:
                    unreadable += 1
                    if unreadable <= _MAX_NOTES:
                        progress.note(f"{record.label}: {record.error}")
                    continue
                take(record.event, record.label)
                events += 1
                progress.show(events, lambda: [status()])
    except InputError as error:
        raise UsageProblem(str(error)) from None
    if unreadable > _MAX_NOTES:
        output.note(f"… and {unreadable - _MAX_NOTES:,} more lines are no events")
    return unreadable


def read_record(file: str) -> Record:
    """Reads the one event of a file, or of a line of a file of failed events; its JSON may have many lines.

    Args:
        file: The file's path; `-` is standard input.

    Raises:
        UsageProblem: It cannot be read, is too long, or holds more than one event.
    """
    raw = bytearray()
    try:
        with ByteInput.open(file) as data:
            for chunk in data.chunks():
                raw += chunk
                if len(raw) > MAX_RECORD_BYTES:
                    raise UsageProblem(
                        f"{data.name}: is too long for one event, larger than {MAX_RECORD_BYTES:,} bytes; "
                        f"use: destination run {file} --dry-run"
                    )
    except InputError as error:
        raise UsageProblem(str(error)) from None
    text = bytes(raw).strip()
    if text.startswith(b"[") or (text.startswith(b"{") and _BETWEEN_EVENTS.search(text)):
        found = "is a list, and one event is wanted" if text.startswith(b"[") else "holds more than one event"
        raise UsageProblem(f"{_name(file)}: {found}; use: destination run {file} --dry-run")
    return Record("line", Piece(1, text, True))


def event_of(record: Record, file: str) -> dict[str, Any]:
    """Returns the event of a record.

    Raises:
        UsageProblem: The record holds none.
    """
    if record.event is None:
        raise UsageProblem(f"{_name(file)}: {record.error}")
    return record.event


def title_of(event: dict[str, Any]) -> str:
    """Names an event in one line.

    Example:
        >>> title_of({"type": "track", "event": "Order Completed", "messageId": "m-1"})
        'track Order Completed (messageId m-1)'
    """
    name = " ".join(str(event[key]) for key in ("type", "event", "name") if isinstance(event.get(key), str))
    given = event.get("messageId")
    return f"{name or 'event'} (messageId {given if isinstance(given, str) else 'none'})"


def opted_out_text(key: str, destination: str) -> str:
    """Says why an event is not sent.

    Args:
        key: The key of its `integrations` that excludes the destination.
        destination: The destination's name.

    Example:
        >>> opted_out_text("All", "Shop")
        'opted out: its `integrations` have false under "All" and nothing under "Shop", so run does not send it'
        >>> opted_out_text("Shop", "Shop")
        'opted out: its `integrations` have false under "Shop", so run does not send it'
    """
    nothing = "" if key == destination else f' and nothing under "{destination}"'
    return f'opted out: its `integrations` have false under "{key}"{nothing}, so run does not send it'


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
