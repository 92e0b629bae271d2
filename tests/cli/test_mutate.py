"""`destination mutate`."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from destination.cli.mutate_trial import _ending_well
from tests.cli.conftest import Invoke

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "Pages",
        "subscribe": 'type = "page"',
        "partnerAction": "trackGoal",
        "mapping": {"units": {"u": {"@path": "$.userId"}}, "name": {"@path": "$.name"}, "properties": {"a": 1}},
    }
]
PAGE = {"type": "page", "userId": "u1", "name": "Home"}
READS = "import json; text = open('mappings.json').read(); "


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mappings.json").write_text(json.dumps(MAPPINGS), encoding="utf-8")
    (tmp_path / "events.ndjson").write_text(json.dumps(PAGE) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_cases(folder: Path, **expect: Any) -> Path:
    path = folder / "pages.cases.json"
    cases = [{"name": "A page", "event": PAGE, "expect": expect}]
    path.write_text(json.dumps({"mappings": "mappings.json", "destination": "actions-absmartly", "cases": cases}))
    return path


def python(source: str) -> list[str]:
    return ["--", sys.executable, "-S", "-c", source]


def test_events_notice_what_they_distinguish(invoke: Invoke, folder: Path) -> None:
    result = invoke("mutate", "--mappings", "mappings.json", "--events", "events.ndjson")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "Pages 11 11 0 0 100.0 %" in lines
    assert lines[-1] == "100.0 % noticed: 11 of 11 changes"


def test_what_is_not_noticed_is_shown_with_its_diff_and_an_event_that_would(invoke: Invoke, folder: Path) -> None:
    (folder / "events.ndjson").write_text('{"type": "track"}\n')
    result = invoke("mutate", "--mappings", "mappings.json", "--events", "events.ndjson", "--fail-under", 50)
    assert result.exit_code == 1
    assert ' Pages: subscribe: type = "page" becomes type = "page_"\n' in result.output
    assert '   -  "subscribe": "type = \\"page\\"",\n   +  "subscribe": "type = \\"page_\\"",\n' in result.output
    assert 'an event that would notice it: {"type":"page"}' in result.output
    assert "9.0 % noticed: 1 of 11 changes" in result.output
    assert "destination: 9.0 % of the changes are noticed, less than --fail-under 50" in result.output


def test_lines_that_are_no_events_are_told_and_fail(invoke: Invoke, folder: Path) -> None:
    (folder / "events.ndjson").write_text(f"{json.dumps(PAGE)}\n[1]\n{{\n", encoding="utf-8")
    result = invoke("mutate", "--mappings", "mappings.json", "--events", "events.ndjson")
    assert result.exit_code == 1
    assert "events.ndjson: 2 lines are not events and were skipped" in result.output


def test_json_has_the_same(invoke: Invoke, folder: Path) -> None:
    (folder / "events.ndjson").write_text('{"type": "track"}\n')
    found = json.loads(invoke("mutate", "-m", "mappings.json", "-e", "events.ndjson", "--json", "--limit", 3).stdout)
    assert (found["tried"], found["notTried"], found["timeouts"], found["equivalent"]) == (3, 8, 0, [])
    assert {"subscription", "place", "change", "diff"} <= set(found["survivors"][0])


def test_cases_notice_what_they_expect(invoke: Invoke, folder: Path) -> None:
    cases = write_cases(folder, matched=["Pages"], subscriptions={"Pages": {"payload": {"name": "Home"}}})
    given = ("mutate", "--mappings", "mappings.json", "--cases", cases)
    result = invoke(*given)
    assert result.exit_code == 0
    assert "Pages: mapping/properties/a: 1 becomes 2" in result.output
    assert "mapping/name: $.name becomes $.name_" not in result.output
    both = invoke(*given, "--events", "events.ndjson")
    assert "100.0 % noticed" in both.output
    assert invoke("mutate", "--cases", cases).output == result.output


def test_cases_that_fail_before_anything_is_changed_are_refused(invoke: Invoke, folder: Path) -> None:
    result = invoke("mutate", "--cases", write_cases(folder, matched=["Others"]))
    assert result.exit_code == 2
    assert "pages.cases.json: line 1: A page: /matched" in result.output
    assert "fails before anything is changed" in result.output


def test_secrets_of_cases_are_masked(invoke: Invoke, folder: Path) -> None:
    mappings = json.dumps(MAPPINGS).replace('{"a": 1}', '{"a": "s3cr3t-k3y"}')
    (folder / "mappings.json").write_text(mappings, encoding="utf-8")
    path = write_cases(folder, matched=["Pages"])
    path.write_text(json.dumps({**json.loads(path.read_text()), "settings": {"apiKey": "s3cr3t-k3y"}}))
    outputs = [
        invoke("mutate", "--cases", path, *more).output for more in ((), ("--json",), ("--events", "events.ndjson"))
    ]
    assert "s3cr3t-k3y" not in "".join(outputs)
    assert 'mapping/properties/a: "<redacted>" becomes "<redacted>_"' in outputs[0]


def test_a_secret_of_cases_in_a_long_value_is_masked_before_that_is_shortened(invoke: Invoke, folder: Path) -> None:
    value = "x" * 45 + "s3cr3t-k3y-0123456789" + "y" * 60
    (folder / "mappings.json").write_text(json.dumps(MAPPINGS).replace('{"a": 1}', json.dumps({"a": value})))
    path = write_cases(folder, matched=["Pages"])
    path.write_text(json.dumps({**json.loads(path.read_text()), "settings": {"apiKey": "s3cr3t-k3y-0123456789"}}))
    for more in ((), ("--json",), ("--events", "events.ndjson")):
        assert "s3cr" not in invoke("mutate", "--cases", path, *more).output


def test_a_command_notices_what_it_asks_for(invoke: Invoke, folder: Path) -> None:
    source = READS + "name = json.loads(text)[0]['mapping']['name']; raise SystemExit(name != {'@path': '$.name'})"
    before = (folder / "mappings.json").read_bytes()
    result = invoke("mutate", "--mappings", "mappings.json", *python(source))
    assert result.exit_code == 0
    assert "27.2 % noticed: 3 of 11 changes" in result.output
    assert (folder / "mappings.json").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["events.ndjson", "mappings.json"]


def test_a_command_that_fails_at_once_is_told_with_its_last_lines(invoke: Invoke, folder: Path) -> None:
    result = invoke("mutate", "--mappings", "mappings.json", *python("print('one line'); raise SystemExit(3)"))
    assert result.exit_code == 2
    assert "fails (status 3) before anything is changed; fix that first. Its output ends with:" in result.output
    assert "destination: one line" in result.output


def test_a_command_that_does_not_read_the_copy_is_told(invoke: Invoke, folder: Path) -> None:
    source = f"open({str(folder / 'mappings.json')!r}).read()"
    result = invoke("mutate", "--mappings", "mappings.json", *python(source))
    assert result.exit_code == 2
    assert "also passes without any subscription: it does not read mappings.json in the copy" in result.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "needs --mappings FILE"),
        (("--events", "events.ndjson", "--", "true"), "but not both"),
        (("--mappings", "no.json"), "there is no such mappings file"),
        (("--events", "no.ndjson"), "no.ndjson"),
        (("--events", "empty.ndjson"), "holds no event"),
        (("--cases", "no.cases.json"), "no.cases.json: cannot be read"),
        (("--mappings", "others.json", "--events", "events.ndjson"), "there is nothing to change"),
        (("--mappings", "../other.json", "--", "true"), "is not in"),
        (("--mappings", "mappings.json", "--", "no-such-command"), "no-such-command: cannot be started"),
        (("--mappings", "others.json", "--cases", "pages.cases.json"), "has other mappings than others.json"),
    ],
)
def test_what_cannot_be_used_is_told(invoke: Invoke, folder: Path, options: tuple[str, ...], told: str) -> None:
    write_cases(folder)
    (folder / "empty.ndjson").write_text("")
    (folder / "others.json").write_text("[]")
    (folder.parent / "other.json").write_bytes((folder / "mappings.json").read_bytes())
    result = invoke("mutate", *options)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_shows_what_was_tried_and_leaves_nothing_behind(folder: Path) -> None:
    temporary = folder / "tmp"
    temporary.mkdir()
    # The first two runs are those before anything is changed.
    source = (
        "import os, signal, pathlib; count = pathlib.Path(os.environ['COUNT']); n = len(count.read_text()); "
        "count.write_text('x' * (n + 1)); n > 3 and os.kill(os.getppid(), signal.SIGINT); "
        "raise SystemExit(open('mappings.json').read() == '[]')"
    )
    count = temporary / "count"
    count.write_text("")
    project = folder / "project"
    project.mkdir()
    (project / "mappings.json").write_bytes((folder / "mappings.json").read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "destination", "mutate", "--mappings", "mappings.json", *python(source)],
        cwd=project,
        env={**os.environ, "TMPDIR": str(temporary), "COUNT": str(count)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    assert "more changes were not tried" in done.stdout
    assert "interrupted: not every change was tried" in done.stderr
    assert [path.name for path in temporary.iterdir()] == ["count"]
    assert json.loads((project / "mappings.json").read_text()) == MAPPINGS


def test_the_command_line_is_told_as_it_was_given(invoke: Invoke, folder: Path) -> None:
    given = python("raise SystemExit(1)")
    result = invoke("mutate", "--mappings", "mappings.json", *given)
    assert shlex.join(given[1:]) in result.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_tests_as_ctrl_c_does_so_that_the_copy_is_removed(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        with pytest.raises(KeyboardInterrupt), _ending_well():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
