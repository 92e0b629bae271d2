"""The modules of the page that need no browser, tested with Node's own test runner."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "js"
_MODULES_BY_SYNTAX = 22
"""From this Node on, a `.js` file with `import` is a module without being said so."""


def _node() -> list[str]:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(version.removeprefix("v").split(".")[0])
    if major < 20:
        pytest.skip(f"the modules are tested with Node 20 or newer, found {version.strip()}")
    return ["node", *([] if major >= _MODULES_BY_SYNTAX else ["--experimental-default-type=module"])]


def test_modules_without_a_browser_pass_their_own_tests() -> None:
    files = sorted(str(path) for path in TESTS.glob("*.test.js"))
    assert files
    ran = subprocess.run([*_node(), "--test", *files], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^(#|ℹ) pass [1-9]", ran.stdout, re.MULTILINE), ran.stdout
