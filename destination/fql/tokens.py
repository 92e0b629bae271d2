"""Tokens: the words of a trigger, with their places in the text."""

from dataclasses import dataclass
from enum import StrEnum


class TokenType(StrEnum):
    """What a token is; the values are Segment's names."""

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
        type: What it is.
        value: Its text as Segment has it: a string keeps its quotes, an identifier has lost its escapes, the
            end of the text is `eos`.
        start: Where it begins in the source, in characters from 0.
        end: Where it ends: the offset of the first character after it.
    """

    type: TokenType
    value: str
    start: int
    end: int
