"""What is bundled for the page: the versions that are named, and the licences of all of it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.studio.vendor.build import HERE, VENDOR, build

LICENSES = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")


def test_the_licences_name_each_bundled_package_in_the_pinned_version() -> None:
    pinned = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    listed = dict(re.findall(r"^(\S+) (\d\S*) \(MIT\)$", LICENSES, re.MULTILINE))
    assert listed == pinned
    assert LICENSES.count("Permission is hereby granted, free of charge") == len(pinned)


def test_each_name_that_the_page_imports_is_bundled() -> None:
    (exported,) = re.findall(r"export\{([^}]*)\};?\s*$", (VENDOR / "codemirror.js").read_text(encoding="utf-8"))
    names = {one.rpartition(" as ")[2].strip() for one in exported.split(",")}
    imported = set()
    for module in (VENDOR.parent / "js").rglob("*.js"):
        text = module.read_text(encoding="utf-8")
        for found in re.findall(r"import\s*\{([^}]*)\}\s*from\s*'[./]*vendor/codemirror\.js'", text):
            imported |= {one.partition(" as ")[0].strip() for one in found.split(",")} - {""}
    assert imported
    assert imported - names == set()


@pytest.mark.thorough
def test_the_bundle_is_what_the_script_makes(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    (tmp_path / "made").mkdir()
    (tmp_path / "workshop").mkdir()
    build(tmp_path / "made", tmp_path / "workshop")
    for name in ("codemirror.js", "LICENSES.txt"):
        assert (tmp_path / "made" / name).read_bytes() == (VENDOR / name).read_bytes()
