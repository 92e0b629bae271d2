"""docs/benchmarks.md is what its writer makes of the figures in its tables."""

import re
from pathlib import Path

from tests.benchmarks.__main__ import INTRODUCTION, MANNER, NOTES
from tests.benchmarks.rows import HEADINGS, summary

PAGE = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def measured() -> dict[str, float]:
    """The measured values in the page's tables, by the names of their rows."""
    heading = f"| {' | '.join(HEADINGS)} |"
    tables = PAGE.partition(heading)[2].partition(NOTES.read_text(encoding="utf-8"))[0]
    return {name: float(value) for name, value in re.findall(r"^\| (.+?) \| ([\d.]+) ", tables, re.MULTILINE)}


def test_first_sentences_agree_with_the_tables() -> None:
    assert PAGE.startswith(f"# Benchmarks\n\n{summary(measured())}\n\n{INTRODUCTION}\nMachine: ")


def test_text_of_the_page_is_that_of_its_writer() -> None:
    assert MANNER.format(rounds=5) in PAGE
    assert PAGE.endswith(NOTES.read_text(encoding="utf-8"))
