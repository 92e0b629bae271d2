"""Tables in docs/ that are made from the code say what the code says."""

from pathlib import Path

import pytest

from tests.docs.made_tables import filled, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_tables_are_as_made_anew(page: Path) -> None:
    """Where this fails: python -m tests.docs.made_tables"""
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text


def test_there_are_such_pages() -> None:
    assert [page.name for page in pages()] == [
        "getting-started-absmartly.md",
        "mapping.md",
        "migrating-from-classic.md",
        "porting.md",
    ]
