"""What `import destination` offers."""

import ast
import subprocess
import sys
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

import destination

LAYERS = ("values", "fql", "mapping", "fields", "request", "definition", "runtime")
MODULES = ("errors", "error_codes", "event")


def defined_in(module_name: str) -> set[str]:
    """The public names that a module defines itself."""
    tree = ast.parse(Path(str(import_module(module_name).__file__)).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    names |= {
        node.target.id for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("layer", LAYERS)
def test_names_of_a_package_are_sorted_and_all_public(layer: str) -> None:
    package = import_module(f"destination.{layer}")
    assert sorted(package.__all__, key=_order) == list(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is getattr(destination, name), f"two things are called {name}"


@pytest.mark.parametrize("module", MODULES)
def test_names_of_a_module_are_all_public(module: str) -> None:
    assert defined_in(f"destination.{module}") <= set(destination.__all__)


def test_all_is_sorted_and_every_name_can_be_had() -> None:
    assert sorted(destination.__all__, key=_order) == list(destination.__all__)
    assert len(set(destination.__all__)) == len(destination.__all__)
    for name in destination.__all__:
        assert getattr(destination, name) is not None, name
    assert set(destination.__all__) <= set(dir(destination))


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(str(destination.__file__)).read_text(encoding="utf-8"))
    checking = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {alias.name for node in checking.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(destination.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        destination.nothing  # noqa: B018  # reading it is the test


def test_every_function_has_an_example() -> None:
    functions = [name for name in destination.__all__ if isfunction(getattr(destination, name))]
    without = [name for name in functions if ">>>" not in (getattr(destination, name).__doc__ or "")]
    assert without == []


def test_everything_says_what_it_is() -> None:
    things = [getattr(destination, name) for name in destination.__all__]
    assert [thing for thing in things if (isfunction(thing) or isinstance(thing, type)) and not thing.__doc__] == []


def test_import_loads_nothing_heavy() -> None:
    heavy = "pydantic", "httpx", "jinja2", "jsonpath_ng", "rich", "typer", "asyncio"
    code = f"import sys, destination; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_internal_module_imports_the_package_root() -> None:
    """An import of the root from inside is how circles start."""
    root = Path(str(destination.__file__)).parent
    guilty = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            plain = isinstance(node, ast.Import) and any(alias.name == "destination" for alias in node.names)
            if plain or (isinstance(node, ast.ImportFrom) and node.module == "destination" and not node.level):
                guilty.append(str(path.relative_to(root)))
    assert guilty == []


@pytest.mark.parametrize("package", ["actions", "presets"])
def test_actions_and_presets_import_only_what_is_public(package: str) -> None:
    root = Path(str(destination.__file__)).parents[1] / package
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("destination"):
                assert node.module == "destination", f"{path}: {node.module}"


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order that the linter keeps."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
