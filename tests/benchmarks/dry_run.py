"""The rows of `destination run --dry-run`: CPU time an event, start-up reported apart.

`python -m tests.benchmarks.dry_run` runs them alone. What an event takes is the difference between 20,000 and 2,000
events, divided by 18,000. The processes take turns, and the minimum of the rounds counts. `jq` is left out where it is
not installed.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from destination.catalog.absmartly import absmartly
from destination.values import read_json, write_json
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import on_one_core
from tests.benchmarks.processes import spent_by
from tests.benchmarks.rows import Row, text_table

GROUP = "`destination run --dry-run`"
FEW, MANY = 2_000, 20_000
ROUNDS = 7

SETTINGS = {
    "collectorEndpoint": "https://demo.absmartly.io/v1",
    "apiKey": "7Qf0cJx2VbTn5sWgLr8KdYh3",
    "environment": "production",
}

_JQ = """
select(.type == "track" and .event != "Experiment Viewed")
| (.timestamp | capture("^(?<s>[^.]*)[.](?<ms>[0-9]*)Z$")
   | ((.s + "Z" | fromdateiso8601) * 1000 + (.ms | tonumber))) as $at
| {messageId, method: "PUT", url: "https://demo.absmartly.io/v1/context",
   headers: {"x-agent": (.context.library.name // "segment"), "x-environment": "production"},
   body: {historic: true, publishedAt: $at,
          units: [{type: "anonymousId", uid: .anonymousId},
                  (select(.userId) | {type: "userId", uid: .userId})],
          goals: [{name: .event, achievedAt: $at, properties}]}}
"""
"""A goal written by hand: the units, the name, the time and the properties, as the preset makes them."""


def dry_run_rows() -> Iterator[Row]:
    """The rows of the group."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _rows(Path(folder))


def _rows(folder: Path) -> Iterator[Row]:
    events = make_events(MANY)
    files = {count: folder / f"{count}.ndjson" for count in (FEW, MANY)}
    for count, file in files.items():
        file.write_bytes(b"".join(write_json(event) + b"\n" for event in events[:count]))
    settings = folder / "settings.toml"
    settings.write_text("".join(f'{key} = "{value}"\n' for key, value in SETTINGS.items()), encoding="utf-8")
    command = str(Path(sys.executable).with_name("destination"))
    sides: dict[str, Sequence[str]] = {
        "dry run": (command, "run", "--dry-run", "--settings", str(settings)),
        "dry run without settings": (command, "run", "--dry-run"),
        "plan": (sys.executable, "-m", "tests.benchmarks.dry_run", "plan"),
    }
    jq = shutil.which("jq")
    if jq is not None:
        sides["jq"] = (jq, "-c", _JQ)
    spent = {(name, count): float("inf") for name in sides for count in files}
    for _ in range(ROUNDS):
        for name, arguments in sides.items():
            for count, file in files.items():
                seconds = spent_by(*arguments, str(file))
                spent[name, count] = min(spent[name, count], seconds)
    each = {name: (spent[name, MANY] - spent[name, FEW]) / (MANY - FEW) * 1e6 for name in sides}
    start = {name: spent[name, FEW] - FEW * each[name] / 1e6 for name in sides}

    def row(name: str, over: str, title: str, bound: float) -> Row:
        details = (
            f"{each[name]:.1f} ÷ {each[over]:.1f} µs an event; start-up {start[name]:.2f} and {start[over]:.2f} s of "
            f"CPU time, not counted"
        )
        return Row(GROUP, title, each[name] / each[over], "at most", bound, details)

    reading = "that of `plan` including reading"
    yield row("dry run", "plan", f"an event: time ÷ {reading}", 1.4)
    yield row("dry run without settings", "plan", f"an event, without settings: time ÷ {reading}", 1.4)
    if jq is not None:
        yield row("dry run", "jq", "an event: time ÷ that of jq writing a goal by hand", 1)


def plan_file(file: str) -> None:
    """Reads, parses and plans every event of a file, and shows nothing."""
    plan = absmartly.instance(SETTINGS).plan
    with Path(file).open("rb") as lines:
        for line in lines:
            plan(read_json(line))


def main(arguments: Sequence[str]) -> int:
    """The command; status 0 when every row holds."""
    if arguments:
        _, file = arguments
        plan_file(file)
        return 0
    on_one_core()
    rows = list(dry_run_rows())
    print(text_table(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
