import json
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.definition import registry, to_metadata
from tests.cli.conftest import Invoke, write_settings

GOOD: dict[str, Any] = {
    "name": "Good",
    "subscribe": 'type = "track"',
    "partnerAction": "trackGoal",
    "mapping": absmartly.actions["trackGoal"].default_values(),
}


# --- list and show ---------------------------------------------------------------------------------------


def test_list_names_the_installed_destinations(invoke: Invoke) -> None:
    assert "actions-absmartly" in invoke("list").stdout
    listed = {item["slug"]: item for item in json.loads(invoke("list", "--json").stdout)}
    assert list(listed) == ["absmartly-classic", "actions-absmartly"]
    found = listed["actions-absmartly"]
    assert found["actions"] == ["trackGoal", "trackExposure"]
    assert len(found["presets"]) == 4


def test_list_names_a_destination_that_cannot_be_loaded_and_shows_the_others(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = EntryPoint("broken", "no_such_module:demo", registry.GROUP)
    points = {**registry._entry_points(), "broken": broken}
    monkeypatch.setattr(registry, "_entry_points", lambda: points)
    result = invoke("list", "--json")
    assert result.exit_code == 1
    assert [item["slug"] for item in json.loads(result.stdout)] == ["absmartly-classic", "actions-absmartly"]
    assert result.stderr.startswith("destination: destination 'broken' cannot be loaded from no_such_module:demo: ")


def test_show_has_settings_actions_fields_and_presets(invoke: Invoke) -> None:
    shown = invoke("show", "actions-absmartly").stdout
    for part in ("ABsmartly (Actions)", "collectorEndpoint", "trackGoal", "units", "Page Calls", 'type = "screen"'):
        assert part in shown


def test_show_as_json_is_the_metadata(invoke: Invoke) -> None:
    shown = json.loads(invoke("show", "actions-absmartly", "--json").stdout)
    assert shown == json.loads(json.dumps(to_metadata(absmartly)))


def test_an_unknown_slug_gets_the_closest(invoke: Invoke) -> None:
    result = invoke("show", "absmartly")
    assert result.exit_code == 2
    assert "there is no destination 'absmartly'; did you mean 'actions-absmartly'?" in result.stderr


# --- validate --------------------------------------------------------------------------------------------


def _validate(invoke: Invoke, folder: Path, subscriptions: Any, status: int) -> dict[str, Any]:
    path = folder / "mappings.json"
    path.write_text(json.dumps(subscriptions))
    text, result = invoke("validate", "-m", path), invoke("validate", "-m", path, "--json")
    assert (text.exit_code, result.exit_code) == (status, status)
    found: dict[str, Any] = json.loads(result.stdout)
    counts = f"{found['subscriptions']} subscriptions"
    assert counts in text.stdout
    assert f"{found['errors']} errors, {found['warnings']} warnings" in text.stdout
    return found


def test_the_presets_are_valid(invoke: Invoke) -> None:
    result = invoke("validate")
    assert result.exit_code == 0
    assert "the presets of actions-absmartly: 4 subscriptions, 0 errors, 0 warnings" in result.stdout
    assert result.stderr == ""


def test_everything_that_is_wrong_is_found_with_place_and_remedy(invoke: Invoke, tmp_path: Path) -> None:
    mapping = {**GOOD["mapping"], "colour": "red", "agent": {"@path": 5}}
    del mapping["name"]
    found = _validate(
        invoke,
        tmp_path,
        [
            {**GOOD, "subscribe": "type ~ 1"},
            {**GOOD, "name": "B", "partnerAction": "nope"},
            {**GOOD, "name": "", "mapping": mapping},
            {**GOOD, "name": "Text", "mapping": json.dumps(GOOD["mapping"])},
            {**GOOD, "name": "Off", "subscribe": "nonsense", "enabled": False},
        ],
        1,
    )
    places = {(item["subscription"], item["place"], item["severity"]) for item in found["findings"]}
    assert places == {
        ("Good", "subscribe", "error"),
        ("B", "partnerAction", "error"),
        ("subscription 2", "mapping/agent/@path", "error"),
        ("subscription 2", "mapping/colour", "warning"),
        ("subscription 2", "mapping/name", "error"),
        ("Text", "mapping", "error"),
    }
    assert all(item["message"] and item["remedy"] for item in found["findings"])
    assert (found["errors"], found["warnings"]) == (5, 1)


def test_warnings_alone_are_status_0(invoke: Invoke, tmp_path: Path) -> None:
    found = _validate(invoke, tmp_path, [{**GOOD, "mapping": {**GOOD["mapping"], "colour": "red"}}], 0)
    assert (found["errors"], found["warnings"]) == (0, 1)


def test_more_than_fifty_are_an_error_beside_the_others(invoke: Invoke, tmp_path: Path) -> None:
    many = [{**GOOD, "name": ""}] * 60 + [{**GOOD, "name": "", "subscribe": "nonsense"}]
    found = _validate(invoke, tmp_path, many, 1)
    assert [(item["subscription"], item["place"]) for item in found["findings"]] == [
        ("all", "subscriptions"),
        ("subscription 60", "subscribe"),
    ]
    assert "61 subscriptions are more than the 50" in found["findings"][0]["message"]


def test_disabled_ones_are_counted_as_not_checked(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "mappings.json"
    path.write_text(json.dumps([GOOD, {**GOOD, "subscribe": "nonsense", "enabled": False}]))
    result = invoke("validate", "-m", path)
    assert result.exit_code == 0
    assert "2 subscriptions (1 disabled, not checked), 0 errors" in result.stdout


# --- check-auth ------------------------------------------------------------------------------------------


def test_valid_settings_let_in(invoke: Invoke, settings: Path) -> None:
    result = invoke("check-auth", "-s", settings)
    assert result.exit_code == 0
    assert result.stdout == f"The settings in {settings} let you in.\n"


def test_a_wrong_key_is_told_apart_from_no_answer(
    invoke: Invoke, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABSMARTLY_API_KEY", "wrong-key-1234")
    result = invoke("check-auth", "-s", settings)
    assert result.exit_code == 1
    assert "Credentials are invalid: 401 Unauthorized; check apiKey and environment in" in result.stderr
    as_json = invoke("check-auth", "-s", settings, "--json")
    assert as_json.exit_code == 1
    answer = json.loads(as_json.stdout)
    assert (answer["state"], answer["status"]) == ("invalid", 401)
    assert "wrong-key-1234" not in result.output + as_json.output


def test_no_answer_is_told(invoke: Invoke, tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "settings.toml", "http://127.0.0.1:9/v1")
    result = invoke("check-auth", "-s", settings)
    assert result.exit_code == 2
    assert "no answer: " in result.stderr
    assert "http://127.0.0.1:9/v1/context/authed" in result.stderr


def test_another_address_is_told(invoke: Invoke, tmp_path: Path, collector: EmbeddedCollector) -> None:
    settings = write_settings(tmp_path / "settings.toml", collector.endpoint + "/v2")
    result = invoke("check-auth", "-s", settings)
    assert result.exit_code == 1
    assert "404 Not Found; check collectorEndpoint in" in result.stderr


def test_it_needs_settings(invoke: Invoke) -> None:
    result = invoke("check-auth")
    assert result.exit_code == 2
    assert "missing settings for actions-absmartly: collectorEndpoint, apiKey, environment" in result.stderr


# --- the command itself ----------------------------------------------------------------------------------


def test_help_has_examples_for_every_command(invoke: Invoke) -> None:
    assert invoke("--help").exit_code == 0
    assert invoke("-h").stdout == invoke("--help").stdout
    for command in ("run", "plan", "list", "show", "validate", "check-auth"):
        shown = invoke(command, "--help")
        assert shown.exit_code == 0
        assert f"destination {command}" in shown.stdout
        assert "Example" in shown.stdout
        assert command in invoke("--help").stdout


def test_nothing_asked_shows_help_and_is_bad_usage(invoke: Invoke) -> None:
    result = invoke()
    assert result.exit_code == 2
    assert result.stdout == invoke("--help").stdout


def test_version_is_shown(invoke: Invoke) -> None:
    assert invoke("--version").stdout.startswith("destination 0.")


def test_show_has_the_variants_of_presets_as_subscriptions(invoke: Invoke) -> None:
    assert "Exposures (exposure or absmartly)" in invoke("show", "actions-absmartly").stdout
    shown = json.loads(invoke("show", "actions-absmartly", "--variants").stdout)
    assert [item["name"] for item in shown] == [variant.name for variant in absmartly.variants]
