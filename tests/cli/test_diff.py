import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly.collector import API_KEY
from tests.cli.conftest import Invoke, track, write_events


def goal(name: Any = "order", trigger: str = 'type = "track"', **more: Any) -> dict[str, Any]:
    mapping = {"name": name, "units": {"userId": {"@path": "$.userId"}}, "properties": {"@path": "$.properties"}}
    return {"name": "Orders", "subscribe": trigger, "partnerAction": "trackGoal", "mapping": {**mapping, **more}}


def write_mappings(path: Path, *subscriptions: dict[str, Any]) -> Path:
    path.write_text(json.dumps(list(subscriptions)))
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_mappings(tmp_path / "old.json", goal())


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_mappings(tmp_path / "new.json", goal("Order", agent="web"))


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return write_events(tmp_path / "events.ndjson", track(1), track(2), {"type": "page"})


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two revisions of shop/mappings.json, and a third version that is not committed."""
    folder = tmp_path / "repository"
    (folder / "shop").mkdir(parents=True)
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.test"]
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    for version in ("first", "second"):
        write_mappings(folder / "shop" / "mappings.json", goal(version))
        git("add", ".")
        git("commit", "-q", "-m", version)
    write_mappings(folder / "shop" / "mappings.json", goal("third"))
    return folder


def test_what_changes_is_shown_with_samples(invoke: Invoke, old: Path, new: Path, events: Path) -> None:
    result = invoke("diff", old, new, "--events", events, "--samples", "1")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{old} → {new}, events of {events}",
        "",
        "Orders: mapping changed; takes 2 events",
        '    trigger: type = "track"',
        "    mapping: {",
        '  -   "name": "order",',
        '  +   "name": "Order",',
        '      "units": {',
        '        "userId": {"@path": "$.userId"}',
        "      },",
        '  -   "properties": {"@path": "$.properties"}',
        '  +   "properties": {"@path": "$.properties"},',
        '  +   "agent": "web"',
        "    }",
        "  2 × changed",
        "    2 × /agent",
        "      1 × Goal 1, 1 × Goal 2",
        "      Goal 1, line 1, m1",
        "        - (absent)",
        '        + "web"',
        "    2 × /name",
        "      1 × Goal 1, 1 × Goal 2",
        "      Goal 1, line 1, m1",
        '        - "order"',
        '        + "Order"',
        "    shows in request/body/goals/*/name 2, request/header/x-agent 2",
        "",
        "3 events compared: 2 end differently.",
    ]


def test_secrets_of_settings_are_masked_everywhere(
    invoke: Invoke, old: Path, new: Path, events: Path, settings: Path, tmp_path: Path
) -> None:
    page = tmp_path / "diff.html"
    write_mappings(new, {**goal(f"it is {API_KEY}"), "name": API_KEY})
    result = invoke("diff", old, new, "--events", events, "-s", settings, "--html", page)
    assert '+ "it is <redacted>"' in result.stdout
    assert API_KEY not in page.read_text()
    assert "&lt;redacted&gt;" in page.read_text()
    if os.name == "posix":  # Windows has no such rights
        assert page.stat().st_mode & 0o777 == 0o600
    assert "<redacted>" in invoke("diff", old, new, "--events", events, "-s", settings, "--json").stdout


def test_json_has_all_of_it(invoke: Invoke, old: Path, events: Path) -> None:
    result = invoke("diff", old, "presets", "--events", events, "--json")
    found = json.loads(result.stdout)
    assert (found["destination"], found["old"], found["new"]) == ("actions-absmartly", str(old), "presets")
    assert (found["ok"], found["events"], found["changed"], found["input"]) == (False, 3, 3, str(events))
    assert [(item["name"], item["state"]) for item in found["subscriptions"]] == [
        ("Track Calls", "added"),
        ("Page Calls", "added"),
        ("Screen Calls", "added"),
        ("Exposures (Verbatim)", "added"),
        ("Orders", "removed"),
    ]
    # a page without a timestamp fails
    (failing,) = found["subscriptions"][1]["groups"]
    assert (failing["kind"], failing["events"]) == ("newly-failing", 1)
    assert failing["error"].startswith("The root value is missing the required field 'properties'.")


def test_a_mapping_compared_with_itself_is_status_0(invoke: Invoke, old: Path, events: Path) -> None:
    result = invoke("diff", old, old, "--events", events)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "3 events compared, 1 subscription is equal in both versions: every event ends as before."
    )


def test_an_input_without_events_is_told(invoke: Invoke, old: Path, new: Path) -> None:
    result = invoke("diff", old, new, "--events", "-", stdin="\n")
    assert result.exit_code == 0
    assert result.stderr.endswith("destination: standard input: holds no event, so nothing was compared\n")


def test_what_is_allowed_is_status_0(invoke: Invoke, old: Path, new: Path, events: Path) -> None:
    allowed = invoke("diff", old, new, "--events", events, "--allow", "Orders:/name", "--allow", "/agent")
    assert (allowed.exit_code, allowed.stdout.splitlines()[-1]) == (
        0,
        "3 events compared: 2 end differently, all of them allowed.",
    )
    assert "    2 × /name (allowed)" in allowed.stdout
    partly = invoke("diff", old, new, "--events", events, "--allow", "/name", "--allow", "added")
    assert partly.exit_code == 1
    assert "destination: --allow added: no change matches it" in partly.stderr


def test_one_file_at_two_revisions(invoke: Invoke, repository: Path, events: Path) -> None:
    result = invoke("diff", "HEAD~1:shop/mappings.json", "HEAD:shop/mappings.json", "--events", events)
    assert '- "first"' in result.stdout
    assert '+ "second"' in result.stdout
    result = invoke("diff", "HEAD:shop/mappings.json", "shop/mappings.json", "--events", events)
    assert '+ "third"' in result.stdout


def test_a_revisions_path_may_count_from_the_current_folder(
    invoke: Invoke, repository: Path, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "shop")
    assert '- "second"' in invoke("diff", "HEAD:./mappings.json", "mappings.json", "--events", events).stdout
    result = invoke("diff", "HEAD:mappings.json", "mappings.json", "--events", events)
    assert result.exit_code == 2
    assert "HEAD:mappings.json: there is no such file, and git says: path 'shop/mappings.json' exists" in result.stderr


@pytest.mark.parametrize(
    "place",
    [
        "HEAD~9:shop/mappings.json",
        "nope:x.json",
        "HEAD:nope.json",
        "HEAD:shop",
        "HEAD:",
        "HEAD:shop/",
        "--help:x",
        ":",
        "a\0:b",
    ],
)
def test_a_revision_that_is_not_there_is_named(invoke: Invoke, repository: Path, events: Path, place: str) -> None:
    result = invoke("diff", "--events", events, "--", place, "shop/mappings.json")
    assert result.exit_code == 2
    assert result.stderr.startswith("destination: ")
    assert len(result.stderr.splitlines()) == 1


def test_without_git_a_revision_is_named(
    invoke: Invoke, old: Path, events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = invoke("diff", "HEAD:old.json", old, "--events", events)
    assert result.exit_code == 2
    assert "there is no such file, and no git to look for a revision with" in result.stderr


def test_a_file_goes_before_a_revision(invoke: Invoke, repository: Path, events: Path) -> None:
    odd = write_mappings(repository / "HEAD:shop.json", goal("odd"))
    assert '+ "odd"' in invoke("diff", "shop/mappings.json", odd.name, "--events", events).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json", "presets"], "missing.json: there is no such mappings file"),
        (["presets", "."], ".: is a folder"),
        (["presets", "presets", "--allow", "naem"], "--allow 'naem' names nothing that a comparison finds"),
        (["presets", "presets", "-d", "actions-absmartli"], "did you mean 'actions-absmartly'?"),
        (["presets", "presets", "--html", "nowhere/x.html"], "--html nowhere/x.html: cannot be written"),
        (["presets"], "Missing argument 'NEW'"),
    ],
)
def test_what_cannot_be_used_is_status_2(
    invoke: Invoke, tmp_path: Path, events: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("diff", *arguments, "--events", events)
    assert result.exit_code == 2
    assert message in result.stderr


def test_events_that_are_not_there_are_status_2(invoke: Invoke, old: Path) -> None:
    assert invoke("diff", old, old, "--events", "nope").exit_code == 2
    assert "Missing option '--events'" in invoke("diff", old, old).stderr


def test_a_page_never_replaces_what_is_read(invoke: Invoke, old: Path, new: Path, events: Path) -> None:
    for path in (old, new, events):
        result = invoke("diff", old, new, "--events", events, "--html", path)
        assert result.exit_code == 2
        assert "are the same file" in result.stderr
        assert path.stat().st_size


def test_lines_that_hold_no_event_are_told_and_fail(invoke: Invoke, old: Path, tmp_path: Path) -> None:
    events = write_events(tmp_path / "bad.ndjson", track(1), b"nope", b"[1]", *[b"x"] * 20)
    result = invoke("diff", old, old, "--events", events)
    assert result.exit_code == 1
    assert "destination: line 2: not JSON" in result.stderr
    assert len(result.stderr.splitlines()) == 11
    assert "22 lines hold no event: every event ends as before." in result.stdout
    assert invoke("diff", old, old, "--events", events, "--allow", "unreadable").exit_code == 0


def test_input_that_breaks_off_is_told_and_fails(invoke: Invoke, old: Path, new: Path) -> None:
    result = invoke("diff", old, new, "--events", "-", stdin=json.dumps([track(1), track(2)])[:-1])
    assert result.exit_code == 1
    assert "the JSON array is not closed" in result.stderr
    assert "1 event compared" in result.stdout


def test_problems_of_mappings_are_told_and_compared(invoke: Invoke, old: Path, events: Path, tmp_path: Path) -> None:
    broken = write_mappings(tmp_path / "broken.json", goal({"@path": 5}))
    result = invoke("diff", old, broken, "--events", events)
    assert result.exit_code == 1
    assert f"destination: {broken}: Orders: mapping/name/@path: " in result.stderr
    assert "  2 × newly-failing: /name/@path should be a string" in result.stdout
    assert "        + fails: /name/@path should be a string" in result.stdout


def test_requests_that_are_too_long_to_be_kept_whole_are_no_failure(invoke: Invoke, old: Path, tmp_path: Path) -> None:
    events = write_events(tmp_path / "long.ndjson", track(1, properties={"text": "x" * 3_000}))
    page = tmp_path / "diff.html"
    result = invoke("diff", old, "presets", "--events", events, "--html", page)
    assert "1 × newly-sent" in result.stdout
    assert "1 × no-longer-sent" in result.stdout
    assert '        + [{"method":"PUT","url":' in result.stdout
    assert "fails" not in result.stdout + page.read_text()


def test_renamed_added_and_removed_subscriptions_are_told(invoke: Invoke, events: Path, tmp_path: Path) -> None:
    old = write_mappings(tmp_path / "a.json", goal(), {**goal("page", 'type = "page"'), "name": "Pages"})
    new = write_mappings(
        tmp_path / "b.json", {**goal(), "name": "Tracks"}, {**goal("x", "type = track"), "name": "New"}
    )
    result = invoke("diff", old, new, "--events", events)
    assert "Tracks: renamed (was Orders); nothing else differs, so no event was run" in result.stdout
    assert "New: added; takes 0 → 2 events" in result.stdout
    assert "  2 × newly-sent" in result.stdout
    assert "        - (not sent)\n        + PUT https://collector-endpoint.invalid/context {" in result.stdout
    assert "Pages: removed; takes 1 → 0 events" in result.stdout
    # a page without properties or a timestamp failed
    assert "  1 × no-longer-failing: " in result.stdout


def test_what_is_beyond_the_bounds_is_told(invoke: Invoke, tmp_path: Path) -> None:
    old = write_mappings(tmp_path / "old.json", goal())
    new = write_mappings(tmp_path / "new.json", goal(properties={"@path": "$.more"}))
    events = [track(number, properties={"a": 1}, more={f"b{number}": 1}) for number in range(100)]
    page = tmp_path / "page.html"
    corpus = write_events(tmp_path / "events.ndjson", *events)
    result = invoke("diff", old, new, "--events", corpus, "--samples", 1, "--html", page)
    assert "    … and 11 more groups: see --json or --html" in result.stdout
    assert ", and 10 other locations" in result.stdout
    assert "further groups: only the first 60 are listed" in page.read_text()


def test_control_characters_reach_no_terminal(invoke: Invoke, old: Path, tmp_path: Path) -> None:
    new = write_mappings(tmp_path / "new.json", {**goal("\x1b[31mred"), "name": "Orders\x1b[2J"})
    events = write_events(tmp_path / "events.ndjson", track(1, messageId="m\x1b[0m"))
    assert "\x1b" not in invoke("diff", old, new, "--events", events).output


def test_events_are_counted_by_name(invoke: Invoke, old: Path, new: Path, tmp_path: Path) -> None:
    names = ["Order Completed"] * 3 + ["Login"] * 2 + [f"Goal {number}" for number in range(10)] + ["\x1b[31m"]
    events = write_events(tmp_path / "events", *(track(number, event=name) for number, name in enumerate(names)))
    shown = invoke("diff", old, new, "--events", events, "--samples", "0").stdout
    some = ", ".join(f"1 × Goal {number}" for number in range(5))
    line = f"      3 × Order Completed, 2 × Login, 1 × \\x1b[31m, {some}, and 5 more names"
    assert line in shown.splitlines()
    (group, *_) = json.loads(invoke("diff", old, new, "--events", events, "--json").stdout)["subscriptions"][0][
        "groups"
    ]
    assert (group["byEvent"]["Order Completed"], group["byEvent"]["Login"], sum(group["byEvent"].values())) == (
        3,
        2,
        16,
    )
    assert {sample["event"] for sample in group["samples"]} <= group["byEvent"].keys()


def test_a_long_text_diff_is_cut_on_a_terminal_and_whole_in_json(invoke: Invoke, old: Path, tmp_path: Path) -> None:
    more = {f"p{number}": {"a": [{"b": "c"}]} for number in range(20)}
    new = write_mappings(tmp_path / "new.json", goal(properties=more))
    events = write_events(tmp_path / "events", track(1))
    assert " more lines: see --json or --html" in invoke("diff", old, new, "--events", events).stdout
    (item,) = json.loads(invoke("diff", old, new, "--events", events, "--format", "json").stdout)["subscriptions"]
    assert '+     "p19": {' in item["source"]


def test_without_allow_nothing_is_called_forbidden(
    invoke: Invoke, old: Path, new: Path, events: Path, tmp_path: Path
) -> None:
    page = tmp_path / "diff.html"
    shown = invoke("diff", old, new, "--events", events, "--html", page).stdout
    assert (
        "allowed"
        not in shown + page.read_text() + invoke("diff", old, new, "--events", events, "--format", "markdown").stdout
    )
    shown = invoke("diff", old, new, "--events", events, "--html", page, "--allow", "added").stdout
    assert "2 end differently, 2 of them not allowed." in shown
    assert 'id="not-allowed">2<' in page.read_text()


def test_markdown_is_for_a_pull_request(invoke: Invoke, old: Path, new: Path, events: Path) -> None:
    result = invoke("diff", old, new, "--events", events, "--samples", "1", "--format", "markdown")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2:] == [
        f"**2 of 3 events in `{events}` end differently.**",
        "",
        "| subscription | differs in | events before | events now | outcome |",
        "|---|---|--:|--:|---|",
        "| `Orders` | mapping | 2 | 2 | 2 changed |",
        "",
        "#### `Orders`",
        "",
        "```diff",
        '  trigger: type = "track"',
        "  mapping: {",
        '-   "name": "order",',
        '+   "name": "Order",',
        '    "units": {',
        '      "userId": {"@path": "$.userId"}',
        "    },",
        '-   "properties": {"@path": "$.properties"}',
        '+   "properties": {"@path": "$.properties"},',
        '+   "agent": "web"',
        "  }",
        "```",
        "",
        "| events | what | by event |",
        "|--:|---|---|",
        "| 2 | changed `/agent` | 1 `Goal 1`, 1 `Goal 2` |",
        "| 2 | changed `/name` | 1 `Goal 1`, 1 `Goal 2` |",
        "| 2 | changed `request/body/goals/*/name` | 1 `Goal 1`, 1 `Goal 2` |",
        "| 2 | changed `request/header/x-agent` | 1 `Goal 1`, 1 `Goal 2` |",
        "",
        "<details><summary>Samples</summary>",
        "",
        "```diff",
        "@@ changed /agent: Goal 1, line 1, m1 @@",
        "- (absent)",
        '+ "web"',
        "@@ changed /name: Goal 1, line 1, m1 @@",
        '- "order"',
        '+ "Order"',
        "```",
        "",
        "</details>",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "html"], "--format: 'html' is not a format; use text, markdown or json"),
        (["--format", "markdown", "--json"], "--json and --format markdown exclude each other"),
    ],
)
def test_a_form_that_does_not_exist_is_refused(
    invoke: Invoke, old: Path, new: Path, events: Path, options: list[str], message: str
) -> None:
    result = invoke("diff", old, new, "--events", events, *options)
    assert (result.exit_code, result.stderr) == (2, f"destination: {message}\n")
