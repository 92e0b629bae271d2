"""The summary of a run, for people and as JSON."""

from typing import TYPE_CHECKING, Any

from destination.catalog.demo import DemoServer
from destination.cli.output import Output
from destination.delivery import DeadLetters, EventSource, Ledger, Report
from destination.records import dataclass

if TYPE_CHECKING:
    from destination.cli.run_options import RunOptions

_REASONS_SHOWN = 10
_ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has ended."""

    options: "RunOptions"
    destination: str
    source: EventSource
    report: Report
    seconds: float
    dead_letters: DeadLetters | None
    ledger: Ledger | None
    demo: DemoServer | None


def summary_as_json(run: Run, status: int) -> dict[str, Any]:
    """Writes the summary of `run --json`."""
    report = run.report
    summary: dict[str, Any] = {
        "destination": run.destination,
        "embedded": run.demo is not None,
        "input": run.source.input.name,
        "status": status,
        "stopped": stopped_in_words(report),
        "events": report.events,
        "unmatched": report.unmatched,
        "opted_out": report.opted_out,
        "duplicates": report.duplicates,
        "unreadable": report.unreadable,
        "failed": report.failed,
        "retried": report.retried,
        "skipped": report.skipped,
        "deferred": report.deferred,
        "unrecorded": report.unrecorded,
        "seconds": round(run.seconds, 3),
        "subscriptions": [count.to_json() for count in report.subscriptions],
        "reasons": _counted(report.reasons),
        "warnings": _counted(report.warnings),
        "errors": None if run.dead_letters is None else str(run.dead_letters.path),
        "ledger": None if run.ledger is None else str(run.ledger.path),
    }
    if run.demo is not None:
        arrivals = run.demo.arrivals()
        summary["arrived"] = {"total": arrivals.total, "records": list(arrivals.records)}
    return summary


def _counted(counter: Any) -> list[dict[str, Any]]:
    return [
        {"subscription": subscription, "reason": reason, "count": count}
        for (subscription, reason), count in counter.most_common()
    ]


def stopped_in_words(report: Report) -> str | None:
    """Says why a run ended before its input did, and how far it got; None where it did not."""
    if report.stop is None:
        return None
    after = f"{report.stop_message}; " if report.stop_message else ""
    if report.last_record is None and (report.events or report.skipped):  # of several workers
        return report.stop_message
    return f"{after}read up to {report.last_record}" if report.last_record else f"{after}no event was sent"


def show_summary(run: Run, output: Output) -> None:
    """Prints the summary; its last line is about the embedded collector where one was used."""
    report = run.report
    if run.demo is not None:
        show_arrivals(run.demo, output)
    output.table(
        ("subscription", "matched", "sent", "failed"),
        [(count.name, count.matched, count.sent, count.failed) for count in report.subscriptions],
    )
    counts = (
        f"{_number(report.events, 'event')} in {run.seconds:.1f} s: {report.unmatched:,} matched nothing, "
        f"{max(report.failed - report.unreadable, 0):,} failed."
    )
    if report.opted_out:
        verb = "is" if report.opted_out == 1 else "are"
        counts += f" {_number(report.opted_out, 'event')} {verb} opted out by `integrations`."
    if report.duplicates:
        verb = "is a duplicate" if report.duplicates == 1 else "are duplicates"
        counts += f" {_number(report.duplicates, 'event')} {verb}."
    if report.unreadable:
        what = "was not an event" if report.unreadable == 1 else "were not events"
        counts += f" {_number(report.unreadable, 'line')} of the input {what}."
    if report.retried:
        counts += f" Tried again {_times(report.retried)}."
    if report.deferred:
        counts += f" {_number(report.deferred, 'event')} {'was' if report.deferred == 1 else 'were'} deferred."
    if report.skipped:
        counts += f" {_number(report.skipped, 'event')} had been settled before."
    output.line(counts)
    if report.reasons or report.warnings:
        output.line()
    _show_reasons(report, output)
    if report.stop is not None:
        output.note(stopped_in_words(report) or "")
        if report.unrecorded:
            output.note(f"what became of these is not written down: {_ranges(report.unrecorded)}")
    _show_dead_letters(run, output)
    _show_how_to_go_on(run, output)
    if run.demo is not None:
        real = "--send" if run.options.unused_settings else "--settings FILE.toml"
        output.line(f"An {run.demo.name} was used: nothing left this machine. Give {real} to send for real.")


def show_arrivals(demo: DemoServer, output: Output) -> None:
    """Shows what arrived at a demo server."""
    arrivals = demo.arrivals()
    if not arrivals.total:
        output.line(f"Nothing arrived at the {demo.name}.")
        output.line()
        return
    rows = arrivals.rows[:_ROWS_SHOWN]
    more = f"… and {arrivals.total - len(rows):,} more" if arrivals.total > len(rows) else ""
    output.table(arrivals.columns, rows, title=f"Arrived at the {demo.name}", more=more)


def _show_reasons(report: Report, output: Output) -> None:
    for title, counter in (("why", report.reasons), ("remarks on what was delivered", report.warnings)):
        if counter:
            rows = [(count, name or "–", reason) for (name, reason), count in counter.most_common(_REASONS_SHOWN)]
            left = len(counter) - len(rows)
            output.table(("count", "subscription", title), rows, more=f"… and {left:,} others" if left else "")


def _show_dead_letters(run: Run, output: Output) -> None:
    dead_letters, report = run.dead_letters, run.report
    if dead_letters is not None and dead_letters.written:
        output.line(
            f"{_number(dead_letters.written, 'failed event')} in {dead_letters.path}; "
            f"to try again: run {dead_letters.path}"
        )
    elif dead_letters is None and (report.failed or (report.deferred and run.ledger is None)):
        output.line("Nothing of what failed was kept: give --errors FILE to have a file that can be run again.")


def _show_how_to_go_on(run: Run, output: Output) -> None:
    if run.report.stop is None:
        return
    if run.ledger is None:
        output.line("There is no ledger of this run: starting it again sends everything again.")
        return
    output.line(f"To go on: the same command with --resume; {run.ledger.path} knows what is done.")


def _ranges(names: list[str]) -> str:
    """Names lines or items in few words: `line 1 to 3, line 7`.

    Example:
        >>> _ranges(["line 7", "line 2", "line 1", "line 3"])
        'line 1 to 3, line 7'
    """
    parsed = sorted((unit, int(number)) for unit, _, number in (name.rpartition(" ") for name in set(names)))
    runs: list[tuple[str, int, int]] = []
    for unit, number in parsed:
        if runs and runs[-1][0] == unit and runs[-1][2] == number - 1:
            runs[-1] = (unit, runs[-1][1], number)
        else:
            runs.append((unit, number, number))
    return ", ".join(f"{unit} {first}" if first == last else f"{unit} {first} to {last}" for unit, first, last in runs)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
