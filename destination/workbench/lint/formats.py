"""Writes findings in the formats of code scanners: SARIF 2.1.0 and the workflow commands of GitHub Actions."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from destination.definition import LintRule
from destination.workbench.lint.run import Finding

_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


Locate: TypeAlias = Callable[[Finding], tuple[str, int | None] | None]
"""Returns the file of a finding and the line in it; None for a finding that is not about a file."""


# --- SARIF -----------------------------------------------------------------------------------------------


def to_sarif(
    findings: Iterable[Finding], rules: Sequence[LintRule[Any]], locate: Locate | None = None, *, version: str = ""
) -> dict[str, Any]:
    """Makes the SARIF log of one run.

    Args:
        findings: The findings.
        rules: All rules that were applied.
        locate: Finds the file and the line of a finding; without it the results have no physical location.
        version: The version of the program.

    Example:
        >>> to_sarif([], [])["runs"][0]["results"]
        []
    """
    indexes = {rule.code: index for index, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": "destination lint", "rules": [_sarif_rule(rule) for rule in rules]}
    if version:
        driver["version"] = version
    results = [_sarif_result(finding, indexes, locate) for finding in findings]
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _sarif_rule(rule: LintRule[Any]) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.finds},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _sarif_result(finding: Finding, indexes: dict[str, int], locate: Locate | None) -> dict[str, Any]:
    names = [finding.subscription, finding.pointer] if finding.subscription else [finding.pointer]
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": "/".join(names)}]}
    found = None if locate is None else locate(finding)
    if found is not None:
        name, line = found
        location["physicalLocation"] = {"artifactLocation": {"uri": _uri(name)}}
        if line is not None:
            location["physicalLocation"]["region"] = {"startLine": line}
    return {
        "ruleId": finding.code,
        "ruleIndex": indexes[finding.code],
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": f"{finding.message} ({finding.remedy})"},
        "locations": [location],
    }


def _uri(name: str) -> str:
    """Returns a file as a relative reference, or as a file URI."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


# --- GitHub Actions --------------------------------------------------------------------------------------


def to_github(findings: Iterable[Finding], locate: Locate | None = None) -> list[str]:
    """Makes one workflow command for each finding; GitHub shows it beside the line of a change.

    Args:
        findings: The findings.
        locate: Finds the file and the line of a finding; without it the commands name no file.

    Example:
        >>> finding = Finding("T007", "error", "Orders", 0, "subscribe", "single quotes stay", "use double quotes")
        >>> to_github([finding])
        ['::error title=T007 Orders::single quotes stay (use double quotes)']
    """
    return [_github_command(finding, locate) for finding in findings]


def _github_command(finding: Finding, locate: Locate | None) -> str:
    parameters = {}
    found = None if locate is None else locate(finding)
    if found is not None:
        name, line = found
        parameters = {"file": name} if line is None else {"file": name, "line": str(line)}
    parameters["title"] = f"{finding.code} {finding.subscription}" if finding.subscription else finding.code
    written = ",".join(f"{key}={_escaped(value, properties=True)}" for key, value in parameters.items())
    text = _escaped(f"{finding.message} ({finding.remedy})")
    return f"::{_GITHUB_COMMANDS[finding.severity]} {written}::{text}"


def _escaped(text: str, *, properties: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if properties else text
