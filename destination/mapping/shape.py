"""What stands where in a mapping: places, and which objects are directives."""

from typing import Any, TypeAlias

MappingPath: TypeAlias = tuple[str, ...]
"""A path in a mapping: the keys that lead there."""
Place = MappingPath


def is_directive(value: dict[str, Any]) -> bool:
    """Whether an object is a directive: an `@` key, and beside such keys nothing but `_metadata`.

    Example:
        >>> is_directive({"@path": "$.a", "_metadata": {}}), is_directive({"@path": "$.a", "b": 1})
        (True, False)
    """
    found = False
    for key in value:
        if key.startswith("@"):
            found = True
        elif key != "_metadata":
            return False
    return found


def directive_name(value: dict[str, Any]) -> str:
    """The key of a directive that decides: the first that begins with `@`."""
    return next(key for key in value if key.startswith("@"))
