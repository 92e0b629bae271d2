"""Writes what `destination lint` found: as text, as JSON, and for code scanners."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from destination.cli.output import Output, StyledLine
from destination.definition import DestinationDefinition
from destination.definition.given.mapping_origins import Origin
from destination.records import dataclass
from destination.workbench.lint import Finding, LintReport, all_rules

if TYPE_CHECKING:
    from destination.workbench.lint import TrackingPlan

_SEVERITIES: Final = ("error", "warning", "info")
_STYLES: Final = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_QUIET: Final = "dim"


@dataclass(frozen=True)
class Checked:
    """What was checked, and what was found.

    Attributes:
        name: What was checked, as the user named it.
        definition: The destination.
        report: What was found.
        origins: Where each subscription was read; None for presets.
        plan: The tracking plan, if there is one.
        verbose: Whether the proofs are shown, too.
    """

    name: str
    definition: DestinationDefinition[Any]
    report: LintReport
    origins: Sequence[Origin] | None
    plan: "TrackingPlan | None"
    verbose: bool

    def locate(self, finding: Finding) -> tuple[str, int | None] | None:
        """Returns the file of a finding and the line in it; None for one that is not about one file."""
        if not self.origins:
            return None
        if finding.index is not None:
            origin = self.origins[finding.index]
            return origin.name, origin.line(finding.pointer)
        names = {origin.name for origin in self.origins}
        is_file = self.origins[0].node is not None
        return (self.origins[0].name, 1) if len(names) == 1 and is_file else None


def write_report(form: str, checked: Checked, output: Output) -> None:
    """Writes the findings.

    Args:
        form: `text`, `json`, `github` or `sarif`.
        checked: What was found.
        output: Where it is written.
    """
    _WRITERS[form](checked, output)


def _as_text(checked: Checked, output: Output) -> None:
    report = checked.report
    for finding in report.findings:
        output.styled(_drawn(finding, checked, output))
    if checked.verbose:
        for proof in report.disjoint:
            output.line(f"{proof.one} and {proof.other} match no event in common: {proof.reason}")
    output.line(_summary(checked))


def _drawn(finding: Finding, checked: Checked, output: Output) -> list[StyledLine]:
    line = StyledLine()
    found = checked.locate(finding)
    if found is not None:
        name, number = found
        line.append(output.text(name if number is None else f"{name}:{number}"), "bold").append(": ")
    line.append(f"{finding.severity} {finding.code}", _STYLES[finding.severity]).append(": ")
    if finding.subscription is not None:
        line.append(output.text(f"{' '.join(finding.subscription.split())}: "))
    line.append(output.text(f"{finding.pointer}: {finding.message}"))
    lines = [line]
    if finding.span is not None:
        lines += _trigger(finding, finding.span, output)
    lines.append(StyledLine(f"    {output.text(finding.remedy)}", _QUIET))
    if finding.follows_from:
        cause = output.text(" and ".join(finding.follows_from))
        lines.append(StyledLine(f"    this may follow from {cause}: mend that first", _QUIET))
    return lines


def _trigger(finding: Finding, span: tuple[int, int], output: Output) -> list[StyledLine]:
    """Draws the line of the trigger, with the part that is meant marked below it."""
    start, end = span
    begin = finding.source.rfind("\n", 0, start) + 1
    line = finding.source[begin:].partition("\n")[0]
    width = max(1, min(end, begin + len(line)) - start)
    line = line.replace("\t", " ")
    before, marked = output.text(line[: start - begin]), output.text(line[start - begin :][:width])
    marks = "^" * max(1, len(marked))
    style = _STYLES[finding.severity]
    return [StyledLine(f"    {output.text(line)}"), StyledLine(f"    {' ' * len(before)}").append(marks, style)]


def _summary(checked: Checked) -> str:
    report = checked.report
    counts = {name: sum(finding.severity == name for finding in report.findings) for name in _SEVERITIES}
    disabled = f" ({report.disabled} disabled, not checked)" if report.disabled else ""
    ignored = f", {report.ignored} ignored" if report.ignored else ""
    return (
        f"{checked.name}: {report.subscriptions} subscriptions{disabled}, {counts['error']} errors, "
        f"{counts['warning']} warnings, {counts['info']} infos{ignored}"
    )


def _as_json(checked: Checked, output: Output) -> None:
    report = checked.report
    output.json(
        {
            "destination": checked.definition.slug,
            "subscriptions": report.subscriptions,
            "disabled": report.disabled,
            "ignored": report.ignored,
            "findings": [_finding_as_json(finding, checked) for finding in report.findings],
            "disjoint": [{"subscriptions": [it.one, it.other], "reason": it.reason} for it in report.disjoint],
            "planRemarks": [] if checked.plan is None else list(checked.plan.remarks),
        }
    )


def _finding_as_json(finding: Finding, checked: Checked) -> dict[str, Any]:
    file, line = checked.locate(finding) or (None, None)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subscription": finding.subscription,
        "others": list(finding.others),
        "place": finding.pointer,
        "file": file,
        "line": line,
        "span": None if finding.span is None else list(finding.span),
        "message": finding.message,
        "remedy": finding.remedy,
        "followsFrom": list(finding.follows_from),
    }


def _as_github(checked: Checked, output: Output) -> None:
    from destination.workbench.lint import to_github

    for command in to_github(checked.report.findings, checked.locate):
        output.line(command)


def _as_sarif(checked: Checked, output: Output) -> None:
    from importlib.metadata import version

    from destination.workbench.lint import to_sarif

    rules = all_rules(checked.definition)
    output.json(to_sarif(checked.report.findings, rules, checked.locate, version=version("destination-actions")))


_WRITERS: Final[dict[str, Callable[[Checked, Output], None]]] = {
    "text": _as_text,
    "json": _as_json,
    "github": _as_github,
    "sarif": _as_sarif,
}
