"""Reads the events that a command looks at: each event of a file, or the one event that it is about."""

import io
import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

from destination.cli.output import Output
from destination.cli.progress import Progress
from destination.delivery import MAX_RECORD_BYTES, ByteInput, EventSource, InputError, Record
from destination.delivery.record import Piece
from destination.event import Event
from destination.usage_problem import UsageProblem

_MAX_NOTES: Final = 10
"""Maximum number of lines without an event that are reported one by one."""

# A line break outside of all texts: JSON has none in them.
_BETWEEN_EVENTS = re.compile(rb"\}[ \t\r]*\n\s*\{")


def each_event(file: str, output: Output, take: Callable[[Event, str], object], status: Callable[[], str]) -> int:
    """Calls a function with every event of a file; returns the number of lines or items that are not events.

    Args:
        file: The file's path; `-` is standard input.
        output: Prints the remarks.
        take: Is called with each event and the name of its line or item.
        status: Returns what the progress bar shows beside the number of events.

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
        output.note(f"… and {unreadable - _MAX_NOTES:,} more lines are not events")
    return unreadable


def read_record(file: str, message_id: str | None = None) -> Record:
    """Reads one event: the only one of a file, whose JSON may have many lines, or the one with a `messageId`.

    Args:
        file: The file's path; `-` is standard input.
        message_id: The `messageId` of the event; the first event that has it is taken.

    Raises:
        UsageProblem: The file cannot be read, or holds no such event, or more than one and no `messageId` is given.
    """
    raw = bytearray()
    try:
        with ByteInput.open(file) as data:
            if message_id is not None:
                return _find(EventSource(data), message_id, _name(file))
            for chunk in data.chunks():
                raw += chunk
                if len(raw) > MAX_RECORD_BYTES:
                    raise UsageProblem(
                        f"{data.name}: is too long for one event, larger than {MAX_RECORD_BYTES:,} bytes; "
                        f"{_choose(file)}"
                    )
        text = bytes(raw).strip()
        record = Record("line", Piece(1, text, True))
        if record.event is None and (record.list_key or text.startswith(b"[") or _BETWEEN_EVENTS.search(text)):
            return _only(EventSource(ByteInput(io.BytesIO(text), _name(file))), file)
    except InputError as error:
        raise UsageProblem(str(error)) from None
    return record


def _find(records: Iterable[Record], message_id: str, name: str) -> Record:
    events = 0
    for record in records:
        if record.event is not None:
            events += 1
            if record.event.get("messageId") == message_id:
                return record
    raise UsageProblem(f"{name}: none of its {events:,} events has the messageId {message_id!r}")


def _only(records: Iterable[Record], file: str) -> Record:
    found = list(islice(records, 2))
    if len(found) != 1:
        raise UsageProblem(
            f"{_name(file)}: holds more than one event; {_choose(file)}" if found else f"{_name(file)}: holds no event"
        )
    return found[0]


def _choose(file: str) -> str:
    return f"choose one with --message-id ID, or use: destination run {file} --dry-run"


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
