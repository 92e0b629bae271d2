"""The recorded names of the reference's package are those of the pinned one; skipped where it is not installed."""

import json
import re
from pathlib import Path

import pytest

from tests.conformance.node import OracleUnavailableError, node_modules

RECORDED = Path(__file__).parents[1] / "docs" / "actions_core_names.json"

pytestmark = pytest.mark.live


def test_names_of_the_porting_page_are_all_that_the_reference_exports() -> None:
    try:
        package = node_modules() / "@segment" / "actions-core"
    except OracleUnavailableError as error:
        pytest.skip(f"Segment's runtime cannot run here: {error}")
    recorded = json.loads(RECORDED.read_text())
    lists = re.findall(r"export (?:type )?\{([^}]*)\}", (package / "dist/cjs/index.d.ts").read_text())
    names = [name.split(" as ")[-1].strip() for one in lists for name in one.split(",")]
    assert sorted(names) == sorted(recorded["names"])
    assert json.loads((package / "package.json").read_text())["version"] == recorded["version"]
