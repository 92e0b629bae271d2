"""What is public, package by package."""

import ast
from importlib import import_module
from pathlib import Path

PACKAGES = (
    "availability",
    "definition",
    "error_codes",
    "errors",
    "event",
    "exchange",
    "fields",
    "fql",
    "mapping",
    "request",
    "runtime",
    "values",
)
"""The packages and modules of `destination` that an author or a caller of an instance imports from."""


def public_names(module_name: str) -> list[str]:
    """The names that a package or a module offers, in the order of its `__all__` where it has one."""
    module = import_module(module_name)
    return list(getattr(module, "__all__", None) or _defined_in(Path(str(module.__file__))))


def _defined_in(file: Path) -> list[str]:
    """The public classes, functions and annotated constants that a module defines itself."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    names = [node.name for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    names += [node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    return sorted((name for name in names if not name.startswith("_")), key=in_order)


def in_order(name: str) -> tuple[int, str]:
    """Sorts constants, then classes, then functions: the order that the linter keeps."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
