"""What an explanation looks like where the presets do not lead."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Invoke, track


def explained(invoke: Invoke, tmp_path: Path, event: dict[str, Any], **subscription: Any) -> str:
    file = tmp_path / "mappings.json"
    given = {"name": "A", "partnerAction": "trackGoal", "subscribe": 'type = "track"', "mapping": {}, **subscription}
    file.write_text(json.dumps([given]))
    return str(invoke("explain", "-", "-m", file, stdin=json.dumps(event)).stdout)


@pytest.mark.parametrize(
    ("subscription", "line"),
    [
        ({"subscribe": "type ~ 1"}, "    type ~ 1\n         ^\n"),
        ({"subscribe": 'type = "track" and ()'}, "  it cannot be evaluated: "),
        ({"subscribe": 'userId = "u2" or plan'}, "  note: `plan` means nothing here and is left out; "),
        ({"subscribe": 'type = "a" and type = "b"'}, "  no event makes it true: "),
        ({"subscribe": "properties.n = null"}, "  it would match with: properties.n removed\n"),
        (
            {"subscribe": 'type = "page" and userId != null'},
            '  └─       userId != null   it is "u1"   not evaluated; it would be true\n',
        ),
        ({"subscribe": "properties.x = null or type = null"}, "  ├─ true  properties.x = null   it is absent\n"),
        ({"enabled": False}, "\nA (trackGoal): disabled\n"),
        ({"mapping": {"name": {"@path": 5}}}, "  error in the mapping (mapping/name/@path): /name/@path should be "),
        ({"mapping": {"name": {"@path": 5}}}, "\n    mend the directive: "),
        ({"partnerAction": "nope"}, "  error in the mapping (partnerAction): there is no action 'nope'"),
    ],
)
def test_lines(invoke: Invoke, tmp_path: Path, subscription: dict[str, Any], line: str) -> None:
    assert line in explained(invoke, tmp_path, track(1, properties={"n": 1, "m": 2}), **subscription)


MAPPING = {"units": {"u": {"@path": "$.userId"}}, "name": {"@path": "$.event"}, "properties": {"@path": "$.properties"}}


@pytest.mark.parametrize(
    ("mapping", "lines"),
    [
        ({"name": 5}, ['    name* coerced 5 → "5"', "the mapping → body.goals[0].name"]),
        ({"junk": 1}, ["    junk removed 1 the action has no such field"]),
        ({"units": {"u": True}}, ["    units.u fixed true", "the mapping → nowhere"]),
        ({"agent": "  "}, ['    agent fixed "  "', "the mapping → changes header x-agent"]),
        ({"properties": "five"}, ['properties* failed "five" Goal Properties must be an object but it was a string.']),
    ],
)
def test_fields(invoke: Invoke, tmp_path: Path, mapping: dict[str, Any], lines: list[str]) -> None:
    shown = explained(invoke, tmp_path, track(1), mapping={**MAPPING, **mapping})
    squeezed = [" ".join(line.split()) for line in shown.splitlines()]
    for line in lines:
        assert " ".join(line.split()) in squeezed


def test_an_error_of_perform_is_told(invoke: Invoke, tmp_path: Path) -> None:
    shown = explained(invoke, tmp_path, track(1, timestamp=None), mapping=MAPPING)
    assert "\nA (trackGoal): fails\n" in shown
    assert "  error in perform: Field `timestamp` of the event is missing." in shown


def test_a_value_that_is_taken_apart_has_a_line_for_each_part(invoke: Invoke) -> None:
    exposure = {
        "publishedAt": 1767225500000,
        "units": [{"type": "u", "uid": "1"}],
        "exposures": [{"name": "exp", "exposedAt": 1767225400000, "id": 1}],
        **{f"k{index}": f"v{index}" for index in range(5)},
    }
    shown = str(
        invoke(
            "explain",
            "-",
            "--subscription",
            "Exposures (Verbatim)",
            stdin=json.dumps(track(1, event="Experiment Viewed", properties={"exposure": exposure})),
        ).stdout
    )
    assert "publishedAt → changes body.exposures[0].exposedAt" in shown
    assert "  units → body.units\n" in shown
    assert "… 6 more; see --json" in shown
