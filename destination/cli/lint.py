"""`destination lint`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from destination.cli.files import parse_json, read_file, read_whole
from destination.cli.instances import find_destination, read_mappings
from destination.cli.output import Output
from destination.cli.paths import reads, refuse_shared
from destination.cli.problems import UsageProblem
from destination.cli.settings import read_settings
from destination.errors import DefinitionError
from destination.runtime import Destination, Redactor
from destination.workbench.lint import (
    Finding,
    Lines,
    LintReport,
    TrackingPlan,
    all_rules,
    lint,
    read_tracking_plan,
    to_github,
    to_sarif,
)
from destination.workbench.lint.run import covers

_SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What was asked for."""

    mappings: Path | None
    destination: str
    tracking_plan: Path | None
    settings: Path | None
    form: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: str
    verbose: bool


def lint_mappings(request: LintRequest) -> int:
    """Shows what the rules find; returns the exit status.

    Raises:
        UsageProblem: A file or a code that was given cannot be used.
    """
    output = Output()
    refuse_shared(
        reads("--mappings", request.mappings),
        reads("--tracking-plan", request.tracking_plan),
        reads("--settings", request.settings),
    )
    definition = find_destination(request.destination)
    if request.settings is not None:
        output.redactor = Redactor(read_settings(request.settings, definition), definition.secret_keys)
    subscriptions = None if request.mappings is None else read_mappings(request.mappings)
    report = lint(
        definition,
        subscriptions,
        plan=None if request.tracking_plan is None else _read_plan(request.tracking_plan),
        select=_codes(request.select, definition, "--select"),
        ignore=_codes(request.ignore, definition, "--ignore"),
    )
    _WRITERS[request.form](request, definition, report, output)
    threshold = _SEVERITIES.index(request.fail_on) if request.fail_on in _SEVERITIES else -1
    return int(any(_SEVERITIES.index(finding.severity) <= threshold for finding in report.findings))


def _read_plan(path: Path) -> TrackingPlan:
    try:
        return read_tracking_plan(parse_json(read_file(path, "tracking plan", "a tracking plan"), path))
    except DefinitionError as error:
        raise UsageProblem(f"{path}: {error}") from None


def _codes(given: tuple[str, ...], definition: Destination[Any], option: str) -> list[str]:
    """The codes of an option that may be given often, and hold several."""
    codes = [code.strip() for text in given for code in text.split(",") if code.strip()]
    known = [rule.code for rule in all_rules(definition)]
    for code in codes:
        if not any(covers(code, each) for each in known):
            raise UsageProblem(f"{option} {code}: there is no such code; there are: {', '.join(known)}")
    return codes


def _lines(request: LintRequest) -> Lines | None:
    if request.mappings is None:
        return None
    return Lines(request.mappings, read_whole(request.mappings).decode("utf-8-sig", "replace"))


def _as_text(request: LintRequest, _definition: Destination[Any], report: LintReport, output: Output) -> None:
    lines = _lines(request)
    for finding in report.findings:
        where = "" if lines is None else f"{lines.name}:{lines.of(finding.index, finding.pointer)}: "
        who = "" if finding.subscription is None else f"{' '.join(finding.subscription.split())}: "
        output.line(f"{where}{finding.severity} {finding.code}: {who}{finding.pointer}: {finding.message}")
        if finding.span is not None:
            _draw(finding, finding.span, output)
        output.line(f"    {finding.remedy}")
    if request.verbose:
        for proof in report.disjoint:
            output.line(f"{proof.one} and {proof.other} take no event in common: {proof.reason}")
    output.line(_summary(request, report))


def _draw(finding: Finding, span: tuple[int, int], output: Output) -> None:
    """The line of the trigger, and the place under it."""
    start, end = span
    begin = finding.source.rfind("\n", 0, start) + 1
    line = finding.source[begin:].partition("\n")[0]
    width = max(1, min(end, begin + len(line)) - start)
    line = line.replace("\t", " ")
    before, marked = output.text(line[: start - begin]), output.text(line[start - begin :][:width])
    output.line(f"    {line}")
    output.line(f"    {' ' * len(before)}{'^' * max(1, len(marked))}")


def _summary(request: LintRequest, report: LintReport) -> str:
    counts = {name: sum(finding.severity == name for finding in report.findings) for name in _SEVERITIES}
    place = str(request.mappings or f"the presets of {request.destination}")
    disabled = f" ({report.disabled} disabled, not checked)" if report.disabled else ""
    ignored = f", {report.ignored} ignored" if report.ignored else ""
    return (
        f"{place}: {report.subscriptions} subscriptions{disabled}, {counts['error']} errors, "
        f"{counts['warning']} warnings, {counts['info']} infos{ignored}"
    )


def _as_json(request: LintRequest, _definition: Destination[Any], report: LintReport, output: Output) -> None:
    lines = _lines(request)
    output.json(
        {
            "destination": request.destination,
            "subscriptions": report.subscriptions,
            "disabled": report.disabled,
            "ignored": report.ignored,
            "findings": [_finding_as_json(finding, lines) for finding in report.findings],
            "disjoint": [{"subscriptions": [it.one, it.other], "reason": it.reason} for it in report.disjoint],
        }
    )


def _finding_as_json(finding: Finding, lines: Lines | None) -> dict[str, Any]:
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


def _as_github(request: LintRequest, _definition: Destination[Any], report: LintReport, output: Output) -> None:
    for command in to_github(report.findings, _lines(request)):
        output.line(command)


def _as_sarif(request: LintRequest, definition: Destination[Any], report: LintReport, output: Output) -> None:
    rules = all_rules(definition)
    output.json(to_sarif(report.findings, rules, _lines(request), version=version("destination-actions")))


_WRITERS: dict[str, Callable[[LintRequest, Destination[Any], LintReport, Output], None]] = {
    "text": _as_text,
    "json": _as_json,
    "github": _as_github,
    "sarif": _as_sarif,
}
