"""The site: every page is in its navigation, every public package in its reference, and it builds without a warning."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.public_names import PACKAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

NOT_IN_THE_REFERENCE = {"availability", "error_codes", "event", "exchange"}
"""Modules of a few names that `destination` itself exports."""


def test_every_public_package_has_a_page_of_the_reference() -> None:
    pages = {page.stem for page in (DOCS / "reference").glob("*.md")}
    assert pages >= set(PACKAGES) - NOT_IN_THE_REFERENCE


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="MkDocs is not installed: it comes with the extra 'site'")
@pytest.mark.thorough
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    site = Path(os.environ.get("BUILT_SITE", tmp_path))  # CI has built it strictly before
    if site == tmp_path:
        build(site)
    text = (site / "reference" / "delivery.html").read_text(encoding="utf-8")
    assert "RetryPolicy" in text
    assert (site / "search" / "search_index.json").stat().st_size > 100_000


def build(site: Path) -> None:
    """Builds the site strictly into a folder."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
