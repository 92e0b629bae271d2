"""`destination migrate classic`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Invoke

SETTINGS = {
    "apiKey": "s3cr3t-api-key",
    "unitMapping": {"userId": "user_id"},
    "goalMapping": {"Order Completed": "order"},
    "enablePageViewTracking": True,
}
EVENTS: list[dict[str, Any]] = [
    {"type": "track", "event": "Order Completed", "userId": "u", "timestamp": "2023-01-01", "properties": {}},
    {"type": "track", "event": "Login", "timestamp": "2023-01-01", "properties": {}},
    {"type": "identify", "userId": "u"},
]


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    file = tmp_path / "classic.json"
    file.write_text(json.dumps(SETTINGS))
    return file


@pytest.fixture
def events_file(tmp_path: Path) -> Path:
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    return file


def test_subscriptions_go_to_standard_output_and_the_rest_to_standard_error(
    invoke: Invoke, settings_file: Path
) -> None:
    result = invoke("migrate", "classic", str(settings_file))
    made = json.loads(result.stdout)
    assert [item["name"] for item in made if item["enabled"]] == ["Track Calls", "Page Calls"]
    assert "on   Track Calls:" in result.stderr
    assert "no-units: An event without usable units" in result.stderr
    assert "s3cr3t" not in result.stdout + result.stderr


def test_what_was_written_can_be_run(invoke: Invoke, settings_file: Path, events_file: Path, tmp_path: Path) -> None:
    made = tmp_path / "mappings.json"
    assert invoke("migrate", "classic", str(settings_file), "--output", str(made)).exit_code == 0
    assert invoke("validate", "--mappings", str(made)).exit_code == 0
    sent = invoke("run", str(events_file), "--mappings", str(made), "--dry-run").stdout.splitlines()
    [order] = json.loads(sent[0])["subscriptions"][0]["requests"]
    assert order["body"]["goals"][0]["name"] == "order"


def test_verify_reports_by_entry_of_the_list(invoke: Invoke, settings_file: Path, events_file: Path) -> None:
    result = invoke("migrate", "classic", str(settings_file), "--verify", str(events_file), "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)["verification"]
    assert (found["events"], found["equal"], found["faults"]["events"]) == (3, 1, 0)
    assert {item["code"]: item["events"] for item in found["differences"]} == {"times": 1, "no-units": 1}
    shown = invoke("migrate", "classic", str(settings_file), "--verify", str(events_file)).stderr
    assert "3 events compared: 1 equal, 0 faults" in shown


def test_an_event_that_cannot_be_read_is_told_and_gives_status_1(
    invoke: Invoke, settings_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "broken.ndjson"
    file.write_text('{"type": "identify"}\noops\n')
    result = invoke("migrate", "classic", str(settings_file), "--verify", str(file))
    assert result.exit_code == 1
    assert "line 2: not JSON" in result.stderr


def test_cutover_writes_the_two_filters(invoke: Invoke, settings_file: Path) -> None:
    result = invoke(
        "migrate", "classic", str(settings_file), "--json", "--cutover", "2026-01-31T12:00:00Z",
        "--source-id", "s", "--classic-id", "c", "--actions-id", "a",
    )  # fmt: skip
    ends, begins = json.loads(result.stdout)["filters"]
    assert (ends["destinationId"], begins["destinationId"]) == ("c", "a")


def test_settings_in_toml_may_name_the_environment(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLASSIC_KEY", "s3cr3t-api-key")
    file = tmp_path / "classic.toml"
    file.write_text('apiKey = { env = "CLASSIC_KEY" }\n[unitMapping]\nuserId = "user_id"\n')
    result = invoke("migrate", "classic", str(file))
    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["mapping"]["units"] == {"user_id": {"@path": "$.userId"}}


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (None, (), "there is no such settings file"),
        ("[]", (), "is not a JSON object"),
        ("{", (), "is not valid JSON"),
        ("{}", (), 'missing or empty: unitMapping; add: unitMapping = { "…" = "…" }'),
        ('{"unitMapping": {}, "goalMap": {}}', (), "has no setting 'goalMap'; did you mean goalMapping?"),
        ('{"unitMapping": "u"}', (), "the setting unitMapping takes a table"),
        ('{"unitMapping": {"a.b": "u"}}', (), "no path of Segment's can read an identity with this name"),
        ('{"unitMapping": {"a": "u"}}', ("--naming", "odd"), "--naming: 'odd' is not a naming"),
        ('{"unitMapping": {"a": "u"}}', ("--cutover", "soon"), "--cutover: the moment of the cut-over is not a date"),
        ('{"unitMapping": {"a": "u"}}', ("--verify", "nowhere.ndjson"), "nowhere.ndjson"),
        ('{"unitMapping": {"a": "u"}}', ("--output", "/nowhere/m.json"), "cannot be written"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_2(
    invoke: Invoke, tmp_path: Path, content: str | None, options: tuple[str, ...], told: str
) -> None:
    file = tmp_path / "classic.json"
    if content is not None:
        file.write_text(content)
    result = invoke("migrate", "classic", str(file), *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_is_written_where_the_events_to_verify_with_are_not_there(
    invoke: Invoke, settings_file: Path, tmp_path: Path
) -> None:
    written = tmp_path / "mappings.json"
    assert invoke("migrate", "classic", settings_file, "--output", written, "--verify", "nowhere").exit_code == 2
    assert not written.exists()


def test_what_is_read_is_not_replaced(invoke: Invoke, settings_file: Path, events_file: Path) -> None:
    for option, read in (("SETTINGS", settings_file), ("--verify", events_file)):
        before = read.read_text()
        result = invoke("migrate", "classic", settings_file, "--output", read, "--verify", events_file)
        assert result.exit_code == 2
        same = f"{option} {read} and --output {read} are the same file"
        assert result.stderr == f"destination: {same}: give one of them another name\n"
        assert read.read_text() == before
