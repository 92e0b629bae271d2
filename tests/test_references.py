"""Comments and pages name the tests that pin what they say: those tests exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    *(path for package in ("destination", "actions", "presets") for path in sorted((ROOT / package).rglob("*.py"))),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NO_TESTS = {
    "test_action",
    "test_authentication",
    "test_batch_action",
    "test_location",
    "test_requests_of_presets",
    "test_send_event",
}
"""What the framework, and a destination made with `destination new`, has that begins like a test."""
EXAMPLES = {
    "test_a_page_is_a_goal",
    "test_absmartly",
    "test_every_goal_has_a_name",
    "test_everything",
    "test_mapping_suite",
    "test_mappings",
    "test_order",
    "test_orders",
    "test_pages",
    "test_shop",
}
"""Tests that a reader writes."""


def names_of_tests() -> Iterator[str]:
    for path in (ROOT / "tests").rglob("test_*.py"):
        yield path.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name


def test_every_test_that_is_named_exists() -> None:
    known = {*names_of_tests(), *NO_TESTS, *EXAMPLES}
    unknown = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        for name in sorted({*re.findall(r"\btest_\w+", path.read_text(encoding="utf-8"))} - known)
    ]
    assert unknown == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_test_that_a_page_names_by_its_file_is_there(page: Path) -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text(encoding="utf-8")):
        path = ROOT / file
        assert path.is_file(), file
        assert re.search(rf"\bdef {name}\b" if name else "", path.read_text(encoding="utf-8")), f"{file}::{name}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    todo, seen = [ROOT / "README.md"], set()
    while todo:
        page = todo.pop()
        if page not in seen and page.suffix == ".md" and page.is_file():
            seen.add(page)
            links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
            todo += [(page.parent / link).resolve() for link in links]
    assert [path for path in SOURCES if path.suffix == ".md" and path not in seen] == []


def test_every_divergence_names_a_test() -> None:
    rows = [
        line
        for line in (ROOT / "docs/divergences.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and "---" not in line and not re.match(r"\| (#|here) \|", line)
    ]
    assert len(rows) > 20
    for row in rows:
        assert "`tests/" in row.split("|")[-2], row
