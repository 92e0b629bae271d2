"""Which mappings Segment would understand."""

from typing import Any

from destination.mapping.directive import is_directive
from destination.mapping.directives import DIRECTIVES


def extensions_used(mapping: Any) -> list[tuple[str, str]]:
    """The directives in a mapping that Segment does not know (`@jsonpath`, `@jinja`), each with its place.

    Returns:
        Pairs of a JSON pointer (RFC 6901) to the directive's object, and the directive's name, in the mapping's order.

    Example:
        >>> extensions_used({"a": [{"@jinja": "{{ event }}"}], "b": {"@path": "$.event"}})
        [('/a/0', '@jinja')]
    """
    found: list[tuple[str, str]] = []
    todo: list[tuple[str, Any]] = [("", mapping)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            directive = is_directive(value)
            if directive:
                found += [(pointer, name) for name in value if name in DIRECTIVES and not DIRECTIVES[name].portable]
            entries = [(key, item) for key, item in value.items() if not (directive and key == "_metadata")]
        elif isinstance(value, list):
            entries = [(str(index), item) for index, item in enumerate(value)]
        else:
            continue
        todo.extend((f"{pointer}/{_escape(key)}", item) for key, item in reversed(entries))
    return found


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
