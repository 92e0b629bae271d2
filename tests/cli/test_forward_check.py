"""`destination forward --check`: everything that a configuration names is tried, and nothing is sent."""

import json
from pathlib import Path

import pytest

from destination.catalog.absmartly.collector import API_KEY
from destination.listening import open_socket
from tests.cli.conftest import Invoke, write_settings

SHOP = """
[[destinations]]
name = "shop"
slug = "actions-absmartly"
settings = "settings.toml"
dead_letters = "dead.ndjson"
"""


def write(folder: Path, text: str) -> Path:
    write_settings(folder / "settings.toml", "https://demo.absmartly.io/v1")
    path = folder / "forward.toml"
    path.write_text(text)
    return path


def test_a_valid_configuration_is_described(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, f'[http]\nwrite_keys = {{ wk-hidden-1 = ["shop"] }}\n{SHOP}')
    result = invoke("forward", "--check", path)
    assert result.exit_code == 0
    assert "is valid. Events arrive at http://127.0.0.1:8080." in result.stdout
    assert [cell for cell in result.stdout.split() if cell in ("shop", "yes", "4", "1")] == ["shop", "yes", "4", "1"]
    assert "wk-hidden" not in result.output
    assert sorted(one.name for one in tmp_path.iterdir()) == ["forward.toml", "settings.toml"]


def test_a_valid_configuration_as_json(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, SHOP)
    shown = json.loads(invoke("forward", "--check", path, "--json").stdout)
    assert shown["ok"] is True
    (found,) = shown["destinations"]
    assert (found["name"], found["enabled"], found["writeKeys"]) == ("shop", True, None)
    assert found["subscriptions"] == ["Track Calls", "Page Calls", "Screen Calls", "Exposures (Verbatim)"]
    assert shown["admin"] is None


def test_settings_in_the_configuration_may_name_a_variable_and_a_file(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "name.txt").write_text("test\n")
    settings = (
        '[destinations.settings]\ncollectorEndpoint = "https://demo.absmartly.io/v1"\n'
        'apiKey = { env = "ABSMARTLY_API_KEY" }\nenvironment = { file = "name.txt" }\n'
    )
    path = write(tmp_path, SHOP.replace('settings = "settings.toml"\n', "") + settings)
    assert invoke("forward", "--check", path).exit_code == 0
    path.write_text(path.read_text().replace("name.txt", "none.txt"))
    result = invoke("forward", "--check", path)
    assert result.exit_code == 2
    assert f"destinations.shop: the setting environment names the file {tmp_path / 'none.txt'}" in result.stderr


def test_mappings_in_every_form_count_from_the_folder_of_the_configuration(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mappings[1]").mkdir()
    one = {"name": "One", "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": {}}
    (tmp_path / "mappings[1]" / "one.json").write_text(json.dumps([one]))
    folder = tmp_path / "mappings[1]"
    (folder / "two.tf").write_text(
        'resource "segment_destination_subscription" "two" {\n  name = "Two"\n  enabled = true\n'
        '  action_id = "iLgPGgELNm5SgSVaqztJeJ"\n  trigger = "type = \\"page\\""\n  settings = jsonencode({})\n}\n'
    )
    text = SHOP + 'mappings = ["*.json", "two.tf", "destination.presets.absmartly:ABSMARTLY_PRESETS"]\n'
    text += 'action_ids = { iLgPGgELNm5SgSVaqztJeJ = "trackGoal" }\n'
    import destination.presets.absmartly as presets

    name = next(name for name in dir(presets) if isinstance(getattr(presets, name), (list, tuple)))
    path = write(folder, text.replace("ABSMARTLY_PRESETS", name))
    monkeypatch.chdir(tmp_path)
    shown = json.loads(invoke("forward", "--check", path.relative_to(tmp_path), "--json").stdout)
    assert shown["destinations"][0]["subscriptions"][:2] == ["One", "Two"]
    assert len(shown["destinations"][0]["subscriptions"]) > 2


def test_the_mistakes_of_all_destinations_are_listed(invoke: Invoke, tmp_path: Path) -> None:
    bad = [{"name": "Bad", "subscribe": 'type = "track"', "partnerAction": "trackGaol", "mapping": {}}]
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    text = (
        SHOP
        + '[[destinations]]\nname = "b"\nslug = "actions-absmartli"\n'
        + SHOP.replace('"shop"', '"c"').replace("dead.ndjson", "c.ndjson")
        + 'mappings = "bad.json"\n'
        + '[[destinations]]\nname = "d"\nslug = "actions-absmartly"\n'
        + '[[destinations]]\nname = "e"\nslug = "actions-absmartly"\nenabled = false\nsettings = { apikey = "k" }\n'
    )
    path = write(tmp_path, text)
    result = invoke("forward", "--check", path)
    assert result.exit_code == 2
    lines = [line.removeprefix(f"destination: {path}:") for line in result.stderr.splitlines()]
    places = ["9: destinations.b", "16: destinations.c", "17: destinations.d", "24: destinations.e"]
    assert [line.split(": ")[:2] for line in lines] == [place.split(": ") for place in places]
    assert "did you mean 'actions-absmartly'?" in lines[0]
    assert "bad.json" in lines[1]
    assert "has no settings: name a file, or add [destinations.settings] with: collectorEndpoint = " in lines[2]
    assert "did you mean apiKey?" in lines[3]
    written = text.splitlines()
    named = [written[int(line.partition(":")[0]) - 1] for line in lines]
    assert named == [
        'slug = "actions-absmartli"',
        'mappings = "bad.json"',
        "[[destinations]]",
        'settings = { apikey = "k" }',
    ]
    as_json = invoke("forward", "--check", path, "--json")
    assert as_json.exit_code == 2
    assert len(json.loads(as_json.stdout)["errors"]) == 4


def test_a_mistake_of_the_configuration_is_one_line(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, f"[quue]\n{SHOP}")
    result = invoke("forward", "--check", path)
    assert result.exit_code == 2
    assert result.stderr == f"destination: {path}:1: the configuration has no key 'quue'; did you mean queue?\n"
    assert invoke("forward", path).stderr == result.stderr


def test_a_file_that_cannot_be_written_is_named(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, SHOP)
    (tmp_path / "dead.ndjson").symlink_to("/proc/nothing")
    result = invoke("forward", "--check", path)
    assert result.exit_code == 2
    assert "destinations.shop.dead_letters" in result.stderr
    assert "cannot be written" in result.stderr


def test_an_address_of_another_machine_is_named_and_a_port_in_use_is_not(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, f'[http]\nlisten = "203.0.113.7:8080"\nwrite_keys = ["k"]\n{SHOP}')
    result = invoke("forward", "--check", path)
    assert result.exit_code == 2
    assert f"{path}:2: http.listen: cannot listen at 203.0.113.7:8080" in result.stderr
    with open_socket("127.0.0.1", 0) as taken:
        write(tmp_path, f'[http]\nlisten = "127.0.0.1:{taken.getsockname()[1]}"\n{SHOP}')
        assert invoke("forward", "--check", path).exit_code == 0


def test_mistakes_of_files_and_of_destinations_are_listed_together(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, f'{SHOP}mappings = "none.json"\n')
    (tmp_path / "dead.ndjson").symlink_to("/proc/nothing")
    first, second = invoke("forward", "--check", path).stderr.splitlines()
    assert first.startswith(f"destination: {path}:6: destinations.shop.dead_letters")
    assert second.startswith(f"destination: {path}:7: destinations.shop: ")


def test_a_certificate_that_cannot_be_used_is_named(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    path = write(tmp_path, f'{SHOP}ca_file = "ca.pem"\n')
    result = invoke("forward", "--check", path)
    assert result.exit_code == 2
    assert "destinations.shop: " in result.stderr
    assert "ca.pem" in result.stderr
    assert API_KEY not in result.output


def test_a_demo_needs_a_demo_server_and_no_settings(invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, SHOP.replace('settings = "settings.toml"', "demo = true"))
    assert invoke("forward", "--check", path).exit_code == 0
    path.write_text(path.read_text().replace("actions-absmartly", "absmartly-classic"))
    assert "there is no demo server for absmartly-classic" in invoke("forward", "--check", path).stderr
    path.write_text(f"{SHOP}demo = true\n")
    assert "destinations.shop: demo does not go with settings" in invoke("forward", "--check", path).stderr
