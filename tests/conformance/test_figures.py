"""docs/conformance.md agrees with the recorded vectors, the pins and itself."""

import re

import pytest

from tests.conformance.figures import PAGE, filters_in, sections
from tests.conformance.generators import GENERATORS
from tests.conformance.vectors import Answer, Vector


@pytest.mark.thorough
def test_page_is_not_stale() -> None:
    text = PAGE.read_text(encoding="utf-8")
    stale = [name for name, part in sections().items() if part not in text]
    assert stale == [], "write it again: python -m tests.conformance --report"


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the rows of the table under a heading, without the header."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]


def test_the_live_run_found_no_difference() -> None:
    rows = rows_under("Live questions")
    assert {row[0].strip("`") for row in rows} >= set(GENERATORS)
    assert [row for row in rows if row[-2:] != ["0", "0"]] == []
    assert ", 0 differ.\n" in PAGE.read_text(encoding="utf-8")


def test_first_sentences_agree_with_the_tables() -> None:
    numbers = [
        [int(cell.replace(",", "")) for cell in row[1:]]
        for heading in ("Recorded questions", "Live questions")
        for row in rows_under(heading)
    ]
    cases, equal, message, engine, decision, other, different = (sum(column) for column in zip(*numbers, strict=True))
    first = PAGE.read_text(encoding="utf-8").split("\n")[2]
    found = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", first)]
    assert found == [cases, equal + message + engine, decision, other + different]


def test_filters_of_a_template_are_found() -> None:
    vector = Vector("1", "mapping.liquid", {"template": "{{ a | upcase |join: ',' | unknown }}"}, Answer("ok"))
    assert filters_in(vector) == {"upcase", "join"}
