"""Reads and writes JSON that is nested deeper than Python's stack allows, up to a limit."""

import re
from collections.abc import Callable, Iterator
from json import decoder
from typing import Any, Final

from destination.values.missing import MISSING
from destination.values.objects import ordered_items

MAX_LEVELS: Final = 2_000
"""The maximum number of levels of objects and lists in an event."""

_ROOM: Final = 250
"""The number of levels that may be around an event: those of a file or a body, and those of a mapping."""

TOO_DEEP: Final = f"nested too deeply: an event may have {MAX_LEVELS:,} levels of objects and lists"


class TooDeeplyNestedError(ValueError):
    """JSON is nested deeper than the 2,000 levels that an event may have, plus 250 levels around it."""


_read_string: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined]
_STRING: Final = r'"(?:[^"\\]++|\\.)*+"'


def _balanced(levels: int) -> str:
    """Makes an expression that matches brackets in pairs, with everything between them, up to a number of levels."""
    inner = rf'[^"\[\]{{}}]++|{_STRING}' + (f"|{_balanced(levels - 1)}" if levels > 1 else "")
    return rf"[\[{{](?:{inner})*+[\]}}]"


# What nests no deeper than this is read by the standard library in one go; possessive, so that time stays linear.
_SHALLOW: Final = re.compile(_balanced(5), re.DOTALL)
_SPACE: Final = re.compile(r"[ \t\n\r]*")


def read_deep(text: str, read_int: Callable[[str], Any]) -> Any:
    """Reads JSON text as `json.loads` does, at any depth up to the limit.

    Args:
        text: The text.
        read_int: Makes a number from the digits of a whole number.

    Raises:
        TooDeeplyNestedError: It nests too deeply.
        ValueError: It is not JSON.

    Example:
        >>> read_deep('{"a": [1, {"b": -2.5e1}]}', int)
        {'a': [1, {'b': -25.0}]}
    """
    return _Reader(text, read_int).read()


class _Reader:
    """Reads one text: the containers that are open, each with the key that it has in the one around it."""

    def __init__(self, text: str, read_int: Callable[[str], Any]) -> None:
        self._text = text
        library = decoder.JSONDecoder(parse_int=read_int, parse_constant=_no_constant)
        self._scan: Callable[[str, int], tuple[Any, int]] = library.scan_once  # type: ignore[attr-defined]
        self._open: list[tuple[Any, str]] = []
        self._container: Any = None
        self._key = ""

    def read(self) -> Any:
        text, position = self._text, _after_space(self._text, 0)
        while True:
            if text[position : position + 1] in ("{", "[") and not _SHALLOW.match(text, position):
                position, is_empty = self._begin(position)
                if not is_empty:
                    continue
                value: Any = None
            else:
                value, position = self._one(position)
                if self._container is None:
                    break
                self._put(value)
            value, position = self._end(position)
            if self._container is None:
                break
        position = _after_space(text, position)
        if position != len(text):
            raise ValueError(f"unexpected text at character {position + 1}")
        return value

    def _begin(self, position: int) -> tuple[int, bool]:
        """Opens a container; returns the position of its first value, or its end."""
        if len(self._open) >= MAX_LEVELS + _ROOM:
            raise TooDeeplyNestedError(TOO_DEEP)
        is_object = self._text[position] == "{"
        self._open.append((self._container, self._key))
        self._container = {} if is_object else []
        position = _after_space(self._text, position + 1)
        is_empty = self._text[position : position + 1] == ("}" if is_object else "]")
        if is_object and not is_empty:
            position = self._read_key(position)
        return position, is_empty

    def _end(self, position: int) -> tuple[Any, int]:
        """Closes the containers that end after a value; returns the last one, and the position of the next value."""
        value, text = None, self._text
        while True:
            position = _after_space(text, position)
            mark = text[position : position + 1]
            if mark == ("}" if isinstance(self._container, dict) else "]"):
                value, position = self._container, position + 1
                self._container, self._key = self._open.pop()
                if self._container is None:
                    return value, position
                self._put(value)
            elif mark == ",":
                position = _after_space(text, position + 1)
                return value, self._read_key(position) if isinstance(self._container, dict) else position
            else:
                raise ValueError(f"expected a comma or the end at character {position + 1}")

    def _one(self, position: int) -> tuple[Any, int]:
        try:
            return self._scan(self._text, position)
        except StopIteration:
            raise ValueError(f"expected a value at character {position + 1}") from None

    def _read_key(self, position: int) -> int:
        text = self._text
        if text[position : position + 1] != '"':
            raise ValueError(f"expected a key at character {position + 1}")
        self._key, position = _read_string(text, position + 1, True)
        position = _after_space(text, position)
        if text[position : position + 1] != ":":
            raise ValueError(f"expected a colon at character {position + 1}")
        return _after_space(text, position + 1)

    def _put(self, value: Any) -> None:
        if isinstance(self._container, dict):
            self._container[self._key] = value
        else:
            self._container.append(value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"unexpected {name}")


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    assert found is not None  # noqa: S101  it matches nothing, too
    return found.end()


def write_deep(value: Any, write_scalar: Callable[[Any], str], quote: Callable[[str], str]) -> str:
    """Writes a value as JSON text, at any depth up to the limit.

    Args:
        value: A JSON value; `MISSING` is left out of objects.
        write_scalar: Writes what is neither an object nor a list.
        quote: Writes a key.

    Raises:
        TooDeeplyNestedError: It nests too deeply.

    Example:
        >>> write_deep({"a": [1, {}], "b": MISSING}, str, repr)
        "{'a':[1,{}]}"
    """
    parts: list[str] = []
    open_: list[tuple[Iterator[Any], str]] = [(iter((value,)), "")]
    first, keyed = True, False
    while open_:
        items, end = open_[-1]
        item: Any = next(items, _END)
        if item is _END:
            open_.pop()
            parts.append(end)
            first, keyed = False, bool(open_) and open_[-1][1] == "}"
            continue
        if keyed:
            key, item = item
            if item is MISSING:
                continue
            parts += (quote(key), ":") if first else (",", quote(key), ":")
        elif not first:
            parts.append(",")
        if isinstance(item, (dict, list)):
            if len(open_) > MAX_LEVELS + _ROOM:
                raise TooDeeplyNestedError(TOO_DEEP)
            keyed, first = isinstance(item, dict), True
            parts.append("{" if keyed else "[")
            inner: Any = ordered_items(item) if isinstance(item, dict) else item
            open_.append((iter(inner), "}" if keyed else "]"))
        else:
            parts.append(write_scalar(item))
            first = False
    return "".join(parts)


_END: Final = object()
