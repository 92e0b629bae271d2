"""Makes small changes of a mapping."""

from collections.abc import Iterator
from typing import Any, Final

from destination.mapping import compile_mapping, validate_mapping
from destination.mapping.bounds import MAX_PARTS, count_parts
from destination.mapping.changes import Change, in_list, in_object, shown
from destination.mapping.compiler import ROOT_KEY
from destination.mapping.knowledge import changes_of, directive_of, literal_change, member
from destination.mapping.validate import MappingPath, is_directive
from destination.values import MISSING, write_json

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


class ValidMapping:
    """A mapping without problems, of which a change is judged by the part that it touches.

    An object without directives of its own is valid if all its members are. So only the member that a change touches
    is checked again.

    Args:
        mapping: The mapping.

    Example:
        >>> mapping = {"name": {"@path": "$.event"}, "source": {"kind": "web"}}
        >>> whole = ValidMapping(mapping)
        >>> [whole.accepts(change) for change in mapping_changes(mapping)]
        [True, True, True, True, True]
        >>> whole.accepts(Change(("source", "kind"), "again", {**mapping, "source": {"kind": "web_"}}))
        False
    """

    def __init__(self, mapping: Any) -> None:
        self._mapping = mapping
        self._objects = dict(_plain_objects(mapping))
        # Far from the limits, which concern the whole mapping, no small change exceeds them.
        deeper = {"": {"": mapping}}
        self._is_small = 2 * count_parts(mapping) <= MAX_PARTS and not validate_mapping(deeper)
        self._known: set[tuple[MappingPath, bytes]] = {((), write_json(mapping))}

    def accepts(self, change: Change) -> bool:
        """Returns whether the changed mapping is valid, and neither the mapping nor one that was accepted before."""
        path, old, new = self._touched(change)
        if path in self._objects and len(new) < len(old):
            return True  # a member is left out: that is valid, and equal to no other change
        written = write_json(new)
        if (path, written) in self._known or (path and written == write_json(old)):
            return False
        self._known.add((path, written))
        if path and self._is_small:
            return not validate_mapping({"": new})
        return not compile_mapping(change.value).problems

    def _touched(self, change: Change) -> tuple[MappingPath, Any, Any]:
        """Returns the part outside which nothing changed: its path, before and after."""
        path: MappingPath = ()
        old, new = self._mapping, change.value
        for key in change.path:
            if path not in self._objects or len(new) != len(old):
                break
            path, old, new = (*path, key), old[key], new[key]
        return path, old, new


def _plain_objects(mapping: Any) -> Iterator[tuple[MappingPath, dict[str, Any]]]:
    """Yields the objects that are in no directive and in no list."""
    todo: list[tuple[MappingPath, Any]] = [((), mapping)]
    for path, value in todo:  # grows while it is walked
        if isinstance(value, dict) and not any(key == ROOT_KEY or key.startswith("@") for key in value):
            yield path, value
            todo.extend(((*path, key), item) for key, item in value.items())


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
