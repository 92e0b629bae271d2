"""What the parser did with a trigger's words that its author may not have meant."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from destination.fql.tokens import Token, TokenType


class RemarkKind(StrEnum):
    """What happened; each was seen on Segment's parser, and is kept."""

    CONDITION = "condition"
    """A comparison was read: field, operator and value."""
    MATCH = "match"
    """A call of `match` was read: field and argument."""
    VANISHED = "vanished"
    """Words that mean nothing here were left out."""
    MIXED = "mixed"
    """One group has `and` beside `or`: the last one counts for all."""
    NEGATION = "negation"
    """A `!` that no function follows was left out."""
    CUT = "cut"
    """A group ended at the closing parenthesis of a function in it; its other conditions went outside."""
    QUOTE = "quote"
    """A closing quote also opened the next string."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the parser did.

    Attributes:
        kind: What.
        tokens: The words concerned, in their order.
    """

    kind: RemarkKind
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """Where it begins in the source, in characters."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where it ends: the offset of the first character after it."""
        return self.tokens[-1].end


def quotes_that_open_again(tokens: list[Token]) -> list[Remark]:
    """The strings whose closing quote is the opening one of the next string."""
    return [
        Remark(RemarkKind.QUOTE, (token, following))
        for token, following in pairwise(tokens)
        if token.type is TokenType.STRING and following.start < token.end
    ]


def joined(remarks: list[Remark]) -> tuple[Remark, ...]:
    """The remarks, with words that vanished one beside the other as one."""
    runs: list[tuple[RemarkKind, list[Token]]] = []
    for remark in remarks:
        kind, tokens = runs[-1] if runs else (None, [])
        if kind is remark.kind is RemarkKind.VANISHED and remark.start - tokens[-1].end <= 1:
            tokens.extend(remark.tokens)
        else:
            runs.append((remark.kind, list(remark.tokens)))
    return tuple(Remark(kind, tuple(tokens)) for kind, tokens in runs)
