"""What stands in an event, a mapping, a file name or an answer controls no terminal and no page."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from tests.cli.conftest import Invoke, track, write_events
from tests.values.test_printable import UNSAFE

EVIL = "·".join(["<script>alert(1)</script>[red]", *UNSAFE, "]8;;http://evil.test"])
"""Everything that could control something, in one text."""
_LINES = set(UNSAFE) - {"\n"}


def safe(text: str) -> str:
    """The text, which has no character that controls anything."""
    assert not set(text) & _LINES
    return text


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    """Subscriptions with the text in names, triggers, keys, constants and paths."""
    goal = absmartly.preset_subscriptions()[0].to_json()
    own = {**goal["mapping"], "name": {"@path": f"$.properties['{EVIL}']"}, EVIL: {"@template": f"{EVIL}{{{{event}}}}"}}
    file = tmp_path / "mappings.json"
    subscriptions = [
        {**goal, "name": EVIL},
        {**goal, "name": f"own {EVIL}", "mapping": own},
        {**goal, "name": f"trigger {EVIL}", "subscribe": f'event = "{EVIL}" and type = "track"'},
        {**goal, "name": f"broken {EVIL}", "subscribe": f"type ~ {EVIL}"},
        {**goal, "name": f"wrong {EVIL}", "mapping": {**goal["mapping"], EVIL: {"@nothing": EVIL}}},
    ]
    file.write_text(json.dumps(subscriptions))
    return file


def evil_track(**more: Any) -> dict[str, Any]:
    return track(1, event=EVIL, userId=EVIL, messageId=EVIL, properties={EVIL: EVIL}, **more)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    broken = f'{{"type": "track", {EVIL}'.encode("utf-8", "replace")
    return write_events(tmp_path / "events.ndjson", evil_track(), evil_track(timestamp=EVIL), broken, {"type": EVIL})


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "EVENT", "-m", "MAPPINGS"),
        ("explain", "EVENT", "-m", "MAPPINGS"),
        ("run", "EVENTS", "--dry-run", "-m", "MAPPINGS"),
        ("lint", "-m", "MAPPINGS", "-v"),
        ("lint", "-m", "MAPPINGS", "--format", "github"),
        ("validate", "-m", "MAPPINGS"),
        ("diff", "MAPPINGS", "OTHERS", "--events", "EVENTS", "--html", "PAGE"),
        ("coverage", "--events", "EVENTS", "-m", "MAPPINGS", "--source", "--html", "PAGE"),
        ("show", "MAPPINGS"),
        ("run", EVIL.replace("\x00", "")),
        ("check-auth", "--destination", EVIL.replace("\x00", "")),
        (EVIL.replace("\x00", ""),),
        ("run", "--" + EVIL.replace("\x00", "")),
    ],
    ids=lambda arguments: " ".join(arguments[:1])[:8],
)
def test_no_command_shows_a_character_that_controls_something(
    arguments: tuple[str, ...], invoke: Invoke, events: Path, mappings: Path, tmp_path: Path
) -> None:
    event, others, page = tmp_path / "event.json", tmp_path / "others.json", tmp_path / "page.html"
    event.write_text(json.dumps(evil_track()))
    others.write_text(mappings.read_text().replace("track", "page"))
    files = {"EVENT": event, "EVENTS": events, "MAPPINGS": mappings, "OTHERS": others, "PAGE": page}
    result = invoke(*(files.get(word, word) for word in arguments))
    assert result.output
    safe(result.stdout)
    safe(result.stderr)
    if page.exists():
        assert "<script" not in safe(page.read_text(encoding="utf-8").replace("\t", " "))


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "EVENT", "-m", "MAPPINGS", "--json"),
        ("explain", "EVENT", "-m", "MAPPINGS", "--json"),
        ("lint", "-m", "MAPPINGS", "--json"),
        ("lint", "-m", "MAPPINGS", "--format", "sarif"),
        ("coverage", "--events", "EVENTS", "-m", "MAPPINGS", "--json"),
        ("diff", "MAPPINGS", "OTHERS", "--events", "EVENTS", "--json"),
    ],
    ids=lambda arguments: " ".join((arguments[0], arguments[-1])),
)
def test_json_stays_json_and_says_the_same(
    arguments: tuple[str, ...], invoke: Invoke, events: Path, mappings: Path, tmp_path: Path
) -> None:
    event, others = tmp_path / "event.json", tmp_path / "others.json"
    event.write_text(json.dumps(evil_track()))
    others.write_text(mappings.read_text().replace("track", "page"))
    files = {"EVENT": event, "EVENTS": events, "MAPPINGS": mappings, "OTHERS": others}
    result = invoke(*(files.get(word, word) for word in arguments))
    value = json.loads(safe(result.stdout))
    assert EVIL in _texts(value)
    safe(result.stderr)


def _texts(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_texts(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " ".join(map(_texts, value))
    return str(value)


def test_a_dry_run_writes_what_is_sent_in_characters_of_json(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events.ndjson", track(1, event="a\x9b\u202e\u2028b"))
    result = invoke("run", file, "--dry-run")
    assert r"a\u009b\u202e\u2028b" in result.stdout
    line = json.loads(result.stdout)
    assert line["subscriptions"][0]["payload"]["name"] == "a\x9b\u202e\u2028b"


def test_answers_of_a_partner_are_shown_safely(
    invoke: Invoke, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"ok": False, "errors": [{"subject": EVIL, "message": EVIL}]}
    monkeypatch.setattr(EmbeddedCollector, "take", lambda *_: (400, answer))
    page = tmp_path / "page.html"
    events = write_events(tmp_path / "events.ndjson", track(1))
    result = invoke("run", events, "-s", settings, "--report", page, "--no-ledger")
    assert result.exit_code == 1
    assert "alert(1)" in safe(result.stdout)
    safe(result.stderr)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert not set(html) & (_LINES - {"\t"})
