"""`run --workers N`: processes that send one file's events, each its share of the blocks of records.

They write one ledger and one file of failed events. The process that started them shows the counts and passes Ctrl-C
on; when it dies they end at once, as it did.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any

from destination.cli.ending import end_process
from destination.cli.output import Output
from destination.cli.progress import Progress
from destination.cli.recording import ledger_path, run_identity
from destination.cli.report_page import Observe, ReportPage
from destination.cli.run_options import RunOptions
from destination.cli.watch import Watch
from destination.delivery import ByteInput, DeadLetters, Delivery, EventSource, Ledger, Report, Share, run_delivery
from destination.delivery.page import RunStatistics
from destination.runtime import Instance

_BETWEEN_REPORTS_S = 0.2
_ORPHANED = 1

MakeInstance = Callable[[RunOptions, dict[str, Any] | None, Output, ReportPage], Instance[Any]]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is to do.

    Attributes:
        options: The run's options, its limits shared out.
        share: The worker's part of the input.
        settings: Those of the stand-in, where one is used.
        make: Makes the instance.
        run: The name of the run, where there is a ledger.
    """

    options: RunOptions
    share: Share
    settings: dict[str, Any] | None
    make: MakeInstance
    run: str | None


@dataclass(slots=True)
class Message:
    """What a worker tells.

    Attributes:
        report: Its counts so far.
        bytes_read: How far it has read.
        note: A line for people.
        done: Whether it has ended; then also:
        written: How many failed events it wrote down.
        unreached: What its first request without an answer met.
        statistics: What it watched, where a page is asked for.
    """

    report: Report | None = None
    bytes_read: int = 0
    note: str | None = None
    done: bool = False
    written: int = 0
    unreached: str | None = None
    statistics: RunStatistics | None = None


# --- the process that starts them ----------------------------------------------------------------------------


@dataclass(slots=True)
class Crew:
    """Workers, as the process that started them sees them."""

    work: Work
    source: EventSource
    progress: Progress
    received: list[int] = field(default_factory=list)
    written: int = 0
    unreached: str | None = None
    statistics: list[RunStatistics] = field(default_factory=list)

    def run(self, names: list[str]) -> Report:
        """Starts the workers, and returns what they came to when all have ended.

        Args:
            names: The subscriptions' names.
        """
        count = self.work.share.of
        context = get_context("spawn")
        reports = [Report(names) for _ in range(count)]
        pipes: dict[Connection, int] = {}
        processes = []
        with _ignored_signals():  # workers are told by this process what to do, and inherit that they ignore signals
            for index in range(count):
                ours, theirs = context.Pipe()
                own = Work(self.work.options, Share(index, count), self.work.settings, self.work.make, self.work.run)
                process = context.Process(target=_work_and_end, args=(own, theirs), name=f"worker {index + 1}")
                process.start()
                theirs.close()
                processes.append(process)
                pipes[ours] = index
        everyone = list(pipes)
        with _handled_signals(lambda number: self._stop(number, everyone)):
            while pipes:
                for pipe in wait(list(pipes)):
                    assert isinstance(pipe, Connection)  # noqa: S101  nothing else is waited for; for the type checker
                    try:
                        message: Message = pipe.recv()
                    except (EOFError, ConnectionResetError):
                        report = reports[pipes.pop(pipe)]
                        report.stop, report.stop_message = "error", "a worker ended unexpectedly"
                        _tell(everyone)
                        continue
                    self._take(message, reports, pipes[pipe])
                    if message.done:
                        report = reports[pipes.pop(pipe)]
                        if report.stop not in (None, "signal", "input"):
                            _tell(everyone)
            for process in processes:
                process.join()
        for pipe in everyone:
            pipe.close()
        return Report.merged(reports)

    def _take(self, message: Message, reports: list[Report], index: int) -> None:
        if message.note is not None:
            self.progress.note(message.note)
        if message.report is None:
            return
        reports[index] = message.report
        self.source.input.bytes_read = max(self.source.input.bytes_read, message.bytes_read)
        self.progress.update(Report.merged(reports))
        self.written += message.written
        self.unreached = self.unreached or message.unreached
        if message.statistics is not None:
            self.statistics.append(message.statistics)

    def _stop(self, number: int, pipes: list[Connection]) -> None:
        if not self.received:
            self.progress.note("finishing what is under way; once more (Ctrl-C) gives that up")
        self.received.append(number)
        _tell(pipes)


def _tell(pipes: list[Connection]) -> None:
    for pipe in pipes:
        with suppress(OSError):  # it has ended
            pipe.send("stop")


@contextmanager
def _ignored_signals() -> Iterator[None]:
    with _handled_signals(signal.SIG_IGN):
        yield


@contextmanager
def _handled_signals(handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    given = handler if isinstance(handler, signal.Handlers) else lambda number, _frame: handler(number)
    before = {number: signal.signal(number, given) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


# --- a worker ------------------------------------------------------------------------------------------------


def work(task: Work, pipe: Connection) -> None:
    """Sends one share of the events; what a worker process runs."""
    with ExitStack() as stack:
        options, output = task.options, Output()
        source = EventSource(stack.enter_context(ByteInput.open(options.file)), share=task.share)
        page = ReportPage(options.report, options.file, output)
        instance = task.make(options, task.settings, output, page)
        letters = None
        if options.errors is not None:
            letters = DeadLetters(options.errors, source.input.name, output.redactor, run=task.run, append=True)
            stack.callback(letters.close)
        ledger = None
        path = ledger_path(options, demo=task.settings is not None)
        if path is not None:
            identity = run_identity(options, source, instance)
            ledger = Ledger(path, identity, resume=options.resume, shared=True)
            stack.callback(ledger.close)
        shows = _Pipe(pipe, source)
        watch = Watch(shows)
        report = run_delivery(
            _deliver(instance, source, options, letters, ledger, page.observing(watch), watch.note, pipe)
        )
        written = 0 if letters is None else letters.written
        statistics = None if options.report is None else page.statistics
        pipe.send(Message(report, source.input.bytes_read, None, True, written, watch.unreached, statistics))


def _work_and_end(task: Work, pipe: Connection) -> None:
    work(task, pipe)
    end_process(0)


async def _deliver(
    instance: Instance[Any],
    source: EventSource,
    options: RunOptions,
    letters: DeadLetters | None,
    ledger: Ledger | None,
    observe: Observe,
    notify: Callable[[str], None],
    pipe: Connection,
) -> Report:
    delivery = Delivery(
        instance,
        concurrency=options.concurrency,
        failures=letters,
        observe=observe,
        options=options.delivery(),
        ledger=ledger,
        notify=notify,
    )
    loop = asyncio.get_running_loop()
    threading.Thread(target=_listen, args=(pipe, loop, delivery), daemon=True, name="worker's orders").start()
    async with instance:
        return await delivery.run(source)


def _listen(pipe: Connection, loop: asyncio.AbstractEventLoop, delivery: Delivery) -> None:
    while True:
        try:
            pipe.recv()
        except (EOFError, OSError):
            # Whoever started this worker is dead: a run that is killed ends as a whole.
            os._exit(_ORPHANED)
        with suppress(RuntimeError):  # it has ended meanwhile
            loop.call_soon_threadsafe(delivery.stop)


class _Pipe:
    """Shows a worker's delivery to the process that started it."""

    def __init__(self, pipe: Connection, source: EventSource) -> None:
        self._pipe = pipe
        self._source = source
        self._sent = monotonic()

    def update(self, report: Report) -> None:
        """The counts, now and then."""
        now = monotonic()
        if now - self._sent >= _BETWEEN_REPORTS_S:
            self._sent = now
            self._pipe.send(Message(report, self._source.input.bytes_read))

    def note(self, text: str) -> None:
        """A line for people."""
        self._pipe.send(Message(note=text))
