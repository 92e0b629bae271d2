"""Writes findings in the formats of code scanners: SARIF 2.1.0 and the workflow commands of GitHub Actions.

Both name the lines of the file of subscriptions (`Lines`).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from destination.definition import LintRule
from destination.values.pointers import pointer_keys
from destination.values.positions import Node, PositionedError, read_json_nodes
from destination.workbench.lint.run import Finding

_SINGLE = "subscription"
_PUBLIC_API = {"subscribe": "trigger", "mapping": "settings", "partnerAction": "actionSlug"}

_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


# --- lines -----------------------------------------------------------------------------------------------


class Lines:
    r"""The lines of a JSON file with subscriptions, in any form that `read_subscriptions` takes.

    Args:
        path: The file, as the user named it.
        text: Its content, JSON.

    Attributes:
        name: The file, as the user named it.

    Example:
        >>> lines = Lines("m.json", '[\n {"name": "A",\n  "subscribe": "",\n  "mapping": {"a": 1}}\n]')
        >>> lines.of(0, "subscribe"), lines.of(0, "mapping/a"), lines.of(0, "mapping/missing"), lines.of(None, "")
        (3, 4, 4, 1)
    """

    def __init__(self, path: str | Path, text: str) -> None:
        self.name = str(path)
        self._lines = _lines_of(text)
        self._root = self._root_of_list()

    @property
    def uri(self) -> str:
        """Returns the file as a relative reference, or a file URI."""
        path = Path(self.name)
        return path.as_uri() if path.is_absolute() else quote(path.as_posix())

    def of(self, index: int | None, pointer: str) -> int:
        """Returns the line of a value in a subscription, or of the nearest object around it that the file has.

        Args:
            index: The number of the subscription, from 0; None for the whole file.
            pointer: What in it, as in `Finding.pointer`.

        Returns:
            The number of the line, from 1.
        """
        keys: tuple[str, ...] = ()
        if index is not None:
            first, *rest = pointer_keys(f"/{pointer}")
            keys = self._root if self._root[-1:] == (_SINGLE,) else (*self._root, str(index))
            if (*keys, first) not in self._lines:
                first = _PUBLIC_API.get(first, first)
            keys = (*keys, first, *rest)
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._lines.get(keys, 1)

    def _root_of_list(self) -> tuple[str, ...]:
        for root in (("data", "subscriptions"), ("subscriptions",), ("data", _SINGLE), (_SINGLE,)):
            if root in self._lines:
                return root
        return ()


def _lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Returns the line of every key or item by the keys that lead there; nothing for a text that is not valid JSON."""
    try:
        root = read_json_nodes(text, lenient=True)
    except PositionedError:
        return {}
    lines: dict[tuple[str, ...], int] = {(): root.line}
    todo: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while todo:
        path, node = todo.pop()
        inner = [(key, member.key.line, member.node) for key, member in (node.members or {}).items()]
        inner += [(str(index), item.line, item) for index, item in enumerate(node.items or ())]
        for key, line, value in inner:
            lines[(*path, key)] = line
            todo.append(((*path, key), value))
    return lines


# --- SARIF -----------------------------------------------------------------------------------------------


def to_sarif(
    findings: Iterable[Finding], rules: Sequence[LintRule[Any]], lines: Lines | None = None, *, version: str = ""
) -> dict[str, Any]:
    """Makes the SARIF log of one run.

    Args:
        findings: The findings.
        rules: All rules that were applied.
        lines: The lines of the file of subscriptions; without them the results have no physical location.
        version: The version of the program.

    Example:
        >>> to_sarif([], [])["runs"][0]["results"]
        []
    """
    indexes = {rule.code: index for index, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": "destination lint", "rules": [_sarif_rule(rule) for rule in rules]}
    if version:
        driver["version"] = version
    results = [_sarif_result(finding, indexes, lines) for finding in findings]
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _sarif_rule(rule: LintRule[Any]) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.finds},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _sarif_result(finding: Finding, indexes: dict[str, int], lines: Lines | None) -> dict[str, Any]:
    names = [finding.subscription, finding.pointer] if finding.subscription else [finding.pointer]
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": "/".join(names)}]}
    if lines is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": lines.uri},
            "region": {"startLine": lines.of(finding.index, finding.pointer)},
        }
    return {
        "ruleId": finding.code,
        "ruleIndex": indexes[finding.code],
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": f"{finding.message} ({finding.remedy})"},
        "locations": [location],
    }


# --- GitHub Actions --------------------------------------------------------------------------------------


def to_github(findings: Iterable[Finding], lines: Lines | None = None) -> list[str]:
    """Makes one workflow command for each finding; GitHub shows it beside the line of a change.

    Args:
        findings: The findings.
        lines: The lines of the file of subscriptions; without them the commands name no file.

    Example:
        >>> finding = Finding("T007", "error", "Orders", 0, "subscribe", "single quotes stay", "use double quotes")
        >>> to_github([finding])
        ['::error title=T007 Orders::single quotes stay (use double quotes)']
    """
    return [_github_command(finding, lines) for finding in findings]


def _github_command(finding: Finding, lines: Lines | None) -> str:
    parameters = {}
    if lines is not None:
        parameters = {"file": lines.name, "line": str(lines.of(finding.index, finding.pointer))}
    parameters["title"] = f"{finding.code} {finding.subscription}" if finding.subscription else finding.code
    written = ",".join(f"{key}={_escaped(value, properties=True)}" for key, value in parameters.items())
    text = _escaped(f"{finding.message} ({finding.remedy})")
    return f"::{_GITHUB_COMMANDS[finding.severity]} {written}::{text}"


def _escaped(text: str, *, properties: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if properties else text
