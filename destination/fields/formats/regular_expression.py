"""The format `regex`: the texts that `new RegExp(text)` accepts on Node 20.

The grammar is that of ECMAScript 2023 without flags, with the extensions of its Annex B for old web pages: a lone
`{`, `}` or `]` is a character, and an unknown escape is the escaped character.
"""

import re

from destination.values import to_units

_Z_ANCHOR = re.compile(r"[^\\]\\Z", re.DOTALL)
_BRACES = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_GROUP = re.compile(r"\(\?(?:[:=!]|<[=!])")
_NAME_OPENS = re.compile(r"\(\?<(?![=!])")
_NAME = re.compile(r"(?:[^>\\]|\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})?)+")
_ESCAPED_UNIT = re.compile(r"\\u\{([0-9a-fA-F]+)\}|\\u([0-9a-fA-F]{4})")
_SURROGATES = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_HEX2 = re.compile(r"x([0-9a-fA-F]{2})")
_HEX4 = re.compile(r"u([0-9a-fA-F]{4})")
_CONTROLS = {"b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_MOST_GROUPS = 0x7FFF
_LAST_CODE_POINT = 0x10FFFF


def is_regular_expression(text: str) -> bool:
    r"""Tests for a regular expression of JavaScript without flags.

    ajv-formats refuses `\Z` (except at the start of the text), which JavaScript accepts as the letter Z.

    Example:
        >>> [is_regular_expression(text) for text in ("a{2,3}?", "(?<x>a)\\k<x>", "a{3,2}", "(", "a\\Z")]
        [True, True, False, False, False]
    """
    if _Z_ANCHOR.search(text):
        return False
    try:
        _Reader(to_units(text)).read()
    except _NotARegularExpressionError:
        return False
    return True


class _NotARegularExpressionError(Exception):
    pass


class _Reader:
    """Reads a pattern once, from left to right; open groups are on a stack, so they may nest to any depth."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.names: set[str] = set()
        self.references: list[str] = []
        self.groups = 0
        self.has_names = _has_names(source)

    def read(self) -> None:
        open_groups: list[bool] = []  # for each group, whether a quantifier may follow it
        repeatable = False
        while self.position < len(self.source):
            character = self.source[self.position]
            if character == "(":
                open_groups.append(self._open_group())
                repeatable = False
            elif character == ")":
                if not open_groups:
                    raise _NotARegularExpressionError
                repeatable = open_groups.pop()
                self.position += 1
            elif self._quantifier():
                if not repeatable:
                    raise _NotARegularExpressionError
                repeatable = False
            else:
                repeatable = self._atom(character)
        if open_groups or not self.names.issuperset(self.references):
            raise _NotARegularExpressionError

    def _open_group(self) -> bool:
        if self.source.startswith("(?", self.position):
            if plain := _GROUP.match(self.source, self.position):
                self.position = plain.end()
                return not plain.group().startswith("(?<")  # a lookbehind cannot be repeated
            if not self.source.startswith("(?<", self.position):
                raise _NotARegularExpressionError
            self.position += 3
            name = self._name()
            if name in self.names:
                raise _NotARegularExpressionError
            self.names.add(name)
        else:
            self.position += 1
        self.groups += 1
        if self.groups > _MOST_GROUPS:
            raise _NotARegularExpressionError
        return True

    def _quantifier(self) -> bool:
        if self.source[self.position] in "*+?":
            self.position += 1
        elif braces := _BRACES.match(self.source, self.position):
            least, comma, most = braces.groups()
            if comma and most and _less(most, least):
                raise _NotARegularExpressionError
            self.position = braces.end()
        else:
            return False
        if self.source.startswith("?", self.position):
            self.position += 1
        return True

    def _atom(self, character: str) -> bool:
        """Reads one atom or anchor; returns whether a quantifier may follow it."""
        self.position += 1
        if character == "[":
            self._class()
        elif character == "\\":
            if self.source.startswith(("b", "B"), self.position):
                self.position += 1
                return False
            if self.has_names and self.source.startswith("k", self.position):
                if not self.source.startswith("k<", self.position):
                    raise _NotARegularExpressionError
                self.position += 2
                self.references.append(self._name())
            else:
                self._escape(in_class=False)
        return character not in "^$|"

    def _name(self) -> str:
        match = _NAME.match(self.source, self.position)
        if match is None or not self.source.startswith(">", match.end()):
            raise _NotARegularExpressionError
        self.position = match.end() + 1
        name = _SURROGATES.sub(_join, _ESCAPED_UNIT.sub(_unescape, match.group()))
        # JavaScript's identifiers are Python's, and may also contain these three characters.
        if not name.replace("$", "_").replace("\u200c", "_").replace("\u200d", "_").isidentifier():
            raise _NotARegularExpressionError
        if name[0] in "\u200c\u200d":
            raise _NotARegularExpressionError
        return name

    def _class(self) -> None:
        if self.source.startswith("^", self.position):
            self.position += 1
        while not self._at("]"):
            first = self._class_atom()
            if not self._at("-"):
                continue
            self.position += 1
            if self._at("]"):
                return self._close()
            last = self._class_atom()
            if first is not None and last is not None and first > last:
                raise _NotARegularExpressionError
        return self._close()

    def _close(self) -> None:
        self.position += 1

    def _at(self, character: str) -> bool:
        if self.position >= len(self.source):
            raise _NotARegularExpressionError
        return self.source[self.position] == character

    def _class_atom(self) -> int | None:
        """Reads one character of a class; returns its code unit, or None for a set of characters."""
        character = self.source[self.position]
        self.position += 1
        return self._escape(in_class=True) if character == "\\" else ord(character)

    def _escape(self, *, in_class: bool) -> int | None:
        if self.position >= len(self.source):
            raise _NotARegularExpressionError
        character = self.source[self.position]
        if character in "dDsSwW":
            self.position += 1
            return None
        if character == "c":
            return self._control(in_class=in_class)
        for form, base in ((_HEX2, 16), (_HEX4, 16)):
            if match := form.match(self.source, self.position):
                self.position = match.end()
                return int(match[1], base)
        if match := _OCTAL.match(self.source, self.position):
            self.position = match.end()
            return int(match.group(), 8)
        if character == "k" and self.has_names:
            raise _NotARegularExpressionError
        self.position += 1
        return _CONTROLS.get(character, ord(character))

    def _control(self, *, in_class: bool) -> int:
        letter = self.source[self.position + 1 : self.position + 2]
        if letter.isascii() and (letter.isalpha() or (in_class and letter and (letter.isdigit() or letter == "_"))):
            self.position += 2
            return ord(letter) % 32
        return ord("\\")  # the `c` is read again, as a separate character


def _has_names(source: str) -> bool:
    """Returns whether any group has a name, which makes every escaped k a reference."""
    position = 0
    in_class = False
    while position < len(source):
        character = source[position]
        if character == "\\":
            position += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif _NAME_OPENS.match(source, position):
            return True
        position += 1
    return False


def _less(left: str, right: str) -> bool:
    """Compares two numbers, given as digits, as V8 does: numbers beyond 32 bits count as infinite."""
    return _clamped(left) < _clamped(right)


def _clamped(digits: str) -> int:
    digits = digits.lstrip("0")
    return 2**31 - 1 if len(digits) > 10 else min(int(digits or "0"), 2**31 - 1)


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    if code > _LAST_CODE_POINT:
        raise _NotARegularExpressionError
    return to_units(chr(code))


def _join(match: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(match[1]) - 0xD800) << 10) + (ord(match[2]) - 0xDC00))
