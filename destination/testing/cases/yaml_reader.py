"""YAML with JSON's types, and the place of each value.

Dates, `yes` and `no`, and numbers that JSON does not have are text: an event is JSON, and a country `NO` is no
boolean.
"""

import re
from functools import cache
from typing import Any, Final

from destination.testing.cases.json_reader import PlacedError
from destination.testing.cases.nodes import Member, Node
from destination.values import read_json

NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
WORDS: Final[dict[str, Any]] = {"": None, "~": None, "null": None, "true": True, "false": False}


class YamlMissingError(Exception):
    """PyYAML is not installed."""


def read_yaml_nodes(text: str) -> Node:
    r"""The value of a YAML text.

    Raises:
        PlacedError: It is no YAML, has a key twice, or something that JSON has no place for.
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
        return Node(0, 0, 1, 0) if found is None else _Converter(text).convert(found)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlacedError(f"is no YAML: {error.problem or error.context}", mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:
        raise PlacedError(f"is no YAML: {str(error).splitlines()[0]}", 1) from None
    except RecursionError:
        raise PlacedError("nests too deeply", 1) from None


class _Converter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open: set[int] = set()

    def convert(self, found: Any) -> Node:
        line = found.start_mark.line + 1
        node = Node(found.start_mark.index, found.end_mark.index, line, found.start_mark.column)
        if found.tag not in _known_tags():
            raise PlacedError(f"has the tag {found.tag}; write plain values", line)
        if id(found) in self._open:
            raise PlacedError("refers to itself; write the value out", line)
        self._open.add(id(found))
        if found.id == "mapping":
            node.members = self._members(found)
            self._close(node, found, [place for member in node.members.values() for place in (member.key, member.node)])
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
        """A block ends for PyYAML where the next thing begins; here, where its last part ends."""
        node.block = not found.flow_style
        if node.block:
            node.end = max([node.start, *(part.end for part in parts)])

    def _members(self, found: Any) -> dict[str, Member]:
        members: dict[str, Member] = {}
        for key_node, value_node in found.value:
            line = key_node.start_mark.line + 1
            if key_node.id != "scalar":
                raise PlacedError("has a key that is no text", line)
            key = key_node.value
            if key == "<<" and not key_node.style:
                raise PlacedError("has a merge key (<<); use `base` for what events share", line)
            if key in members:
                raise PlacedError(f"has the key {key!r} twice in one object; keep one of them", line)
            start = key_node.start_mark
            place = Node(start.index, key_node.end_mark.index, line, start.column, key)
            members[key] = Member(place, self.convert(value_node))
        return members

    def _scalar(self, found: Any) -> Any:
        text = found.value
        if found.style:
            return text
        if found.tag == "tag:yaml.org,2002:str" and self._text.startswith("!", found.start_mark.index):
            return text
        if text in WORDS:
            return WORDS[text]
        if NUMBER.fullmatch(text):
            return read_json(text)
        return text


@cache
def _known_tags() -> frozenset[str]:
    names = ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "value", "merge")
    return frozenset(f"tag:yaml.org,2002:{name}" for name in names)
