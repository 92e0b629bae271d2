"""An event in the making: what has to stand where, and for which position of the payload."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from destination.fields import InputField
from destination.mapping.paths import join_path
from destination.testing.suite.branches import Choices
from destination.testing.suite.edit import Keys, put, remove
from destination.testing.suite.event_paths import event_paths
from destination.testing.suite.sample import Names, text

Position: TypeAlias = tuple[str, ...]
"""Where in a payload: keys of objects. Items of a list share the position of their list."""


class Draft:
    """What is to stand in an event so that a wanted payload comes out.

    Attributes:
        names: What leads to the payload; values of the draft's own are made from it.
        choices: Which branch of each `@if` is to be taken.
        sources: For each position of the payload the places of the event that make it.
        notes: What could not be brought about, and why.

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
        """A text for a place that no field wants a value at."""
        return text((*self.names, *names))

    def write(self, keys: Keys, value: Any, position: Position, field: InputField | None = None) -> None:
        """Has a value stand in the event; of two for one place the first stays, and the second is noted."""
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
            self.note(position, f"reads {join_path(keys)}, where the value for {owner} stands")

    def fill(self, part: Any, position: Position, maker: str = "") -> None:
        """Has a text of its own stand at each place that a part reads, unless something stands there."""
        paths = event_paths(part)
        for keys in paths:
            self._fillers.setdefault(keys, self.own(*position, *keys))
            self._source(position, keys)
        if maker and paths:
            self.note(position, f"{maker} makes it: each place that it reads has a value of its own")
        elif maker:
            self.note(position, f"{maker} makes it, and what it reads cannot be seen")

    def refuse(self, condition: Any, position: Position, *, blank: bool) -> None:
        """Has the condition of an `@if` find nothing, or a blank text."""
        paths = event_paths(condition)
        for keys in paths:
            if blank:
                self._writes[keys], self._owners[keys] = "", position
            else:
                self._removed[keys] = None
        if not paths:
            self.note(position, "its condition reads no event, so this branch may be out of reach")

    def note(self, position: Position, what: str) -> None:
        """Notes what cannot be had."""
        sentence = f"{shown(position)}: {what}"
        if sentence not in self.notes:
            self.notes.append(sentence)

    def take_item(self, item: "Draft", keys: Keys, position: Position) -> None:
        """Takes over what the draft of a list's item, which stands at the keys, knows of its sources."""
        for inner, sources in item.sources.items():
            for inner_keys in sources:
                self._source((*position, *inner), (*keys, *inner_keys))
        for note in item.notes:
            place, _, what = note.partition(": ")
            self.note((*position, *(() if place == "payload" else place.split("."))), what)

    def event(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """The event: `base`, and in it what is to stand there. What finds no place is noted."""
        made: dict[str, Any] = deepcopy(dict(base))
        # What holds others first, so that these find their place in it.
        for keys, value in sorted(self._writes.items(), key=lambda item: len(item[0])):
            if not put(made, keys, deepcopy(value)):
                self.note(self._owners[keys], f"{join_path(keys)} is no place where a value can stand")
        for keys, filler in sorted(self._fillers.items(), key=lambda item: -len(item[0])):
            if not _stands(made, keys):
                put(made, keys, filler)
        for keys in self._removed:
            remove(made, keys)
        return made

    def _source(self, position: Position, keys: Keys) -> None:
        self.sources.setdefault(position, {})[keys] = None


def shown(position: Position) -> str:
    """A position for people.

    Example:
        >>> shown(("units", "userId")), shown(())
        ('units.userId', 'payload')
    """
    return ".".join(position) or "payload"


def _stands(event: Any, keys: Keys) -> bool:
    for key in keys:
        if not isinstance(event, dict) or key not in event:
            # Beside a list or a text no filler can be put: what stands there counts.
            return isinstance(event, (list, str))
        event = event[key]
    return True
