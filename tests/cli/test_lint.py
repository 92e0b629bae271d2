import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.catalog.absmartly.collector import API_KEY
from destination.cli.lint import LintOptions
from destination.cli.lint import lint as lint_function
from destination.definition.given.mapping_forms import parse_mappings
from destination.definition.given.mappings import mappings_of
from tests.cli.conftest import Invoke, write_settings

GOAL = absmartly.actions["trackGoal"].default_values()
ORDERS: dict[str, Any] = {
    "name": "Orders",
    "subscribe": 'type = "track" and event = "Order Completed"',
    "partnerAction": "trackGoal",
    "mapping": GOAL,
}
MIXED = {**ORDERS, "name": "Mixed", "subscribe": 'type = "page" and name = "a" or name = "b"'}


def write(folder: Path, *subscriptions: Any) -> Path:
    path = folder / "mappings.json"
    path.write_text(json.dumps(list(subscriptions), indent=2))
    return path


def test_the_presets_pass(invoke: Invoke) -> None:
    result = invoke("lint")
    assert result.exit_code == 0
    assert "the presets of actions-absmartly: 4 subscriptions, 0 errors, 0 warnings, 3 infos" in result.stdout


@pytest.mark.parametrize(
    ("trigger", "fail_on", "status"),
    [
        ("type", "error", 1),
        ("type", "never", 0),
        (MIXED["subscribe"], "error", 0),
        (MIXED["subscribe"], "warning", 1),
        (MIXED["subscribe"], None, 1),
        (ORDERS["subscribe"], None, 0),
        (ORDERS["subscribe"], "info", 1),
    ],
)
def test_the_status_says_whether_something_as_bad_was_found(
    invoke: Invoke, tmp_path: Path, trigger: str, fail_on: str | None, status: int
) -> None:
    path = write(tmp_path, {**ORDERS, "subscribe": trigger})
    assert invoke("lint", "-m", path, *(["--fail-on", fail_on] if fail_on else [])).exit_code == status


def test_a_finding_is_on_one_line_whatever_its_subscription_is_called(invoke: Invoke, tmp_path: Path) -> None:
    shown = invoke("lint", "-m", write(tmp_path, {**MIXED, "name": "Mixed\n  up"}), "--select", "T").stdout
    assert "warning T002: Mixed up: subscribe: " in shown


def test_text_names_line_code_place_and_remedy_and_draws_the_trigger(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, ORDERS, MIXED)
    shown = invoke("lint", "-m", path, "--select", "T").stdout
    line = next(number for number, text in enumerate(path.read_text().split("\n"), 1) if "or name" in text)
    assert f"{path}:{line}: warning T002: Mixed: subscribe: one group has both `and` and `or`" in shown
    assert '    type = "page" and name = "a" or name = "b"\n                  ^^^^^^^^^^^^^^^^^\n' in shown
    assert f"{path}: 2 subscriptions, 0 errors, 1 warnings, 0 infos" in shown


def test_a_trigger_of_several_lines_is_drawn_where_it_is_odd(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, {**ORDERS, "subscribe": 'type = "page"\nand foo = 5'})
    assert "    and foo = 5\n        ^^^^^^^\n" in invoke("lint", "-m", path).stdout


def test_json_has_everything(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, ORDERS, {**MIXED, "name": "Mixed # ignore T002"}, {**ORDERS, "enabled": False})
    found = json.loads(invoke("lint", "-m", path, "--json").stdout)
    assert (found["subscriptions"], found["disabled"], found["ignored"]) == (3, 1, 1)
    (finding,) = [finding for finding in found["findings"] if finding["severity"] != "info"]
    assert finding["code"] == "O001"
    assert finding["subscription"] == "Mixed # ignore T002"
    assert finding["others"] == ["Orders"]
    assert finding["file"] == str(path)
    assert finding["line"] > 1
    assert finding["followsFrom"] == []
    assert found["disjoint"] == []
    assert found == json.loads(invoke("lint", "-m", path, "--format", "json").stdout)


def test_proofs_are_shown_when_asked_for(invoke: Invoke) -> None:
    proof = 'Track Calls and Page Calls match no event in common: no event passes type = "track" and type = "page"'
    assert proof in invoke("lint", "--verbose").stdout
    assert proof not in invoke("lint").stdout
    assert len(json.loads(invoke("lint", "--json").stdout)["disjoint"]) == 3


def test_github_gets_one_command_a_finding(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, MIXED)
    (command,) = invoke("lint", "-m", path, "--format", "github", "--select", "T").stdout.splitlines()
    assert command.startswith(f"::warning file={path},line=4,title=T002 Mixed::")


def test_sarif_is_one_log(invoke: Invoke, tmp_path: Path) -> None:
    log = json.loads(invoke("lint", "-m", write(tmp_path, MIXED), "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["tool"]["driver"]["version"]
    assert "T002" in {result["ruleId"] for result in run["results"]}


def test_codes_are_chosen_by_their_beginnings(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, MIXED, {**ORDERS, "mapping": {}})

    def codes(*options: str) -> set[str]:
        found = json.loads(invoke("lint", "-m", path, "--json", *options).stdout)["findings"]
        return {finding["code"] for finding in found}

    assert codes("--select", "T,M004") == {"T002", "M004"}
    assert codes("--select", "T", "--select", "M") == {"T002", "M004"}
    assert codes("--ignore", "E,M00,O,ABS") == {"T002"}


def test_a_tracking_plan_is_compared(invoke: Invoke, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    schema: Any = {"properties": {"properties": {"properties": {"total": {}}}}}
    rules = [{"key": "Order Completed", "type": "TRACK", "version": 1, "jsonSchema": schema}]
    plan.write_text(json.dumps({"data": {"rules": rules}}))
    path = write(tmp_path, {**ORDERS, "mapping": {**GOAL, "name": {"@path": "$.properties.label"}}})
    result = invoke("lint", "-m", path, "--tracking-plan", plan)
    assert result.exit_code == 1
    assert "error F003: Orders: mapping/name" in result.stdout


def test_rules_that_cannot_be_used_and_missing_pages_are_remarks(invoke: Invoke, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    rules: list[Any] = [{"key": "Order Completed", "type": "TRACK", "jsonSchema": {}}, {"key": None, "type": "TRACK"}]
    plan.write_text(json.dumps({"data": {"rules": rules, "pagination": {"next": "Mg=="}}}))
    result = invoke("lint", "-m", write(tmp_path, ORDERS), "--tracking-plan", plan, "--ignore", "E001,ABS")
    assert result.exit_code == 0
    assert f"{plan}: rule 1 is left out" in result.stderr
    assert f"{plan}: the plan is incomplete" in result.stderr
    result = invoke("lint", "-m", tmp_path / "mappings.json", "--tracking-plan", plan, "--json")
    assert len(json.loads(result.stdout)["planRemarks"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "--format", "sarif"], "--json does not go with --format sarif: give one of them"),
        (["--select", "T,XX"], "--select XX: there is no such code; there are: T001, T002"),
        (["--ignore", "foo"], "--ignore foo: there is no such code"),
        (["--format", "html"], "--format takes one of 'text', 'json', 'github', 'sarif', not 'html'"),
        (["--fail-on", "bad"], "--fail-on takes one of 'error', 'warning', 'info', 'never', not 'bad'"),
        (["-m", "missing.json"], "missing.json: there is no such mappings file"),
        (["--tracking-plan", "missing.json"], "missing.json: there is no such tracking plan"),
        (["-d", "nope"], "there is no destination 'nope'"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(invoke: Invoke, arguments: list[str], message: str) -> None:
    result = invoke("lint", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("content", "message"), [("{", "is not valid JSON"), ("5", "expected a tracking plan")])
def test_a_file_that_is_no_plan_is_refused(invoke: Invoke, tmp_path: Path, content: str, message: str) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(content)
    result = invoke("lint", "--tracking-plan", plan)
    assert result.exit_code == 2
    assert f"{plan}: " in result.stderr
    assert message in result.stderr
    assert invoke("lint", "--tracking-plan", tmp_path).exit_code == 2


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_secrets_of_the_settings_are_masked(invoke: Invoke, tmp_path: Path, form: str) -> None:
    settings = write_settings(tmp_path / "settings.toml", "https://x.test/v1")
    path = write(tmp_path, {**MIXED, "name": API_KEY, "subscribe": f'type = "page" and foo = "{API_KEY}"'})
    result = invoke("lint", "-m", path, "-s", settings, "--format", form)  # the fixture looks for the key
    assert result.exit_code == 1
    assert "redacted" in result.stdout


# --- files and lines -------------------------------------------------------------------------------------


def lines_of(text: str, index: int, pointer: str) -> int | None:
    loaded = parse_mappings(text.encode(), "m.json", absmartly.actions, {})
    return loaded.origins[index].line(pointer)


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
        (PUBLIC_API, 0, "subscribe", 3),
        (PUBLIC_API, 0, "mapping/a", 5),
        (PUBLIC_API, 0, "partnerAction", 6),
        ('{"data": {"subscription":\n {"name": "A",\n "trigger": ""}}}', 0, "subscribe", 3),
    ],
)
def test_the_line_of_a_pointer(text: str, index: int, pointer: str, line: int) -> None:
    json.loads(text)
    assert lines_of(text, index, pointer) == line


def test_several_files_are_checked_together(invoke: Invoke, tmp_path: Path) -> None:
    one, two = tmp_path / "a.json", tmp_path / "b.json"
    one.write_text(json.dumps([ORDERS]))
    two.write_text(json.dumps([ORDERS, {**MIXED, "name": "Last"}], indent=1))
    for arguments in ([one, two], ["-m", one, "-m", two], [one, "-m", two], [tmp_path / "*.json"]):
        found = json.loads(invoke("lint", *arguments, "--json").stdout)
        assert found["subscriptions"] == 3
        located = {(it["code"], it["file"], it["subscription"]) for it in found["findings"]}
        assert {("O001", str(two), "Orders"), ("T002", str(two), "Last")} <= located
    shown = invoke("lint", one, two, "--select", "T").stdout
    assert f"{two}:" in shown
    assert f"{one}, {two}: 3 subscriptions" in shown


def test_validate_takes_files_as_arguments(invoke: Invoke, tmp_path: Path) -> None:
    one, two = tmp_path / "a.json", tmp_path / "b.json"
    one.write_text(json.dumps([ORDERS]))
    two.write_text(json.dumps([{**ORDERS, "subscribe": "type"}]))
    assert invoke("validate", one).exit_code == 0
    result = invoke("validate", one, two)
    assert result.exit_code == 1
    assert f"{one}, {two}: 2 subscriptions" in result.stdout


def test_a_finding_says_what_it_may_follow_from(invoke: Invoke, tmp_path: Path) -> None:
    shown = invoke("lint", write(tmp_path, ORDERS, MIXED, {**ORDERS, "subscribe": 'type = "page"'})).stdout
    assert "    this may follow from T002 of 'Mixed': mend that first\n" in shown


def test_colours_are_for_terminals_only(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    path = write(tmp_path, MIXED)
    plain = invoke("lint", path).stdout
    assert "\x1b" not in plain
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert lint_function(**LintOptions(mappings=mappings_of([str(path)], {}))._asdict()) == 1
    shown = terminal.getvalue()
    assert "\x1b[33mwarning T002\x1b[0m" in shown
    assert re.sub("\x1b\\[[0-9;]*m", "", shown) == plain


# --- fixes -----------------------------------------------------------------------------------------------

BY_HAND = """\ufeff[
    {"name": "Bücher \\u00fc", "subscribe":   "type = 'track' \\u0041ND event = \\"\\ud83d\\ude00\\"",\r
     "partnerAction": "trackGoal", "mapping": {"name" : 1.0e0},    "extra": [ ]},

\t{"trigger": "type = 'page'", "name": "Pages # ignore T007", "actionSlug": "trackGoal", "settings": {}}
]"""


def test_fix_changes_triggers_and_nothing_else(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "mappings.json"
    path.write_bytes(BY_HAND.encode())
    path.chmod(0o640)
    result = invoke("lint", path, "--select", "T", "--fix")
    assert result.exit_code == 0
    expected = BY_HAND.replace("'track'", '\\"track\\"').replace("\\u0041ND", "and")
    assert path.read_bytes() == expected.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert "mended T004, T007 (other events may match now): type = " in result.stderr
    assert f"{path}:2: " in result.stderr
    assert list(tmp_path.iterdir()) == [path]


def test_fix_writes_nothing_where_nothing_can_be_mended(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, ORDERS, MIXED)
    before = path.stat()
    result = invoke("lint", path, "--fix", "--ignore", "O,E,ABS")
    assert result.exit_code == 1
    assert "warning T002" in result.stdout
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_fix_mends_each_file_and_follows_links(invoke: Invoke, tmp_path: Path) -> None:
    quoted = {**ORDERS, "subscribe": "type = 'page'"}
    (tmp_path / "real").mkdir()
    real, link, other = tmp_path / "real" / "a.json", tmp_path / "a.json", tmp_path / "b.json"
    for path in (real, other):
        path.write_text(json.dumps({"data": {"subscriptions": [quoted]}}))
    link.symlink_to(real)
    assert invoke("lint", link, other, "--fix", "--select", "T").exit_code == 0
    for path in (real, other):
        assert json.loads(path.read_text())["data"]["subscriptions"][0]["subscribe"] == 'type = "page"'
    assert link.is_symlink()


def test_fix_needs_files_that_can_be_written(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke("lint", "--fix")
    assert (result.exit_code, "--fix changes files, and none is given" in result.stderr) == (2, True)
    path = write(tmp_path, {**ORDERS, "subscribe": "type = 'page'"})
    path.chmod(0o444)  # root may write it nevertheless
    result = invoke("lint", path, "--fix")
    assert (result.exit_code, "is read-only" in result.stderr) == (2, True)
    path.chmod(0o644)
    monkeypatch.setattr(os, "access", lambda *_: False)
    result = invoke("lint", path, "--fix")
    assert (result.exit_code, "is read-only" in result.stderr) == (2, True)
    assert "'page'" in path.read_text()


def test_mappings_that_are_one_page_of_several_are_noted(invoke: Invoke, tmp_path: Path) -> None:
    page = {"subscriptions": [ORDERS], "pagination": {"current": "MA==", "next": "Mg=="}}
    path = tmp_path / "mappings.json"
    path.write_text(json.dumps({"data": page}))
    for command in ("lint", "validate"):
        assert f"{path}: is incomplete: its `pagination` names a next page" in invoke(command, path).stderr
    path.write_text(json.dumps({"data": {**page, "pagination": {"current": "Mg=="}}}))
    assert "incomplete" not in invoke("lint", path).stderr


def test_keys_that_segment_does_not_know_are_findings(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, {**ORDERS, "enabledd": False, "colour": "red"})
    found = json.loads(invoke("lint", path, "--json", "--select", "M").stdout)["findings"]
    assert [(it["code"], it["severity"], it["place"]) for it in found] == [
        ("M005", "error", "enabledd"),
        ("M006", "warning", "colour"),
    ]
