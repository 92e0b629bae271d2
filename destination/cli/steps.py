"""Shows how many of a known number of steps are done: a bar on a terminal, plain lines elsewhere."""

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

from destination.cli.output import Output, remarks_console

if TYPE_CHECKING:
    import rich.progress

_SECONDS_BETWEEN_LINES = 5.0


class Steps:
    """Progress on standard error, as a context manager.

    Args:
        total: How many steps there are.
        what: What they are, in the plural.
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
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TextColumn("{task.fields[told]}", markup=False),
                TimeRemainingColumn(),
                console=remarks_console(),
                transient=True,
            )
            self._task = self._bar.add_task("", total=self._total, told=self._what)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, told: str) -> None:
        """Shows how many are done, and what else there is to say; now and then where there is no terminal."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, told=f"{self._what}, {told}")
        elif monotonic() - self._shown >= _SECONDS_BETWEEN_LINES:
            self._shown = monotonic()
            self._output.note(f"{done:,} of {self._total:,} {self._what}, {told}")
