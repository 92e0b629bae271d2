"""`destination coverage`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from destination.cli.options import DEFAULT_DESTINATION, AsJson, IgnoreIntegrations, Mappings, Slug
from destination.cli.parameters import Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.workbench.coverage import Coverage

_PATHS: Final = 8
"""The number of paths never read that are shown for each event type; JSON and the page have more."""
_POINTS: Final = 200


def coverage(
    events: Annotated[
        str,
        Option("--events", "-e", metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input."),
    ],
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    fail_under: Annotated[
        float | None,
        Option(min=0, max=100, metavar="PERCENT", help="Exit with status 1 if less is reached."),
    ] = None,
    html: Annotated[Path | None, Option(metavar="FILE.html", help="Write a page: the mappings, line by line.")] = None,
    source: Annotated[bool, Option("--source", help="Show the mappings, line by line.")] = False,
    as_json: AsJson = False,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Show which parts of the mappings your events reach, and what in the events no mapping reads. Nothing is sent.

    Triggers and their conditions, directives, branches of @if and placeholders of templates count. Only paths and
    counts are shown, never the values of events. `mapping errors` counts events that the mapping fails on; whether a
    payload is valid is not checked.

    \b
    Exit status: 0; 1 if less than --fail-under is reached or a line holds no event; 2 if an argument cannot be used.

    \b
    Examples:
      destination coverage --events events.ndjson
      destination coverage --events events.ndjson.gz --mappings mappings.json --html coverage.html
      destination coverage --events events.ndjson --fail-under 90
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.events import each_event
    from destination.cli.files import reads_events, reads_mappings, refuse_shared, write_page_and_note, writes
    from destination.cli.output import Output
    from destination.definition.given.files import check_writable
    from destination.definition.given.mappings import read_mappings
    from destination.runtime.given import find_destination
    from destination.workbench.coverage import Coverage

    output = Output()
    refuse_shared(reads_events("--events", events), reads_mappings(mappings), writes("--html", html))
    definition = find_destination(destination)
    subscriptions = (
        definition.preset_subscriptions() if mappings is None else read_mappings(mappings, definition, output.note)
    )
    if html is not None:
        check_writable("--html", html)
    reached = Coverage(subscriptions, None if ignore_integrations else definition.name)
    if not reached.subscriptions:
        raise UsageProblem(f"{mappings or destination}: no subscription is enabled, so nothing can be reached")
    unreadable = each_event(
        events, output, lambda event, _: reached.take(event), lambda: f"{reached.percent} % reached"
    )
    if as_json:
        output.json({**reached.to_json(), "unreadable": unreadable})
    else:
        _show(reached, output, source=source)
        disabled = len(subscriptions) - len(reached.subscriptions)
        if disabled:
            output.line(f"{disabled} disabled subscriptions were left out.")
    written = True
    if html is not None:
        from destination.workbench.coverage.report import render_page

        page = render_page(reached, "standard input" if events == "-" else events)
        written = write_page_and_note("--html", html, page, output)
    if fail_under is not None and reached.percent < fail_under:
        output.note(f"{reached.percent} % reached, less than --fail-under {fail_under:g}")
        return 1
    return 1 if unreadable or not written else 0


def _show(coverage: "Coverage", output: "Output", *, source: bool) -> None:
    from destination.workbench.coverage import percent
    from destination.workbench.coverage.report import annotated, sum_line

    output.table(
        ("subscription", "points", "reached", "percent", "matched", "mapping errors"),
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
            ("subscription", "path", "what", "never"),
            [(name, "/".join(point.path), point.text, point.result) for name, point in missed[:_POINTS]],
            title="Never reached",
            more=f"… and {len(missed) - _POINTS:,} more; see --json or --html" if len(missed) > _POINTS else "",
        )
    _show_unread(coverage, output)
    for item in coverage.subscriptions:
        for problem in item.mapping.problems:
            output.line(f"{item.name}: the mapping is not valid, so no event can reach its points: {problem.message}")
    output.line(sum_line(coverage))


def _show_unread(coverage: "Coverage", output: "Output") -> None:
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
        output.line(f"Events that no trigger matches: {', '.join(untaken)}")
