"""Findings as the workflow commands of GitHub Actions, which shows them beside the lines of a change."""

from collections.abc import Iterable

from destination.workbench.lint.lines import Lines
from destination.workbench.lint.run import Finding

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def to_github(findings: Iterable[Finding], lines: Lines | None = None) -> list[str]:
    """One line for each finding.

    Args:
        findings: What was found.
        lines: Where in the file of mappings things stand; without it the commands name no file.

    Example:
        >>> finding = Finding("T007", "error", "Orders", 0, "subscribe", "single quotes stay", "use double quotes")
        >>> to_github([finding])
        ['::error title=T007 Orders::single quotes stay (use double quotes)']
    """
    return [_command(finding, lines) for finding in findings]


def _command(finding: Finding, lines: Lines | None) -> str:
    parameters = {}
    if lines is not None:
        parameters = {"file": lines.name, "line": str(lines.of(finding.index, finding.place))}
    parameters["title"] = f"{finding.code} {finding.subscription}" if finding.subscription else finding.code
    written = ",".join(f"{key}={_escaped(value, properties=True)}" for key, value in parameters.items())
    text = _escaped(f"{finding.message} ({finding.remedy})")
    return f"::{_COMMANDS[finding.severity]} {written}::{text}"


def _escaped(text: str, *, properties: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if properties else text
