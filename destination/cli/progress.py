"""Shows how far a command is: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Sequence
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from destination.cli.network import is_unreached
from destination.cli.output import Output, remarks_console
from destination.delivery import ByteInput, Failure, Record, Report, describe

if TYPE_CHECKING:
    import rich.progress

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_DRAWINGS = 0.1
_MAX_NOTES = 20


class Progress:
    """Progress through an input of events on standard error, as a context manager.

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
            from rich.progress import TaskProgressColumn

            self._bar = _bar(TaskProgressColumn(), refresh_per_second=5)
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

    def show(self, events: int, more: Callable[[], Sequence[str]]) -> None:
        """Shows how many events there were, now and then.

        Args:
            events: Number of events so far.
            more: Returns what else to show; the first part goes before the rate.
        """
        if self._is_time():
            self._show(events, more())

    def _is_time(self) -> bool:
        return monotonic() - self._shown >= self._between

    def _show(self, events: int, more: Sequence[str]) -> None:
        self._shown = now = monotonic()
        rate = events / (now - self._started)
        before, *behind = more
        counts = ", ".join([f"{events:,} events", before, f"{rate:,.0f}/s", *behind])
        if self._bar is None:
            self._output.note(counts)
        else:
            self._bar.update(self._task, completed=self._data.bytes_read, counts=counts)

    def note(self, text: str) -> None:
        """Writes a line for people, above the bar."""
        if self._bar is None:
            self._output.note(text)
        else:
            self._bar.console.print(self._output.text(f"destination: {text}"), soft_wrap=True)


class StepProgress:
    """Progress through a known number of steps on standard error, as a context manager.

    Args:
        total: Number of steps.
        what: What the steps are, in the plural.
        output: Writes plain lines.
    """

    def __init__(self, total: int, what: str, output: Output) -> None:
        self._total = total
        self._what = what
        self._output = output
        self._bar: rich.progress.Progress | None = None
        self._shown = monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import MofNCompleteColumn

            self._bar = _bar(MofNCompleteColumn())
            self._task = self._bar.add_task("", total=self._total, counts=self._what)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, more: str) -> None:
        """Shows the number of steps that are done, and what else to say; now and then where there is no terminal."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, counts=f"{self._what}, {more}")
        elif monotonic() - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown = monotonic()
            self._output.note(f"{done:,} of {self._total:,} {self._what}, {more}")


class ProgressView(Protocol):
    """Where a delivery shows how far it is."""

    def update(self, report: Report) -> None:
        """Shows the counts so far."""
        ...

    def note(self, text: str) -> None:
        """Writes a line for people."""
        ...


class DeliveryMonitor:
    """Names the first lines that are not events as they come, and moves the progress on.

    Args:
        view: Where it is shown.

    Attributes:
        unreached: The first error of a request that got no answer, as text, or None.
    """

    def __init__(self, view: ProgressView) -> None:
        self.unreached: str | None = None
        self._view = view

    def note(self, text: str) -> None:
        """Writes a line for people at once."""
        self._view.note(text)

    def __call__(self, report: Report, record: Record, failures: list[Failure]) -> None:
        """Takes note of a record that has its outcome."""
        if record.event is None and report.unreadable <= _MAX_NOTES:
            self._view.note(f"{record.label}: {record.error}")
            if report.unreadable == _MAX_NOTES:
                self._view.note("further lines that are not events are only counted")
        if self.unreached is None and failures:
            self.unreached = next((describe(item.error) for item in failures if is_unreached(item.error)), None)
        self._view.update(report)


def _counts(report: Report) -> list[str]:
    counts = [f"{report.sent:,} sent, {report.failed:,} failed"]
    if report.in_flight:
        counts.append(f"{report.in_flight:,} in flight")
    if report.retried:
        counts.append(f"{report.retried:,} retried")
    return counts


def _bar(done: "rich.progress.ProgressColumn", refresh_per_second: float = 10) -> "rich.progress.Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        BarColumn(bar_width=30),
        done,
        TextColumn("{task.fields[counts]}", markup=False),
        TimeRemainingColumn(),
        console=remarks_console(),
        transient=True,
        refresh_per_second=refresh_per_second,
    )
