"""`destination run`."""

import asyncio
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from destination.catalog.demo import DemoServer, demo_server
from destination.cli.check_auth import is_unreached
from destination.cli.dry_run import dry_run
from destination.cli.instances import (
    DEFAULT_DESTINATION,
    chosen_instance,
    find_destination,
    make_instance,
    read_mappings,
    refuse_problems,
)
from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.cli.progress import Progress
from destination.cli.report_page import ReportPage
from destination.cli.summary import Run, show_summary, stopped_in_words, summary_as_json
from destination.delivery import (
    STANDARD_INPUT,
    ByteInput,
    DeadLetters,
    Delivery,
    EventSource,
    Failure,
    InputError,
    Record,
    RecordingError,
    Report,
    describe,
)
from destination.request import Transport, delivery_transport
from destination.runtime import Instance

_DELIVERED, _FAILED = 0, 1
_MAX_NOTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What was given to `destination run`; named as its options are."""

    file: str
    settings: Path | None
    mappings: Path | None
    destination: str
    dry_run: bool
    errors: Path | None
    as_json: bool
    concurrency: int
    report: Path | None = None


def run_events(options: RunOptions) -> int:
    """Sends the events of a file, or shows what would be sent; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used; nothing was sent.
    """
    output = Output()
    with ExitStack() as stack:
        if options.dry_run:
            instance = chosen_instance(options, output, sends=False)
            source = _open_source(options, stack)
            letters = _open_dead_letters(options, source, output, stack)
            return dry_run(instance, source, output, letters)
        find_destination(options.destination)  # the first thing to be told, where it is wrong
        source = _open_source(options, stack)
        page = ReportPage(options.report, options.file, output)
        transport = page.timed(_transport(options))
        demo = _demo_for(options)
        if demo is None:
            instance = chosen_instance(
                options, output, sends=True, why_settings=_why_settings(options), transport=transport
            )
        else:
            instance = _demo_instance(options, stack.enter_context(demo), output, transport)
        letters = _open_dead_letters(options, source, output, stack)
        return _send(options, instance, source, output, letters, demo, page)


def _open_source(options: RunOptions, stack: ExitStack) -> EventSource:
    try:
        return EventSource(stack.enter_context(ByteInput.open(options.file)))
    except InputError as error:
        raise UsageProblem(str(error)) from None


def _open_dead_letters(
    options: RunOptions, source: EventSource, output: Output, stack: ExitStack
) -> DeadLetters | None:
    path = options.errors
    if path is None:
        return None
    if options.file != STANDARD_INPUT and path.exists() and path.samefile(options.file):
        raise UsageProblem(f"--errors {path}: is the file that is read; give another name")
    try:
        letters = DeadLetters(path, source.input.name, output.redactor)
    except RecordingError as error:
        raise UsageProblem(f"--errors {error}") from None
    stack.callback(letters.close)
    return letters


def _demo_for(options: RunOptions) -> DemoServer | None:
    """A stand-in for the partner, where nothing says to whom events shall go; never for events on a pipe."""
    if options.settings is not None or options.destination != DEFAULT_DESTINATION:
        return None
    if not Path(options.file).is_file():  # standard input under any name, such as /dev/stdin or <(…)
        return None
    return demo_server(options.destination)


def _why_settings(options: RunOptions) -> str:
    return " (the embedded collector takes files only)" if options.destination == DEFAULT_DESTINATION else ""


def _transport(options: RunOptions) -> Transport:
    # A connection for each event under way: waiting for one would count against the request's time limit.
    return delivery_transport(max(options.concurrency, 100))


def _demo_instance(options: RunOptions, demo: DemoServer, output: Output, transport: Transport) -> Instance[Any]:
    subscriptions = None if options.mappings is None else read_mappings(options.mappings)
    instance = make_instance(
        find_destination(options.destination),
        demo.settings,
        subscriptions,
        output,
        mappings_place=str(options.mappings or "presets"),
        transport=transport,
    )
    refuse_problems(instance, options.mappings)
    return instance


def _send(
    options: RunOptions,
    instance: Instance[Any],
    source: EventSource,
    output: Output,
    letters: DeadLetters | None,
    demo: DemoServer | None,
    page: ReportPage,
) -> int:
    if demo is not None:
        say = output.note if options.as_json else output.line
        say(f"No settings given: an {demo.name} at {demo.address} takes the events; nothing leaves this machine.")
    started = monotonic()
    with Progress(source.input, output) as progress:
        watch = _Watch(progress)
        report, received = asyncio.run(_deliver(instance, source, options.concurrency, letters, watch, page))
    run = Run(
        options=options,
        destination=instance.definition.slug,
        source=source,
        report=report,
        seconds=monotonic() - started,
        dead_letters=letters,
        demo=demo,
    )
    _note_unreached(instance, options, watch, report, output)
    status = 128 + received if received else _DELIVERED if report.ok else _FAILED
    if options.as_json:
        output.json(summary_as_json(run, status))
        if demo is not None:
            output.note(f"An {demo.name} was used: nothing left this machine.")
    else:
        show_summary(run, output)
    written = page.write(run.destination, source.input.name, report, run.seconds, stopped_in_words(report))
    return status if written else status or _FAILED


class _Watch:
    """Names lines that are no events as they come, so many of them, and moves the progress on.

    Attributes:
        unreached: What the first request without an answer met, or None.
    """

    def __init__(self, progress: Progress) -> None:
        self.unreached: str | None = None
        self._progress = progress

    def note(self, text: str) -> None:
        """Tells something at once."""
        self._progress.note(text)

    def __call__(self, report: Report, record: Record, failures: list[Failure]) -> None:
        """Called after each record."""
        if record.event is None and report.unreadable <= _MAX_NOTES:
            self._progress.note(f"{record.place}: {record.error}")
            if report.unreadable == _MAX_NOTES:
                self._progress.note("further lines that are no events are only counted")
        if self.unreached is None:
            self.unreached = next((describe(item.error) for item in failures if is_unreached(item.error)), None)
        self._progress.update(report)


def _note_unreached(
    instance: Instance[Any], options: RunOptions, watch: _Watch, report: Report, output: Output
) -> None:
    if watch.unreached is None or report.sent:
        return
    addresses = [key for key, field in instance.definition.settings_fields.items() if field.format == "uri"]
    check = f"check {' and '.join(addresses)} in {options.settings}" if addresses else "check the settings"
    output.note(f"nothing was delivered: {watch.unreached}; {check}, and the network")


async def _deliver(
    instance: Instance[Any],
    source: EventSource,
    concurrency: int,
    letters: DeadLetters | None,
    watch: _Watch,
    page: ReportPage,
) -> tuple[Report, int]:
    """The report, and the number of the signal that ended it or 0."""
    delivery = Delivery(instance, concurrency=concurrency, failures=letters, observe=page.observing(watch))
    received: list[int] = []

    def stop(number: int) -> None:
        if not received:
            watch.note("finishing what is under way; once more (Ctrl-C) gives that up")
        received.append(number)
        delivery.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; a thread that is not the main one
            loop.add_signal_handler(number, stop, number)
    async with instance:
        report = await delivery.run(source)
    return report, received[0] if received else 0
