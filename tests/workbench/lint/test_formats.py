"""Lines in files, GitHub's commands, SARIF, and the page of all codes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.workbench.lint import RULES, Finding, Lines, all_rules, to_github, to_sarif
from tests.fql.strategies import json_values

PAGE = Path(__file__).parents[3] / "docs" / "lint.md"
FINDING = Finding("T007", "error", "Orders: all", 0, "subscribe", "50% of\nit, lost", "mend: it", (0, 3), "abc")

RUNTIME = """[
  {
    "name": "A", "subscribe": "x",
    "mapping": {
      "a": {"@path": "$.a"},
      "b": [1,
            {"c/d": 2}]
    }
  },
  {"name": "B",
   "subscribe": "y"}
]
"""
PUBLIC_API = """{"data": {"subscriptions": [
  {"name": "A",
   "trigger": "x",
   "settings": {
     "a": "b: [1, {\\"x\\""},
   "actionSlug": "a"}
]}}
"""


@pytest.mark.parametrize(
    ("text", "index", "pointer", "line"),
    [
        (RUNTIME, 0, "subscribe", 3),
        (RUNTIME, 0, "mapping", 4),
        (RUNTIME, 0, "mapping/a", 5),
        (RUNTIME, 0, "mapping/a/@path", 5),
        (RUNTIME, 0, "mapping/b/1", 7),
        (RUNTIME, 0, "mapping/b/1/c~1d", 7),
        (RUNTIME, 0, "mapping/lost/x", 4),
        (RUNTIME, 0, "partnerAction", 2),
        (RUNTIME, 1, "subscribe", 11),
        (RUNTIME, 1, "mapping/x", 10),
        (RUNTIME, None, "subscriptions", 1),
        (PUBLIC_API, 0, "subscribe", 3),
        (PUBLIC_API, 0, "mapping/a", 5),
        (PUBLIC_API, 0, "partnerAction", 6),
        ('{"data": {"subscription":\n {"name": "A",\n "trigger": ""}}}', 0, "subscribe", 3),
    ],
)
def test_the_line_of_a_pointer(text: str, index: int | None, pointer: str, line: int) -> None:
    json.loads(text)
    assert Lines("m.json", text).of(index, pointer) == line


@given(json_values)
def test_every_item_of_an_indented_file_is_found(value: Any) -> None:
    text = json.dumps([value], indent=1)
    line = Lines("m.json", text).of(0, "")
    assert text.split("\n")[line - 1].strip(" ,") in (json.dumps(value), "[", "{")


@given(st.text(max_size=40))
def test_any_text_has_lines(text: str) -> None:
    assert Lines("m.json", text).of(0, "mapping/a") >= 1


def test_a_mapping_has_lines_at_any_depth() -> None:
    text = '[{"mapping":' + '{"a":\n' * 2_000 + "1" + "}" * 2_001 + "]"
    assert Lines("m.json", text).of(0, "mapping" + "/a" * 2_000) == 2_000


def test_githubs_commands_are_escaped() -> None:
    lines = Lines("maps/a, b.json", '[\n{"subscribe": ""}]')
    assert to_github([FINDING], lines) == [
        "::error file=maps/a%2C b.json,line=2,title=T007 Orders%3A all::50%25 of%0Ait, lost (mend: it)"
    ]


@pytest.mark.parametrize(("severity", "command"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_severities_have_their_commands(severity: Any, command: str) -> None:
    finding = Finding("E001", severity, None, None, "subscriptions", "m", "r")
    assert to_github([finding]) == [f"::{command} title=E001::m (r)"]


def test_sarif_has_what_the_standard_asks_for() -> None:
    rules = all_rules(absmartly)
    log = to_sarif([FINDING], rules, Lines("maps/my file.json", '[\n{"subscribe": ""}]'), version="1.2")
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
    assert Lines("/tmp/a b.json", "[]").uri == "file:///tmp/a%20b.json"


def test_codes_are_unique_and_well_formed() -> None:
    codes = [rule.code for rule in all_rules(absmartly)]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z]+[0-9]{3}", code) for code in codes)


def test_the_page_has_exactly_these_rules() -> None:
    rows = re.findall(r"^\| `([A-Z]+[0-9]+)` \| (\w+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(rule.code, rule.severity, rule.finds) for rule in all_rules(absmartly)]
    assert len(rows) > len(RULES)
