"""Which mappings Segment would understand."""

from typing import Any, TypeAlias

from destination.mapping.directives import DIRECTIVES
from destination.mapping.shape import is_directive
from destination.values.pointers import pointer_part


def extensions_used(mapping: Any) -> list[tuple[str, str]]:
    """The directives in a mapping that Segment does not know (`@jsonpath`, `@jinja`), each with its place.

    Returns:
        Pairs of a JSON pointer (RFC 6901) to the directive's object, and the directive's name, in the mapping's order.

    Example:
        >>> extensions_used({"a": [{"@jinja": "{{ event }}"}], "b": {"@path": "$.event"}})
        [('/a/0', '@jinja')]
    """
    found: list[tuple[str, str]] = []
    todo: list[tuple[_Trail, Any]] = [(None, mapping)]
    while todo:
        trail, value = todo.pop()
        if isinstance(value, dict):
            directive = is_directive(value)
            if directive:
                names = [name for name in value if name in DIRECTIVES and not DIRECTIVES[name].portable]
                found += [(_pointer(trail), name) for name in names]
            entries = [(key, item) for key, item in value.items() if not (directive and key == "_metadata")]
        elif isinstance(value, list):
            entries = [(str(index), item) for index, item in enumerate(value)]
        else:
            continue
        todo.extend(((trail, key), item) for key, item in reversed(entries))
    return found


# A pointer for each place would fill the memory where a mapping nests without end.
_Trail: TypeAlias = "tuple[_Trail, str] | None"


def _pointer(trail: _Trail) -> str:
    keys = []
    while trail:
        trail, key = trail
        keys.append(pointer_part(key))
    return "".join(reversed(keys))
