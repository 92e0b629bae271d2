"""Makes small changes of a mapping."""

from collections.abc import Iterator
from typing import Any, Final

from destination.mapping import validate_mapping
from destination.mapping.changes import Change, in_list, in_object, shown
from destination.mapping.compiler import ROOT_KEY
from destination.mapping.knowledge import changes_of, directive_of, literal_change, member
from destination.mapping.validate import MappingPath, is_directive
from destination.values import MISSING

_KEPT: Final = ("__segment_internal_", "enable_batching", "batch_size", "batch_keys", "batch_bytes")
"""Beginnings of keys that are not changed: Segment adds them, or they say how events are sent and not what."""


def mapping_changes(mapping: Any) -> Iterator[Change]:
    """Yields the mapping with one thing changed.

    The changes: a key left out, a literal, a part of a path, the branches of an `@if`, a default left out, an option
    of a directive, a directive left out so that its value stays, a placeholder or a filter of a template.

    Example:
        >>> for change in mapping_changes({"name": {"@path": "$.event"}, "source": "web"}):
        ...     print("/".join(change.path), "|", change.text)
        name | the key "name" is left out
        name | $.event becomes $.event_
        source | the key "source" is left out
        source | "web" becomes "web_"
    """
    return _of(mapping, ())


def _of(value: Any, path: MappingPath) -> Iterator[Change]:
    if isinstance(value, dict):
        if is_directive(value):
            yield from _of_directive(value, path)
            return
        for key, item in value.items():
            if key == ROOT_KEY:
                yield from in_object(key, value, _of(item, (*path, key)))
            elif not key.startswith(_KEPT):
                rest = {other: each for other, each in value.items() if other != key}
                yield Change((*path, key), f"the key {shown(key)} is left out", rest)
                yield from in_object(key, value, _of(item, (*path, key)))
    elif isinstance(value, list):
        yield from _of_list(value, path)
    else:
        yield literal_change(value, path)


def _of_list(value: list[Any], path: MappingPath) -> Iterator[Change]:
    for index, item in enumerate(value):
        at = (*path, str(index))
        yield Change(at, f"{shown(item)} is left out", [*value[:index], *value[index + 1 :]])
        yield from in_list(index, value, _of(item, at))


def _of_directive(value: dict[str, Any], path: MappingPath) -> Iterator[Change]:
    directive = directive_of(value)
    if directive is None:
        return
    name, options = directive.name, value[directive.name]
    changes = in_object(name, value, changes_of(directive, options, path, _of))
    # The changes that a directive makes itself are valid; those made for it are checked.
    yield from changes if directive.changes is not None else filter(_is_valid, changes)
    wrapped = MISSING if directive.wraps is None else member(options, directive.wraps)
    if wrapped is not MISSING:
        yield Change(path, f"{name} is left out, its value stays", wrapped)


def _is_valid(change: Change) -> bool:
    return not validate_mapping({"": change.value})
