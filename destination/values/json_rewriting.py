"""Changes values in a JSON text, and leaves every other character of it as it is."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any, Final, TypeAlias

from destination.records import dataclass
from destination.values.positions import Node
from destination.values.text_json import write_json

_MARK: Final = b"\xef\xbb\xbf"
_LONGEST_LINE: Final = 100

# One character of a JSON string: a pair of escapes for one character beyond 16 bits, another escape, or itself.
_CHARACTER: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

Parts: TypeAlias = Sequence[tuple[Node | None, Any]]
"""The values of a list, each with the value of the text that it is made from, if there is one."""


def decode_json(raw: bytes) -> tuple[bytes, str]:
    r"""Splits the bytes of a JSON file into its byte order mark, if it has one, and its text.

    Raises:
        UnicodeDecodeError: It is not UTF-8.

    Example:
        >>> decode_json(b"\xef\xbb\xbf[]")
        (b'\xef\xbb\xbf', '[]')
    """
    mark = _MARK if raw.startswith(_MARK) else b""
    return mark, raw[len(mark) :].decode("utf-8", "surrogatepass")


def encode_json(mark: bytes, text: str) -> bytes:
    """Joins what `decode_json` splits."""
    return mark + text.encode("utf-8", "surrogatepass")


def character_offsets(text: str, node: Node) -> list[int]:
    r"""Returns for each character of a JSON string the index in the text at which it begins, and where the last ends.

    Example:
        >>> from destination.values.positions import read_json_nodes
        >>> text = '["a\\n\\ud83d\\ude00b"]'
        >>> character_offsets(text, read_json_nodes(text).items[0])
        [2, 3, 5, 17, 18]
    """
    begin, end = node.start + 1, node.end - 1
    return [*(begin + found.start() for found in _CHARACTER.finditer(text[begin:end])), end]


def equal_as_doubles(one: Any, other: Any) -> bool:
    """Returns whether two JSON values are equal for JavaScript, which reads every number as a double.

    The order of members does not count. A number beyond a double's range, such as `1e999`, is null: JavaScript reads it
    as infinity, and writes that as null.

    Example:
        >>> equal_as_doubles({"a": 1, "b": 9007199254740993}, {"b": 9007199254740992, "a": 1.0})
        True
        >>> equal_as_doubles(True, 1)
        False
    """
    if isinstance(one, dict):
        if not isinstance(other, dict) or one.keys() != other.keys():
            return False
        return all(equal_as_doubles(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return False
        return all(map(equal_as_doubles, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    one, other = _as_written(one), _as_written(other)
    if isinstance(one, float) and isinstance(other, float):
        return one == other
    return type(one) is type(other) and bool(one == other)


def _as_written(value: Any) -> Any:
    """Returns a number as JavaScript writes it again: as a double, and null if it is beyond a double's range."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if isfinite(value) else None
    return value


def rewrite_json(text: str, root: Node, node: Node, value: Any, parts: Parts | None = None) -> str:
    r"""Returns a JSON text in which one value is replaced. What stays equal keeps its text, at every depth.

    New values are laid out as the text is: its indentation, line ends, spaces and escapes.

    Args:
        text: The text.
        root: Its value.
        node: The value to replace.
        value: The new value.
        parts: If the value is a list: its items, with the values of the text that they are made from.

    Raises:
        RecursionError: The value nests too deeply.

    Example:
        >>> from destination.values.positions import read_json_nodes
        >>> text = '{\n  "a": [1,  2],\n  "b": "x"\n}'
        >>> root = read_json_nodes(text)
        >>> print(rewrite_json(text, root, root, {"a": [1, 2, 3], "c": None}))
        {
          "a": [1,  2,  3],
          "c": null
        }
    """
    writer = _Writer(text, _style_of(text, root))
    new = (
        writer.rewritten(node, value, wide=writer.style.unit is not None)
        if parts is None
        else writer.listed(node, parts)
    )
    return text[: node.start] + new + text[node.end :]


# --- the layout of a text --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Style:
    """How a text is laid out.

    Attributes:
        unit: The indentation of one level; None for a text on one line.
        newline: The end of a line.
        colon: What is between a key and its value.
        comma: What is between two members on one line.
        padding: What is inside the braces of an object on one line.
        inline: Whether small objects are on one line, though the text has several.
        ascii: Whether characters beyond ASCII are escaped.
    """

    unit: str | None
    newline: str
    colon: str
    comma: str
    padding: str
    inline: bool
    ascii: bool


def _style_of(text: str, root: Node) -> _Style:
    indented = re.search(r"\n([ \t]+)\S", text)
    holders = [node for node in _nodes(root) if node.members]
    small = [node for node in holders if all(one.node.members is None for one in _members(node))]
    lines = [node for node in small if "\n" not in text[node.start : node.end]]
    member = next((one for node in holders for one in _members(node)), None)
    pair = next(((a, b) for node in lines for a, b in pairwise(_members(node))), None)
    colon = ": " if member is None else text[member.key.end : member.node.start]
    return _Style(
        unit=indented.group(1) if indented else None,
        newline="\r\n" if "\r\n" in text else "\n",
        colon=colon if "\n" not in colon else ": ",
        comma=text[pair[0].node.end : pair[1].key.start] if pair else ", " if colon.endswith(" ") else ",",
        padding=text[lines[0].start + 1 : _members(lines[0])[0].key.start] if lines else "",
        inline=2 * len(lines) > len(small),
        ascii=text.isascii() and re.search(r"\\u(?!00[01])", text) is not None,
    )


def _members(node: Node) -> list[Any]:
    return list((node.members or {}).values())


def _nodes(root: Node) -> Iterator[Node]:
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo += reversed(node.items or [one.node for one in _members(node)])


# --- writing ---------------------------------------------------------------------------------------------


class _Writer:
    def __init__(self, text: str, style: _Style) -> None:
        self._text = text
        self.style = style

    def rewritten(self, node: Node, value: Any, *, wide: bool) -> str:
        """Writes a value with the text of another one, as far as they are equal."""
        if equal_as_doubles(node.plain, value):
            return self._text[node.start : node.end]
        if node.members and isinstance(value, dict):
            return self._object(node, value)
        if node.items and isinstance(value, list):
            return self.listed(node, _matched(node.items, value))
        if isinstance(node.value, str) and isinstance(value, str):
            return self._string(node, value)
        return self._new(value, self._pad(node.start), wide=wide)

    def listed(self, node: Node, parts: Parts) -> str:
        """Writes a list whose items are made from items of the text."""
        items = node.items or []
        if not items and not parts:
            return self._text[node.start : node.end]
        if not items or not parts:
            return self._new([value for _, value in parts], self._pad(node.start), wide=self.style.unit is not None)
        gaps = _Gaps(self._text, node, [(item.start, item.end) for item in items], self.style.comma)
        numbers = {id(item): index for index, item in enumerate(items)}
        written = [
            (None, self._new(value, gaps.pad or self._pad(node.start), wide=gaps.is_wide))
            if base is None
            else (numbers.get(id(base)), self.rewritten(base, value, wide=gaps.is_wide))
            for base, value in parts
        ]
        return "[" + gaps.joined(written) + "]"

    def _object(self, node: Node, value: dict[str, Any]) -> str:
        members = node.members or {}
        if not value:
            return "{}"
        spans = [(member.key.start, member.node.end) for member in members.values()]
        gaps = _Gaps(self._text, node, spans, self.style.comma)
        numbers = {key: index for index, key in enumerate(members)}
        written: list[tuple[int | None, str]] = []
        for key in _ordered(list(members), list(value)):
            if key in members:
                member = members[key]
                before = self._text[member.key.start : member.node.start]
                after = self.rewritten(member.node, value[key], wide=gaps.is_wide)
                written.append((numbers[key], before + after))
            else:
                pad = gaps.pad or self._pad(node.start)
                written.append((None, self._member(key, value[key], pad, wide=gaps.is_wide)))
        return "{" + gaps.joined(written) + "}"

    def _string(self, node: Node, value: str) -> str:
        """Writes a string; the characters at its beginning and its end that stay keep their escapes."""
        offsets = character_offsets(self._text, node)
        old = node.value
        if len(offsets) - 1 != len(old):
            return self._quoted(value)
        most = min(len(old), len(value))
        start = next((index for index in range(most) if old[index] != value[index]), most)
        end = next((index for index in range(most - start) if old[-1 - index] != value[-1 - index]), most - start)
        new = self._quoted(value[start : len(value) - end])[1:-1]
        text = f'"{self._text[offsets[0] : offsets[start]]}{new}{self._text[offsets[len(old) - end] : offsets[-1]]}"'
        return text if json.loads(text) == value else self._quoted(value)

    def _new(self, value: Any, pad: str, *, wide: bool) -> str:
        """Writes a value that the text does not have."""
        style = self.style
        if isinstance(value, str):
            return self._quoted(value)
        if not isinstance(value, (dict, list)):
            return write_json(value).decode()
        if not value:
            return "{}" if isinstance(value, dict) else "[]"
        inner = list(value.values()) if isinstance(value, dict) else value
        if not wide or style.unit is None or (style.inline and not any(isinstance(one, dict) for one in inner)):
            line = self._on_one_line(value)
            if not wide or style.unit is None or len(line) <= _LONGEST_LINE:
                return line
        deeper = pad + style.unit
        parts = (
            [self._member(key, item, deeper, wide=True) for key, item in value.items()]
            if isinstance(value, dict)
            else [self._new(item, deeper, wide=True) for item in value]
        )
        lines = f",{style.newline}{deeper}".join(parts)
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        return f"{opened}{style.newline}{deeper}{lines}{style.newline}{pad}{closed}"

    def _on_one_line(self, value: Any) -> str:
        if isinstance(value, dict):
            parts = [self._member(key, item, "", wide=False) for key, item in value.items()]
            return f"{{{self.style.padding}{self.style.comma.join(parts)}{self.style.padding}}}"
        return f"[{self.style.comma.join([self._new(item, '', wide=False) for item in value])}]"

    def _member(self, key: str, value: Any, pad: str, *, wide: bool) -> str:
        return f"{self._quoted(key)}{self.style.colon}{self._new(value, pad, wide=wide)}"

    def _quoted(self, text: str) -> str:
        quoted = json.dumps(text, ensure_ascii=self.style.ascii)
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)

    def _pad(self, index: int) -> str:
        """The white space at the beginning of a line."""
        line = self._text[self._text.rfind("\n", 0, index) + 1 : index]
        return line[: len(line) - len(line.lstrip())]


class _Gaps:
    """The white space around the parts of an object or a list.

    Args:
        text: The text.
        node: The object or the list; it is not empty.
        spans: Where its parts begin and end.
        comma: What is between two parts on one line.
    """

    def __init__(self, text: str, node: Node, spans: Sequence[tuple[int, int]], comma: str) -> None:
        between = [text[end:start].partition(",") for (_, end), (start, _) in pairwise(spans)]
        self._leads = [text[node.start + 1 : spans[0][0]], *(after for _, _, after in between)]
        self._tails = [*(before for before, _, _ in between), text[spans[-1][1] : node.end - 1]]
        self.is_wide = any("\n" in lead for lead in self._leads)
        several = len(spans) > 1
        before, _, after = comma.partition(",")
        wide = "\n" in self._leads[0]
        self._lead = self._leads[1] if several else self._leads[0] if wide else after
        self._tail = self._tails[0] if several else "" if wide else before
        self.pad = self._lead.rpartition("\n")[2] if "\n" in self._lead else ""

    def joined(self, parts: Sequence[tuple[int | None, str]]) -> str:
        """Joins parts, each with the number that it had, or None if it is new."""
        pieces: list[str] = []
        last = len(self._leads) - 1
        for position, (number, text) in enumerate(parts):
            lead = self._leads[number] if number and position else self._lead if position else self._leads[0]
            if position == len(parts) - 1:
                tail = self._tails[-1]
            else:
                tail = self._tail if number is None or number == last else self._tails[number]
            pieces += ("," if position else "", lead, text, tail)
        return "".join(pieces)


def _ordered(old: list[str], new: list[str]) -> list[str]:
    """Orders keys: those that stay as they were, each new one behind the one that it follows in the new order."""
    known = set(old)
    kept = [key for key in old if key in set(new)]
    before: str | None = None
    for key in new:
        if key not in known:
            kept.insert(0 if before is None else kept.index(before) + 1, key)
        before = key
    return kept


def _matched(items: Sequence[Node], values: Sequence[Any]) -> Parts:
    """Finds for each value of a list the item that it was: equal ones at both ends, then one after the other."""
    most = min(len(items), len(values))
    start = next((n for n in range(most) if not equal_as_doubles(items[n].plain, values[n])), most)
    rest = most - start
    end = next((n for n in range(rest) if not equal_as_doubles(items[-1 - n].plain, values[-1 - n])), rest)
    middle = items[start : len(items) - end]
    bases: list[Node | None] = [*items[:start], *middle[: len(values) - end - start]]
    bases += [None] * (len(values) - end - len(bases))
    return list(zip([*bases, *items[len(items) - end :]], values, strict=True))
