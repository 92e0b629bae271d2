"""A text that fulfils some requirements."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from destination.fql.satisfy.outcome import Barred, Found, Outcome, Unsure
from destination.fql.satisfy.requirement import TEXTUAL, Requirement
from destination.values import to_string, utf16_length, utf16_slice

_SURROGATE = re.compile("[\ud800-\udfff]")
_FILLERS = "-_x 0.~" + "abcdefghijklmnopqrstuvwyz123456789"
_SPARE = range(0x3400, 0x9000)


@dataclass(slots=True)
class _Pieces:
    """What a text must have, and what not."""

    equal: list[str] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    never_starts: list[str] = field(default_factory=list)
    never_ends: list[str] = field(default_factory=list)
    never_holds: list[str] = field(default_factory=list)

    def all(self) -> list[str]:
        needed = self.equal + self.starts + self.ends + self.holds
        return needed + self.differs + self.never_starts + self.never_ends + self.never_holds


_HOMES = {
    "=": ("equal", "differs"),
    "contains": ("holds", "never_holds"),
    "starts_with": ("starts", "never_starts"),
    "ends_with": ("ends", "never_ends"),
}
_NEGATIONS = {f"not_{name}": name for name in _HOMES} | {"!=": "="}


def solve_text(requirements: list[Requirement], near: Any, usual: str, *, besides: tuple[str, ...] = ()) -> Outcome:
    """A text close to `near` that fulfils the requirements.

    Args:
        requirements: On one value, of any kind.
        near: What is there; only a text counts.
        usual: What to take where nothing says more.
        besides: Texts that will not do.
    """
    textual = [one for one in requirements if one.operator in TEXTUAL]
    # The other operators say the same of every text.
    if not all(one.passes(usual) for one in requirements if one.operator not in TEXTUAL):
        return Barred(tuple(requirements))
    pieces = _pieces(textual)
    pieces.differs.extend(besides)
    for text in _candidates(pieces, near if isinstance(near, str) else "", usual):
        if text not in besides and all(one.passes(text) for one in textual):
            return Found(text)
    # What the candidates leave open: half characters. With an equality they left nothing open.
    if not pieces.equal and any(map(_SURROGATE.search, pieces.all())):
        return Unsure("texts with half a character in them")
    return Barred(tuple(requirements))


def shortest(requirements: list[Requirement]) -> int:
    """A length, in UTF-16 code units, below which no text fulfils the requirements."""
    pieces = _pieces([one for one in requirements if one.operator in TEXTUAL])
    return max(map(utf16_length, (*pieces.equal, *pieces.starts, *pieces.ends, *pieces.holds)), default=0)


def with_length(text: str, requirements: list[Requirement], length: int) -> str:
    """The text cut, or made longer behind what it must begin with; whether it still does is not looked at."""
    pieces = _pieces([one for one in requirements if one.operator in TEXTUAL])
    start = max(pieces.starts, key=len, default="" if pieces.ends else text)
    more = _filler(pieces) * (length - utf16_length(text))
    return utf16_slice(text[: len(start)] + more + text[len(start) :], 0, length)


def _pieces(textual: list[Requirement]) -> _Pieces:
    pieces = _Pieces()
    for one in textual:
        operator = _NEGATIONS.get(one.operator, one.operator)
        positive = one.wanted is (operator == one.operator)
        getattr(pieces, _HOMES[operator][0 if positive else 1]).append(to_string(one.expected))
    return pieces


def _candidates(pieces: _Pieces, near: str, usual: str) -> Iterator[str]:
    """Texts in the order of how welcome they are.

    The last one settles it: where its parts, kept apart by a character that no piece has, do not do, no text
    does. For what is forbidden has none of that character either, so it lies within one of the parts, which
    every text must have (for a forbidden beginning or end: the first or the last part).
    """
    if pieces.equal:
        yield pieces.equal[0]
        return
    start = max(pieces.starts, key=len, default="")
    end = max(pieces.ends, key=len, default="")
    if near:
        yield from _edits(near)
        yield _completed(_without(near, pieces), start, end, pieces.holds)
    compact = _completed(start, start, end, pieces.holds)
    yield compact or usual
    yield usual
    filler = _filler(pieces)
    yield _completed(start + filler, start, end, pieces.holds)
    yield filler.join([start, *pieces.holds, end] if pieces.holds else [start, end])


def _edits(text: str) -> Iterator[str]:
    """The text, and what one character less or more makes of it."""
    yield text
    if len(text) > 1:
        yield text[:-1]
        yield text[1:]
    yield f"{text}x"
    yield f"x{text}"


def _without(text: str, pieces: _Pieces) -> str:
    for piece in pieces.never_holds:
        text = text.replace(piece, "") if piece else text
    for piece in pieces.never_starts:
        text = text.removeprefix(piece)
    for piece in pieces.never_ends:
        text = text.removesuffix(piece)
    return text


def _completed(text: str, start: str, end: str, holds: list[str]) -> str:
    """The text with what it lacks put on."""
    if not text.startswith(start):
        text = _joined(start, text)
    for piece in holds:
        if piece not in text:
            text = _joined(text, piece)
    return text if text.endswith(end) else _joined(text, end)


def _joined(left: str, right: str) -> str:
    """Both, one behind the other, with what they share written once."""
    shared = next(size for size in range(min(len(left), len(right)), -1, -1) if left.endswith(right[:size]))
    return left + right[shared:]


def _filler(pieces: _Pieces) -> str:
    used = set("".join(pieces.all()))
    return next(
        (character for character in _FILLERS if character not in used),
        next((chr(code) for code in _SPARE if chr(code) not in used), "\u00a0"),
    )
