"""The values of a file, each with its place in the text."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from destination.testing.compare import Path as ValuePath
from destination.testing.compare import pointer


class CaseFileError(Exception):
    """A file of cases that cannot be used: where, what was found, what to do.

    Example:
        >>> str(CaseFileError(Path("a.cases.yaml"), 3, "/cases/0: has no name; give it one"))
        'a.cases.yaml:3: /cases/0: has no name; give it one'
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {message}")


@dataclass(slots=True)
class Node:
    """A value in a text.

    Attributes:
        start: Where it begins, as an index into the text; where it would stand, for one that is left empty.
        end: Where it ends.
        line: The line, from 1.
        column: The column in which it begins, from 0.
        value: Text, number, boolean or None; None for an object or a list.
        members: The members of an object by key, each with where its key stands; None for anything else.
        items: The items of a list; None for anything else.
        block: Whether it is an object or a list by indentation, as only YAML has them.
    """

    start: int
    end: int
    line: int
    column: int
    value: Any = None
    members: "dict[str, Member] | None" = None
    items: "list[Node] | None" = None
    block: bool = False

    @property
    def plain(self) -> Any:
        """The value without the places."""
        if self.members is not None:
            return {key: member.node.plain for key, member in self.members.items()}
        if self.items is not None:
            return [item.plain for item in self.items]
        return self.value


@dataclass(slots=True)
class Member:
    """A member of an object.

    Attributes:
        key: Where the key stands.
        node: Its value.
    """

    key: Node
    node: Node


@dataclass(slots=True)
class Document:
    """A file that was read.

    Attributes:
        path: Where it is.
        text: All of it.
        root: Its value.
    """

    path: Path
    text: str
    root: Node
    plain: Any = field(init=False)

    def __post_init__(self) -> None:
        self.plain = self.root.plain

    def node(self, path: ValuePath) -> Node | None:
        """The value at a path, None where there is none."""
        node: Node | None = self.root
        for key in path:
            if node is None:
                return None
            if isinstance(key, str):
                member = (node.members or {}).get(key)
                node = None if member is None else member.node
            else:
                items = node.items or []
                node = items[key] if key < len(items) else None
        return node

    def line(self, path: ValuePath) -> int:
        """The line of a value, or of what stands around where it should be."""
        while True:
            node = self.node(path)
            if node is not None:
                return node.line
            path = path[:-1]

    def error(self, path: ValuePath, message: str) -> CaseFileError:
        """What to raise about a place of the file."""
        return CaseFileError(self.path, self.line(path), f"{pointer(path)}: {message}")
