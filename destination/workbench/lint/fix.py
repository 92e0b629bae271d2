"""Mends triggers where that is mechanical: `destination lint --fix`."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from destination.fql import ErrorCondition, Impossible, TokenType, satisfy, tokenize
from destination.fql.lexer import Token
from destination.fql.parser import Remark, RemarkKind, parse_closely
from destination.records import dataclass
from destination.workbench.lint.trigger_rules import is_capital, single_quoted

FIXABLE: Final = ("T002", "T004", "T007")
"""The rules whose findings can be mended."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A mended trigger.

    Attributes:
        text: The new text.
        edits: What was replaced in the old text: start, end and the new characters, from left to right.
        codes: The codes of the findings that are mended.
        keeps_meaning: Whether it is proved that Segment reads the new text as the old one.

    Example:
        >>> fix = fix_trigger("type = 'track'")
        >>> fix.text, fix.codes, fix.keeps_meaning
        ('type = "track"', ('T007',), False)
    """

    text: str
    edits: tuple[tuple[int, int, str], ...]
    codes: tuple[str, ...]
    keeps_meaning: bool


def fix_trigger(source: str, codes: Iterable[str] = FIXABLE) -> Fix | None:
    r"""Mends what can be mended in a trigger without a decision of its author.

    Single quotes become double quotes (T007), and `AND` and `OR` lower case (T004): Segment reads the new text as its
    author meant it, and so the trigger may match other events than before. `AND` and `OR` stay where the new text
    would have `and` beside `or` in one group. Parentheses around `and` or `or` (T002) are only added where it is
    proved that Segment then reads what it read before.

    Args:
        source: The trigger.
        codes: The codes to mend.

    Returns:
        The mended trigger; None where there is nothing to mend.

    Example:
        >>> fix_trigger("type = 'track' AND event = \"Order\"").text
        'type = "track" and event = "Order"'
        >>> fix_trigger('type = "track" and event = "A" or event = "B"') is None
        True
    """
    wanted = set(codes)
    edits: list[tuple[int, int, str]] = []
    mended: list[str] = []
    text = source
    for code, find in _FINDERS.items():
        found = list(find(text)) if code in wanted else []
        if found:
            mended.append(code)
            text = _apply(text, found)
            edits += [] if code == "T002" else found
    if not mended:
        return None
    if "T002" in mended:  # its offsets are those of a text that other edits, of equal length, made
        edits += list(_parentheses(_apply(source, sorted(edits))))
    edits.sort()
    return Fix(_apply(source, edits), tuple(edits), tuple(sorted(mended)), _are_equal(source, text))


def _double_quotes(text: str) -> Iterator[tuple[int, int, str]]:
    for token in single_quoted(text, parse_closely(text)[1]):
        if '"' not in token.value:
            yield token.start, token.start + 1, '"'
            yield token.end - 1, token.end, '"'


def _lower_case(text: str) -> Iterator[tuple[int, int, str]]:
    remarks = parse_closely(text)[1]
    found = [
        (token.start, token.end, token.value.lower())
        for remark in remarks
        for token in (remark.tokens if remark.kind is RemarkKind.VANISHED else ())
        if is_capital(token)
    ]
    if _is_mixed(remarks) or not _is_mixed(parse_closely(_apply(text, found))[1]):
        yield from found


def _is_mixed(remarks: Iterable[Remark]) -> bool:
    return any(remark.kind is RemarkKind.MIXED for remark in remarks)


def _parentheses(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields the parentheses around the conditions of one operator that do not change what Segment reads."""
    condition, remarks = parse_closely(text)
    if isinstance(condition, ErrorCondition) or not _is_mixed(remarks):
        return
    for operator in ("and", "or"):
        found = list(_groups(text, operator))
        candidate = _apply(text, found)
        _, after = parse_closely(candidate)
        if found and not {remark.kind for remark in after} & _LOSSES and _are_equal(text, candidate):
            yield from found
            return


_LOSSES: Final = {RemarkKind.MIXED, RemarkKind.CUT, RemarkKind.VANISHED, RemarkKind.NEGATION, RemarkKind.QUOTE}


def _groups(text: str, operator: str) -> Iterator[tuple[int, int, str]]:
    """Yields parentheses around each run of conditions of the outermost level that an operator joins."""
    parts: list[list[Token]] = [[]]
    joints: list[str] = []
    depth = 0
    for token in tokenize(text)[:-1]:
        depth += (token.type is TokenType.PAREN_LEFT) - (token.type is TokenType.PAREN_RIGHT)
        if token.type is TokenType.CONDITIONAL and depth == 0:
            joints.append(token.value)
            parts.append([])
        else:
            parts[-1].append(token)
    if not all(parts):
        return
    first = 0
    for index in range(len(parts)):
        if index < len(joints) and joints[index] == operator:
            continue
        if index > first:
            yield parts[first][0].start, parts[first][0].start, "("
            yield parts[index][-1].end, parts[index][-1].end, ")"
        first = index + 1


def _are_equal(one: str, other: str) -> bool:
    """Whether it is proved that two triggers match the same events."""
    before, after = parse_closely(one)[0], parse_closely(other)[0]
    if isinstance(before, ErrorCondition) or isinstance(after, ErrorCondition):
        return isinstance(before, ErrorCondition) and isinstance(after, ErrorCondition)
    return before == after or all(
        isinstance(satisfy(wanted, refused=refused), Impossible)
        for wanted, refused in ((before, after), (after, before))
    )


def _apply(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


_FINDERS: Final[dict[str, Callable[[str], Iterator[tuple[int, int, str]]]]] = {
    "T007": _double_quotes,
    "T004": _lower_case,
    "T002": _parentheses,
}
