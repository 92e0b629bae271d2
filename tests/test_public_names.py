"""What `import destination` offers, and what its packages offer beside it."""

import argparse
import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from inspect import getsource, isfunction
from pathlib import Path
from types import ModuleType
from typing import Any, is_typeddict

import pytest

import destination
from destination.delivery import InputError, Source
from tests.public_names import PACKAGES, in_order, public_names

ROOT = Path(str(destination.__file__)).parent
ERRORS = [name for name in destination.__all__ if name.startswith("is_") or name.endswith("Error")]
"""The errors that the root has, and the questions about them."""


TOOLS = (
    "catalog.absmartly",
    "catalog.absmartly.migration",
    "catalog.absmartly.sdk",
    "delivery",
    "forwarding.accepted",
    "forwarding.admin",
    "forwarding.config",
    "forwarding.dead_letter_file",
    "forwarding.forwarder",
    "forwarding.http",
    "forwarding.loaded",
    "forwarding.logs",
    "forwarding.masks",
    "forwarding.queue",
    "forwarding.replaying",
    "forwarding.service",
    "pages",
    "server",
    "testing",
    "workbench.catalog_page",
    "workbench.coverage",
    "workbench.diff",
    "workbench.explain",
    "workbench.lint",
    "workbench.mutate",
    "workbench.scaffold",
)
"""The packages with an `__all__` above the runtime: for delivery, tests, tools and pages."""

WITHOUT_EXAMPLE = {
    "destination.local_server.serve": "It runs until Ctrl-C. docs/tester.md shows the command that calls it.",
}


def documented() -> Iterator[Any]:
    """Every public class and function, once."""
    packages = (import_module(f"destination.{name}") for name in (*PACKAGES, *TOOLS))
    found = (getattr(package, name) for package in packages for name in public_names(package.__name__))
    return iter(dict.fromkeys(thing for thing in found if isfunction(thing) or isinstance(thing, type)))


def lacking(found: Iterable[Any]) -> set[str]:
    """The names of those that no example shows."""
    return {
        f"{thing.__module__}.{thing.__name__}"
        for thing in found
        if ">>>" not in (thing.__doc__ or "")
        and not (may_share(thing) and has_example(import_module(thing.__module__)))
    }


def may_share(thing: Any) -> bool:
    """Whether an example of its module is enough: an error, a protocol, a TypedDict or a named tuple.

    These say what others raise, need, take or return, so that the example of the thing that does so shows them.
    """
    is_shape = is_typeddict(thing) or getattr(thing, "_is_protocol", False) or hasattr(thing, "_fields")
    return is_shape or (isinstance(thing, type) and issubclass(thing, Exception))


def has_example(module: ModuleType) -> bool:
    """Whether the docstring of a module, or of something public in it, has an example."""
    tree = ast.parse(getsource(module))
    public = [node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name[0] != "_"]
    within = [node for owner in public for node in ast.walk(owner) if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    return any(">>>" in (ast.get_docstring(node) or "") for node in (tree, *within))


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


def test_every_public_class_and_function_has_an_example() -> None:
    """Doctest runs each of them."""
    assert sorted(lacking(documented()) - WITHOUT_EXAMPLE.keys()) == []
    assert lacking(documented()) >= WITHOUT_EXAMPLE.keys(), "has an example now: take it from the list"


def test_an_error_may_share_the_example_of_its_module_and_a_class_with_behaviour_may_not() -> None:
    assert lacking([InputError, Source]) == set()
    assert lacking([argparse.Namespace, argparse.ArgumentError]) == {"argparse.Namespace", "argparse.ArgumentError"}


def test_everything_says_what_it_is() -> None:
    assert [thing.__name__ for thing in documented() if not thing.__doc__] == []


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import destination", ("pydantic", "httpx", "jinja2", "jsonpath_ng", "rich", "click", "asyncio", "pathlib")),
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
