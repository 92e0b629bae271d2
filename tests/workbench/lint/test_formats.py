"""GitHub's commands, SARIF, and the page of all codes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.workbench.lint import RULES, Finding, all_rules, to_github, to_sarif

PAGE = Path(__file__).parents[3] / "docs" / "lint.md"
FINDING = Finding("T007", "error", "Orders: all", 0, "subscribe", "50% of\nit, lost", "mend: it", (0, 3), "abc")


def test_githubs_commands_are_escaped() -> None:
    assert to_github([FINDING], lambda _: ("maps/a, b.json", 2)) == [
        "::error file=maps/a%2C b.json,line=2,title=T007 Orders%3A all::50%25 of%0Ait, lost (mend: it)"
    ]


@pytest.mark.parametrize(("severity", "command"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_severities_have_their_commands(severity: Any, command: str) -> None:
    finding = Finding("E001", severity, None, None, "subscriptions", "m", "r")
    assert to_github([finding]) == [f"::{command} title=E001::m (r)"]


def test_sarif_has_what_the_standard_asks_for() -> None:
    rules = all_rules(absmartly)
    log = to_sarif([FINDING], rules, lambda _: ("maps/my file.json", 2), version="1.2")
    assert log["version"] == "2.1.0"
    assert log["$schema"].startswith("https://")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert driver["version"] == "1.2"
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in rules]
    assert {rule["defaultConfiguration"]["level"] for rule in driver["rules"]} <= {"error", "warning", "note", "none"}
    (result,) = run["results"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "T007"
    assert result["level"] == "error"
    assert result["message"]["text"] == "50% of\nit, lost (mend: it)"
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "maps/my%20file.json"},
        "region": {"startLine": 2},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "Orders: all/subscribe"}]
    json.dumps(log)


def test_sarif_without_a_file_has_no_physical_location() -> None:
    (run,) = to_sarif([FINDING], all_rules(absmartly))["runs"]
    assert "physicalLocation" not in run["results"][0]["locations"][0]


def test_an_absolute_path_is_a_file_uri() -> None:
    (run,) = to_sarif([FINDING], all_rules(absmartly), lambda _: ("/tmp/a b.json", None))["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "file:///tmp/a%20b.json"}}


def test_a_finding_that_is_not_about_a_file_has_none() -> None:
    assert to_github([FINDING], lambda _: None)[0].startswith("::error title=T007")


def test_codes_are_unique_and_well_formed() -> None:
    codes = [rule.code for rule in all_rules(absmartly)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z]+[0-9]{3}", code) for code in codes)


def test_the_page_has_exactly_these_rules() -> None:
    rows = re.findall(r"^\| `([A-Z]+[0-9]+)` \| (\w+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(rule.code, rule.severity, rule.finds) for rule in all_rules(absmartly)]
    assert len(rows) > len(RULES)
