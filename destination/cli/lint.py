"""`destination lint`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from destination.cli.options import (
    DEFAULT_DESTINATION,
    AsJson,
    MappingsOrFiles,
    Settings,
    Slug,
    with_fields_as_options,
)
from destination.cli.parameters import Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.runtime import Destination

_SEVERITIES = ("error", "warning", "info")


class LintFormat(StrEnum):
    """The format in which findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


class FailOn(StrEnum):
    """The least severity for which the exit status is 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


class LintOptions(NamedTuple):
    """The options of `destination lint`."""

    mappings: MappingsOrFiles = None
    destination: Slug = DEFAULT_DESTINATION
    tracking_plan: Annotated[
        Path | None,
        Option("--tracking-plan", metavar="PLAN.json", help="Compare with this tracking plan."),
    ] = None
    output_format: Annotated[LintFormat, Option("--format", help="The form of the output.")] = LintFormat.TEXT
    as_json: AsJson = False
    select: Annotated[
        list[str] | None,
        Option("--select", metavar="CODES", help="Only these codes, or beginnings of codes: T,O001."),
    ] = None
    ignore: Annotated[
        list[str] | None, Option("--ignore", metavar="CODES", help="Not these codes, or beginnings of codes.")
    ] = None
    fail_on: Annotated[FailOn, Option("--fail-on", help="Exit with 1 from this severity on.")] = FailOn.WARNING
    fix: Annotated[bool, Option("--fix", help="Mend T002, T004 and T007 in the JSON files.")] = False
    verbose: Annotated[
        bool, Option("--verbose", "-v", help="Show the proofs that two subscriptions share no event.")
    ] = False
    settings: Settings = None


@with_fields_as_options
def lint(options: LintOptions) -> int:
    """Find mistakes in mappings.

    Reads triggers, mappings and fields, and looks for what their author probably did not mean. Several files are
    checked together, as the subscriptions of one destination. Nothing is sent; settings are only used to mask what
    is secret in them. A subscription ignores findings by a name that ends with: # ignore CODES

    \b
    Exit status: 0 nothing found at or above --fail-on, 1 something, 2 bad usage.

    \b
    Examples:
      destination lint mappings.json
      destination lint mappings/*.json --tracking-plan plan.json --fail-on error
      destination lint mappings.json --select T --fix
      destination lint mappings.json --format sarif > lint.sarif
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads, reads_mappings, refuse_shared
    from destination.cli.lint_output import Checked, write_report
    from destination.cli.output import Output
    from destination.definition.given.mappings import load_mappings
    from destination.definition.given.settings import read_settings
    from destination.runtime import Redactor
    from destination.runtime.given import find_destination
    from destination.workbench.lint import lint as find

    if options.as_json and options.output_format not in {LintFormat.TEXT, LintFormat.JSON}:
        raise UsageProblem(f"--json does not go with --format {options.output_format}: give one of them")
    if options.fix and options.mappings is None:
        raise UsageProblem("--fix changes files, and none is given; give the JSON files to mend")
    output = Output()
    refuse_shared(
        reads_mappings(options.mappings),
        reads("--tracking-plan", options.tracking_plan),
        reads("--settings", options.settings),
    )
    definition = find_destination(options.destination)
    if options.settings is not None:
        output.redactor = Redactor(read_settings(options.settings, definition), definition.secret_keys)
    plan = None
    if options.tracking_plan is not None:
        from destination.cli.plans import read_plan

        plan = read_plan(options.tracking_plan, output)
    select = _codes(options.select, definition, "--select")
    ignore = _codes(options.ignore, definition, "--ignore")
    if options.fix and options.mappings is not None:
        from destination.cli.lint_fix import fix_files

        fix_files(options.mappings, definition, output, select=select, ignore=ignore)
    loaded = None if options.mappings is None else load_mappings(options.mappings, definition, output.note)
    subscriptions = None if loaded is None else loaded.subscriptions
    report = find(definition, subscriptions, plan=plan, select=select, ignore=ignore)
    write_report(
        LintFormat.JSON if options.as_json else options.output_format,
        Checked(
            str(options.mappings or f"the presets of {options.destination}"),
            definition,
            report,
            None if loaded is None else loaded.origins,
            plan,
            verbose=options.verbose,
        ),
        output,
    )
    threshold = _SEVERITIES.index(options.fail_on) if options.fail_on in _SEVERITIES else -1
    return int(any(_SEVERITIES.index(finding.severity) <= threshold for finding in report.findings))


def _codes(given: list[str] | None, definition: "Destination[Any]", option: str) -> list[str]:
    """Reads the codes of an option that may be given often, and hold several."""
    from destination.workbench.lint import all_rules
    from destination.workbench.lint.run import covers

    codes = [code.strip() for text in given or () for code in text.split(",") if code.strip()]
    known = [rule.code for rule in all_rules(definition)]
    for code in codes:
        if not any(covers(code, each) for each in known):
            raise UsageProblem(f"{option} {code}: there is no such code; there are: {', '.join(known)}")
    return codes
