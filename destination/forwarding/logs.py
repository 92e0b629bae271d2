"""Writes the log of a forwarder: a line for each thing that happens, without secrets and without whole events."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from time import time
from typing import Any, Final

from destination.forwarding.masks import Masks
from destination.values import write_json
from destination.values.printable import printable, printable_json

LEVELS: Final = ("debug", "info", "warning")
_LONGEST: Final = 500


class Log:
    """A log of lines that have a time, a level, what happened, and fields.

    Args:
        write: Called with each line, without a line break.
        as_json: Whether a line is a JSON object.
        level: The lowest level that is written: `debug`, `info` or `warning`.
        clock: Returns seconds since 1970.

    Attributes:
        masks: Masks secrets in everything that is written. It is replaced when the configuration is loaded again.

    Example:
        >>> log = Log(print, clock=lambda: 1_672_531_200.25)
        >>> log.warning("dead", destination="absmartly", messageId="m-1", reason="400 Bad Request")
        2023-01-01T00:00:00.250Z warning dead destination=absmartly messageId=m-1 reason="400 Bad Request"
        >>> log.debug("delivered", messageId="m-1")
        >>> Log(print, as_json=True, clock=lambda: 1_672_531_200.25).info("listening", port=8080)
        {"time":"2023-01-01T00:00:00.250Z","level":"info","what":"listening","port":8080}
    """

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        as_json: bool = False,
        level: str = "info",
        clock: Callable[[], float] = time,
    ) -> None:
        self.masks = Masks()
        self._write = write
        self._as_json = as_json
        self._lowest = LEVELS.index(level)
        self._clock = clock

    @property
    def is_debug(self) -> bool:
        """Whether a line for each event is written."""
        return self._lowest == 0

    def debug(self, what: str, **fields: Any) -> None:
        """Writes what happens all the time."""
        if self._lowest == 0:
            self._line("debug", what, fields)

    def info(self, what: str, **fields: Any) -> None:
        """Writes what changes."""
        if self._lowest <= 1:
            self._line("info", what, fields)

    def warning(self, what: str, **fields: Any) -> None:
        """Writes what goes wrong."""
        self._line("warning", what, fields)

    def _line(self, level: str, what: str, fields: dict[str, Any]) -> None:
        moment = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # Masked before it is cut: half a secret would not be recognised.
        masked = {key: _cut(self.masks(value)) for key, value in fields.items() if value is not None}
        if self._as_json:
            line = printable_json(write_json({"time": moment, "level": level, "what": what, **masked})).decode()
        else:
            line = " ".join((moment, level, what, *(f"{key}={_quoted(value)}" for key, value in masked.items())))
        self._write(line)


def log_fields(what: str, **fields: Any) -> dict[str, Any]:
    """Returns what `extra` of a call of Python's `logging` takes, so that `LogHandler` writes the fields.

    Args:
        what: What happened.
        **fields: The fields, written instead of the message.

    Example:
        >>> logger = logging.getLogger("destination.forwarding.fields")
        >>> logger.propagate = False
        >>> logger.addHandler(LogHandler(Log(print, clock=lambda: 1_672_531_200.25)))
        >>> logger.warning("an event was refused", extra=log_fields("refused", reason="no_user", messageIds=["m-1"]))
        2023-01-01T00:00:00.250Z warning refused reason=no_user messageIds=["m-1"]
    """
    return {"forwarding_what": what, "forwarding_fields": fields}


class LogHandler(logging.Handler):
    """Passes what Python's `logging` gets on to a log.

    Args:
        log: The log.

    Example:
        >>> logger = logging.getLogger("destination.forwarding.example")
        >>> logger.propagate = False
        >>> logger.addHandler(LogHandler(Log(print, clock=lambda: 1_672_531_200.25)))
        >>> logger.warning("%d events were refused", 2)
        2023-01-01T00:00:00.250Z warning note message="2 events were refused"
    """

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record; without a traceback, whose lines may hold what was sent."""
        try:
            write = self._log.warning if record.levelno >= logging.WARNING else self._log.info
            fields = getattr(record, "forwarding_fields", None)
            if fields is None:
                write("note", message=record.getMessage())
            else:
                write(record.__dict__["forwarding_what"], **fields)
        except Exception:  # noqa: BLE001  as in every handler: the log must not end what it describes
            self.handleError(record)


def _cut(value: Any) -> Any:
    return f"{value[:_LONGEST]}…" if isinstance(value, str) and len(value) > _LONGEST else value


def _quoted(value: Any) -> str:
    text = printable(value if isinstance(value, str) else json.dumps(value))
    if isinstance(value, str) and (not text or any(mark in text for mark in ' "=')):
        return json.dumps(text, ensure_ascii=False)
    return text
