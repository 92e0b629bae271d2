"""What `destination mutate` prints."""

from typing import Final

from destination.cli.output import Output
from destination.values import write_json
from destination.workbench.coverage import percent
from destination.workbench.mutate import MutationReport

_SURVIVORS: Final = 100


def show_report(report: MutationReport, output: Output) -> None:
    """Shows the score by subscription, and each change that was not noticed with its diff."""
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
