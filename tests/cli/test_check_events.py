"""`destination check-events`."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Invoke

SCHEMA = {"properties": {"properties": {"properties": {"total": {"type": "number"}}}}}
RULES: list[Any] = [{"key": "Order", "type": "TRACK", "version": 1, "jsonSchema": SCHEMA}]
GOOD = {"type": "track", "event": "Order", "messageId": "m-1", "properties": {"total": 5}}
BAD = {**GOOD, "messageId": "m-2", "properties": {"total": "5"}}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"data": {"rules": RULES}}))
    return path


def write(folder: Path, *events: Any) -> Path:
    path = folder / "events.ndjson"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


@pytest.mark.parametrize(
    ("events", "options", "status"),
    [
        ([GOOD], [], 0),
        ([GOOD, {"type": "page"}], [], 0),
        ([GOOD, BAD], [], 1),
        ([GOOD, {**GOOD, "event": "Odrer"}], [], 1),
        ([GOOD, {**GOOD, "event": "Odrer"}], ["--allow-unplanned"], 0),
        ([BAD], ["--allow-unplanned"], 1),
        ([GOOD, 5], [], 1),
        ([], [], 0),
    ],
)
def test_the_status_says_whether_all_events_follow_the_plan(
    invoke: Invoke, tmp_path: Path, plan: Path, events: list[Any], options: list[str], status: int
) -> None:
    assert invoke("check-events", write(tmp_path, *events), "--tracking-plan", plan, *options).exit_code == status


def test_events_whose_rule_cannot_be_checked_do_not_count_as_following_the_plan(invoke: Invoke, tmp_path: Path) -> None:
    plan = tmp_path / "broken.json"
    plan.write_text(json.dumps({"rules": [{**RULES[0], "jsonSchema": {"type": "nope"}}]}))
    events = write(tmp_path, GOOD, BAD)
    result = invoke("check-events", events, "--tracking-plan", plan)
    assert result.exit_code == 1
    assert "2 events: 0 follow the plan" in result.stdout
    assert "2 have a rule that cannot be checked" in " ".join(result.stdout.split())
    counts = json.loads(invoke("check-events", events, "--tracking-plan", plan, "--json").stdout)
    assert (counts["conforming"], counts["unchecked"], counts["unplanned"]) == (0, 2, 0)


def test_tables_count_rules_violations_and_names(invoke: Invoke, tmp_path: Path, plan: Path) -> None:
    events = write(tmp_path, GOOD, BAD, {**GOOD, "event": "Odrer"}, {"type": "page"})
    result = invoke("check-events", events, "--tracking-plan", plan)
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Order 2 1" in lines
    assert 'Order $.properties.total the value is not of type "number" 1 line 2 (m-2): "5"' in lines
    assert "Odrer 1 line 3 (m-1) Order" in lines
    assert "Types that the plan has no rules for: page 1" in lines
    assert lines[-1] == "4 events: 1 follow the plan, 1 violate it, 1 are not in it, 1 are of types without rules"


def test_samples_are_as_many_as_wanted(invoke: Invoke, tmp_path: Path, plan: Path) -> None:
    events = write(tmp_path, *[BAD] * 5)
    for number in (0, 1, 4):
        result = invoke("check-events", events, "--tracking-plan", plan, "--json", "--samples", number)
        assert len(json.loads(result.stdout)["violations"][0]["samples"]) == number


def test_json_has_everything(invoke: Invoke, tmp_path: Path, plan: Path) -> None:
    plan.write_text(json.dumps([*RULES, {"type": "TRACK", "key": None}]))
    found = json.loads(invoke("check-events", write(tmp_path, GOOD, BAD, 5), "--tracking-plan", plan, "--json").stdout)
    assert (found["events"], found["violating"], found["unreadable"]) == (2, 1, 1)
    assert len(found["planRemarks"]) == 1


def test_events_come_from_standard_input_lists_and_gzip(invoke: Invoke, tmp_path: Path, plan: Path) -> None:
    packed = tmp_path / "events.json.gz"
    packed.write_bytes(gzip.compress(json.dumps([GOOD, BAD]).encode()))
    assert "2 events: 1 follow" in invoke("check-events", packed, "--tracking-plan", plan).stdout
    result = invoke("check-events", "-", "--tracking-plan", plan, stdin=json.dumps(GOOD))
    assert "1 events: 1 follow" in result.stdout


def test_remarks_and_rules_that_cannot_be_checked_are_noted(invoke: Invoke, tmp_path: Path, plan: Path) -> None:
    broken = {"key": "Broken", "type": "TRACK", "jsonSchema": {"type": "none"}}
    rules = {"data": {"rules": [*RULES, broken, 5], "pagination": {"next": "Mg=="}}}
    plan.write_text(json.dumps(rules))
    result = invoke("check-events", write(tmp_path, GOOD), "--tracking-plan", plan)
    assert result.exit_code == 0
    assert f"{plan}: the rule Broken is not checked, its schema is not valid: " in result.stderr
    assert f"{plan}: rule 2 is left out" in result.stderr
    assert f"{plan}: the plan is incomplete" in result.stderr


def test_what_steers_a_terminal_is_written_out(invoke: Invoke, tmp_path: Path, plan: Path) -> None:
    odd = {"type": "track", "event": "\x1b[31mred", "messageId": "\x07", "properties": {"total": "\x1b]0;x"}}
    result = invoke("check-events", write(tmp_path, odd, {**odd, "event": "Order"}), "--tracking-plan", plan)
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    assert "\\x1b[31mred" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.ndjson", "--tracking-plan", "{plan}"], "missing.ndjson: there is no such file"),
        (["{events}", "--tracking-plan", "missing.json"], "missing.json: there is no such tracking plan"),
        (["{events}", "--tracking-plan", "{events}"], "expected a tracking plan"),
        (["{events}"], "Missing option '--tracking-plan'"),
        (["{events}", "--tracking-plan", "{plan}", "--samples", "-1"], "--samples"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(
    invoke: Invoke, tmp_path: Path, plan: Path, arguments: list[str], message: str
) -> None:
    events = write(tmp_path, GOOD)
    result = invoke("check-events", *(text.format(plan=plan, events=events) for text in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['jsonschema_rs'] = None; from destination.cli import main; "
        "main(['check-events', 'events.ndjson', '--tracking-plan', sys.argv[1]])"
    )
    plan = Path(__file__).parents[1] / "cli" / "missing.json"
    result = subprocess.run([sys.executable, "-c", code, plan], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == (
        "destination: check-events needs jsonschema-rs, which is not installed: "
        "pip install 'destination-actions[plans]'\n"
    )
