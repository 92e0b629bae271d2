"""The folders `actions/` and `presets/` are packages of `destination`, and have no other name."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

from tests.export import ROOT, export

FOLDERS = ("actions", "presets")
CONFIGURATION: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
NAMES = """\
import destination.actions.absmartly.wire as wire, destination.presets.absmartly as presets
from destination.catalog.absmartly import absmartly
print(wire.__file__, presets.__file__, absmartly.slug, sep="\\n")
"""


def imported_in(folder: Path) -> list[Path]:
    """The files of an action's module and of the presets, imported in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", NAMES]
    shown = subprocess.run(command, cwd=folder.parent, env=environment, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    *files, slug = shown.stdout.splitlines()
    assert slug == "actions-absmartly"
    return [Path(file) for file in files]


@pytest.mark.skipif(not (ROOT / "destination/actions").is_symlink(), reason="this checkout was made without links")
@pytest.mark.thorough
def test_a_checkout_has_both_folders_as_packages_of_destination(tmp_path: Path) -> None:
    folder = export(tmp_path / "checkout")
    for name in FOLDERS:
        assert (folder / "destination" / name).readlink() == Path("..") / name
        assert (folder / name).is_dir()
        assert not (folder / name).is_symlink()
    assert imported_in(folder) == [
        folder / "destination/actions/absmartly/wire.py",
        folder / "destination/presets/absmartly.py",
    ]


@pytest.mark.thorough
def test_a_checkout_without_links_has_them_too(tmp_path: Path) -> None:
    folder = export(tmp_path / "checkout", links=False)
    for name in FOLDERS:
        assert (folder / "destination" / name).read_text(encoding="utf-8") == f"../{name}"
    assert imported_in(folder) == [folder / "actions/absmartly/wire.py", folder / "presets/absmartly.py"]


def test_the_import_contract_sees_actions_and_presets() -> None:
    """A graph without them would keep every contract."""
    graph = grimp.build_graph(*CONFIGURATION["importlinter"]["root_packages"], cache_dir=None)
    assert {
        "destination.actions.absmartly.wire",
        "destination.presets.absmartly",
        "pyspark_destination.source",
    } <= graph.modules
    for importer in ("destination.presets.absmartly", "destination.catalog.absmartly.definition"):
        assert graph.chain_exists(importer=importer, imported="destination.actions.absmartly.wire")
    layers = CONFIGURATION["importlinter"]["contracts"][0]["layers"]
    order = [layers.index(f"destination.{name}") for name in ("catalog", "presets", "actions", "runtime")]
    assert order == sorted(order)


@pytest.mark.thorough
def test_each_doctest_is_collected_once() -> None:
    """The doctests of `actions/` are reached through `destination/actions`, and by no other way."""
    folders = [folder for folder in CONFIGURATION["pytest"]["ini_options"]["testpaths"] if folder != "tests"]
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *folders]
    shown = subprocess.run(collect, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [line.rpartition(": ")[0] for line in shown.splitlines() if ": " in line]
    assert len({(ROOT / file).resolve() for file in files}) == len(files)
    assert {"destination/actions/absmartly/wire.py", "destination/presets/absmartly.py"} <= set(files)


@pytest.mark.parametrize("line", ["from actions.absmartly import track_goal", "import presets.absmartly"])
def test_the_linter_refuses_the_bare_names(line: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--select=TID251", "--output-format=json", "--stdin-filename"]
    shown = subprocess.run(
        [*command, "tests/example.py", "-"], cwd=ROOT, input=f"{line}\n", capture_output=True, text=True, check=False
    )
    (finding,) = json.loads(shown.stdout)
    assert finding["code"] == "TID251"
    assert "an installation has no package of this name" in finding["message"]
