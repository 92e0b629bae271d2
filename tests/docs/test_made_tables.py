"""Tables in docs/ that are made from the code say what the code says."""

from pathlib import Path

from destination.catalog.absmartly.migration import Difference

DOCS = Path(__file__).parents[2] / "docs"


def test_the_list_of_differences_to_classic() -> None:
    page = (DOCS / "migrating-from-classic.md").read_text(encoding="utf-8")
    rows = "".join(f"| `{entry.code}` | {entry.sentence} |\n" for entry in Difference)
    assert f"<!-- made: differences -->\n| entry | what differs |\n|---|---|\n{rows}<!-- end -->" in page
