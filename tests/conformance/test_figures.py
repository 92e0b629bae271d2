"""docs/conformance.md agrees with the recorded vectors, the pins and the page of divergences."""

import re

from tests.conformance.figures import PAGE, filters_in, sections
from tests.conformance.generators import GENERATORS
from tests.conformance.vectors import Answer, Vector


def test_page_is_not_stale() -> None:
    text = PAGE.read_text(encoding="utf-8")
    stale = [name for name, part in sections().items() if part not in text]
    assert stale == [], "write it again: python -m tests.conformance --report"


def test_page_tells_of_a_live_run_without_differences() -> None:
    live = PAGE.read_text(encoding="utf-8").partition("## Live")[2].partition("## Decided")[0]
    rows = re.findall(r"^\| `([\w.]+)` \|.*\| ([\d,]+) \| ([\d,]+) \|$", live, re.MULTILINE)
    assert {name for name, _, _ in rows} >= set(GENERATORS)
    assert [row for row in rows if row[1:] != ("0", "0")] == []
    assert ", 0 differ." in live


def test_filters_of_a_template_are_found() -> None:
    vector = Vector("1", "mapping.liquid", {"template": "{{ a | upcase |join: ',' | unknown }}"}, Answer("ok"))
    assert filters_in(vector) == {"upcase", "join"}
