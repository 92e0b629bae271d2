"""`run --workers N`: processes that send one file's events, each its share of the blocks of records.

They write one ledger and one file of failed events. The process that started them shows the counts and passes Ctrl-C
on; when it dies they end at once, as it did. None sends anything before all of them have opened the same input.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any

from destination.cli.output import Output
from destination.cli.process import end_process, ending_signals, is_repeated_hangup
from destination.cli.progress import DeliveryMonitor, Progress
from destination.cli.report_page import Observe, ReportPage
from destination.cli.run_options import RunOptions
from destination.delivery import (
    ByteInput,
    DeadLetters,
    Delivery,
    EventSource,
    InputError,
    Ledger,
    RecordingError,
    Report,
    RunIdentity,
    Share,
    run_delivery,
)
from destination.delivery.identity import digest_of_mappings
from destination.delivery.reading import FileState
from destination.delivery.statistics import RunStatistics
from destination.records import dataclass
from destination.runtime import Instance
from destination.usage_problem import UsageProblem

_BETWEEN_REPORTS_S = 0.2
_ORPHANED = 1
_BEGIN, _STOP = "begin", "stop"

MakeInstance = Callable[[RunOptions, dict[str, Any] | None, Output, ReportPage], Instance[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTask:
    """What a worker is to do.

    Attributes:
        options: The run's options, its limits shared out.
        share: The worker's part of the input.
        settings: Those of the stand-in, where one is used.
        make: Makes the instance.
        input_state: What the input was when the run began.
        mappings: A hash of the mappings that the run began with.
        ledger: The ledger, where there is one; then also:
        identity: What it belongs to.
        run: The name of the run.
    """

    options: RunOptions
    share: Share
    settings: dict[str, Any] | None
    make: MakeInstance
    input_state: FileState | None
    mappings: str
    ledger: Path | None
    identity: RunIdentity | None
    run: str | None


@dataclass(slots=True)
class Message:
    """What a worker reports to the process that started it.

    Attributes:
        report: Its counts so far.
        bytes_read: How far it has read, in bytes.
        note: A line for people.
        ready: Whether it has opened everything, and waits for the order to begin.
        refused: Why it cannot begin.
        done: Whether it has ended; then also:
        written: How many failed events it wrote down.
        unreached: What its first request without an answer met.
        statistics: What it watched, if a page is written.
    """

    report: Report | None = None
    bytes_read: int = 0
    note: str | None = None
    ready: bool = False
    refused: str | None = None
    done: bool = False
    written: int = 0
    unreached: str | None = None
    statistics: RunStatistics | None = None


# --- the process that starts them ----------------------------------------------------------------------------


@dataclass(slots=True)
class WorkerPool:
    """The workers of a run, as the process that started them sees them."""

    task: WorkerTask
    source: EventSource
    progress: Progress
    received: list[int] = field(default_factory=list)
    written: int = 0
    unreached: str | None = None
    statistics: list[RunStatistics] = field(default_factory=list)

    def run(self, names: list[str]) -> Report:
        """Starts the workers, waits until all have ended, and returns their counts.

        Args:
            names: The names of the subscriptions.

        Raises:
            UsageProblem: One of them cannot begin; nothing was sent.
        """
        count = self.task.share.of
        context = get_context("spawn")
        reports = [Report(names) for _ in range(count)]
        pipes: dict[Connection, int] = {}
        processes = []
        with _ignored_signals():  # workers take orders from this process, and inherit that they ignore signals
            for index in range(count):
                ours, theirs = context.Pipe()
                own = replace(self.task, share=Share(index, count))
                process = context.Process(target=_work_and_end, args=(own, theirs), name=f"worker {index + 1}")
                process.start()
                theirs.close()
                processes.append(process)
                pipes[ours] = index
        everyone = list(pipes)
        with _handled_signals(lambda number: self._stop(number, everyone)):
            refused = _wait_until_ready(everyone)
            _send_order(everyone, _BEGIN if refused is None else _STOP)
            while pipes:
                for pipe in wait(list(pipes)):
                    assert isinstance(pipe, Connection)  # noqa: S101  nothing else is waited for; for the type checker
                    try:
                        message: Message = pipe.recv()
                    except (EOFError, ConnectionResetError):
                        report = reports[pipes.pop(pipe)]
                        report.stop, report.stop_message = "error", "a worker ended unexpectedly"
                        _send_order(everyone, _STOP)
                        continue
                    self._take(message, reports, pipes[pipe])
                    if message.done:
                        report = reports[pipes.pop(pipe)]
                        if report.stop not in (None, "signal", "input"):
                            _send_order(everyone, _STOP)
            for process in processes:
                process.join()
        for pipe in everyone:
            pipe.close()
        if refused is not None:
            raise UsageProblem(refused)
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
        if is_repeated_hangup(number, self.received):
            return
        self.received.append(number)  # before anything else: the next signal may interrupt this call
        if len(self.received) == 1:
            self.progress.note("finishing what is under way; once more (Ctrl-C) cancels it")
        _send_order(pipes, _STOP)


def _wait_until_ready(pipes: list[Connection]) -> str | None:
    """Waits until every worker has opened everything; returns why one of them has not, or None."""
    waiting, refused = list(pipes), None
    while waiting:
        for pipe in wait(waiting):
            assert isinstance(pipe, Connection)  # noqa: S101  nothing else is waited for; for the type checker
            waiting.remove(pipe)
            try:
                message: Message = pipe.recv()
            except (EOFError, ConnectionResetError):
                refused = refused or "a worker ended before it could begin; nothing was sent"
                continue
            refused = refused or message.refused
    return refused


def _send_order(pipes: list[Connection], order: str) -> None:
    for pipe in pipes:
        with suppress(OSError):  # it has ended
            pipe.send(order)


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
    before = {number: signal.signal(number, given) for number in ending_signals()}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


# --- a worker ------------------------------------------------------------------------------------------------


def work(task: WorkerTask, pipe: Connection) -> None:
    """Sends one share of the events; what a worker process runs."""
    with ExitStack() as stack:
        options, output = task.options, Output()
        try:
            source = EventSource(
                stack.enter_context(ByteInput.open(options.file, expected=task.input_state)), share=task.share
            )
            page = ReportPage(options.report, output)
            instance = task.make(options, task.settings, output, page)
            if digest_of_mappings(instance) != task.mappings:
                raise UsageProblem(f"{options.mappings}: was changed while the run started")
            dead_letters, ledger = _open_shared(task, source, output, stack)
        except (UsageProblem, InputError, RecordingError) as error:
            reason = error.lines[0] if isinstance(error, UsageProblem) else str(error)
            pipe.send(Message(refused=f"{output.text(reason)}; nothing was sent"))
            return
        pipe.send(Message(ready=True))
        if _order(pipe) != _BEGIN:
            names = [item.name for item in instance.subscriptions]
            pipe.send(Message(_stopped(Report(names)), done=True))
            return
        view = _PipeView(pipe, source)
        monitor = DeliveryMonitor(view)
        report = run_delivery(
            _deliver(instance, source, options, dead_letters, ledger, page.observing(monitor), monitor.note, pipe)
        )
        written = 0 if dead_letters is None else dead_letters.written
        statistics = None if options.report is None else page.statistics
        bytes_read = source.input.bytes_read
        pipe.send(
            Message(report, bytes_read, done=True, written=written, unreached=monitor.unreached, statistics=statistics)
        )


def _open_shared(
    task: WorkerTask, source: EventSource, output: Output, stack: ExitStack
) -> tuple[DeadLetters | None, Ledger | None]:
    """Opens the file of failed events and the ledger, which the process that started this one has made ready."""
    dead_letters = ledger = None
    if task.options.errors is not None:
        dead_letters = DeadLetters(
            task.options.errors, source.input.name, output.redactor, run=task.run, append=True, shared=True
        )
        stack.callback(dead_letters.close)
    if task.ledger is not None and task.identity is not None:
        ledger = Ledger(task.ledger, task.identity, resume=task.options.resume, shared=True)
        stack.callback(ledger.close)
    return dead_letters, ledger


def _stopped(report: Report) -> Report:
    report.stop, report.stop_message = "signal", "stopped before the end of the input"
    return report


def _order(pipe: Connection) -> Any:
    """Waits for an order of the process that started this one."""
    try:
        return pipe.recv()
    except (EOFError, OSError):
        # It is dead: a run that is killed ends as a whole.
        os._exit(_ORPHANED)


def _work_and_end(task: WorkerTask, pipe: Connection) -> None:
    work(task, pipe)
    end_process(0)


async def _deliver(
    instance: Instance[Any],
    source: EventSource,
    options: RunOptions,
    dead_letters: DeadLetters | None,
    ledger: Ledger | None,
    observe: Observe,
    notify: Callable[[str], None],
    pipe: Connection,
) -> Report:
    delivery = Delivery(
        instance,
        concurrency=options.concurrency,
        failures=dead_letters,
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
        if _order(pipe) == _STOP:
            with suppress(RuntimeError):  # it has ended meanwhile
                loop.call_soon_threadsafe(delivery.stop)


class _PipeView:
    """Shows a worker's delivery to the process that started it."""

    def __init__(self, pipe: Connection, source: EventSource) -> None:
        self._pipe = pipe
        self._source = source
        self._sent = monotonic()

    def update(self, report: Report) -> None:
        """Sends the counts, now and then."""
        now = monotonic()
        if now - self._sent >= _BETWEEN_REPORTS_S:
            self._sent = now
            self._pipe.send(Message(report, self._source.input.bytes_read))

    def note(self, text: str) -> None:
        """Sends a line for people."""
        self._pipe.send(Message(note=text))
