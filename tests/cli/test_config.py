"""Defaults of options from [tool.destination] in pyproject.toml."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.definition import to_terraform
from tests.cli.conftest import Invoke, track, write_events, write_settings

_TABLE = """
[tool.destination]
mappings = "maps/*.tf"
settings = "settings.toml"
events = "events.ndjson"
tracking-plan = "plan.json"
lint = { ignore = ["E", "ABS"] }

[tool.destination.action_ids]
iLg = "trackGoal"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collector: EmbeddedCollector) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "shop.tf").write_text(to_terraform(absmartly.preset_subscriptions()[:1]))
    (tmp_path / "pyproject.toml").write_text(_TABLE)
    (tmp_path / "plan.json").write_text('{"rules": []}')
    write_settings(tmp_path / "settings.toml", collector.endpoint)
    write_events(tmp_path / "events.ndjson", track(1))
    return tmp_path


def test_configuration_is_shown(invoke: Invoke, project: Path) -> None:
    shown = json.loads(invoke("config", "--json").stdout)
    assert shown == {
        "path": str(project / "pyproject.toml"),
        "destination": None,
        "mappings": ["maps/*.tf"],
        "settings": "settings.toml",
        "events": "events.ndjson",
        "tracking_plan": "plan.json",
        "select": [],
        "ignore": ["E", "ABS"],
        "action_ids": {"iLg": "trackGoal"},
    }
    text = invoke("config").stdout
    for part in ("maps/*.tf", "E, ABS", "iLg = trackGoal", "destination: (not given)"):
        assert part in text


def test_without_a_table_config_says_so(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "There is no [tool.destination]" in invoke("config").stdout
    assert invoke("config", "--json").stdout.strip() == "null"


def test_values_are_the_defaults_of_commands(invoke: Invoke, project: Path) -> None:
    assert "maps/*.tf: 1 subscriptions" in invoke("validate").stdout
    assert "Track Calls" in invoke("coverage").stdout
    assert '"matched":true' in invoke("run", "--dry-run").stdout
    write_events(project / "event.json", track(1))
    assert "Track Calls: matches" in invoke("plan", "event.json").stdout
    assert invoke("check-auth").exit_code == 0


def test_options_override_the_table(invoke: Invoke, project: Path) -> None:
    (project / "other.json").write_text("[]")
    assert "other.json: 0 subscriptions" in invoke("validate", "-m", "other.json").stdout
    other = write_events(project / "other.ndjson", track(1), track(2))
    assert len(invoke("run", other, "--dry-run").stdout.splitlines()) == 2


def test_no_config_ignores_the_table(invoke: Invoke, project: Path) -> None:
    assert "the presets of actions-absmartly: 4 subscriptions" in invoke("validate", "--no-config").stdout
    (project / "pyproject.toml").write_text("[tool.destination]\nwrong = 1")
    assert invoke("validate", "--no-config").exit_code == 0


def test_table_of_a_folder_above_counts_and_its_paths_from_there(
    invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(project / "deep" / "er")
    (project / "deep" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert "../../maps/*.tf: 1 subscriptions" in invoke("validate").stdout


def test_run_uses_settings_of_the_table_only_with_send(
    invoke: Invoke, project: Path, collector: EmbeddedCollector
) -> None:
    harmless = invoke("run")
    assert harmless.stdout.startswith(
        "settings.toml of pyproject.toml is used only with --send: an embedded collector at http://127.0.0.1:"
    )
    assert harmless.stdout.rstrip().endswith("nothing left this machine. Give --send to send for real.")
    assert (harmless.exit_code, collector.received) == (0, [])
    assert invoke("run", "--send", "--no-ledger").exit_code == 0
    assert len(collector.received) == 1
    assert invoke("run", "-s", "settings.toml", "--no-ledger").exit_code == 0
    assert len(collector.received) == 2


def test_what_the_embedded_collector_took_is_not_settled_for_the_partner(
    invoke: Invoke, project: Path, collector: EmbeddedCollector
) -> None:
    assert invoke("run", "--ledger", "l.db").exit_code == 0
    refused = invoke("run", "--ledger", "l.db", "--resume", "--send")
    assert refused.exit_code == 2
    assert "l.db: belongs to a run to the embedded collector of actions-absmartly, not to" in refused.stderr
    assert invoke("run", "--ledger", "l.db", "--resume").exit_code == 0  # with the collector it goes on
    assert collector.received == []
    assert invoke("run", "--ledger", "l.db", "--send").exit_code == 0
    assert len(collector.received) == 1


@pytest.mark.parametrize("header", ["[tool . destination]", '["tool"."destination"]'])
def test_the_table_is_found_however_its_name_is_written(invoke: Invoke, project: Path, header: str) -> None:
    (project / "pyproject.toml").write_text(f"{header}\nwrong = 1\n")
    assert "tool.destination has no key 'wrong'" in invoke("validate").stderr


def test_a_file_that_is_not_text_is_refused_and_not_taken_as_one_without_a_table(invoke: Invoke, project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b"\xff[tool.destination]\nsettings = 'x'\n")
    result = invoke("validate")
    assert (result.exit_code, "pyproject.toml: is not valid TOML" in result.stderr) == (2, True)


def test_events_on_standard_input_say_that_settings_wait_for_send(invoke: Invoke, project: Path) -> None:
    result = invoke("run", "-", stdin=json.dumps(track(1)))
    assert result.exit_code == 2
    assert "settings.toml of pyproject.toml is used only with --send" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--send", "--no-config"), "--send needs settings"),
        (("--send", "--dry-run"), "--send does not go with --dry-run"),
    ],
)
def test_send_that_contradicts_itself_is_refused(
    invoke: Invoke, project: Path, options: tuple[str, ...], message: str
) -> None:
    result = invoke("run", "events.ndjson", *options)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_settings_whose_variable_is_not_set_are_not_needed_where_nothing_is_sent(
    invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ABSMARTLY_API_KEY")
    result = invoke("diff", "presets", "maps/shop.tf")
    assert "settings.toml is not used: the environment variable ABSMARTLY_API_KEY is not set" in result.stderr
    assert result.exit_code in (0, 1)
    assert invoke("check-auth").exit_code == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("mapings = 'x'", "tool.destination has no key 'mapings'; did you mean mappings?"),
        ("settings = 5", "tool.destination.settings is not text"),
        ("mappings = [5]", "mappings is text, or a list of texts"),
        ("lint = 5", "tool.destination.lint is not a table"),
        ("lint = { selct = [] }", "tool.destination.lint has no key 'selct'; did you mean select?"),
        ("action_ids = { a = 1 }", 'action_ids is a table; a line reads: "ID" = "ACTION"'),
        ("mappings = ", "is not valid TOML"),
    ],
)
def test_wrong_tables_are_named(invoke: Invoke, project: Path, table: Any, message: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.destination]\n{table}\n")
    for command in ("validate", "config"):
        result = invoke(command)
        assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
