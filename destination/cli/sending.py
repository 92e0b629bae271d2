"""Sends the events of a run, in this process or by workers, and shows what became of them."""

import asyncio
import sys
from contextlib import suppress
from time import monotonic
from typing import Any

from destination.catalog.demo import DemoServer
from destination.cli.instances import (
    chosen_settings,
    make_instance,
    refuse_problems,
)
from destination.cli.options import DEFAULT_DESTINATION
from destination.cli.output import Output
from destination.cli.problems import OutputClosedError, OutputFailedError
from destination.cli.process import HANGUP, ending_signals, forget_stream, is_repeated_hangup
from destination.cli.progress import DeliveryMonitor, Progress
from destination.cli.report_page import ReportPage
from destination.cli.run_options import RunOptions
from destination.cli.summary import Run, show_summary, stopped_in_words, summary_as_json
from destination.definition.given.mappings import read_mappings
from destination.definition.given.oauth import uses_oauth
from destination.delivery import (
    AcknowledgingTransport,
    DeadLetters,
    Delivery,
    EventSource,
    Ledger,
    Report,
    Share,
    run_delivery,
)
from destination.delivery.identity import digest_of_mappings
from destination.runtime import Instance
from destination.runtime.given import find_destination
from destination.usage_problem import UsageProblem

_GZIP = b"\x1f\x8b"
_PAYS_FROM_BYTES = 48_000_000
_PAYS_FROM_BYTES_SINGLY = 12_000_000
"""The size of a file from which two workers save more time than they take to start, in batches and one by one."""

_DELIVERED, _FAILED, _UNRECORDED = 0, 1, 3


def instance_for(
    options: RunOptions, demo_settings: dict[str, Any] | None, output: Output, page: ReportPage
) -> Instance[Any]:
    """Makes the instance to send through.

    Args:
        options: The options of the run.
        demo_settings: The settings of the demo server that replaces the partner, or None if there is none.
        output: Learns the instance's secrets, to mask them.
        page: Times the requests if a page is written.

    Raises:
        UsageProblem: An option, the settings or the mappings cannot be used.
    """
    # One connection for each request in flight: waiting for a connection would count against its time limit.
    transport = AcknowledgingTransport(page.timed(options.network.transport(max(options.concurrency or 0, 100))))
    definition = find_destination(options.destination)
    if options.workers > 1 and uses_oauth(definition):
        raise UsageProblem("--workers does not go with OAuth tokens, which one process refreshes: leave --workers out")
    subscriptions = None if options.mappings is None else read_mappings(options.mappings, definition, output.note)
    settings = demo_settings
    if settings is None:
        takes_files = options.destination == DEFAULT_DESTINATION
        why = " (the embedded collector takes files only)" if takes_files else ""
        if options.unused_settings is not None:
            why = f" ({options.unused_settings} of pyproject.toml is used only with --send)"
        settings = chosen_settings(definition, options.settings, output, sends=True, why=why)
    instance = make_instance(
        definition,
        settings,
        subscriptions,
        output,
        settings_name=str(options.settings or "settings"),
        mappings_name=str(options.mappings or "presets"),
        transport=transport,
        timeout_ms=options.network.timeout_ms,
    )
    refuse_problems(instance, options.mappings)
    return instance


class Sending:
    """A run that sends to the partner or the demo server, with everything that was opened for it.

    Args:
        options: The options of the run.
        instance: The instance to send through.
        source: The events.
        output: Where messages and the summary are shown.
        dead_letters: The file of failed events, or None.
        ledger: The ledger, or None.
        demo: The demo server that replaces the partner, or None.
        page: The report page.
    """

    def __init__(
        self,
        options: RunOptions,
        instance: Instance[Any],
        source: EventSource,
        output: Output,
        dead_letters: DeadLetters | None,
        ledger: Ledger | None,
        demo: DemoServer | None,
        page: ReportPage,
    ) -> None:
        self._options = options
        self._instance = instance
        self._source = source
        self._output = output
        self._dead_letters = dead_letters
        self._ledger = ledger
        self._demo = demo
        self._page = page

    def run(self) -> int:
        """Sends, shows the summary, and returns the exit status."""
        options, output, demo = self._options, self._output, self._demo
        if demo is not None:
            say = output.note if options.as_json else output.line
            unused = options.unused_settings
            why = f"{unused} of pyproject.toml is used only with --send" if unused else "No settings given"
            say(f"{why}: an {demo.name} at {demo.address} takes the events; nothing leaves this machine.")
        started = monotonic()
        with Progress(self._source.input, output) as progress:
            if options.workers > 1:
                report, received, unreached = self._by_workers(progress)
            else:
                monitor = DeliveryMonitor(progress)
                report, received = run_delivery(self._deliver(monitor))
                unreached = monitor.unreached
        run = Run(
            options=options,
            destination=self._instance.definition.slug,
            source=self._source,
            report=report,
            seconds=monotonic() - started,
            dead_letters=self._dead_letters,
            ledger=self._ledger,
            demo=demo,
        )
        if unreached is not None and not report.sent:
            self._note_unreached(unreached)
        status = _status(report, received)
        written = False
        try:
            self._show(run, status)
        except (OutputClosedError, OutputFailedError):
            if received != HANGUP:  # after a hang-up, nobody is there to read the summary
                raise
            forget_stream(sys.stdout)
        finally:
            name, stopped = run.destination, stopped_in_words(report)
            written = self._page.write(name, self._source.input.name, report, run.seconds, stopped)
        return status if written else status or _FAILED

    def _show(self, run: Run, status: int) -> None:
        output = self._output
        if not self._options.as_json:
            show_summary(run, output)
            return
        output.json(summary_as_json(run, status))
        if run.demo is not None:
            output.note(f"An {run.demo.name} was used: nothing left this machine.")

    def _note_unreached(self, unreached: str) -> None:
        fields, settings = self._instance.definition.settings_fields, self._options.settings
        addresses = [key for key, field in fields.items() if field.format == "uri"]
        check = f"check {' and '.join(addresses)} in {settings}" if addresses else "check the settings"
        self._output.note(f"nothing was delivered: {unreached}; {check}, and the network")

    def _by_workers(self, progress: Progress) -> tuple[Report, int, str | None]:
        """Sends by several processes.

        Returns:
            The report, the number of the signal that ended the run or 0, and the first error of a request that got no
            answer, as text, or None.
        """
        from destination.cli.workers import WorkerPool, WorkerTask

        options, ledger, demo = self._options, self._ledger, self._demo
        with open(options.file, "rb") as file:  # noqa: PTH123  a name, as it was given
            size = None if file.read(len(_GZIP)) == _GZIP else self._source.input.size
        if ledger is not None:
            ledger.share()
        if self._dead_letters is not None:
            self._dead_letters.share()
        task = WorkerTask(
            options=options.for_worker(),
            share=Share(0, options.workers),
            settings=None if demo is None else demo.settings,
            make=instance_for,
            input_state=self._source.input.state,
            mappings=digest_of_mappings(self._instance),
            ledger=None if ledger is None else ledger.path,
            identity=None if ledger is None else ledger.identity,
            run=None if ledger is None else ledger.run,
        )
        pool = WorkerPool(task, self._source, progress)
        report = pool.run([item.name for item in self._instance.subscriptions])
        if report.stop is None and is_too_small_for_workers(size, singly=options.delivery().batch_size is None):
            progress.note("the file is small: workers took longer to start than they saved; leave --workers out")
        for statistics in pool.statistics:
            self._page.statistics.merge(statistics)
        if self._dead_letters is not None:
            self._dead_letters.written += pool.written
        if ledger is not None and report.stop is None:
            ledger.finish()
        return report, pool.received[0] if pool.received else 0, pool.unreached

    async def _deliver(self, monitor: DeliveryMonitor) -> tuple[Report, int]:
        """Returns the report, and the number of the signal that ended it or 0."""
        delivery = Delivery(
            self._instance,
            concurrency=self._options.concurrency,
            failures=self._dead_letters,
            observe=self._page.observing(monitor),
            options=self._options.delivery(),
            ledger=self._ledger,
            notify=monitor.note,
        )
        received: list[int] = []

        def stop(number: int) -> None:
            if is_repeated_hangup(number, received):
                return
            received.append(number)
            if len(received) == 1:
                monitor.note("finishing what is under way; once more (Ctrl-C) cancels it")
            delivery.stop()

        loop = asyncio.get_running_loop()
        for number in ending_signals():
            with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
                loop.add_signal_handler(number, stop, number)
        async with self._instance:
            report = await delivery.run(self._source)
        return report, received[0] if received else 0


def is_too_small_for_workers(size: int | None, *, singly: bool) -> bool:
    """Returns whether one process is faster; an unknown size is not too small.

    Args:
        size: The size of the file, in bytes.
        singly: Whether each event is sent by itself, which takes longer than in a batch.

    Example:
        >>> [is_too_small_for_workers(20_000_000, singly=singly) for singly in (False, True)]
        [True, False]
    """
    return size is not None and size < (_PAYS_FROM_BYTES_SINGLY if singly else _PAYS_FROM_BYTES)


def _status(report: Report, received: int) -> int:
    if report.stop == "recording":
        return _UNRECORDED
    if received:
        return 128 + received
    return _DELIVERED if report.ok else _FAILED
