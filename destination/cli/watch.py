"""Follows a delivery: names lines that are no events, and moves the progress on."""

from typing import Protocol

from destination.cli.check_auth import is_unreached
from destination.delivery import Failure, Record, Report, describe

_MAX_NOTES = 20


class Shows(Protocol):
    """Where a delivery can be seen."""

    def update(self, report: Report) -> None:
        """The counts so far."""
        ...

    def note(self, text: str) -> None:
        """A line for people."""
        ...


class Watch:
    """Names lines that are no events as they come, so many of them, and moves the progress on.

    Attributes:
        unreached: What the first request without an answer met, or None.
    """

    def __init__(self, shows: Shows) -> None:
        self.unreached: str | None = None
        self._shows = shows

    def note(self, text: str) -> None:
        """Tells something at once."""
        self._shows.note(text)

    def __call__(self, report: Report, record: Record, failures: list[Failure]) -> None:
        """Called after each record."""
        if record.event is None and report.unreadable <= _MAX_NOTES:
            self._shows.note(f"{record.label}: {record.error}")
            if report.unreadable == _MAX_NOTES:
                self._shows.note("further lines that are no events are only counted")
        if self.unreached is None and failures:
            self.unreached = next((describe(item.error) for item in failures if is_unreached(item.error)), None)
        self._shows.update(report)
