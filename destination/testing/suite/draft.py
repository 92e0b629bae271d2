"""Collects the values that an event needs, and for each the position of the payload that reads it."""

from collections.abc import Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any, TypeAlias

from destination.fields import InputField
from destination.mapping import Read, compile_mapping
from destination.mapping.directive import Branches, Directive
from destination.mapping.knowledge import directive_of, parts_of
from destination.mapping.paths import join_path
from destination.mapping.validate import MappingPath
from destination.records import dataclass
from destination.testing.suite.sample import Names, text
from destination.values import is_index

# --- the branches of a mapping ------------------------------------------------------------------------------


Choices: TypeAlias = Mapping[MappingPath, str]
"""The branch to take, by the path of its directive in the mapping; the first branch by default."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of a directive that has several.

    Attributes:
        path: The path of the directive in the mapping, without its own key.
        directive: The directive's name.
        choice: The branch: for `@if`, `then`, `else`, or `blank` (the `else` of a `blank` condition, for `""`).
        condition: What the directive's condition does in this branch, such as `finds nothing`.
        choices: The branches to take to get here: this one, and those around it.
    """

    path: MappingPath
    directive: str
    choice: str
    condition: str
    choices: Choices

    @property
    def name(self) -> str:
        """Returns a name for people: the field and the branch.

        Example:
            >>> Branch(("agent",), "@if", "else", "finds nothing", {}).name
            'agent @if else'
        """
        return f"{'.'.join(self.path)} {self.directive} {self.choice}"


def branches(mapping: Any) -> tuple[Branch, ...]:
    """Finds every branch in a mapping.

    Example:
        >>> plan = {"@path": "$.traits.plan"}
        >>> [branch.name for branch in branches({"plan": {"@if": {"exists": plan, "then": plan}}})]
        ['plan @if then', 'plan @if else']
        >>> inner = {"@if": {"blank": plan, "then": "x"}}
        >>> [branch.name for branch in branches({"plan": {"@if": {"exists": plan, "else": inner}}})][2:]
        ['plan.@if.else @if then', 'plan.@if.else @if else', 'plan.@if.else @if blank']
    """
    found: list[Branch] = []
    todo: list[_Below] = [(mapping, (), {})]
    while todo:
        part, path, around = todo.pop()
        inner: list[_Below] = []
        if isinstance(part, list):
            inner = [(item, (*path, str(index)), around) for index, item in enumerate(part)]
        elif isinstance(part, dict):
            directive = directive_of(part)
            if directive is not None and directive.branches is not None:
                inner = _add(found, directive, directive.branches, part[directive.name], path, around)
            else:
                inner = [(value, (*path, key), around) for key, value in part.items() if key != "_metadata"]
        todo.extend(reversed(inner))
    return tuple(found)


_Below: TypeAlias = tuple[Any, MappingPath, dict[MappingPath, str]]
"""A part of a mapping, its path, and the branches around it."""


def _add(
    found: list[Branch],
    directive: Directive,
    branches: Branches,
    options: Any,
    path: MappingPath,
    around: dict[MappingPath, str],
) -> list[_Below]:
    name, names = directive.name, branches.names
    found.extend(
        Branch(path, name, choice, condition, {**around, path: choice})
        for choice, condition in branches.choices(options).items()
    )
    below: dict[str, list[_Below]] = {}
    for part in parts_of(directive, options):
        key = part.keys[0] if part.keys else ""
        chosen = key if key in names else names[0]
        below.setdefault(key if key in names else "", []).append(
            (part.value, (*path, name, *part.keys), {**around, path: chosen})
        )
    return [each for key in ("", *names) for each in below.get(key, ())]


# --- changing an event --------------------------------------------------------------------------------------


Keys: TypeAlias = tuple[str, ...]
"""The path of a value in an event, as `split_path` returns it."""

_FARTHEST = 20
"""The highest index up to which a list is filled."""


def put(event: dict[str, Any], keys: Keys, value: Any) -> bool:
    """Puts a value into an event and makes the objects and lists around it; returns whether this was possible.

    It is not possible if the path leads through a value without members, such as a string, or ends at something that
    is not a member (`$.products.length`).

    Example:
        >>> event = {"properties": {"plan": "pro"}}
        >>> put(event, ("properties", "products", "0", "sku"), "a1"), put(event, ("properties", "plan", "x"), 1)
        (True, False)
        >>> event
        {'properties': {'plan': 'pro', 'products': [{'sku': 'a1'}]}}
    """
    if not keys or "__proto__" in keys:
        return False
    container: Any = event
    for key, following in pairwise(keys):
        if not _takes(container, key):
            return False
        inner = _get(container, key)
        if inner is None:
            inner = [] if is_index(following) and int(following) <= _FARTHEST else {}
            _set(container, key, inner)
        container = inner
    if not _takes(container, keys[-1]):
        return False
    _set(container, keys[-1], value)
    return True


def remove(event: dict[str, Any], keys: Keys) -> None:
    """Removes the value at a path; an item of a list becomes null, so that the others keep their indexes.

    Example:
        >>> event = {"properties": {"plan": "pro", "tags": ["a", "b"]}}
        >>> remove(event, ("properties", "plan")); remove(event, ("properties", "tags", "0"))
        >>> event
        {'properties': {'tags': [None, 'b']}}
    """
    container: Any = event
    for key in keys[:-1]:
        container = _get(container, key)
    if isinstance(container, dict):
        container.pop(keys[-1], None)
    elif _takes(container, keys[-1]) and int(keys[-1]) < len(container):
        container[int(keys[-1])] = None


def _takes(container: Any, key: str) -> bool:
    if isinstance(container, list):
        return is_index(key) and int(key) <= _FARTHEST
    return isinstance(container, dict)


def _get(container: Any, key: str) -> Any:
    if isinstance(container, dict):
        return container.get(key)
    if isinstance(container, list) and is_index(key) and int(key) < len(container):
        return container[int(key)]
    return None


def _set(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
        return
    index = int(key)
    container.extend([None] * (index + 1 - len(container)))
    container[index] = value


# --- what a mapping reads -----------------------------------------------------------------------------------


def event_paths(part: Any) -> tuple[Keys, ...]:
    """Returns the paths in the event that a part of a mapping may read, each once, in order.

    Paths that depend on the event are left out: those that a directive makes, and those in a value that a directive
    makes (the items of `@arrayPath`, the result of `@transform`'s `apply`).

    Example:
        >>> event_paths({"@if": {"exists": {"@path": "$.traits.plan"}, "then": {"@template": "{{plan}} {{a.b}}"}}})
        (('traits', 'plan'), ('plan',), ('a', 'b'))
    """
    found: dict[Keys, None] = {}
    todo = [part]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(reversed(node))
        elif isinstance(node, dict):
            directive = directive_of(node)
            inner = list(node.values())
            if directive is not None:
                parts = parts_of(directive, node[directive.name])
                if all(part.keys for part in parts):  # otherwise a directive makes its value, and so what it reads
                    found.update(dict.fromkeys(_own_reads(node)))
                inner = [part.value for part in parts if part.keys not in directive.derived]
            todo.extend(reversed(inner))
    return tuple(keys for keys in found if keys)


def _own_reads(node: dict[str, Any]) -> list[Keys]:
    """Returns the paths that a directive reads itself, without those of its parts."""
    done = compile_mapping({"value": node}).steps({})
    if done.error is not None:
        return []  # invalid, or it fails without its values: no event can be made for it
    steps = (step for step in done.steps if step.path == ("value",))
    return [read.keys for step in steps for read in step.events if isinstance(read, Read) and not read.derived]


# --- the draft ----------------------------------------------------------------------------------------------


Position: TypeAlias = tuple[str, ...]
"""A path in a payload: keys of objects. Items of a list have the position of their list."""


class Draft:
    """The values that an event needs for a wanted payload.

    Attributes:
        names: The names of destination and action, from which texts of the draft are made.
        choices: The branch to take of each directive.
        sources: The paths of the event that make each position of the payload.
        notes: The values that cannot be brought about, each with the reason.

    Example:
        >>> draft = Draft(("shop", "order"))
        >>> draft.write(("event",), "Signed Up", ("name",))
        >>> draft.event({"type": "track"}), draft.sources
        ({'type': 'track', 'event': 'Signed Up'}, {('name',): {('event',): None}})
    """

    def __init__(self, names: Names, choices: Choices | None = None) -> None:
        self.names = names
        self.choices: Choices = choices or {}
        self.sources: dict[Position, dict[Keys, None]] = {}
        self.notes: list[str] = []
        self._writes: dict[Keys, Any] = {}
        self._owners: dict[Keys, Position] = {}
        self._fillers: dict[Keys, str] = {}
        self._removed: dict[Keys, None] = {}

    def own(self, *names: str) -> str:
        """Makes a text for a path from which no field needs a certain value."""
        return text((*self.names, *names))

    def write(self, keys: Keys, value: Any, position: Position, field: InputField | None = None) -> None:
        """Writes a value into the event; if the path has another value already, that stays and a note is added."""
        if not keys:
            self.note(position, "is the whole event")
            return
        self._source(position, keys)
        if isinstance(value, dict) and field is not None and field.properties and not field.multiple:
            for key in value:
                self._source((*position, key), (*keys, key))
        if keys not in self._writes:
            self._writes[keys], self._owners[keys] = value, position
        elif self._writes[keys] != value:
            owner = shown(self._owners[keys])
            self.note(position, f"reads {join_path(keys)}, which has the value for {owner}")

    def fill(self, part: Any, position: Position, maker: str = "") -> None:
        """Writes a distinct text at each path that a part reads and that has no value yet."""
        paths = event_paths(part)
        for keys in paths:
            self._fillers.setdefault(keys, self.own(*position, *keys))
            self._source(position, keys)
        if maker and paths:
            self.note(position, f"made by {maker}: each path that it reads has a value of its own")
        elif maker:
            self.note(position, f"made by {maker}; which paths it reads is not known")

    def refuse(self, condition: Any, position: Position, *, blank: bool) -> None:
        """Makes a condition find nothing, or an empty string if `blank`."""
        paths = event_paths(condition)
        for keys in paths:
            if blank:
                self._writes[keys], self._owners[keys] = "", position
            else:
                self._removed[keys] = None
        if not paths:
            self.note(position, "its condition does not read the event, so this branch may be out of reach")

    def note(self, position: Position, what: str) -> None:
        """Adds a note on a value that no event can bring about."""
        sentence = f"{shown(position)}: {what}"
        if sentence not in self.notes:
            self.notes.append(sentence)

    def take_item(self, item: "Draft", keys: Keys, position: Position) -> None:
        """Adds the sources and notes of the draft for one item of a list, which is at the keys."""
        for inner, sources in item.sources.items():
            for inner_keys in sources:
                self._source((*position, *inner), (*keys, *inner_keys))
        for note in item.notes:
            inside, _, what = note.partition(": ")
            self.note((*position, *(() if inside == "payload" else inside.split("."))), what)

    def event(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """Makes the event: `base` with the values of the draft. Adds a note for each value that cannot be written."""
        made: dict[str, Any] = deepcopy(dict(base))
        # Values that contain others come first, so that the inner ones are written into them.
        for keys, value in sorted(self._writes.items(), key=lambda item: len(item[0])):
            if not put(made, keys, deepcopy(value)):
                self.note(self._owners[keys], f"{join_path(keys)} cannot have a value")
        for keys, filler in sorted(self._fillers.items(), key=lambda item: -len(item[0])):
            if not _stands(made, keys):
                put(made, keys, filler)
        for keys in self._removed:
            remove(made, keys)
        return made

    def _source(self, position: Position, keys: Keys) -> None:
        self.sources.setdefault(position, {})[keys] = None


def shown(position: Position) -> str:
    """Writes a position for people.

    Example:
        >>> shown(("units", "userId")), shown(())
        ('units.userId', 'payload')
    """
    return ".".join(position) or "payload"


def _stands(event: Any, keys: Keys) -> bool:
    for key in keys:
        if not isinstance(event, dict) or key not in event:
            # No member can be added to a list or a string, so the value that is there stays.
            return isinstance(event, (list, str))
        event = event[key]
    return True
