import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.cli.instances import planning_instance
from destination.cli.output import Output
from destination.definition import Authentication
from destination.definition.destination import placeholders
from destination.definition.given.settings import missing_settings, read_settings
from destination.runtime import Destination
from destination.runtime.given import find_destination
from destination.usage_problem import UsageProblem
from tests.cli.conftest import Invoke, track, write_events

RIGHT = 'collectorEndpoint = "http://127.0.0.1:9/v1"\napiKey = "{key}"\nenvironment = "test"\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"apiKey = ", "is not valid TOML: "),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b'apikey = "k"', "actions-absmartly has no setting 'apikey'; did you mean apiKey?"),
        (b'zzz = "k"', "actions-absmartly has no setting 'zzz'; it takes: collectorEndpoint, apiKey, environment"),
        (b"", 'missing or empty: collectorEndpoint, apiKey, environment; add: collectorEndpoint = "https://'),
        (
            b'apiKey = { env = "NOT_SET_1" }',
            "the setting apiKey names the environment variable NOT_SET_1, which is not",
        ),
        (b'apiKey = { env = "EMPTY_1" }', "the setting apiKey names the environment variable EMPTY_1, which is empty"),
        (b'apiKey = { file = "x" }', "the setting apiKey names the file "),
        (b'apiKey = { files = "x" }', 'the setting apiKey takes { env = "NAME" } or { file = "path" }'),
        (b"apiKey = { env = 5 }", "the setting apiKey takes { env"),
        (b"environment = 2026-01-01", "the setting environment is a date or time; write it in quotes"),
    ],
)
def test_a_settings_file_that_cannot_be_used_is_named(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.setenv("EMPTY_1", "")
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    result = invoke("check-auth", "-s", path)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"destination: {path}: ")
    assert message in line


@pytest.mark.parametrize(
    ("name", "message"), [("missing", "no such settings file"), (".", "is a folder"), ("\0", "cannot be read")]
)
def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        read_settings(tmp_path / name, absmartly)


def test_settings_that_are_not_valid_are_named_without_the_key(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('collectorEndpoint = "no url"\napiKey = "top-secret-key"\nenvironment = ["a", "b"]\n')
    result = invoke("check-auth", "-s", path)
    assert result.exit_code == 2
    assert [line.startswith(f"destination: {path}: ") for line in result.stderr.splitlines()] == [True, True]
    assert "Collector Endpoint must be a valid" in result.stderr
    assert "top-secret-key" not in result.output


def test_a_value_may_be_in_a_file_beside_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(RIGHT.replace('"{key}"', '{ file = "key.txt" }'))
    (tmp_path / "key.txt").write_text("k1\n")
    assert read_settings(path, absmartly)["apiKey"] == "k1"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbf" + RIGHT.format(key="k").encode())
    assert read_settings(path, absmartly)["environment"] == "test"


def test_a_key_in_the_file_never_shows(invoke: Invoke, tmp_path: Path, collector: EmbeddedCollector) -> None:
    key = "wrong-but-secret"
    path, failed = tmp_path / "settings.toml", tmp_path / "failed"
    path.write_text(RIGHT.format(key=key).replace("http://127.0.0.1:9/v1", collector.endpoint))
    mappings = tmp_path / "mappings.json"
    mappings.write_text(json.dumps([{"name": key, "subscribe": key, "partnerAction": key, "mapping": {key: 1}}]))
    file = write_events(tmp_path / "events", track(1))
    for arguments in (
        ["run", file, "-s", path],
        ["run", file, "-s", path, "--json", "--errors", failed],
        ["run", file, "-s", path, "--dry-run"],
        ["run", file, "-s", path, "-m", mappings],
        ["run", file, "-s", path, "-m", mappings, "--dry-run"],
        ["plan", file, "-s", path],
        ["plan", file, "-s", path, "--json"],
        ["check-auth", "-s", path],
        ["check-auth", "-s", path, "--json"],
    ):
        assert key not in invoke(*arguments).output
    assert key not in failed.read_text()


# --- other destinations ----------------------------------------------------------------------------------

EVERY_KIND: dict[str, Any] = {
    "apiToken": {"label": "Token", "description": "", "type": "password", "required": True},
    "size": {"label": "Size", "description": "", "type": "number", "required": True, "minimum": 3},
    "on": {"label": "On", "description": "", "type": "boolean", "required": True},
    "region": {
        "label": "Region",
        "description": "",
        "type": "string",
        "required": True,
        "choices": [{"label": "EU", "value": "eu"}],
    },
    "kind": {"label": "Kind", "description": "", "type": "string", "required": True, "default": "plain"},
    "note": {"label": "Note", "description": "", "type": "string"},
}


def _other(**options: Any) -> Destination[Any]:
    return Destination(name="Other", slug="actions-other-one", actions={}, **options)


def test_placeholders_pass_the_validation_of_any_settings() -> None:
    other = _other(authentication=Authentication(fields=EVERY_KIND))
    assert placeholders(other) == {"apiToken": "<apiToken>", "size": 3, "on": False, "region": "eu"}
    assert other.instance({**placeholders(other), "kind": "plain"}).problems == ()


def test_what_is_missing_is_proposed_by_its_kind() -> None:
    (line,) = missing_settings(_other(authentication=Authentication(fields=EVERY_KIND)), "").lines
    assert 'apiToken = { env = "OTHER_ONE_API_TOKEN" }; size = 0; on = false; region = "…"' in line


def test_a_destination_without_settings_needs_none(monkeypatch: pytest.MonkeyPatch, invoke: Invoke) -> None:
    monkeypatch.setattr("destination.runtime.given.find", lambda _slug: _other())
    assert planning_instance("actions-other-one", None, None, Output()).subscriptions == ()
    result = invoke("check-auth", "-d", "actions-other-one")
    assert result.exit_code == 0
    assert "has no test of its settings" in result.stdout
    result = invoke("run", "-", "-d", "actions-other-one", stdin='{"type": "track"}')
    assert result.exit_code == 0


def test_another_destination_never_gets_the_embedded_collector(
    monkeypatch: pytest.MonkeyPatch, invoke: Invoke, tmp_path: Path
) -> None:
    other = _other(authentication=Authentication(fields=EVERY_KIND))
    monkeypatch.setattr("destination.runtime.given.find", lambda _slug: other)
    result = invoke("run", write_events(tmp_path / "events", track(1)), "-d", "actions-other-one")
    assert result.exit_code == 2
    assert result.stderr.startswith("destination: missing settings for actions-other-one: apiToken, size, on, region")


def test_an_entry_point_that_leads_to_a_bare_definition_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from destination.definition import DestinationDefinition

    bare: Any = DestinationDefinition(name="Bare", slug="bare", actions={})
    monkeypatch.setattr("destination.runtime.given.find", lambda _slug: bare)
    with pytest.raises(UsageProblem, match="cannot make instances"):
        find_destination("bare")
