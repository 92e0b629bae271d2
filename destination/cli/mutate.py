"""`destination mutate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Mappings, Slug, with_fields_as_options
from destination.cli.problems import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.workbench.mutate import MutationReport

_INTERRUPTED: Final = 130
_SURVIVORS: Final = 100


class MutateOptions(NamedTuple):
    """The options of `destination mutate`."""

    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="The tests, run in a copy of this folder. Default: pytest -q -x."),
    ] = None
    mappings: Mappings = None
    destination: Slug = DEFAULT_DESTINATION
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", metavar="FILE", help="In the place of a command: a file of cases; may be repeated."),
    ] = None
    events: Annotated[
        str | None,
        typer.Option(
            "--events",
            "-e",
            metavar="FILE|-",
            help="In the place of a command: events, and what the mappings make of them now is expected.",
        ),
    ] = None
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Try so many at most, drawn at random.")] = None
    seed: Annotated[int, typer.Option(metavar="N", help="For --limit: the same seed draws the same.")] = 0
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, metavar="PERCENT", help="Exit with 1 where less is noticed.")
    ] = None
    as_json: AsJson = False


@with_fields_as_options
def mutate(options: MutateOptions) -> int:
    """Change mappings in small ways, one at a time, and show which changes no test notices.

    Tests are a command, which runs in a copy of the current folder where the file of mappings is changed; or files of
    cases; or events. Your files are never changed. Nothing is sent by this command itself.

    \b
    Exit status: 0, 1 where less than --fail-under is noticed or a line is no event, 2 bad usage, or tests that fail
    before anything is changed, 130 interrupted (what was tried until then is shown).

    \b
    Examples:
      destination mutate --mappings mappings.json
      destination mutate --mappings mappings.json --limit 40 -- pytest -q -x tests/test_mappings.py
      destination mutate --mappings mappings.json --cases mappings.cases.json
      destination mutate --events events.ndjson
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads, reads_events, refuse_shared
    from destination.cli.mappings import reads_mappings
    from destination.cli.mutate_trial import Trial
    from destination.cli.output import Output

    output = Output()
    by_command = not options.cases and options.events is None
    if options.command and not by_command:
        raise UsageProblem("give a test command, or --cases and --events, but not both")
    if by_command and options.mappings is None:
        raise UsageProblem(
            "a test command needs --mappings FILE, which is changed in a copy; presets stand in code: "
            "they can be tried with --events or --cases"
        )
    refuse_shared(
        reads_mappings(options.mappings),
        *(reads("--cases", path) for path in options.cases or ()),
        reads_events("--events", options.events),
    )
    trial = Trial(
        options.destination, options.mappings, options.cases or (), output, limit=options.limit, seed=options.seed
    )
    interrupted = False
    try:
        if by_command:
            trial.by_command(options.command or ())
        else:
            if options.cases:
                trial.by_cases()
            if options.events is not None:
                trial.by_events(options.events)
    except KeyboardInterrupt:
        interrupted = True
    report = trial.report()
    output.redactor = trial.redactor()
    if options.as_json:
        output.json(report.to_json())
    else:
        _show(report, output)
    if interrupted:
        output.note("interrupted: not every change was tried")
        return _INTERRUPTED
    if options.fail_under is not None and report.score < options.fail_under:
        output.note(f"{report.score} % are noticed, less than --fail-under {options.fail_under:g}")
        return 1
    return 1 if trial.unreadable else 0


def _show(report: "MutationReport", output: "Output") -> None:
    """Shows the score by subscription, and each change that was not noticed with its diff."""
    from destination.values import write_json
    from destination.workbench.coverage import percent

    rows = report.by_subscription()
    output.table(
        ("subscription", "changes", "noticed", "not noticed", "equivalent", "score"),
        [
            (name, tried, noticed, tried - noticed, equivalent, f"{percent(noticed, tried)} %")
            for name, tried, noticed, equivalent in rows
        ],
    )
    survivors = report.survivors
    if survivors:
        output.line("Not noticed")
    for mutant in survivors[:_SURVIVORS]:
        output.line()
        output.line(f" {mutant}")
        for line in mutant.diff(report.mutants.subscriptions[mutant.index]):
            output.line(f"   {line}")
        event = report.hint(mutant)
        if event is not None:
            output.line(f"   would be noticed with the event {write_json(event).decode('utf-8', 'replace')}")
    if len(survivors) > _SURVIVORS:
        output.line()
        output.line(f" … and {len(survivors) - _SURVIVORS:,} more; see --json")
    if survivors:
        output.line()
    timeouts = sum(verdict == "timeout" for _, verdict in report.verdicts)
    if timeouts:
        output.line(f"{timeouts:,} changes made the tests run so long that they were ended; they count as noticed.")
    left = report.mutants.left_out + len(report.mutants.tried) - len(report.verdicts)
    if left:
        output.line(f"{left:,} more changes were not tried.")
    output.line(f"{report.score} % noticed: {report.noticed:,} of {len(report.verdicts):,} changes")
