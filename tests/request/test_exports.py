import ast
from pathlib import Path

import destination.request


def test_exports_are_sorted_and_complete() -> None:
    exported = destination.request.__all__
    tree = ast.parse(Path(destination.request.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported - {"TYPE_CHECKING", "late_names"} == set(exported)
    assert exported == sorted(exported, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_every_export_is_documented() -> None:
    for name in destination.request.__all__:
        value = getattr(destination.request, name)
        if callable(value) and value.__module__.startswith("destination."):
            assert value.__doc__, name
