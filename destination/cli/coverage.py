"""`destination coverage`."""

from pathlib import Path
from typing import Final

from destination.cli.each_event import each_event
from destination.cli.files import check_writable
from destination.cli.instances import find_destination, read_mappings
from destination.cli.output import Output
from destination.cli.paths import reads, reads_events, refuse_shared, writes
from destination.cli.problems import UsageProblem
from destination.pages import PageError, write_page
from destination.workbench.coverage import Coverage, percent
from destination.workbench.coverage.report import annotated, sum_line

_PATHS: Final = 8
"""Paths that nothing reads, shown for each event type; JSON and the page have more."""
_POINTS: Final = 200


def show_coverage(
    events: str,
    mappings: Path | None,
    slug: str,
    *,
    fail_under: float | None = None,
    html: Path | None = None,
    source: bool = False,
    as_json: bool = False,
    ignore_integrations: bool = False,
) -> int:
    """Shows what the events of a file reach of the mappings; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used.
    """
    output = Output()
    refuse_shared(reads_events("--events", events), reads("--mappings", mappings), writes("--html", html))
    definition = find_destination(slug)
    subscriptions = definition.preset_subscriptions() if mappings is None else read_mappings(mappings)
    if html is not None:
        check_writable("--html", html)
    coverage = Coverage(subscriptions, None if ignore_integrations else definition.name)
    if not coverage.subscriptions:
        raise UsageProblem(f"{mappings or slug}: there is no enabled subscription, so nothing can be reached")
    unreadable = each_event(
        events, output, lambda event, _: coverage.take(event), lambda: f"{coverage.percent} % reached"
    )
    if as_json:
        output.json({**coverage.to_json(), "unreadable": unreadable})
    else:
        _show(coverage, output, source=source)
        disabled = len(subscriptions) - len(coverage.subscriptions)
        if disabled:
            output.line(f"{disabled} disabled subscriptions were left out.")
    written = html is None or _write_page(coverage, events, html, output)
    if fail_under is not None and coverage.percent < fail_under:
        output.note(f"{coverage.percent} % are reached, less than --fail-under {fail_under:g}")
        return 1
    return 1 if unreadable or not written else 0


def _show(coverage: Coverage, output: Output, *, source: bool) -> None:
    output.table(
        ("subscription", "points", "reached", "percent", "matched", "failed"),
        [
            (
                item.name,
                item.total,
                item.reached,
                f"{percent(item.reached, item.total)} %",
                f"{item.matched:,}",
                f"{item.failed:,}",
            )
            for item in coverage.subscriptions
        ],
    )
    if source:
        for item in coverage.subscriptions:
            output.line(item.name)
            for line in annotated(item):
                output.line(line)
            output.line()
    missed = [(item.name, point) for item in coverage.subscriptions for point in item.missed]
    if missed:
        output.table(
            ("subscription", "place", "what stands there", "never"),
            [(name, "/".join(point.path), point.text, point.result) for name, point in missed[:_POINTS]],
            title="Never reached",
            more=f"… and {len(missed) - _POINTS:,} more; see --json or --html" if len(missed) > _POINTS else "",
        )
    _show_unread(coverage, output)
    for item in coverage.subscriptions:
        for problem in item.mapping.problems:
            output.line(f"{item.name}: the mapping is not valid, nothing of it can be reached: {problem.message}")
    output.line(sum_line(coverage))


def _show_unread(coverage: Coverage, output: Output) -> None:
    types = coverage.paths.types
    rows = [
        (name, path, f"{count:,}")
        for name, paths in types.items()
        if paths.taken
        for path, count in paths.unread[:_PATHS]
    ]
    hidden = sum(max(len(paths.unread) - _PATHS, 0) for paths in types.values() if paths.taken)
    if rows:
        output.table(
            ("events of type", "path", "events"),
            rows,
            title="In the events, and never read",
            more=f"… and {hidden:,} more paths; see --json or --html" if hidden else "",
        )
    untaken = [f"{name} ({paths.events:,})" for name, paths in types.items() if not paths.taken]
    if untaken:
        output.line(f"Events that no subscription takes: {', '.join(untaken)}")


def _write_page(coverage: Coverage, events: str, html: Path, output: Output) -> bool:
    """Writes the page; says so, or why not."""
    from destination.workbench.coverage.report import render_page

    source = "standard input" if events == "-" else events
    try:
        write_page(html, render_page(coverage, source))
    except PageError as error:
        output.note(f"--html {error}")
        return False
    output.note(f"the page is in {html}")
    return True
