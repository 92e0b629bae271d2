"""JSON, with the place of each value."""

import json
import re
from bisect import bisect_right
from typing import Final

from destination.testing.cases.nodes import Member, Node
from destination.values import read_json

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def _no_constant(name: str) -> object:
    raise ValueError(f"is no JSON: it has {name}")


_SCALAR: Final = json.JSONDecoder(parse_int=read_json, parse_constant=_no_constant)


class PlacedError(ValueError):
    """Text that cannot be read, and where: `line` from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_json_nodes(text: str) -> Node:
    """The value of a JSON text.

    Raises:
        PlacedError: It is no JSON, or has a key twice.

    Example:
        >>> node = read_json_nodes('{"a": [1, "x"]}')
        >>> node.plain, node.members["a"].node.start
        ({'a': [1, 'x']}, 6)
    """
    reader = _Reader(text)
    begin = 1 if text.startswith("\ufeff") else 0
    try:
        node, end = reader.value(reader.after_space(begin))
    except json.JSONDecodeError as error:
        raise PlacedError(f"is no JSON: {error.msg}", error.lineno) from None
    except PlacedError:
        raise
    except ValueError as error:
        raise PlacedError(str(error), 1) from None
    except RecursionError:
        raise PlacedError("nests too deeply", 1) from None
    if reader.after_space(end) != len(text):
        raise PlacedError("is no JSON: something stands behind the value", reader.line(end))
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [found.end() for found in re.finditer("\n", text)]  # where each line but the first begins

    def line(self, index: int) -> int:
        return bisect_right(self._lines, index) + 1

    def after_space(self, index: int) -> int:
        found = _SPACE.match(self._text, index)
        return index if found is None else found.end()

    def value(self, start: int) -> tuple[Node, int]:
        first = self._text[start : start + 1]
        if first == "{":
            return self._object(start)
        if first == "[":
            return self._list(start)
        value, end = _SCALAR.raw_decode(self._text, start)
        return self._node(start, end, value), end

    def _node(self, start: int, end: int, value: object = None) -> Node:
        line = self.line(start)
        return Node(start, end, line, start - (self._lines[line - 2] if line > 1 else 0), value)

    def _object(self, start: int) -> tuple[Node, int]:
        members: dict[str, Member] = {}
        at = self.after_space(start + 1)
        while self._text[at : at + 1] != "}":
            if members:
                at = self._expect(",", at)
            if self._text[at : at + 1] != '"':
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self._text, at)
            key, end = _SCALAR.raw_decode(self._text, at)
            if key in members:
                raise PlacedError(f"has the key {key!r} twice in one object; keep one of them", self.line(at))
            place = self._node(at, end, key)
            inner, at = self.value(self._expect(":", self.after_space(end)))
            members[key] = Member(place, inner)
            at = self.after_space(at)
        node = self._node(start, at + 1)
        node.members = members
        return node, at + 1

    def _list(self, start: int) -> tuple[Node, int]:
        items: list[Node] = []
        at = self.after_space(start + 1)
        while self._text[at : at + 1] != "]":
            if items:
                at = self._expect(",", at)
            item, at = self.value(at)
            items.append(item)
            at = self.after_space(at)
        node = self._node(start, at + 1)
        node.items = items
        return node, at + 1

    def _expect(self, mark: str, at: int) -> int:
        if self._text[at : at + 1] != mark:
            raise json.JSONDecodeError(f"Expecting {mark!r} delimiter", self._text, at)
        return self.after_space(at + 1)
