import gzip
import json
from pathlib import Path

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from tests.cli.conftest import Invoke, goal_names, track, write_events, write_settings

# --- the embedded collector ------------------------------------------------------------------------------


def test_without_settings_an_embedded_collector_takes_the_events(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1), track(2), {"type": "identify"})
    result = invoke("run", file)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    for line in (lines[0], lines[-1]):
        assert "embedded collector" in line
        assert "this machine" in line
    assert "Goal 1" in result.stdout
    assert "userId=u1" in result.stdout
    assert "3 events" in result.stdout
    assert "1 matched nothing" in result.stdout
    assert result.stderr == ""


def test_the_embedded_run_as_json_says_so(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1), {"type": "page", "name": "Home", **_without_type(track(2))})
    result = invoke("run", file, "--json")
    summary = json.loads(result.stdout)
    assert summary["embedded"] is True
    assert (summary["status"], summary["events"], summary["failed"]) == (0, 2, 0)
    assert summary["subscriptions"][0] == {"name": "Track Calls", "matched": 1, "sent": 1, "failed": 0, "deferred": 0}
    assert summary["arrived"]["total"] == 2
    names = {record["event"]["goals"][0]["name"] for record in summary["arrived"]["records"]}
    assert names == {"Goal 1", "Page: Home"}
    first, last = result.stderr.splitlines()
    assert "nothing leaves this machine" in first
    assert "nothing left this machine" in last


def _without_type(event: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in event.items() if key != "type"}


def test_what_arrived_is_shown_in_part_where_it_is_much(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", *map(track, range(60))))
    assert "… and 10 more" in result.stdout


def test_where_nothing_arrived_that_is_said(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", {"type": "identify"}))
    assert result.exit_code == 0
    assert "Nothing arrived at the embedded collector." in result.stdout


def test_moments_beyond_the_calendar_are_shown_as_numbers(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", track(1, timestamp="+275760-01-01T00:00:00Z")))
    assert result.exit_code == 0
    assert "8639977881600000" in result.stdout


def test_events_on_a_pipe_never_go_to_the_embedded_collector(invoke: Invoke) -> None:
    result = invoke("run", "-", stdin=json.dumps(track(1)))
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("destination: missing settings for actions-absmartly")
    for part in ("collectorEndpoint", "apiKey", "environment", "--settings", 'apiKey = { env = "ABSMARTLY_API_KEY" }'):
        assert part in line


def test_a_pipe_by_another_name_is_a_pipe(invoke: Invoke) -> None:
    result = invoke("run", "/dev/null")
    assert result.exit_code == 2
    assert "missing settings" in result.stderr


# --- sending ---------------------------------------------------------------------------------------------


def test_events_go_to_the_collector_of_the_settings(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    result = invoke("run", write_events(tmp_path / "events", track(1), track(2)), "-s", settings)
    assert result.exit_code == 0
    assert goal_names(collector) == ["Goal 1", "Goal 2"]
    assert "embedded" not in result.output


@pytest.mark.parametrize("form", ["lines", "array", "gzip", "bom"])
def test_standard_input_takes_every_form(
    invoke: Invoke, settings: Path, collector: EmbeddedCollector, form: str
) -> None:
    events = [track(1), track(2)]
    raw = json.dumps(events, indent=1).encode()
    if form != "array":
        raw = "\n".join(map(json.dumps, events)).encode()
    if form == "gzip":
        raw = gzip.compress(raw)
    if form == "bom":
        raw = b"\xef\xbb\xbf" + raw
    result = invoke("run", "-", "--settings", settings, "--json", stdin=raw)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["input"] == "standard input"
    assert goal_names(collector) == ["Goal 1", "Goal 2"]


def test_mappings_take_the_place_of_the_presets(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    mapping = {"name": "fixed", "units": {"userId": {"@path": "$.userId"}}, "properties": {"@literal": {}}}
    mappings = tmp_path / "mappings.json"
    mappings.write_text(
        json.dumps(
            {
                "data": {
                    "subscriptions": [
                        {"name": "Mine", "trigger": 'type = "track"', "actionSlug": "trackGoal", "settings": mapping}
                    ]
                }
            }
        )
    )
    result = invoke("run", write_events(tmp_path / "events", track(1)), "-s", settings, "-m", mappings, "--json")
    assert json.loads(result.stdout)["subscriptions"] == [
        {"name": "Mine", "matched": 1, "sent": 1, "failed": 0, "deferred": 0}
    ]
    assert goal_names(collector) == ["fixed"]


def test_an_empty_input_is_delivered(invoke: Invoke, tmp_path: Path, settings: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events"), "-s", settings)
    assert result.exit_code == 0
    assert "0 events" in result.stdout


def test_concurrency_of_one_keeps_the_order(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    invoke("run", write_events(tmp_path / "events", *map(track, range(9))), "-s", settings, "--concurrency", "1")
    assert [item["event"]["goals"][0]["name"] for item in collector.received] == [f"Goal {n}" for n in range(9)]


# --- failures --------------------------------------------------------------------------------------------


def test_what_fails_is_told_and_the_rest_is_sent(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    file = write_events(tmp_path / "events", track(1), track(2, timestamp="soon"), b"nope", b"[]", track(3))
    result = invoke("run", file, "-s", settings)
    assert result.exit_code == 1
    assert goal_names(collector) == ["Goal 1", "Goal 3"]
    first, second = result.stderr.splitlines()
    assert first.startswith("destination: line 3: not JSON: ")
    assert second == "destination: line 4: an event is a JSON object, but this is an array"
    assert "Field `timestamp` of the event cannot be read as a date" in result.stdout
    assert "2 lines of the input were not events." in result.stdout
    assert "give --errors FILE" in result.stdout


def test_lines_that_are_no_events_are_named_up_to_a_point(invoke: Invoke, tmp_path: Path, settings: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", *[b"nope"] * 30), "-s", settings)
    assert len(result.stderr.splitlines()) == 21
    assert "further lines that are not events are only counted" in result.stderr
    assert "30 lines of the input were not events." in result.stdout


def test_the_errors_file_run_again_sends_only_what_failed(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    twice = [
        {"name": name, "subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": _mapping(name, good)}
        for name, good in (("Good", True), ("Bad", False))
    ]
    mappings, failed, again = tmp_path / "mappings.json", tmp_path / "failed", tmp_path / "again"
    mappings.write_text(json.dumps(twice))
    file = write_events(tmp_path / "events", track(1), b"nope", track(2))
    result = invoke("run", file, "-s", settings, "-m", mappings, "--errors", failed)
    assert result.exit_code == 1
    assert f"3 failed events in {failed}; to try again: run {failed}" in result.stdout
    assert goal_names(collector) == ["Good", "Good"]
    collector.received.clear()
    twice[1]["mapping"] = _mapping("Bad", True)
    mappings.write_text(json.dumps(twice))
    result = invoke("run", failed, "-s", settings, "-m", mappings, "--errors", again, "--json")
    assert result.exit_code == 1
    assert goal_names(collector) == ["Bad", "Bad"]
    (left,) = again.read_text().splitlines()
    assert json.loads(left)["raw"] == "nope"
    assert json.loads(result.stdout)["errors"] == str(again)


def _mapping(name: str, good: bool) -> dict[str, object]:
    properties = {"@path": "$.properties"} if good else {"@path": "$.missing"}
    return {"name": name, "units": {"userId": {"@path": "$.userId"}}, "properties": properties}


def test_the_errors_file_must_not_be_the_input(invoke: Invoke, tmp_path: Path, settings: Path) -> None:
    file = write_events(tmp_path / "events", track(1))
    before = file.read_bytes()
    result = invoke("run", file, "-s", settings, "--errors", tmp_path / "." / "events")
    assert result.exit_code == 2
    assert "are the same file" in result.stderr
    assert file.read_bytes() == before


def test_an_errors_file_that_cannot_be_written_stops_before_anything_is_sent(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    file = write_events(tmp_path / "events", track(1))
    result = invoke("run", file, "-s", settings, "--errors", tmp_path / "no" / "folder")
    assert result.exit_code == 2
    assert "cannot be written: no such file or directory" in result.stderr
    assert collector.received == []


def test_a_collector_that_cannot_be_reached_is_named(invoke: Invoke, tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "settings.toml", "http://127.0.0.1:9/v1")
    file = write_events(tmp_path / "events", track(1))
    failed = tmp_path / "failed"
    result = invoke("run", file, "-s", settings, "--errors", failed, "--retry-for", "0", "--no-ledger")
    assert result.exit_code == 1
    assert "http://127.0.0.1:9/v1/context" in result.stderr
    assert "collectorEndpoint" in result.stderr
    (letter,) = failed.read_text().splitlines()
    (failure,) = json.loads(letter)["failures"]
    assert (failure["retryable"], failure["deferred"]) == (True, True)


def test_wrong_credentials_are_named(
    invoke: Invoke, tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABSMARTLY_API_KEY", "wrong-key-1234")
    failed = tmp_path / "failed"
    result = invoke("run", write_events(tmp_path / "events", track(1)), "-s", settings, "--errors", failed)
    assert result.exit_code == 1
    assert "401 Unauthorized" in result.stdout
    assert "wrong-key-1234" not in result.output + failed.read_text()


def test_an_array_that_is_cut_off_is_told_and_counts_as_failed(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    file = tmp_path / "events"
    file.write_text(json.dumps([track(1), track(2)])[:-9])
    result = invoke("run", file, "-s", settings)
    assert result.exit_code == 1
    assert "the JSON array is not closed after item 1" in result.stderr
    assert "read up to item 1" in result.stderr
    assert goal_names(collector) == ["Goal 1"]


def test_control_characters_of_an_event_do_not_reach_the_terminal(
    invoke: Invoke, tmp_path: Path, settings: Path
) -> None:
    result = invoke("run", write_events(tmp_path / "events", track(1, timestamp="\x1b[31m")), "-s", settings)
    assert "\x1b" not in result.output


def test_mappings_that_cannot_be_read_are_named(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("destination.definition.given.files.read_whole", refuse)
    result = invoke("run", write_events(tmp_path / "events", track(1)), "-m", "mappings.json")
    assert result.exit_code == 2
    assert "mappings.json: cannot be read: Permission denied" in result.stderr


# --- before anything is sent -----------------------------------------------------------------------------


def test_mappings_with_problems_are_refused_one_line_each(
    invoke: Invoke, tmp_path: Path, settings: Path, collector: EmbeddedCollector
) -> None:
    mappings = tmp_path / "mappings.json"
    mappings.write_text(
        json.dumps(
            [
                {"name": "A", "subscribe": "nonsense", "partnerAction": "trackGoal", "mapping": _mapping("A", True)},
                {"name": "B", "subscribe": 'type = "track"', "partnerAction": "nope", "mapping": {}},
                {
                    "name": "C",
                    "subscribe": 'type = "track"',
                    "partnerAction": "trackGoal",
                    "mapping": {**_mapping("C", True), "agent": {"@path": 5}},
                },
            ]
        )
    )
    file = write_events(tmp_path / "events", track(1))
    result = invoke("run", file, "-s", settings, "-m", mappings)
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert [line.partition(str(mappings))[0] for line in lines] == ["destination: "] * 3
    assert "A: subscribe: " in lines[0]
    assert "B: partnerAction: there is no action 'nope'" in lines[1]
    assert "C: mapping/agent/@path: " in lines[2]
    assert collector.received == []
    dry = invoke("run", file, "-m", mappings, "--dry-run")
    errors = [item["error"] for item in json.loads(dry.stdout)["subscriptions"]]
    assert "/agent/@path should be a string" in errors[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "missing.ndjson"], "missing.ndjson: there is no such file"),
        (["run", "."], ".: is a folder"),
        (["run"], "Missing argument 'FILE|-'; see destination run --help"),
        (["run", "x", "--nope"], "No such option '--nope'; see destination run --help"),
        (["run", "x", "--concurrency", "0"], "--concurrency"),
        (["nope"], "No such command 'nope'"),
        (["run", "x", "-d", "actions-absmartli"], "there is no destination 'actions-absmartli'; did you mean"),
        (["run", "events", "-s", "missing.toml"], "missing.toml: there is no such settings file"),
        (["run", "events", "-m", "missing.json"], "missing.json: there is no such mappings file"),
        (["run", "events", "-m", "."], ".: is a folder; give a file with subscriptions"),
        (["run", "events", "-m", "events"], "events: is not valid JSON: "),
    ],
)
def test_bad_usage_is_one_line_and_status_2(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_events(tmp_path / "events", track(1), track(2))
    result = invoke(*arguments)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("destination: ")
    assert message in line
    assert result.stdout == ""


def test_mappings_of_another_form_are_named(invoke: Invoke, tmp_path: Path) -> None:
    file, mappings = write_events(tmp_path / "events", track(1)), tmp_path / "mappings.json"
    for content, message in (
        ('{"a": 1}', "expected a JSON list of subscriptions"),
        ("[5]", "subscription 0: a subscription is a JSON object"),
        (json.dumps([{"subscribe": "", "partnerAction": "x"}] * 51), "51 subscriptions are more than the 50"),
    ):
        mappings.write_text(content)
        result = invoke("run", file, "-m", mappings)
        assert result.exit_code == 2
        assert message in result.stderr
