import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from destination.catalog.absmartly.collector import API_KEY
from destination.cli import output
from tests.cli.conftest import Invoke, track


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def mappings(tmp_path: Path, *subscriptions: dict[str, Any]) -> Path:
    given = [{"partnerAction": "trackGoal", "subscribe": 'type = "track"', **item} for item in subscriptions]
    return write(tmp_path / "mappings.json", given)


WHOLE = {
    "units": {"user": {"@path": "$.userId"}},
    "name": {"@path": "$.event"},
    "properties": {"@path": "$.properties"},
}


def test_an_event_is_explained_subscription_by_subscription(invoke: Invoke) -> None:
    result = invoke("explain", "-", stdin=json.dumps(track(1)))
    assert result.exit_code == 0
    assert result.stdout.startswith("track Goal 1 (messageId m1)\n\nTrack Calls (trackGoal): matches\n  true  and\n")
    assert '\nPage Calls (trackGoal): does not match\n  false type = "page"   it is "track"\n' in result.stdout
    assert "x-api-key: <redacted>" in result.stdout


def test_json_has_the_same_content(invoke: Invoke, settings: Path) -> None:
    result = invoke("explain", "-", "-s", settings, "--json", stdin=json.dumps(track(1)))
    explained = json.loads(result.stdout)
    assert explained["messageId"] == "m1"
    first, second = explained["subscriptions"][:2]
    assert second["trigger"]["changes"] == [{"path": ["type"], "before": "track", "after": "page"}]
    (name,) = [field for field in first["fields"] if field["field"] == "name"]
    assert name["reads"] == [{"path": "$.event", "found": True, "value": "Goal 1"}]
    assert name["places"][0]["locations"][0]["text"] == "body.goals[0].name"
    planned = json.loads(invoke("plan", "-", "-s", settings, "--json", stdin=json.dumps(track(1))).stdout)
    for one, other in zip(explained["subscriptions"], planned["subscriptions"], strict=True):
        assert (one["payload"], one["requests"]) == (other["payload"], other["requests"])


def test_a_subscription_that_fails_is_status_1(invoke: Invoke, tmp_path: Path) -> None:
    file = mappings(tmp_path, {"name": "A", "mapping": {}}, {"name": "B", "mapping": WHOLE})
    result = invoke("explain", "-", "-m", file, stdin=json.dumps(track(1)))
    assert result.exit_code == 1
    assert "The root value is missing the required field 'name'." in result.stdout
    assert invoke("explain", "-", "-m", file, "-n", "B", stdin=json.dumps(track(1))).exit_code == 0


def test_a_name_that_no_subscription_has_is_told(invoke: Invoke, tmp_path: Path) -> None:
    file = mappings(tmp_path, {"name": "A", "mapping": {}}, {"name": "B", "mapping": WHOLE})
    result = invoke("explain", "-", "-m", file, "--subscription", "C", stdin=json.dumps(track(1)))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "destination: there is no subscription 'C'; there are: 'A', 'B'"


def test_a_secret_in_a_name_does_not_show_where_names_are_listed(
    invoke: Invoke, settings: Path, tmp_path: Path
) -> None:
    file = mappings(tmp_path, {"name": f"of {API_KEY}", "mapping": {}})
    result = invoke("explain", "-", "-m", file, "-s", settings, "-n", "C", stdin=json.dumps(track(1)))
    assert result.stderr == "destination: there is no subscription 'C'; there are: 'of <redacted>'\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [("[]", "standard input: holds no event"), ("5", "standard input: an event is a JSON object")],
)
def test_what_is_not_one_event_is_named(invoke: Invoke, content: str, message: str) -> None:
    result = invoke("explain", "-", stdin=content)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"destination: {message}")


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_secret_in_an_event_does_not_show(invoke: Invoke, settings: Path, tmp_path: Path, option: list[str]) -> None:
    event = track(1, userId=API_KEY, properties={"k": [API_KEY], API_KEY: 1}, event=f"{'x' * 50}{API_KEY}")
    mapping = {**WHOLE, "application": {"@path": "$.properties"}, "agent": {"@template": "{{userId}}"}}
    file = mappings(tmp_path, {"name": "A", "mapping": mapping}, {"name": "B", "subscribe": f'event = "{API_KEY}"'})
    result = invoke("explain", "-", "-s", settings, "-m", file, *option, stdin=json.dumps(event))
    assert "<redacted>" in result.stdout
    assert not any(API_KEY[:length] in result.stdout for length in range(8, len(API_KEY) + 1))


def test_what_would_steer_a_terminal_is_written_out(invoke: Invoke) -> None:
    result = invoke("explain", "-", stdin=json.dumps(track(1, event="\x9b31m\x1b[31mred")))
    assert "\x1b" not in result.stdout
    assert "\x9b" not in result.stdout


def test_long_lines_of_a_request_stay_whole_and_long_values_are_cut(invoke: Invoke) -> None:
    result = invoke("explain", "-", stdin=json.dumps(track(1, event="x" * 300)))
    assert f'"name": "{"x" * 300}",' in result.stdout
    assert f'"{"x" * 58}…' in result.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_payload_that_nests_deeply_is_explained_or_refused(invoke: Invoke, option: list[str]) -> None:
    nested = '{"a":' * 1_000 + "1" + "}" * 1_000
    event = json.dumps(track(1, properties="HERE")).replace('"HERE"', nested)
    assert invoke("explain", "-", *option, stdin=event).exit_code in (0, 1, 2)


def test_colours_come_on_a_terminal_only(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in invoke("explain", "-", stdin=json.dumps(track(1))).stdout

    def terminal(stream: Any) -> Console:
        return Console(file=stream, width=100, force_terminal=True, color_system="standard", highlight=False)

    monkeypatch.setattr(output, "console", terminal)
    coloured = invoke("explain", "-", stdin=json.dumps(track(1))).stdout
    assert "\x1b[1;32mmatches\x1b[0m" in coloured


def test_nothing_is_cut_off_where_there_is_little_room(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "console", lambda stream: Console(file=stream, width=40, highlight=False))
    narrow = invoke("explain", "-", stdin=json.dumps(track(1))).stdout
    assert "…" not in narrow
    assert "$.properties→body.goals[0].properties" in "".join(narrow.split())
