"""Reads the text inside `{{ … }}` and `{% … %}`: names, values, expressions and filters."""

import re
from collections.abc import Iterator
from typing import Final

from destination.mapping.liquid.coerce import BLANK, EMPTY, NIL, PRECEDENCE
from destination.mapping.liquid.nodes import Access, Constant, FilterCall, Filtered, Operator, Pair, Range, Value, Word
from destination.mapping.liquid.problems import Positioned, Unpositioned, line_and_column
from destination.records import dataclass
from destination.values import from_units, quote, string_to_number

_WIDE_BLANKS: Final = "\u00a0\u1680\u180e" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

BLANKS: Final = "\t\n\v\f\r " + _WIDE_BLANKS
"""Characters that separate. Unlike JavaScript's white space they include U+180E and not U+FEFF."""

WORD: Final = rf"[^\x00-,./:->@\[-^`{{-\x7f{_WIDE_BLANKS}\u201c\u201d]"
"""A character of a name: letters, digits, `_`, `-`, `?` and nearly all characters beyond ASCII."""

BLANK_RUN: Final = re.compile(rf"[{BLANKS}]+")
WORD_RUN: Final = re.compile(rf"{WORD}+")

QUOTED: Final = re.compile(r"""(["'])(?:(?!\1)[^\\]|\\.)*+(?:\1|\\?\Z)""", re.DOTALL)
"""A quoted text. One without a closing quote goes on to the end."""

_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{0,4})|([0-7]{1,3})|(.))", re.DOTALL)

_OPERATOR: Final = re.compile(rf"[=!<>]=|[<>]|(?:contains|not|and|or)(?!{WORD})")
_LITERAL: Final = re.compile(rf"(?:true|false|nil|null|empty|blank)(?!{WORD})")
# A point between digits belongs to the number unless another point follows: `(1..5)` is a range.
_NUMBER: Final = re.compile(rf"[-+]?[0-9]+(?:\.(?!\.)[0-9]*(?!\.(?!\.)))?+(?!{WORD})")
_LITERALS: Final = {"true": True, "false": False, "nil": NIL, "null": NIL, "empty": EMPTY, "blank": BLANK}
_SHOWN = 32


@dataclass(slots=True)
class _OpenBracket:
    """A `[` whose inside is being read; `begin`, `root` and `keys` are of the path around it."""

    begin: int
    root: Constant | Range | None
    keys: list[Value | Word]


@dataclass(slots=True)
class _OpenRange:
    """A `(` whose inside is being read; `low` is the value before the points, once it is read."""

    begin: int
    low: Value | None = None


class Reader:
    """Reads `source` (one character a UTF-16 unit) from `position` up to `end`.

    Attributes:
        position: The offset of the next character. It can be greater than `end`.
    """

    def __init__(self, source: str, position: int = 0, end: int | None = None) -> None:
        self.source = source
        self.position = position
        self.end = len(source) if end is None else end

    # --- characters ---

    def at_end(self) -> bool:
        """Returns whether `position` has reached `end`."""
        return self.position >= self.end

    def peek(self, ahead: int = 0) -> str:
        """Returns the character `ahead` of the next one, `''` after the end."""
        position = self.position + ahead
        return "" if position >= self.end else self.source[position]

    def take(self) -> str:
        """Takes the next character, also after the end."""
        position = self.position
        self.position += 1
        return self.source[position : position + 1]

    def skip_blank(self) -> None:
        """Goes to the next character that is not a blank."""
        if found := BLANK_RUN.match(self.source, self.position, self.end):
            self.position = found.end()

    def skip_past(self, sought: str) -> bool:
        """Goes behind the next `sought`, or to the end and false."""
        found = self.source.find(sought, self.position, self.end)
        self.position = found + len(sought) if found >= 0 else max(self.position, self.end)
        return found >= 0

    def rest(self) -> str:
        """Returns the text from `position` to `end`."""
        return self.text(self.position, self.end)

    def text(self, begin: int, end: int) -> str:
        """Returns the source between two offsets, as text."""
        return from_units(self.source[begin:end])

    # --- problems ---

    def problem(self, message: str) -> Positioned:
        """Makes a problem at the next character."""
        return Positioned(message + line_and_column(self.source, self.position))

    def shown(self) -> str:
        """Returns the text from `position` to `end`, quoted and cut for a message."""
        return shown(self.source[self.position : max(self.end, 0)])

    # --- names and values ---

    def identifier(self) -> str:
        """Reads a name, or `''`."""
        self.skip_blank()
        found = WORD_RUN.match(self.source, self.position, self.end)
        if not found:
            return ""
        self.position = found.end()
        return from_units(found.group())

    def tag_name(self) -> str:
        """Reads the name of a tag, or `''`; `#` is the name of an inline comment."""
        self.skip_blank()
        if self.source.startswith("#", self.position):
            return self.take()
        return self.identifier()

    def quoted(self) -> Constant | None:
        """Reads a quoted text. Without a closing quote it goes on to the end and loses its last character."""
        self.skip_blank()
        found = QUOTED.match(self.source, self.position, self.end)
        if not found:
            return None
        self.position = found.end()
        return Constant(unquote(found.group()), "quoted", from_units(found.group()))

    def value(self) -> Value | None:
        """Reads a constant, a range or a path, or None."""
        return self._value(constants=True)

    def scope_value(self) -> Access | None:
        """Reads a path that starts with a name or a bracket; constants and ranges are read inside brackets only."""
        found = self._value(constants=False)
        return found if isinstance(found, Access) else None

    def _value(self, *, constants: bool) -> Value | None:
        """Ranges and brackets nest without recursion: a template may hold hundreds."""
        stack: list[_OpenBracket | _OpenRange] = []
        while True:
            self.skip_blank()
            begin = self.position
            root = self._constant() if constants or stack else None
            if root is None and (constants or stack) and self.peek() == "(":
                self.position += 1
                stack.append(_OpenRange(begin))
                continue
            found = self._path(begin, root, [], stack)
            while found is not _NESTED and stack:
                found = self._close(stack, found)
            if found is not _NESTED:
                return found

    def _constant(self) -> Constant | None:
        if found := _LITERAL.match(self.source, self.position, self.end):
            self.position = found.end()
            return Constant(_LITERALS[found.group()], "literal", found.group())
        if quoted := self.quoted():
            return quoted
        if found := _NUMBER.match(self.source, self.position, self.end):
            self.position = found.end()
            return Constant(string_to_number(found.group()), "number", found.group())
        return None

    def _path(
        self,
        begin: int,
        root: Constant | Range | None,
        keys: list[Value | Word],
        stack: list[_OpenBracket | _OpenRange],
    ) -> Value | None:
        """Goes on with the steps of a path; an opening bracket is put on the stack, to be read first."""
        while True:
            if self.peek() == "[":
                self.position += 1
                stack.append(_OpenBracket(begin, root, keys))
                return _NESTED
            if root is None and not keys and (name := self.identifier()):
                keys.append(Word(name))
                continue
            if self.peek() == "." and self.peek(1) != ".":
                self.position += 1
                if name := self.identifier():
                    keys.append(Word(name))
                    continue
            break
        if not keys:
            return root
        return Access(root, tuple(keys), self.text(begin, self.position), line_and_column(self.source, begin))

    def _close(self, stack: list[_OpenBracket | _OpenRange], found: Value | None) -> Value | None:
        """Puts a value into the innermost unclosed bracket or range."""
        opened = stack.pop()
        if isinstance(opened, _OpenBracket):
            if not self.skip_past("]"):
                raise self.problem("[ not closed")
            opened.keys.append(Word("") if found is None else found)
            return self._path(opened.begin, opened.root, opened.keys, stack)
        if found is None:
            raise self.problem(f"unexpected token {self.shown()}, value expected")
        self.skip_blank()
        if opened.low is None:
            if not (self.take() == "." and self.take() == "."):
                raise self.problem("invalid range syntax")
            stack.append(_OpenRange(opened.begin, found))
            return _NESTED
        if self.take() != ")":
            raise self.problem("invalid range syntax")
        whole = Range(opened.low, found, self.text(opened.begin, self.position))
        return self._path(opened.begin, whole, [], stack)

    # --- expressions and filters ---

    def filtered(self) -> Filtered:
        """Reads an expression with its filters, up to the end.

        Raises:
            Positioned: There is no expression, or something other than a filter follows it.
        """
        tokens = list(self._expression())
        if not tokens:
            raise self.problem(f"invalid value expression: {self.shown()}")
        filters: list[FilterCall] = []
        while call := self._filter():
            filters.append(call)
        return Filtered(tuple(_postfix(tokens)), tuple(filters))

    def _expression(self) -> Iterator[Value | Operator]:
        while self.position < self.end:
            self.skip_blank()
            if found := _OPERATOR.match(self.source, self.position, self.end):
                self.position = found.end()
                yield Operator(found.group())
            elif value := self.value():
                yield value
            else:
                return

    def _filter(self) -> FilterCall | None:
        self.skip_blank()
        if self.at_end():
            return None
        if self.take() != "|":
            raise self.problem('expected "|" before filter')
        name = self.identifier()
        if not name:
            if not self.at_end():
                raise self.problem("expected filter name")
            return None
        arguments: list[Value | Pair] = []
        self.skip_blank()
        if self.peek() == ":":
            while True:
                self.position += 1
                if argument := self._argument():
                    arguments.append(argument)
                self.skip_blank()
                if self.peek() not in ("", ",", "|"):
                    raise self.problem(f"unexpected character {self.shown()}")
                if self.peek() != ",":
                    break
        elif self.peek() not in ("", "|"):
            raise self.problem('expected ":" after filter name')
        return FilterCall(name, tuple(arguments))

    def _argument(self) -> Value | Pair | None:
        key = self.value()
        if key is None:
            return None
        self.skip_blank()
        if self.peek() != ":":
            return key
        self.position += 1
        return Pair(key.text, self.value())


_NESTED: Final = Constant(None, "nested", "")
"""A value whose inside has to be read first."""


def shown(units: str) -> str:
    """Cuts source text to 32 UTF-16 units, as messages quote it."""
    return quote(from_units(units if len(units) <= _SHOWN else f"{units[: _SHOWN - 3]}..."))


def _postfix(tokens: list[Value | Operator]) -> Iterator[Value | Operator]:
    """Operators behind their operands; those of one precedence group to the right."""
    waiting: list[Operator] = []
    for token in tokens:
        if not isinstance(token, Operator):
            yield token
            continue
        while waiting and PRECEDENCE[waiting[-1].name] > PRECEDENCE[token.name]:
            yield waiting.pop()
        waiting.append(token)
    yield from reversed(waiting)


def unquote(quoted: str) -> str:
    r"""Returns the text inside quotes, without its escapes. The last character counts as the closing quote.

    Args:
        quoted: With its quotes, one character a UTF-16 unit.

    Raises:
        Unpositioned: `\u` and fewer than four digits end a text that is not closed.

    Example:
        >>> unquote(r"'a\n\u0041\101'")
        'a\nAA'
    """
    if "\\" not in quoted:
        return from_units(quoted[1:-1])
    parts = []
    position, last = 1, len(quoted) - 1
    for found in _ESCAPE.finditer(quoted, 1):
        parts.append(quoted[position : found.start()])
        position = found.end()
        code, octal, other = found.groups()
        if code is not None:
            if position == len(quoted) and len(code) < 4:
                # liquidjs reads on behind the end here (test_unfinished_unicode_escape_at_the_end)
                raise Unpositioned("Cannot read properties of undefined (reading 'charCodeAt')")
            parts.append(chr(int(code or "0", 16)))
        elif octal is not None:
            parts.append(chr(int(octal, 8)))
        else:
            parts.append(_SIMPLE.get(other, other))
    parts.append(quoted[position:last])
    return from_units("".join(parts))
