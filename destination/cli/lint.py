"""`destination lint`."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Mappings, Settings, Slug, with_fields_as_options
from destination.cli.problems import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.runtime import Destination
    from destination.workbench.lint import Finding, Lines, LintReport

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

    mappings: Mappings = None
    destination: Slug = DEFAULT_DESTINATION
    tracking_plan: Annotated[
        Path | None,
        typer.Option(
            "--tracking-plan",
            metavar="PLAN.json",
            help="The tracking plan of the events that come, as Segment's Public API or its older form has it.",
        ),
    ] = None
    output_format: Annotated[
        LintFormat, typer.Option("--format", help="How findings are told; github: workflow commands.")
    ] = LintFormat.TEXT
    as_json: AsJson = False
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODES", help="Only these: codes or their beginnings, such as T,O001."),
    ] = None
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="CODES", help="Not these: codes or their beginnings.")
    ] = None
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="The least severity for which the exit status is 1.")] = (
        FailOn.WARNING
    )
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also the proofs that two subscriptions share no event.")
    ] = False
    settings: Settings = None


@with_fields_as_options
def lint(options: LintOptions) -> int:
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
    from destination.cli.files import reads, refuse_shared
    from destination.cli.instances import find_destination
    from destination.cli.mappings import read_mappings, reads_mappings
    from destination.cli.output import Output
    from destination.cli.plans import read_plan
    from destination.cli.settings import read_settings
    from destination.runtime import Redactor
    from destination.workbench.lint import lint as find

    if options.as_json and options.output_format not in {LintFormat.TEXT, LintFormat.JSON}:
        raise UsageProblem(f"--json does not go with --format {options.output_format}: give one of them")
    output = Output()
    refuse_shared(
        reads_mappings(options.mappings),
        reads("--tracking-plan", options.tracking_plan),
        reads("--settings", options.settings),
    )
    definition = find_destination(options.destination)
    if options.settings is not None:
        output.redactor = Redactor(read_settings(options.settings, definition), definition.secret_keys)
    subscriptions = None if options.mappings is None else read_mappings(options.mappings, definition)
    plan = None if options.tracking_plan is None else read_plan(options.tracking_plan, output)
    report = find(
        definition,
        subscriptions,
        plan=plan,
        select=_codes(options.select, definition, "--select"),
        ignore=_codes(options.ignore, definition, "--ignore"),
    )
    _WRITERS[LintFormat.JSON if options.as_json else options.output_format](options, definition, report, output)
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


def _lines(options: LintOptions) -> "Lines | None":
    from destination.cli.files import read_whole
    from destination.workbench.lint import Lines

    files = [] if options.mappings is None else options.mappings.files
    if len(files) != 1 or files[0].suffix == ".tf":
        return None
    return Lines(files[0], read_whole(files[0]).decode("utf-8-sig", "replace"))


def _as_text(options: LintOptions, _definition: "Destination[Any]", report: "LintReport", output: "Output") -> None:
    lines = _lines(options)
    for finding in report.findings:
        where = "" if lines is None else f"{lines.name}:{lines.of(finding.index, finding.pointer)}: "
        who = "" if finding.subscription is None else f"{' '.join(finding.subscription.split())}: "
        output.line(f"{where}{finding.severity} {finding.code}: {who}{finding.pointer}: {finding.message}")
        if finding.span is not None:
            _draw(finding, finding.span, output)
        output.line(f"    {finding.remedy}")
    if options.verbose:
        for proof in report.disjoint:
            output.line(f"{proof.one} and {proof.other} take no event in common: {proof.reason}")
    output.line(_summary(options, report))


def _draw(finding: "Finding", span: tuple[int, int], output: "Output") -> None:
    """Draws the line of the trigger, with the part that is meant marked below it."""
    start, end = span
    begin = finding.source.rfind("\n", 0, start) + 1
    line = finding.source[begin:].partition("\n")[0]
    width = max(1, min(end, begin + len(line)) - start)
    line = line.replace("\t", " ")
    before, marked = output.text(line[: start - begin]), output.text(line[start - begin :][:width])
    output.line(f"    {line}")
    output.line(f"    {' ' * len(before)}{'^' * max(1, len(marked))}")


def _summary(options: LintOptions, report: "LintReport") -> str:
    counts = {name: sum(finding.severity == name for finding in report.findings) for name in _SEVERITIES}
    name = str(options.mappings or f"the presets of {options.destination}")
    disabled = f" ({report.disabled} disabled, not checked)" if report.disabled else ""
    ignored = f", {report.ignored} ignored" if report.ignored else ""
    return (
        f"{name}: {report.subscriptions} subscriptions{disabled}, {counts['error']} errors, "
        f"{counts['warning']} warnings, {counts['info']} infos{ignored}"
    )


def _as_json(options: LintOptions, _definition: "Destination[Any]", report: "LintReport", output: "Output") -> None:
    lines = _lines(options)
    output.json(
        {
            "destination": options.destination,
            "subscriptions": report.subscriptions,
            "disabled": report.disabled,
            "ignored": report.ignored,
            "findings": [_finding_as_json(finding, lines) for finding in report.findings],
            "disjoint": [{"subscriptions": [it.one, it.other], "reason": it.reason} for it in report.disjoint],
        }
    )


def _finding_as_json(finding: "Finding", lines: "Lines | None") -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subscription": finding.subscription,
        "place": finding.pointer,
        "line": None if lines is None else lines.of(finding.index, finding.pointer),
        "span": None if finding.span is None else list(finding.span),
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _as_github(options: LintOptions, _definition: "Destination[Any]", report: "LintReport", output: "Output") -> None:
    from destination.workbench.lint import to_github

    for command in to_github(report.findings, _lines(options)):
        output.line(command)


def _as_sarif(options: LintOptions, definition: "Destination[Any]", report: "LintReport", output: "Output") -> None:
    from importlib.metadata import version

    from destination.workbench.lint import all_rules, to_sarif

    rules = all_rules(definition)
    output.json(to_sarif(report.findings, rules, _lines(options), version=version("destination-actions")))


_WRITERS: dict[LintFormat, Callable[[LintOptions, "Destination[Any]", "LintReport", "Output"], None]] = {
    LintFormat.TEXT: _as_text,
    LintFormat.JSON: _as_json,
    LintFormat.GITHUB: _as_github,
    LintFormat.SARIF: _as_sarif,
}
