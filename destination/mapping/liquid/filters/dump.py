"""`json`, `jsonify` and `inspect`: values as JSON; and filters on values of any type."""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

from destination.mapping.bounds import MAX_TEXT_LENGTH, check_length, spend_on
from destination.mapping.liquid.coerce import Drop, Filter, is_truthy, numeric, plain
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.problems import Unpositioned
from destination.values import (
    MISSING,
    get_property,
    is_number,
    number_to_string,
    ordered_items,
    quote,
    to_string,
    truthy,
    utf16_length,
    utf16_slice,
)
from destination.values.deep_json import MAX_LEVELS

_MAX_INDENT = 10


def _json(context: Context, value: Any, space: Any = MISSING, *_: Any) -> Any:
    if value is MISSING:
        return MISSING
    spend_on(value)
    spend_on(value)  # it is written in Python, twice the work of a copy
    parts = _Parts()
    _Writer(context, _indent(space), parts.add).write(value, "\n")
    return "".join(parts.texts)


class _Parts:
    """The parts of a text that must not grow too long: each level of an indent may add some."""

    __slots__ = ("length", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.length = 0

    def add(self, text: str) -> None:
        """Adds a part."""
        self.length += len(text)
        if self.length > MAX_TEXT_LENGTH:
            check_length(self.length, "@liquid")
        self.texts.append(text)


def _indent(space: Any) -> str:
    if is_number(space):
        return "" if math.isnan(space) else " " * int(min(max(space, 0), _MAX_INDENT))
    return utf16_slice(space, 0, _MAX_INDENT) if isinstance(space, str) else ""


class _Writer:
    """Writes `JSON.stringify(value, null, indent)` and counts the memory as liquidjs does."""

    def __init__(self, context: Context, indent: str, emit: Callable[[str], Any]) -> None:
        self._use = context.use
        self._indent = indent
        self._emit = emit
        self._colon = ": " if indent else ":"

    def write(self, value: Any, line: str) -> None:
        """Writes a value; `line` is the line break with the indent of what is around."""
        # Not by recursion: events nest deeper than Python's stack.
        open_: list[tuple[Iterator[tuple[str, Any]], str, str]] = []
        begun = self._write_part(value)
        between = ""
        while begun is not None or open_:
            if begun is not None:
                if len(open_) > MAX_LEVELS:
                    raise RecursionError  # the template makes of it what it makes of one of the stack
                open_.append((*begun, line))
                line, between, begun = line + self._indent, "", None
            members, end, outer = open_[-1]
            member = next(members, None)
            if member is None:
                open_.pop()
                if between and self._indent:
                    self._emit(outer)
                self._emit(end)
                line, between = outer, ","
                continue
            label, item = member
            self._emit(f"{between}{line}{label}" if self._indent else between + label)
            between = ","
            begun = self._write_part(item)

    def _write_part(self, value: Any) -> tuple[Iterator[tuple[str, Any]], str] | None:
        """Writes a scalar, or begins a list or object and returns its members and its closing bracket."""
        if isinstance(value, str):
            self._use(utf16_length(value))
            self._emit(quote(value))
        elif isinstance(value, list):
            self._use(len(value) + 1)
            self._emit("[")
            return (("", item) for item in value), "]"
        elif isinstance(value, (dict, Drop)):
            self._use(2)
            self._emit("{")
            members = ordered_items(value) if isinstance(value, dict) else ()
            return ((quote(key) + self._colon, item) for key, item in members), "}"
        else:
            text = _scalar(value)
            self._use(len(text) if value is not MISSING else 0)
            self._emit(text)
        return None


def _scalar(value: Any) -> str:
    if value is None or value is MISSING or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    return number_to_string(value) if is_number(value) else to_string(value)


def _default(_context: Context, value: Any, fallback: Any = MISSING, *options: Any) -> Any:
    value = plain(value)
    if isinstance(value, (str, list)):
        return value or fallback
    if value is False and truthy(_option("allow_false", options)):
        return False
    return value if is_truthy(value) else fallback


def _option(name: str, options: tuple[Any, ...]) -> Any:
    """Returns `new Map(options).get(name)`."""
    found: Any = MISSING
    for option in options:
        if not isinstance(option, (list, dict, Drop)):
            raise Unpositioned(f"Iterator value {to_string(option)} is not an entry object")
        if get_property(option, "0") == name:
            found = get_property(option, "1")
    return found


def _to_integer(_context: Context, value: Any, *_: Any) -> float:
    return numeric(value)


def _raw(_context: Context, value: Any, *_: Any) -> Any:
    return value


FILTERS: Final[dict[str, Filter]] = {
    "default": _default,
    "inspect": _json,
    "json": _json,
    "jsonify": _json,
    "raw": _raw,
    "to_integer": _to_integer,
}
