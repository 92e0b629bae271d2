"""`destination lint`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Mappings, Settings, Slug
from destination.cli.problems import UsageProblem


class LintFormat(StrEnum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


class FailOn(StrEnum):
    """From which severity on the exit status is 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


def lint(  # noqa: PLR0913, PLR0917  one parameter for each option
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    tracking_plan: Annotated[
        Path | None,
        typer.Option(
            "--tracking-plan",
            metavar="PLAN.json",
            help="The tracking plan of the events that come, as Segment's Public API or its older form has it.",
        ),
    ] = None,
    output_format: Annotated[
        LintFormat, typer.Option("--format", help="How findings are told; github: workflow commands.")
    ] = LintFormat.TEXT,
    as_json: AsJson = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODES", help="Only these: codes or their beginnings, such as T,O001."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="CODES", help="Not these: codes or their beginnings.")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="The least severity for which the exit status is 1.")
    ] = FailOn.WARNING,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also the proofs that two subscriptions share no event.")
    ] = False,
    settings: Settings = None,
) -> int:
    """Find what mappings say and probably do not mean: triggers, overlaps, fields, events nothing takes.

    Settings are only used to mask what is secret in them; nothing is sent.
    A subscription ignores findings by a name that ends with: # ignore CODES

    \b
    Exit status: 0 nothing found at or above --fail-on, 1 something, 2 bad usage.

    \b
    Examples:
      destination lint --mappings mappings.json
      destination lint -m mappings.json --tracking-plan plan.json --fail-on error
      destination lint -m mappings.json --select T,O --verbose
      destination lint -m mappings.json --format sarif > lint.sarif
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.lint import LintRequest, lint_mappings

    if as_json and output_format not in {LintFormat.TEXT, LintFormat.JSON}:
        raise UsageProblem(f"--json does not go with --format {output_format}: give one of them")
    chosen = LintFormat.JSON if as_json else output_format
    request = LintRequest(
        mappings=mappings,
        destination=destination,
        tracking_plan=tracking_plan,
        settings=settings,
        form=chosen.value,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        fail_on=fail_on.value,
        verbose=verbose,
    )
    return lint_mappings(request)
