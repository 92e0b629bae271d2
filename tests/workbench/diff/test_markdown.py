import re
from typing import Any

import pytest

from destination.workbench.diff import Versions, compare, render_markdown
from destination.workbench.diff.markdown import MAX_CHARACTERS
from tests.thorough import rarely
from tests.workbench.diff.post import API_KEY, subscription, version

_VERSIONS = Versions("Post", "old.json", "new|`@team`.json", f"events <{API_KEY}>")


def _hidden(text: str) -> str:
    return text.replace(API_KEY, "<redacted>")


def _outside_of_code(markdown: str) -> str:
    """What GitHub reads as markup: all but code blocks and code spans."""
    markdown = re.sub(r"^(`{3,})diff\n.*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)


def test_nothing_from_events_and_mappings_is_markup() -> None:
    nasty = "@team <img src=x> ```` | [a](b)"
    old = version(subscription(nasty, {"name": "```\n@team", "list": [1]}), subscription("Gone", {}))
    new = version(subscription(nasty, {"name": {nasty: nasty}, "fail": {"@path": "$.fail"}}), subscription("New", {}))
    events = [{"type": "track", "event": nasty, "messageId": nasty}, {"type": "track", "event": nasty, "fail": nasty}]
    markdown = render_markdown(compare(old, new, events), _VERSIONS, _hidden)
    outside = _outside_of_code(markdown)
    assert nasty in markdown
    assert API_KEY not in markdown
    assert not {"@", "[", "<img"} & {mark for mark in ("@", "[", "<img") if mark in outside}
    rows = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4, 6}


@pytest.mark.parametrize("count", [20, rarely(50)])
def test_a_comment_is_never_too_long_and_names_what_it_leaves_out(count: int) -> None:
    wide = {f"key {number}": {"a": [{"b": "x" * 80}]} for number in range(60)}
    names = [f"Subscription {number}" for number in range(count)]
    old, new = (version(*(subscription(name, {"name": value, **wide}) for name in names)) for value in ("a", "b"))
    events = [{"type": "track", "event": f"Event {number} {'x' * 90}"} for number in range(count)]
    short = render_markdown(compare(old, new, events), _VERSIONS)
    assert len(short) <= MAX_CHARACTERS
    assert all(f"`{name}`" in short for name in names)
    none = version(*(subscription(name, {"name": "a"}) for name in names))
    long = render_markdown(compare(none, new, events, samples=count), _VERSIONS)
    assert len(long) <= MAX_CHARACTERS
    assert "Too long to show here: `Subscription" in long


def test_what_did_not_change_is_said() -> None:
    same = version(subscription("A", {}))
    events: list[dict[str, Any]] = [{"type": "track"}, {"type": "track", "integrations": {"Post": False}}]
    assert render_markdown(compare(same, same, events), Versions("Post", "a", "b", "c")) == (
        "### `a` → `b`\n\nNo event of 1 in `c` ends differently. 1 event was not compared, because their "
        "`integrations` exclude the destination.\n"
    )
