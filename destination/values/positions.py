"""Texts in JSON and YAML, with the position of each value.

Use it to show a line of a file, or to change one value of it and nothing else. `destination.values.read_json` is faster
if you need only the values.
"""

import json
import re
from bisect import bisect_right
from functools import cache
from typing import Any, Final

from destination.records import dataclass
from destination.values.text_json import read_json


@dataclass(slots=True)
class Node:
    """A value in a text.

    Attributes:
        start: The index in the text at which it begins, or would begin if it is left empty.
        end: The index after its last character.
        line: The line, from 1.
        column: The column in which it begins, from 0.
        value: Text, number, boolean or None; None for an object or a list.
        members: The members of an object by key; None for anything else.
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
        """The value without positions."""
        if self.members is not None:
            return {key: member.node.plain for key, member in self.members.items()}
        if self.items is not None:
            return [item.plain for item in self.items]
        return self.value


@dataclass(slots=True)
class Member:
    """A member of an object.

    Attributes:
        key: Its key.
        node: Its value.
    """

    key: Node
    node: Node


class PositionedError(ValueError):
    """A text that cannot be read.

    Attributes:
        line: The line of the fault, from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _key_twice(first: Node, line: int) -> PositionedError:
    lines = f"on line {line}" if line == first.line else f"on lines {first.line} and {line}"
    return PositionedError(f"has the key {first.value!r} twice in one object, {lines}; keep one of them", line)


class YamlMissingError(Exception):
    """PyYAML is not installed."""


# --- JSON ---------------------------------------------------------------------------------------------------


_MAX_DEPTH: Final = 450
"""The maximum number of levels of a text; code that works with its values is recursive."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def _no_constant(name: str) -> object:
    raise ValueError(f"is not valid JSON: it has {name}")


_SCALAR: Final = json.JSONDecoder(parse_int=read_json, parse_constant=_no_constant)


def read_json_nodes(text: str, *, lenient: bool = False, max_depth: float = _MAX_DEPTH) -> Node:
    """Reads a JSON text.

    Args:
        text: The text; a byte order mark may precede it.
        lenient: Whether to accept what `JSON.parse` accepts: a key twice, of which the last one counts, and any depth.
        max_depth: Maximum number of levels without `lenient`.

    Raises:
        PositionedError: It is not valid JSON, or, without `lenient`, has a key twice or more than `max_depth` levels.

    Example:
        >>> node = read_json_nodes('{"a": [1, "x"]}')
        >>> node.plain, node.members["a"].node.start
        ({'a': [1, 'x']}, 6)
    """
    reader = _JsonReader(text, lenient, max_depth)
    begin = 1 if text.startswith("\ufeff") else 0
    try:
        node, end = reader.value(reader.after_space(begin))
    except json.JSONDecodeError as error:
        raise PositionedError(f"is not valid JSON: {error.msg}", error.lineno) from None
    except PositionedError:
        raise
    except ValueError as error:
        raise PositionedError(str(error), 1) from None
    if reader.after_space(end) != len(text):
        raise PositionedError("is not valid JSON: there is more text after the value", reader.line(end))
    return node


class _JsonReader:
    def __init__(self, text: str, lenient: bool, max_depth: float) -> None:
        self._text = text
        self._lenient = lenient
        self._max_depth = max_depth
        self._lines = [found.end() for found in re.finditer("\n", text)]  # where each line but the first begins

    def line(self, index: int) -> int:
        return bisect_right(self._lines, index) + 1

    def after_space(self, index: int) -> int:
        found = _SPACE.match(self._text, index)
        return index if found is None else found.end()

    def value(self, at: int) -> tuple[Node, int]:
        """Reads the value that begins at an index, without recursion; returns the index behind it, too."""
        root: Node | None = None
        around: list[Node] = []  # the objects and lists that are not complete yet
        key: Node | None = None
        while True:
            node, end = self._begin(at)
            if around:
                self._put(around[-1], key, node)
            root = root or node
            if node.members is not None or node.items is not None:
                around.append(node)
                if len(around) > self._max_depth and not self._lenient:
                    raise PositionedError("nests too deeply", 1)
            while around:
                at = self.after_space(end)
                if self._text[at : at + 1] != ("]" if around[-1].members is None else "}"):
                    break
                end = around.pop().end = at + 1
            if not around:
                return root, end
            key, at = self._next(around[-1], at)

    def _begin(self, start: int) -> tuple[Node, int]:
        """Reads a value, of an object or a list only the bracket."""
        first = self._text[start : start + 1]
        if first not in ("{", "["):
            value, end = _SCALAR.raw_decode(self._text, start)
            return self._node(start, end, value), end
        node = self._node(start, start + 1)
        if first == "{":
            node.members = {}
        else:
            node.items = []
        return node, start + 1

    def _node(self, start: int, end: int, value: object = None) -> Node:
        line = self.line(start)
        return Node(start, end, line, start - (self._lines[line - 2] if line > 1 else 0), value)

    def _next(self, holder: Node, at: int) -> tuple[Node | None, int]:
        """Reads up to the next value of an object or a list: its key, if it has one, and where it begins."""
        if holder.members or holder.items:
            at = self._expect(",", at)
        if holder.members is None:
            return None, at
        if self._text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self._text, at)
        key, end = _SCALAR.raw_decode(self._text, at)
        if not self._lenient and key in holder.members:
            raise _key_twice(holder.members[key].key, self.line(at))
        return self._node(at, end, key), self._expect(":", self.after_space(end))

    def _put(self, holder: Node, key: Node | None, node: Node) -> None:
        if holder.members is not None and key is not None:
            holder.members[key.value] = Member(key, node)
        elif holder.items is not None:
            holder.items.append(node)

    def _expect(self, mark: str, at: int) -> int:
        if self._text[at : at + 1] != mark:
            raise json.JSONDecodeError(f"Expecting {mark!r} delimiter", self._text, at)
        return self.after_space(at + 1)


# --- YAML ---------------------------------------------------------------------------------------------------


NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, Any]] = {"": None, "~": None, "null": None, "true": True, "false": False}


def read_yaml_nodes(text: str) -> Node:
    r"""Reads a YAML text that holds JSON's types.

    Dates, `yes` and `no`, and numbers that JSON does not have are text: an event is JSON, and a country `NO` is not a
    boolean.

    Raises:
        PositionedError: It is not valid YAML, has a key twice, or something that JSON does not have.
        YamlMissingError: PyYAML is not installed.

    Example:
        >>> read_yaml_nodes("country: NO\nat: 2026-01-01\nn: [1, 1.5, ~]").plain
        {'country': 'NO', 'at': '2026-01-01', 'n': [1, 1.5, None]}
    """
    try:
        import yaml
    except ImportError:
        raise YamlMissingError from None
    try:
        found = yaml.compose(text, Loader=yaml.SafeLoader)
        return Node(0, 0, 1, 0) if found is None else _YamlConverter(text).convert(found)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PositionedError(
            f"is not valid YAML: {error.problem or error.context}", mark.line + 1 if mark else 1
        ) from None
    except yaml.YAMLError as error:
        raise PositionedError(f"is not valid YAML: {str(error).splitlines()[0]}", 1) from None
    except RecursionError:
        raise PositionedError("nests too deeply", 1) from None


class _YamlConverter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open: set[int] = set()

    def convert(self, found: Any) -> Node:
        line = found.start_mark.line + 1
        node = Node(found.start_mark.index, found.end_mark.index, line, found.start_mark.column)
        if found.tag not in _known_tags():
            raise PositionedError(f"has the tag {found.tag}; write plain values", line)
        if id(found) in self._open:
            raise PositionedError("refers to itself; write the value out", line)
        self._open.add(id(found))
        if found.id == "mapping":
            node.members = self._members(found)
            self._close(node, found, [part for member in node.members.values() for part in (member.key, member.node)])
        elif found.id == "sequence":
            node.items = [self.convert(item) for item in found.value]
            self._close(node, found, node.items)
        else:
            node.value = self._scalar(found)
            if found.style in ("|", ">"):
                node.end = len(self._text[: node.end].rstrip())
        self._open.discard(id(found))
        return node

    def _close(self, node: Node, found: Any, parts: list[Node]) -> None:
        """Ends a block where its last part ends; for PyYAML it ends where the next thing begins."""
        node.block = not found.flow_style
        if node.block:
            node.end = max([node.start, *(part.end for part in parts)])

    def _members(self, found: Any) -> dict[str, Member]:
        members: dict[str, Member] = {}
        for key_node, value_node in found.value:
            line = key_node.start_mark.line + 1
            if key_node.id != "scalar":
                raise PositionedError("has a key that is not text", line)
            key = key_node.value
            if key == "<<" and not key_node.style:
                raise PositionedError("has a merge key (<<); use `base` for what events share", line)
            if key in members:
                raise _key_twice(members[key].key, line)
            start = key_node.start_mark
            position = Node(start.index, key_node.end_mark.index, line, start.column, key)
            members[key] = Member(position, self.convert(value_node))
        return members

    def _scalar(self, found: Any) -> Any:
        text = found.value
        if found.style:
            return text
        if found.tag == "tag:yaml.org,2002:str" and self._text.startswith("!", found.start_mark.index):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if NUMBER.fullmatch(text):
            return read_json(text)
        return text


@cache
def _known_tags() -> frozenset[str]:
    names = ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "value", "merge")
    return frozenset(f"tag:yaml.org,2002:{name}" for name in names)
