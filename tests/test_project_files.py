"""The files at the top of the repository: what they name exists, and what they run is what the checks run."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import destination
from destination.cli.commands import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = ("CONTRIBUTING.md", "SECURITY.md", "README.md", "docs/architecture.md", "docs/stability.md")
YAML_FILES = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob(".github/**/*.yml"), *ROOT.glob(".pre-commit-*.yaml"), ROOT / "mkdocs.yml")
)
_SNIPPET = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
_VERSION = re.compile(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)
_ROOMS = ("actions/", "destination/", "docs/", "examples/", "presets/", "tests/", ".ci/", ".github/")


def read(name: str) -> str:
    """A file of the repository as text."""
    return (ROOT / name).read_text(encoding="utf-8")


def named_paths(page: str) -> list[str]:
    """The paths that a page names in code or links to; those with a `<name>` up to it."""
    text = read(page)
    links = [target for target in _LINK.findall(text) if "://" not in target]
    linked = [str((ROOT / page).parent / target) for target in links]
    words = [word for snippet in _SNIPPET.findall(text) for word in snippet.split() if word.startswith(_ROOMS)]
    return [*linked, *(str(ROOT / re.split(r"[<*]", word)[0].rstrip(",")) for word in words)]


def existing(path: str) -> bool:
    """Whether a path exists, or what begins with it."""
    found = Path(path)
    return found.exists() or (path[-1] == "_" and any(found.parent.glob(f"{found.name}*")))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    paths = named_paths(page)
    assert paths
    assert [path for path in paths if not existing(path)] == []


def recipes() -> dict[str, list[str]]:
    """The recipes of the justfile: their lines, by name."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in read("justfile").splitlines():
        heading = re.match(r"([a-z]+)[ *\w]*:$", line)
        if heading:
            name = heading[1]
            found[name] = []
        elif line.startswith("    "):
            found[name].append(line.strip())
    return found


def test_every_recipe_that_a_page_names_is_in_the_justfile() -> None:
    named = {name for page in (*PAGES, "CHANGELOG.md") for name in re.findall(r"^`?just (\w+)|`just (\w+)", read(page))}
    assert {name for pair in named for name in pair if name} <= recipes().keys()
    assert {"setup", "check", "test", "docs", "pictures", "ci"} <= recipes().keys()


def test_the_checks_of_the_justfile_are_those_of_ci() -> None:
    ci = read(".ci/run").splitlines()
    assert [line.replace("ruff format .", "ruff format --check .") for line in recipes()["check"]] == [
        line for line in ci if line.startswith(".venv/bin/") and not re.search(r"pip|pytest", line)
    ]
    assert recipes()["setup"][1] in ci
    assert recipes()["docs"][0] in ci


@pytest.mark.parametrize("name", YAML_FILES)
def test_yaml_files_can_be_read(name: str) -> None:
    assert yaml.load(read(name), Loader=_Tolerant)


class _Tolerant(yaml.SafeLoader):
    """Reads tags of MkDocs' own as nothing."""


_Tolerant.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def test_the_hooks_for_users_run_commands_that_exist() -> None:
    hooks: list[dict[str, Any]] = yaml.safe_load(read(".pre-commit-hooks.yaml"))
    assert {hook["id"] for hook in hooks} == {"destination-lint", "destination-validate"}
    for hook in hooks:
        program, command = shlex.split(hook["entry"])
        assert program in tomllib.loads(read("pyproject.toml"))["project"]["scripts"]
        assert command in COMMANDS


def test_the_hooks_for_contributors_run_the_checks_of_the_justfile() -> None:
    [repository] = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == [line.removesuffix(" .") for line in recipes()["check"]]


def test_the_version_is_that_of_the_changelog() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert version == destination.__version__
    dated = _VERSION.findall(read("CHANGELOG.md"))
    assert dated[0][0] == version
    assert [date for _, date in dated] == sorted((date for _, date in dated), reverse=True)
    assert read("CHANGELOG.md").index("## Unreleased") < read("CHANGELOG.md").index(f"## {version}")
