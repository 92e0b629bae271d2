"""`destination coverage`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Invoke, track

MAPPINGS = [
    {
        "name": "Orders",
        "subscribe": 'type = "track" and event = "Order Completed"',
        "partnerAction": "trackGoal",
        "mapping": {"name": {"@template": "{{ event }} {{ properties.plan }}"}, "units": {"u": {"@path": "$.userId"}}},
    },
    {"name": "Off", "enabled": False, "subscribe": 'type = "page"', "partnerAction": "trackGoal", "mapping": {}},
]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.ndjson"
    lines = [track(1), {**track(2), "event": "Order Completed", "properties": {"secret": "s3cr3t"}}]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    path = tmp_path / "mappings.json"
    path.write_text(json.dumps(MAPPINGS), encoding="utf-8")
    return path


def test_it_tells_what_is_reached_and_what_never(invoke: Invoke, events: Path, mappings: Path) -> None:
    result = invoke("coverage", "--events", events, "--mappings", mappings)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "Orders 12 9 75.0 % 1 0" in lines
    assert 'Orders subscribe/0 type = "track" false' in lines
    assert "Orders mapping/name {{ properties.plan }} filled" in lines
    assert "track $.properties.secret 1" in lines
    assert "1 disabled subscriptions were left out." in lines
    assert "75.0 % reached: 9 of 12 points, by 2 events" in lines
    assert "s3cr3t" not in result.output


def test_the_source_is_shown_with_its_marks(invoke: Invoke, events: Path, mappings: Path) -> None:
    result = invoke("coverage", "--events", events, "--mappings", mappings, "--source")
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert '! type = "track" true 2, false never' in lines
    assert '"units": {"u": {"@path": "$.userId"}}' not in lines
    assert any(line.startswith('! "u": {"@path": "$.userId"} value 1, nothing never') for line in lines)


def test_json_has_every_point_with_its_count(invoke: Invoke, events: Path, mappings: Path) -> None:
    found: dict[str, Any] = json.loads(invoke("coverage", "--events", events, "--mappings", mappings, "--json").stdout)
    assert (found["percent"], found["points"], found["reached"], found["events"]) == (75.0, 12, 9, 2)
    (orders,) = found["subscriptions"]
    assert orders["at"][0] == {
        "kind": "trigger",
        "place": "subscribe",
        "text": 'type = "track" and event = "Order Completed"',
        "result": "matched",
        "count": 1,
    }
    assert found["neverRead"]["track"]["paths"]["$.properties.secret"] == 1


def test_too_little_is_status_1(invoke: Invoke, events: Path, mappings: Path) -> None:
    given = ("coverage", "--events", events, "--mappings", mappings, "--fail-under")
    assert invoke(*given, 75).exit_code == 0
    result = invoke(*given, 75.1)
    assert result.exit_code == 1
    assert "destination: 75.0 % reached, less than --fail-under 75.1" in result.output


def test_the_page_is_written(invoke: Invoke, events: Path, mappings: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    result = invoke("coverage", "--events", events, "--mappings", mappings, "--html", page)
    assert f"the page is in {page}" in result.output
    html = page.read_text(encoding="utf-8")
    assert 'Mapping coverage: <span id="percent">75.0 %</span>' in html
    assert "s3cr3t" not in html


def test_lines_that_are_no_events_are_told_and_counted(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_text('{"type": "page"}\noops\n' + "[1\n" * 12, encoding="utf-8")
    result = invoke("coverage", "--events", path)
    assert result.exit_code == 1
    assert "line 2: not JSON" in result.output
    assert "… and 3 more lines are not events" in result.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--events", "no.ndjson"), "no.ndjson"),
        (("--events", "{events}", "--html", "{events}"), "are the same file"),
        (("--events", "{events}", "--html", "no/such/page.html"), "cannot be written"),
        (("--events", "{events}", "--mappings", "no.json"), "there is no such mappings file"),
        (("--events", "{events}", "--destination", "no"), "no"),
        (("--events", "{events}", "--mappings", "{folder}/empty.json"), "no subscription is enabled"),
        ((), "--events"),
    ],
)
def test_what_cannot_be_used_is_one_line(invoke: Invoke, events: Path, options: tuple[str, ...], told: str) -> None:
    (events.parent / "empty.json").write_text("[]")
    result = invoke("coverage", *(option.format(events=events, folder=events.parent) for option in options))
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith("destination: ")
    assert told in line
