"""Reads the one event that a command is about."""

import re
from typing import Any

from destination.cli.problems import UsageProblem
from destination.delivery import MAX_RECORD_BYTES, ByteInput, InputError, Record
from destination.delivery.record import Piece

# A line break outside of all texts: JSON has none in them.
_BETWEEN_EVENTS = re.compile(rb"\}[ \t\r]*\n\s*\{")


def read_record(file: str) -> Record:
    """The one event of a file, or of a line of a file of failed events; its JSON may stand on many lines.

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
    """The event of a record.

    Raises:
        UsageProblem: It is none.
    """
    if record.event is None:
        raise UsageProblem(f"{_name(file)}: {record.error}")
    return record.event


def title_of(event: dict[str, Any]) -> str:
    """What an event is called in one line.

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
