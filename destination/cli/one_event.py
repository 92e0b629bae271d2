"""Reads the one event that a command is about."""

from typing import Any

from destination.cli.problems import UsageProblem
from destination.delivery import MAX_RECORD_BYTES, ByteInput, InputError, Record
from destination.delivery.splitters import Piece


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
                    raise UsageProblem(f"{data.name}: is too long for one event; use: destination run {file} --dry-run")
    except InputError as error:
        raise UsageProblem(str(error)) from None
    text = bytes(raw).strip()
    if text.startswith(b"[") or (text.startswith(b"{") and b"}\n{" in text.replace(b"\r", b"")):
        raise UsageProblem(f"{_name(file)}: holds more than one event; use: destination run {file} --dry-run")
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
    return f"{name or 'event'} (messageId {event.get('messageId', 'none')})"


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
