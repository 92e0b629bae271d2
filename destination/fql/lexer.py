"""Splits a trigger into tokens, as the lexer of Segment's `fql-ts` does.

The lexer works on UTF-16 code units, as JavaScript does; the offsets of its tokens and errors are in
characters of the Python string.
"""

import re
from bisect import bisect_left
from enum import StrEnum

from destination.errors import FQLSyntaxError
from destination.records import dataclass
from destination.values import from_units, is_bmp, to_units


class TokenType(StrEnum):
    """The type of a token; the values are Segment's names.

    Example:
        >>> TokenType("ident") is TokenType.IDENT
        True
    """

    IDENT = "ident"
    DOT = "dot"
    OPERATOR = "operator"
    CONDITIONAL = "conditional"
    STRING = "string"
    NUMBER = "number"
    NULL = "null"
    BRACK_LEFT = "brackleft"
    BRACK_RIGHT = "brackright"
    PAREN_LEFT = "parenleft"
    PAREN_RIGHT = "parenright"
    COMMA = "comma"
    EOS = "eos"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a trigger.

    Attributes:
        type: The token's type.
        value: The token's text as in Segment's lexer: a string keeps its quotes, an identifier has no escapes, and
            the end of the text is `eos`.
        start: The offset of its first character in the source, from 0.
        end: The offset of the first character after it.

    Example:
        >>> [(token.type.value, token.value, token.start) for token in tokenize('type = "page"')]
        [('ident', 'type', 0), ('operator', '=', 5), ('string', '"page"', 7), ('eos', 'eos', 13)]
    """

    type: TokenType
    value: str
    start: int
    end: int


MAX_LENGTH = 100_000
"""The length, in UTF-16 code units, that a string, a number or an identifier must stay below."""

_SPACE = re.compile(r"[ \t\n]+")  # no \r: the reference refuses it
_IDENT = re.compile(r"(?:[A-Za-z0-9_-]+|\\.)++", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_TERMINATORS = frozenset(" \t\n,])")
_AFTER_IDENT = _TERMINATORS | frozenset(".(=!")
_PUNCTUATION = {
    ".": TokenType.DOT,
    "[": TokenType.BRACK_LEFT,
    "]": TokenType.BRACK_RIGHT,
    ",": TokenType.COMMA,
    "(": TokenType.PAREN_LEFT,
    ")": TokenType.PAREN_RIGHT,
}
# First letter of a keyword: the rest of it, and its token type.
_KEYWORDS = {
    "a": ("nd", TokenType.CONDITIONAL),
    "o": ("r", TokenType.CONDITIONAL),
    "n": ("ull", TokenType.NULL),
}
_END = "-1"  # the reference's mark for the end of the text; two of its messages contain it


def tokenize(source: str) -> list[Token]:
    """Splits a trigger into tokens; the last one is always the end of the text (`eos`).

    Raises:
        FQLSyntaxError: A character or literal is not part of the language; the message is the reference's.

    Example:
        >>> [(token.value, token.start) for token in tokenize('type = "track"')]
        [('type', 0), ('=', 5), ('"track"', 7), ('eos', 14)]
        >>> tokenize("price > 5.")
        Traceback (most recent call last):
        destination.errors.FQLSyntaxError: unexpected terminator after decimal point
    """
    return _Lexer(source).tokens()


class _Lexer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._units = to_units(source)
        self._position = 0
        # Offsets in units and in characters differ after a character of two units.
        self._wide = [] if not source or is_bmp(source) else _wide_units(source)

    def tokens(self) -> list[Token]:
        found = []
        while True:
            space = _SPACE.match(self._units, self._position)
            if space:
                self._position = space.end()
            start = self._position
            if start == len(self._units):
                found.append(self._token(TokenType.EOS, "eos", start, start))
                return found
            found.append(self._next(self._units[start], start))

    def _next(self, char: str, start: int) -> Token:
        self._position += 1
        if char in _LETTERS:
            return self._word(char, start)
        if char in _PUNCTUATION:
            return self._token(_PUNCTUATION[char], char, start, self._position)
        if char in "=<>":
            if char != "=" and self._accept("="):
                char += "="
            return self._operator(char, start)
        if char in "\"'":
            return self._string(char, start)
        if char in _DIGITS or char in "-+":
            return self._number(start)
        if char == "!":
            return self._bang(start)
        if char in "\\_":
            return self._ident(start)
        raise self._error(f'invalid character "{char}"', start)

    def _bang(self, start: int) -> Token:
        following = self._peek()
        if following in _LETTERS or following == "(":
            return self._operator("!", start)
        # Segment: white space must follow `!=` (test_not_equals_needs_a_space_behind_it)
        if self._accept("="):
            return self._operator("!=", start)
        raise self._error(f"expected '=' after '!', got '{self._peek()}'", start)

    def _word(self, first: str, start: int) -> Token:
        keyword = _KEYWORDS.get(first)
        if keyword is None:
            return self._ident(start)
        rest, kind = keyword
        if self._accept(rest):
            return self._token(kind, first + rest, start, self._position)
        if self._position > start + 1:
            # Segment: the search for a keyword at the end of the text consumes the rest
            # (test_short_word_at_the_end_loses_its_rest)
            return self._token(TokenType.IDENT, first, start, self._position)
        return self._ident(start)

    def _ident(self, start: int) -> Token:
        units = self._units
        match = _IDENT.match(units, start)
        self._position = match.end() if match else start  # there is no match where a backslash ends the text
        name = _ESCAPE.sub(r"\1", units[start : self._position])
        if len(name) >= MAX_LENGTH:
            raise self._error("unreasonable literal length", start)
        following = self._peek()
        if following == "\\":  # the last character: any other backslash is part of an escape
            raise self._error("expected character after escape character, got EOS", self._position)
        if following != _END and following not in _AFTER_IDENT:
            raise self._error(f"expected termination character after identifier, got {following}", self._position)
        return self._token(TokenType.IDENT, from_units(name), start, self._position)

    def _number(self, start: int) -> Token:
        units, position = self._units, self._position
        decimal = False
        while position < len(units) and (units[position] in _DIGITS or units[position] == "."):
            if units[position] == ".":
                if position + 1 == len(units) or units[position + 1] in _TERMINATORS:
                    raise self._error("unexpected terminator after decimal point", position)
                if decimal:
                    raise self._error("multiple decimal points in one number", position)
                decimal = True
            position += 1
            if position - self._position >= MAX_LENGTH:
                raise self._error("unreasonable number length", start)
        self._position = position
        return self._token(TokenType.NUMBER, units[start:position], start, position)

    def _string(self, quote: str, start: int) -> Token:
        close = self._units.find(quote, self._position)
        length = (len(self._units) if close < 0 else close) - self._position
        if length >= MAX_LENGTH:
            raise self._error("unreasonable string length", start)
        if close < 0:
            raise self._error("unterminated string", start)
        # Segment: a closing quote without a terminator after it also opens the next string
        # (test_closing_quote_without_terminator_opens_the_next_string)
        self._position = close
        self._accept(quote)
        return self._token(TokenType.STRING, from_units(self._units[start : close + 1]), start, close + 1)

    def _accept(self, expected: str) -> bool:
        """Moves past `expected` if a terminator follows it.

        When the text is too short for `expected`, the reference moves to its end.
        """
        units, position = self._units, self._position
        for offset in range(len(expected)):
            if position + offset == len(units):
                self._position = len(units)
                return False
            if units[position + offset] in _TERMINATORS:
                return False
        end = position + len(expected)
        if units[position:end] != expected or (end < len(units) and units[end] not in _TERMINATORS):
            return False
        self._position = end
        return True

    def _peek(self) -> str:
        return self._units[self._position] if self._position < len(self._units) else _END

    def _operator(self, value: str, start: int) -> Token:
        return self._token(TokenType.OPERATOR, value, start, self._position)

    def _token(self, kind: TokenType, value: str, start: int, end: int) -> Token:
        return Token(kind, value, self._offset(start), self._offset(end))

    def _offset(self, unit: int) -> int:
        return unit - bisect_left(self._wide, unit)

    def _error(self, message: str, unit: int) -> FQLSyntaxError:
        return FQLSyntaxError(message, self._source, self._offset(unit))


def _wide_units(source: str) -> list[int]:
    """Returns the offsets, in code units, of the first halves of all surrogate pairs."""
    wide: list[int] = []
    for index, character in enumerate(source):
        if character > "\uffff":
            wide.append(index + len(wide))
    return wide
