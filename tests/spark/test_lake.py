"""The answers of `plan`, `explain`, `diff` and `coverage` are those of the commands, and columns become events."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.spark.conftest import ROOT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.thorough

SLUG = "actions-absmartly"
GOALS = {
    "name": "Goals",
    "subscribe": 'type = "track"',
    "partnerAction": "trackGoal",
    "mapping": {
        "name": {"@path": "$.event"},
        "units": {"userId": {"@path": "$.userId"}},
        "properties": {"@path": "$.properties"},
    },
}
MORE = [
    {"type": "track", "messageId": "no-name", "userId": "u", "properties": "not an object"},
    {"type": "track", "event": "Out", "messageId": "out", "userId": "u", "integrations": {"All": False}},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = (ROOT / "examples/events.ndjson").read_text().splitlines()
    text = "\n".join([*lines, *map(json.dumps, MORE), "oops"])
    (tmp_path / "events.ndjson").write_text(text + "\n")
    changed = {**GOALS, "mapping": {**GOALS["mapping"], "name": {"@template": "Goal {{event}}"}}}  # type: ignore[dict-item]
    (tmp_path / "old.json").write_text(json.dumps([GOALS]))
    (tmp_path / "new.json").write_text(json.dumps([changed, {**GOALS, "name": "All", "subscribe": 'type != "page"'}]))
    return tmp_path


@pytest.fixture
def events(spark: "SparkSession", folder: Path) -> "DataFrame":
    return spark.read.text(str(folder / "events.ndjson")).repartition(2)


def command(folder: Path, *arguments: str) -> list[Any]:
    """The JSON lines that a command prints."""
    line = [sys.executable, "-m", "destination", *arguments]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    try:
        return [json.loads(line) for line in done.stdout.splitlines()]
    except ValueError:
        return [json.loads(done.stdout)]


def test_plan_has_the_answers_of_a_dry_run(events: "DataFrame", folder: Path) -> None:
    from pyspark_destination import plan

    expected = set()
    for line in command(folder, "run", "events.ndjson", "--dry-run", "-m", "new.json"):
        for item in line["subscriptions"]:
            shown = (item["payload"], item["requests"], item["error"])
            opted_out = line.get("optedOut", False)
            expected.add(
                (line["messageId"], item["name"], item["matched"], opted_out, json.dumps(shown, sort_keys=True))
            )
        if not line["subscriptions"]:
            expected.add((None, None, False, False, line["error"]))
    found = set()
    for row in plan(events, destination=SLUG, mappings=str(folder / "new.json")).collect():
        if row.subscription is None:
            found.add((None, None, False, False, row.error))
            continue
        shown = (json.loads(row.payload or "null"), json.loads(row.requests), row.error)
        found.add((row.messageId, row.subscription, row.matched, row.optedOut, json.dumps(shown, sort_keys=True)))
    assert found == expected


def test_plan_names_the_field_that_is_not_valid(events: "DataFrame", folder: Path) -> None:
    from pyspark_destination import plan

    rows = plan(events, destination=SLUG, mappings=str(folder / "old.json")).where("error is not null").collect()
    assert {(row.messageId, row.field) for row in rows if row.subscription} == {("no-name", "/name")}


def test_explain_has_the_answers_of_the_command(events: "DataFrame", folder: Path) -> None:
    from pyspark_destination import explain

    one = events.where("value like '%\"no-name\"%' or value = 'oops'")
    rows = explain(one, destination=SLUG, mappings=str(folder / "old.json")).collect()
    (expected,) = command(folder, "explain", "events.ndjson", "--message-id", "no-name", "-m", "old.json", "--json")
    (found,) = (json.loads(row.explanation) for row in rows if row.state != "unreadable")
    assert [found] == expected["subscriptions"]
    assert sorted(row.state for row in rows) == ["fails", "unreadable"]


def test_diff_has_the_answers_of_the_command(events: "DataFrame", folder: Path) -> None:
    from pyspark_destination import diff

    (report,) = command(folder, "diff", "old.json", "new.json", "--events", "events.ndjson", "--json")
    expected = {
        (item["name"], group["kind"], group.get("place", group.get("error", "")), group["events"])
        for item in report["subscriptions"]
        for group in item["groups"]
    }
    changes = diff(events, str(folder / "old.json"), str(folder / "new.json"), destination=SLUG)
    counted = changes.where("subscription is not null").groupBy("subscription", "kind", "detail").count().collect()
    assert {tuple(row) for row in counted} == expected
    assert changes.where("subscription is not null").select("row").distinct().count() == report["changed"]
    assert changes.where("kind = 'unreadable'").count() == report["unreadable"] == 1


def test_coverage_has_the_answers_of_the_command(events: "DataFrame", folder: Path) -> None:
    from pyspark_destination import coverage

    (report,) = command(folder, "coverage", "--events", "events.ndjson", "-m", "new.json", "--json")
    rows = coverage(events, destination=SLUG, mappings=str(folder / "new.json")).collect()
    points = {(row.number, row.path, row.text, row.result): row["count"] for row in rows if row.what == "point"}
    assert points == {
        (number, point["place"], point["text"], point["result"]): point["count"]
        for number, item in enumerate(report["subscriptions"])
        for point in item["at"]
    }
    unread = {(row.name, row.path): row["count"] for row in rows if row.what == "path" and not row.read}
    assert unread == {
        (kind, path): count for kind, found in report["neverRead"].items() for path, count in found["paths"].items()
    }
    sums = {row.what: row["count"] for row in rows if row.number is None and row.name is None}
    assert sums == {name: report[name] for name in ("events", "optedOut", "unreadable")}


def test_columns_become_events_with_nulls_and_whole_numbers_kept(spark: "SparkSession") -> None:
    from pyspark_destination import events_from_columns

    table = spark.sql(
        """select 'track' as type, cast(null as string) as userId, 9007199254740993L as n, 5.0D as whole, 2.5D as part,
        double('NaN') as nan, named_struct('a', cast(null as int), 'b', array(1.0D, null)) as properties,
        map('k', 1) as traits, timestamp '2026-01-01 00:00:00.5 UTC' as at, date '2026-01-02' as day"""
    )
    with pytest.warns(UserWarning, match="cannot keep: NaN and infinity in nan; .*whether a null was absent"):
        found = events_from_columns(table)
    ((text,),) = found.collect()
    assert json.loads(text) == {
        "type": "track", "userId": None, "n": 9007199254740993, "whole": 5, "part": 2.5, "nan": None,
        "properties": {"a": None, "b": [1, None]}, "traits": {"k": 1}, "at": "2026-01-01T00:00:00.500Z",
        "day": "2026-01-02",
    }  # fmt: skip
    assert '"whole":5,' in text
    with pytest.warns(UserWarning, match=r"cannot keep: NaN and infinity in properties\.b\[\]$"):
        found = events_from_columns(table, "type", "userId", "properties", drop_nulls=True)
    ((text,),) = found.collect()
    assert text == '{"type":"track","properties":{"b":[1,null]}}'
