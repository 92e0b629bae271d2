"""`--report`: the page of a run."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from destination.cli.output import Output
from destination.definition.given.files import check_writable
from destination.delivery import Failure, Record, Report
from destination.delivery.statistics import RunStatistics, TimedTransport
from destination.pages import PageError, render_run, write_page
from destination.request import Transport
from destination.usage_problem import UsageProblem

Observe = Callable[[Report, Record, list[Failure]], None]


class ReportPage:
    """Observes a run and writes its page; without a path it does nothing.

    Args:
        path: The file, or None.
        output: Masks the secrets, and shows notes.

    Attributes:
        statistics: What was observed.

    Raises:
        UsageProblem: The page could not be written, or its plots not be drawn.
    """

    def __init__(self, path: Path | None, output: Output) -> None:
        self._path = path
        self._output = output
        self._started = datetime.now(UTC)
        self.statistics = RunStatistics(self._mask)
        if path is None:
            return
        if find_spec("pygal") is None:
            raise UsageProblem("--report draws its plots with pygal: pip install 'destination-actions[report]'")
        check_writable("--report", path)

    def _mask(self, value: Any) -> Any:
        return value if self._output.redactor is None else self._output.redactor(value)

    def timed(self, transport: Transport) -> Transport:
        """Returns the transport; with a page, its requests are timed."""
        return transport if self._path is None else TimedTransport(transport, self.statistics.answered)

    def observing(self, observe: Observe) -> Observe:
        """Returns the `observe` of a delivery: it also calls the one given."""
        if self._path is None:
            return observe
        settled = self.statistics.settled

        def both(report: Report, record: Record, failures: list[Failure]) -> None:
            settled(report, record, failures)
            observe(report, record, failures)

        return both

    def write(self, destination: str, source: str, report: Report, seconds: float, stopped: str | None) -> bool:
        """Writes the page and notes it, or why it could not be written; returns False then."""
        if self._path is None:
            return True
        facts = self.statistics.facts(
            report, destination=destination, source=source, started=self._started, seconds=seconds, stopped=stopped
        )
        redactor = self._output.redactor
        try:
            write_page(self._path, render_run(facts, None if redactor is None else redactor.text))
        except PageError as error:
            self._output.note(f"--report {error}")
            return False
        self._output.note(f"the report is in {self._path}")
        return True
