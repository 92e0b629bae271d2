import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.catalog.absmartly.collector import API_KEY
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
    assert f"{path}:{line}: warning T002: Mixed: subscribe: `and` and `or` stand in one group" in shown
    assert '    type = "page" and name = "a" or name = "b"\n                  ^^^^^^^^^^^^^^^^^\n' in shown
    assert f"{path}: 2 subscriptions, 0 errors, 1 warnings, 0 infos" in shown


def test_a_trigger_of_several_lines_is_drawn_where_it_is_odd(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, {**ORDERS, "subscribe": 'type = "page"\nand foo = 5'})
    assert "    and foo = 5\n        ^^^^^^^\n" in invoke("lint", "-m", path).stdout


def test_json_has_everything(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, ORDERS, {**MIXED, "name": "Mixed # ignore T002"}, {**ORDERS, "enabled": False})
    found = json.loads(invoke("lint", "-m", path, "--json").stdout)
    assert (found["subscriptions"], found["disabled"], found["ignored"]) == (3, 1, 1)
    (told,) = [finding for finding in found["findings"] if finding["severity"] != "info"]
    assert told["code"] == "O001"
    assert told["subscription"] == "Mixed # ignore T002"
    assert told["line"] > 1
    assert found["disjoint"] == []
    assert found == json.loads(invoke("lint", "-m", path, "--format", "json").stdout)


def test_proofs_are_shown_when_asked_for(invoke: Invoke) -> None:
    proof = 'Track Calls and Page Calls take no event in common: no event passes type = "track" and type = "page"'
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "--format", "sarif"], "--json does not go with --format sarif: give one of them"),
        (["--select", "T,XX"], "--select XX: there is no such code; there are: T001, T002"),
        (["--ignore", "foo"], "--ignore foo: there is no such code"),
        (["--format", "html"], "'html' is not one of"),
        (["--fail-on", "bad"], "'bad' is not one of"),
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
