"""Shows how far a run is: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Sequence
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

from destination.cli.output import Output, remarks_console
from destination.delivery import ByteInput, Report

if TYPE_CHECKING:
    import rich.progress

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_DRAWINGS = 0.1


class Progress:
    """Progress on standard error, as a context manager.

    Args:
        data: What is read; its size, where known, is the bar's length.
        output: Writes notes and plain lines.
    """

    def __init__(self, data: ByteInput, output: Output) -> None:
        self._data = data
        self._output = output
        self._bar: rich.progress.Progress | None = None
        self._between = _SECONDS_BETWEEN_LINES
        self._started = self._shown = monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = _bar()
            self._between = _SECONDS_BETWEEN_DRAWINGS
            self._task = self._bar.add_task("", total=self._data.size, counts="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, report: Report) -> None:
        """Shows the counts of a delivery, now and then."""
        if self._is_time():
            self._show(report.events, _counts(report))

    def show(self, events: int, tell: Callable[[], Sequence[str]]) -> None:
        """Shows how many events there were, now and then.

        Args:
            events: So many so far.
            tell: Gives what else there is to say; the first of it goes before the rate.
        """
        if self._is_time():
            self._show(events, tell())

    def _is_time(self) -> bool:
        return monotonic() - self._shown >= self._between

    def _show(self, events: int, told: Sequence[str]) -> None:
        self._shown = now = monotonic()
        rate = events / (now - self._started)
        before, *behind = told
        counts = ", ".join([f"{events:,} events", before, f"{rate:,.0f}/s", *behind])
        if self._bar is None:
            self._output.note(counts)
        else:
            self._bar.update(self._task, completed=self._data.bytes_read, counts=counts)

    def note(self, text: str) -> None:
        """A line for people, above the bar."""
        if self._bar is None:
            self._output.note(text)
        else:
            self._bar.console.print(self._output.text(f"destination: {text}"), soft_wrap=True)


def _counts(report: Report) -> list[str]:
    told = [f"{report.sent:,} sent, {report.failed:,} failed"]
    if report.in_flight:
        told.append(f"{report.in_flight:,} in flight")
    if report.retried:
        told.append(f"{report.retried:,} retried")
    return told


def _bar() -> "rich.progress.Progress":
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    return Progress(
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeRemainingColumn(),
        console=remarks_console(),
        transient=True,
        refresh_per_second=5,
    )
