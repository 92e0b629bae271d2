"""The lines that install the project: it is on no registry, so each must name a clone or a Git address."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "destination").rglob("*.md.jinja"))
)
_FROM_A_REGISTRY = re.compile(
    r"(pip|pipx|uv)( \w+)* (install|add|run) [^\n`#]*(?<![/.])\bdestination-actions\b(?! @ git)"
)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_installs_the_project_from_a_registry(page: str) -> None:
    assert [line for line in (ROOT / page).read_text().splitlines() if _FROM_A_REGISTRY.search(line)] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install 'destination-actions[server]'", True),
        ("pip install destination-actions", True),
        ("uv pip install -q destination-actions", True),
        ("pip install '.[server]'", False),
        ("pip install 'destination-actions[server] @ git+https://h.test/x'", False),
        ("pip install git+https://h.test/destination-actions", False),
    ],
)
def test_what_counts_as_a_registry(line: str, found: bool) -> None:
    assert bool(_FROM_A_REGISTRY.search(line.replace("[server] @", " @"))) is found
