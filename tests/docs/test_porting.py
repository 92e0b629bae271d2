"""The page on porting names everything that the reference exports, and nothing that is not here.

`actions_core_names.json` is recorded from `@segment/actions-core`; `tests/conformance/test_public_names.py` compares
it with the installed package.
"""

import json
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "porting.md"
NAMES: list[str] = json.loads((Path(__file__).parent / "actions_core_names.json").read_text())["names"]
_ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.*) \|$", re.MULTILINE)


def table() -> str:
    """The section of the page that has a row for each name of the reference."""
    return PAGE.read_text(encoding="utf-8").partition("## Every public name")[2].partition("\n## ")[0]


def rows() -> dict[str, tuple[list[str], str]]:
    return {name: (re.findall(r"`([\w.]+)`", here), remark.strip()) for name, here, remark in _ROW.findall(table())}


def test_every_name_of_the_reference_has_its_row_once() -> None:
    assert sorted(name for name, _, _ in _ROW.findall(table())) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_counterparts_are_here_or_the_page_says_why_not(name: str) -> None:
    counterparts, remark = rows()[name]
    if not counterparts:
        assert len(remark) > 10, "no counterpart, and no word on why"
    for counterpart in counterparts:
        module, _, attribute = counterpart.rpartition(".")
        resolve_name(f"{module or 'destination'}:{attribute}")
