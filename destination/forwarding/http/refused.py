"""Keeps the events that the intake refused, so that they can be mended and sent again."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from destination.forwarding.http.events import Refused
from destination.private_files import private_opener
from destination.values import write_json

MAX_REFUSED_BYTES: Final = 100 << 20
"""The default maximum size of a file of refused events, in bytes."""

_LOG = logging.getLogger(__name__)


class RefusedLog:
    r"""Appends refused events to a file, one JSON object in a line: `receivedAt`, `reason`, `message`, `event`.

    Only the file's owner can read it. It never raises once it is open: when it has its maximum size, or cannot be
    written, further events are not kept. That is logged once, until the file can be written again.

    Args:
        path: The file; created if it is missing.
        max_bytes: Its maximum size, in bytes.

    Raises:
        OSError: The file cannot be opened.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp(), "refused.ndjson")
        >>> log = RefusedLog(file)
        >>> log.add([Refused("no_user", "…", {"event": "Paid"})], "2023-01-01T00:00:00.000Z")
        1
        >>> log.close()
        >>> file.read_text()
        '{"receivedAt":"2023-01-01T00:00:00.000Z","reason":"no_user","message":"…","event":{"event":"Paid"}}\n'
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int = MAX_REFUSED_BYTES) -> None:
        self._path = Path(path)
        self._max_bytes = max_bytes
        self._file = private_opener(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._has_failed = False

    def add(self, refused: Sequence[Refused], received: str) -> int:
        """Appends events, and returns how many were kept: all of them or none.

        Args:
            refused: The events.
            received: When they came, as an ISO date.
        """
        lines = b"".join([_line(one, received) for one in refused])
        try:
            before = os.fstat(self._file).st_size
            if before + len(lines) > self._max_bytes:
                self._fail(f"it has its maximum size of {self._max_bytes:,} bytes")
                return 0
            try:
                self._write(lines)
            except OSError:
                os.ftruncate(self._file, before)  # a full disk may have taken a part
                raise
        except OSError as error:
            self._fail(error.strerror or type(error).__name__)
            return 0
        self._has_failed = False
        return len(refused)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)

    def _write(self, lines: bytes) -> None:
        while lines:
            lines = lines[os.write(self._file, lines) :]

    def _fail(self, reason: str) -> None:
        if not self._has_failed:
            _LOG.error("refused events are not kept in %s: %s", self._path, reason)
        self._has_failed = True


def _line(refused: Refused, received: str) -> bytes:
    item: Any = refused.item
    if isinstance(item, dict) and "writeKey" in item:
        item = {key: value for key, value in item.items() if key != "writeKey"}
    shown = {"receivedAt": received, "reason": refused.reason, "message": refused.message, "event": item}
    try:
        return write_json(shown) + b"\n"
    except ValueError:  # nested too deeply to be written
        return write_json({**shown, "event": None}) + b"\n"
