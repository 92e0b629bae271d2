"""What `import destination` offers, and what its packages offer beside it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

import destination
from tests.public_names import PACKAGES, in_order, public_names

ROOT = Path(str(destination.__file__)).parent
ERRORS = [name for name in destination.__all__ if name.startswith("is_") or name.endswith("Error")]
"""The errors that the root has, and the questions about them."""


def things() -> Iterator[tuple[str, Any]]:
    """Every public name, and what it is, once for each package that has it."""
    for package in ("destination", *(f"destination.{name}" for name in PACKAGES)):
        for name in public_names(package):
            yield name, getattr(import_module(package), name)


@pytest.mark.parametrize("package", PACKAGES)
def test_names_of_a_package_are_sorted_and_can_be_had(package: str) -> None:
    names = public_names(f"destination.{package}")
    assert names == sorted(set(names), key=in_order)
    assert all(hasattr(import_module(f"destination.{package}"), name) for name in names)


def test_no_two_things_have_one_name() -> None:
    found: dict[str, Any] = {}
    assert [name for name, thing in things() if found.setdefault(name, thing) is not thing] == []


def test_the_root_has_what_an_author_writes_and_the_errors() -> None:
    """The root stays small: a name of another kind is imported from its package."""
    assert len(ERRORS) == 31
    assert len(destination.__all__) - len(ERRORS) == 63
    assert set(public_names("destination.errors")) <= set(ERRORS)


def test_every_name_of_the_root_is_a_public_name_of_its_package() -> None:
    for home, names in destination._HOMES.items():
        assert names.split() == sorted(names.split(), key=in_order)
        assert set(names.split()) <= set(public_names(f"destination.{home}"))
    assert len(set(destination.__all__)) == len(destination.__all__)
    assert set(destination.__all__) <= set(dir(destination))


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    checking = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (node.module, alias.name, alias.asname)
        for node in checking.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = destination._HOMES.items()
    assert seen == {(f"destination.{home}", name, name) for home, names in homes for name in names.split()}


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        destination.nothing  # noqa: B018  # reading it is the test


def test_every_function_has_an_example() -> None:
    functions = {name: thing for name, thing in things() if isfunction(thing)}
    assert [name for name, function in functions.items() if ">>>" not in (function.__doc__ or "")] == []


def test_everything_says_what_it_is() -> None:
    documented = {name: thing for name, thing in things() if isfunction(thing) or isinstance(thing, type)}
    assert [name for name, thing in documented.items() if not thing.__doc__] == []


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import destination", ("pydantic", "httpx", "jinja2", "jsonpath_ng", "rich", "typer", "asyncio", "pathlib")),
        ("from destination import MISSING", ("pydantic", "httpx", "jinja2", "destination.mapping")),
        ("from destination import path", ("httpx", "destination.request", "destination.runtime")),
    ],
)
def test_an_import_loads_nothing_that_it_does_not_need(code: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys; before = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "destination" in done.stdout.split()
    assert set(done.stdout.split()) & set(unwanted) == set()


def test_no_internal_module_imports_the_package_root() -> None:
    """An import of the root from inside is how circles start; actions and presets are an author's, above all of it."""
    guilty = []
    for path in ROOT.rglob("*.py"):
        if path.relative_to(ROOT).parts[0] in ("actions", "presets"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            plain = isinstance(node, ast.Import) and any(alias.name == "destination" for alias in node.names)
            if plain or (isinstance(node, ast.ImportFrom) and node.module == "destination" and not node.level):
                guilty.append(str(path.relative_to(ROOT)))
    assert guilty == []


@pytest.mark.parametrize("package", ["actions", "presets"])
def test_actions_and_presets_import_only_what_is_public(package: str) -> None:
    files = list((ROOT.parent / package).rglob("*.py"))
    assert files
    public = {"destination", *(f"destination.{name}" for name in PACKAGES)}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("destination"):
                continue
            if not (node.module or "").startswith("destination.actions"):
                assert node.module in public, f"{path}: {node.module}"
                assert {alias.name for alias in node.names} <= set(public_names(str(node.module))), path
