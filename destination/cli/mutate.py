"""`destination mutate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Mappings, Slug, with_fields_as_options
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.workbench.mutate import MutationReport

_INTERRUPTED: Final = 130
_SURVIVORS: Final = 100


class MutateOptions(NamedTuple):
    """The options of `destination mutate`."""

    command: Annotated[
        list[str] | None,
        Argument(
            metavar="[-- COMMAND...]", help="The test command, run in a copy of this folder. Default: pytest -q -x."
        ),
    ] = None
    mappings: Mappings = None
    destination: Slug = DEFAULT_DESTINATION
    cases: Annotated[
        list[Path] | None,
        Option(
            "--cases", metavar="FILE", help="Test with the cases of a data file instead of a command; may be repeated."
        ),
    ] = None
    events: Annotated[
        str | None,
        Option(
            "--events",
            "-e",
            metavar="FILE|-",
            help="Test with events instead of a command: today's payloads count as correct.",
        ),
    ] = None
    limit: Annotated[
        int | None, Option(min=1, metavar="N", help="Maximum number of changes to try, drawn at random.")
    ] = None
    seed: Annotated[int, Option(metavar="N", help="Seed of the draw for --limit.")] = 0
    fail_under: Annotated[
        float | None,
        Option(min=0, max=100, metavar="PERCENT", help="Exit with status 1 if fewer changes are noticed."),
    ] = None
    as_json: AsJson = False


@with_fields_as_options
def mutate(options: MutateOptions) -> int:
    """Change mappings in small ways; show what no test notices.

    The tests are a command, cases in data files, or events. A command runs in a copy of the current folder, once for
    each change of the file of mappings. Your files are never changed, and this command itself sends nothing.

    \b
    Exit status:
      0    the changes were tried
      1    fewer changes are noticed than --fail-under, or a line of the file is not an event
      2    wrong usage, or tests that fail before anything is changed
      130  interrupted; the changes tried until then are shown

    \b
    Examples:
      destination mutate --mappings mappings.json
      destination mutate --mappings mappings.json --limit 40 -- pytest -q -x tests/test_mappings.py
      destination mutate --mappings mappings.json --cases mappings.cases.json
      destination mutate --events events.ndjson
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads, reads_events, reads_mappings, refuse_shared
    from destination.cli.mutate_trial import Trial
    from destination.cli.output import Output

    output = Output()
    by_command = not options.cases and options.events is None
    if options.command and not by_command:
        raise UsageProblem("give a test command, or --cases and --events, but not both")
    if by_command and options.mappings is None:
        raise UsageProblem(
            "a test command needs --mappings FILE, which is changed in a copy; presets are Python code: "
            "try them with --events or --cases"
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
        output.note(f"{report.score} % of the changes are noticed, less than --fail-under {options.fail_under:g}")
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
            output.line(f"   an event that would notice it: {write_json(event).decode('utf-8', 'replace')}")
    if len(survivors) > _SURVIVORS:
        output.line()
        output.line(f" … and {len(survivors) - _SURVIVORS:,} more; see --json")
    if survivors:
        output.line()
    timeouts = sum(verdict == "timeout" for _, verdict in report.verdicts)
    if timeouts:
        output.line(f"With {timeouts:,} changes the tests ran into the time limit; these count as noticed.")
    left = report.mutants.left_out + len(report.mutants.tried) - len(report.verdicts)
    if left:
        output.line(f"{left:,} more changes were not tried.")
    output.line(f"{report.score} % noticed: {report.noticed:,} of {len(report.verdicts):,} changes")
