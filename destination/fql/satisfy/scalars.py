"""Finds a single string or number that meets a list of requirements."""

import math
import re
import sys
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from destination.fql.satisfy.requirement import NUMERIC, TEXTUAL, Outcome, Requirement, Solution, Unknown, Unsatisfiable
from destination.records import dataclass
from destination.values import is_number, string_to_number, to_number, to_string, utf16_length, utf16_slice

# --- strings ---------------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")
_FILLERS = "-_x 0.~" + "abcdefghijklmnopqrstuvwyz123456789"
_SPARE = range(0x3400, 0x9000)


@dataclass(slots=True)
class _Pieces:
    """The strings that a text must contain or must not contain, by position."""

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


_FIELDS_OF_OPERATORS = {
    "=": ("equal", "differs"),
    "contains": ("holds", "never_holds"),
    "starts_with": ("starts", "never_starts"),
    "ends_with": ("ends", "never_ends"),
}
_NEGATIONS = {f"not_{name}": name for name in _FIELDS_OF_OPERATORS} | {"!=": "="}


def solve_text(requirements: list[Requirement], near: Any, usual: str, *, excluded: tuple[str, ...] = ()) -> Outcome:
    """Finds a string that meets the requirements, close to `near`.

    Args:
        requirements: Requirements on one value, with any operators.
        near: The value to stay close to; ignored when it is not a string.
        usual: The string to use when the requirements ask for no certain one.
        excluded: Strings that must not be the result.
    """
    textual = [one for one in requirements if one.operator in TEXTUAL]
    # The other operators have the same verdict for every string.
    if not all(one.passes(usual) for one in requirements if one.operator not in TEXTUAL):
        return Unsatisfiable(tuple(requirements))
    pieces = _pieces(textual)
    pieces.differs.extend(excluded)
    for text in _candidate_texts(pieces, near if isinstance(near, str) else "", usual):
        if text not in excluded and all(one.passes(text) for one in textual):
            return Solution(text)
    # The candidates do not cover single surrogates. With an equality they cover everything.
    if not pieces.equal and any(map(_SURROGATE.search, pieces.all())):
        return Unknown("texts with half a character in them")
    return Unsatisfiable(tuple(requirements))


def minimum_length(requirements: list[Requirement]) -> int:
    """Returns a length, in UTF-16 code units, below which no string meets the requirements."""
    pieces = _pieces([one for one in requirements if one.operator in TEXTUAL])
    return max(map(utf16_length, (*pieces.equal, *pieces.starts, *pieces.ends, *pieces.holds)), default=0)


def with_length(text: str, requirements: list[Requirement], length: int) -> str:
    """Cuts a string to a length in UTF-16 code units, or extends it after its required beginning.

    The result may not meet the requirements any more.
    """
    pieces = _pieces([one for one in requirements if one.operator in TEXTUAL])
    start = max(pieces.starts, key=len, default="" if pieces.ends else text)
    more = _filler(pieces) * (length - utf16_length(text))
    return utf16_slice(text[: len(start)] + more + text[len(start) :], 0, length)


def _pieces(textual: list[Requirement]) -> _Pieces:
    pieces = _Pieces()
    for one in textual:
        operator = _NEGATIONS.get(one.operator, one.operator)
        positive = one.wanted is (operator == one.operator)
        getattr(pieces, _FIELDS_OF_OPERATORS[operator][0 if positive else 1]).append(to_string(one.expected))
    return pieces


def _candidate_texts(pieces: _Pieces, near: str, usual: str) -> Iterator[str]:
    """Yields strings, the preferred one first.

    The last one decides: its required parts are joined by a character that occurs in no piece. When it fails, no
    string meets the requirements. A forbidden piece does not contain that character either, so it lies within one
    of the parts (a forbidden beginning or end: in the first or the last part), which every string must have.
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
    """Yields the text, and the text with one character less or more."""
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
    """Returns the text with its missing parts added."""
    if not text.startswith(start):
        text = _joined(start, text)
    for piece in holds:
        if piece not in text:
            text = _joined(text, piece)
    return text if text.endswith(end) else _joined(text, end)


def _joined(left: str, right: str) -> str:
    """Joins two texts and writes their overlap once."""
    shared = next(size for size in range(min(len(left), len(right)), -1, -1) if left.endswith(right[:size]))
    return left + right[shared:]


def _filler(pieces: _Pieces) -> str:
    used = set("".join(pieces.all()))
    return next(
        (character for character in _FILLERS if character not in used),
        next((chr(code) for code in _SPARE if chr(code) not in used), "\u00a0"),
    )


# --- numbers ---------------------------------------------------------------------------------------------

_LARGEST = sys.float_info.max
_EXACT = 2**53  # below it every whole number is a double
_OPPOSITE = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "number_equals": "number_not_equals",
    "number_not_equals": "number_equals",
}
_USUAL_NUMBER = 1


def solve_number(
    requirements: list[Requirement], near: Any, *, excluded: tuple[float, ...] = (), minimum: float = -_LARGEST
) -> Outcome:
    """Finds a number that meets the requirements, close to `near` and whole where possible.

    Args:
        requirements: Requirements on one value, with any operators.
        near: The value to stay close to; 1 is used when it is not a number.
        excluded: Numbers that must not be the result.
        minimum: The smallest number that may be the result.
    """
    numeric = [one for one in requirements if one.operator in NUMERIC]
    # The other operators have the same verdict for every number.
    if not all(one.passes(_USUAL_NUMBER) for one in requirements if one.operator not in NUMERIC):
        return Unsatisfiable(tuple(requirements))
    low, high, without = _bounds(numeric, excluded)
    low = max(low, minimum)
    target = _target(near)
    for number in _candidate_numbers(low, high, without, target):
        if low <= number <= high and number not in without and all(one.passes(number) for one in numeric):
            return Solution(number)
    if minimum < 0 and any(all(one.passes(odd) for one in numeric) for odd in (math.inf, -math.inf, math.nan)):
        return Unknown("only a number that JSON does not have would do")
    return Unsatisfiable(tuple(requirements))


def _bounds(numeric: list[Requirement], excluded: tuple[float, ...]) -> tuple[float, float, set[float]]:
    """Returns a closed interval of doubles and the numbers excluded from it; it is empty when low is above high."""
    low, high, without = -_LARGEST, _LARGEST, set(excluded)
    for one in numeric:
        bound = to_number(one.expected)
        operator = one.operator if one.wanted else _OPPOSITE[one.operator]
        if math.isnan(bound):
            # Every comparison with NaN is false, and `!=` is true.
            if one.wanted is not (one.operator == "number_not_equals"):
                return 1, -1, without
            continue
        double = float(bound)
        if operator == "number_not_equals":
            without.add(double)
        if operator in (">=", "number_equals"):
            low = max(low, double)
        if operator in ("<=", "number_equals"):
            high = min(high, double)
        if operator == ">":
            low = max(low, math.nextafter(double, math.inf))
        if operator == "<":
            high = min(high, math.nextafter(double, -math.inf))
    return low, high, without


def _target(near: Any) -> float:
    number = string_to_number(near) if isinstance(near, str) and near else near
    return number if is_number(number) and math.isfinite(number) else _USUAL_NUMBER


def _candidate_numbers(low: float, high: float, without: set[float], target: float) -> Iterator[float]:
    """Yields numbers, the preferred one first; when the last ones fail, no number meets the requirements."""
    yield target
    corners = [corner for corner in (target, *without, low, high) if abs(corner) < _EXACT]
    whole = {number for corner in corners for number in (math.floor(corner), math.ceil(corner))}
    whole |= {number + step for number in whole for step in (-1, 1)}
    tenths = {round(corner + step, 2) for corner in corners for step in (-0.5, -0.1, -0.01, 0.01, 0.1, 0.5)}

    def distance(number: float) -> tuple[float, float]:
        return abs(number - target), -number

    yield from sorted(whole, key=distance)
    yield from sorted(tenths, key=distance)
    yield from _whole([low, high])
    number = low
    while number in without and number < high:  # one step for each exclusion at most
        number = math.nextafter(number, math.inf)
    yield from _whole([number])


def _whole(numbers: list[float]) -> list[float]:
    return [int(number) if number.is_integer() and abs(number) < _EXACT else number for number in map(float, numbers)]
