"""Findings as SARIF 2.1.0, the format in which code scanners tell theirs."""

from collections.abc import Iterable, Sequence
from typing import Any

from destination.definition import LintRule
from destination.workbench.lint.lines import Lines
from destination.workbench.lint.run import Finding

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(
    findings: Iterable[Finding], rules: Sequence[LintRule[Any]], lines: Lines | None = None, *, version: str = ""
) -> dict[str, Any]:
    """The log of one run.

    Args:
        findings: What was found.
        rules: All rules that were asked.
        lines: Where in the file of mappings things stand; without it the results have no physical location.
        version: The program's.

    Example:
        >>> to_sarif([], [])["runs"][0]["results"]
        []
    """
    places = {rule.code: index for index, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": "destination lint", "rules": [_rule(rule) for rule in rules]}
    if version:
        driver["version"] = version
    results = [_result(finding, places, lines) for finding in findings]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rule(rule: LintRule[Any]) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.finds},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, places: dict[str, int], lines: Lines | None) -> dict[str, Any]:
    names = [finding.subscription, finding.place] if finding.subscription else [finding.place]
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": "/".join(names)}]}
    if lines is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": lines.uri},
            "region": {"startLine": lines.of(finding.index, finding.place)},
        }
    return {
        "ruleId": finding.code,
        "ruleIndex": places[finding.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} ({finding.remedy})"},
        "locations": [location],
    }
