"""Splits a template into text, outputs and tags, and applies the trim markers."""

import re
from typing import Final

from destination.mapping.liquid.problems import Positioned, line_and_column
from destination.mapping.liquid.reader import BLANK_RUN, BLANKS, QUOTED, Reader, shown, unquote
from destination.records import dataclass
from destination.values import from_units

_OPENING: Final = re.compile(r"\{[%{]")
_QUOTED_OR_CLOSING: Final = re.compile(QUOTED.pattern + r"|\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Html:
    """Text between tags and outputs, already trimmed; `whole` is what `raw` writes."""

    text: str
    whole: str
    line_and_column: str


@dataclass(frozen=True, slots=True)
class Delimited:
    """`{{ … }}` or `{% … %}`, or a line inside `{% liquid … %}`.

    Attributes:
        source: The template, one character a UTF-16 unit.
        begin: The offset at which it starts.
        whole: As written.
        inside: The offsets of its inside, without trim markers and blanks around it.
        trims: Whether it trims to the left and to the right.
    """

    source: str
    begin: int
    whole: str
    inside: tuple[int, int]
    trims: tuple[bool, bool]

    @property
    def line_and_column(self) -> str:
        """Its line and column, as messages write them."""
        return line_and_column(self.source, self.begin)


@dataclass(frozen=True, slots=True)
class OutputToken(Delimited):
    """`{{ … }}`."""

    def reader(self) -> Reader:
        """Makes a reader of the inside."""
        return Reader(self.source, *self.inside)


@dataclass(frozen=True, slots=True)
class TagToken(Delimited):
    """`{% name … %}`; `reader` is at the end of the name.

    Attributes:
        arguments: What follows the name, as text.
    """

    name: str
    reader: Reader
    arguments: str


Token = Html | OutputToken | TagToken


def scan(source: str) -> list[Token]:
    """Splits a template into tokens.

    Args:
        source: The template, one character a UTF-16 unit.

    Raises:
        Positioned: Something is not closed, or a tag has no name.
    """
    found: list[OutputToken | TagToken | tuple[int, int]] = []
    position, raw_begin = 0, -1
    while position < len(source):
        if raw_begin >= 0:
            content_end, end = _end_of_raw(source, position, raw_begin)
            if position < content_end:
                found.append((position, content_end))
            found.append(tag_token(source, content_end, end, (content_end + 2, end - 2)))
            raw_begin, position = -1, end
        elif source.startswith("{%", position):
            end = _past(source, "%}", position + 1)
            if end < 0:
                raise Positioned(f"tag {shown(source[position:])} not closed{line_and_column(source, position)}")
            tag = tag_token(source, position, end, (position + 2, end - 2))
            found.append(tag)
            raw_begin = position if tag.name == "raw" else -1
            position = end
        elif source.startswith("{{", position):
            end = _end_of_output(source, position)
            if end < 0:
                raise Positioned(f"output {shown(source[position:])} not closed{line_and_column(source, position)}")
            inside, trims = _inside(source, position + 2, end - 2)
            found.append(OutputToken(source, position, from_units(source[position:end]), inside, trims))
            position = end
        else:
            opening = _OPENING.search(source, position)
            end = opening.start() if opening else len(source)
            found.append((position, end))
            position = end
    return _trimmed(source, found)


def lines(reader: Reader) -> list[Token]:
    """Splits a `{% liquid … %}` tag into its tags, one a line.

    Raises:
        Positioned: A line does not start with a name.
    """
    found: list[Token] = []
    while True:
        reader.skip_blank()
        if reader.at_end():
            return found
        begin = reader.position
        reader.skip_past("\n")
        found.append(
            tag_token(reader.source, begin, reader.position, (begin, reader.position), "illegal liquid tag syntax")
        )


def tag_token(
    source: str,
    begin: int,
    end: int,
    content: tuple[int, int],
    complaint: str = "illegal tag syntax, tag name expected",
) -> TagToken:
    """Reads a tag that starts at `begin`, with its name.

    Raises:
        Positioned: It has no name.
    """
    inside, trims = _inside(source, *content)
    reader = Reader(source, *inside)
    name = reader.tag_name()
    if not name:
        raise reader.problem(complaint)
    reader.skip_blank()
    return TagToken(source, begin, from_units(source[begin:end]), inside, trims, name, reader, reader.rest())


def _inside(source: str, begin: int, end: int) -> tuple[tuple[int, int], tuple[bool, bool]]:
    trims = source[begin : begin + 1] == "-", source[end - 1 : end] == "-"
    # One `-` alone is the marker of both sides, so that `begin` can come behind `end`.
    begin, end = begin + trims[0], end - trims[1]
    if blanks := BLANK_RUN.match(source, begin, max(begin, end)):
        begin = blanks.end()
    while end > begin and source[end - 1] in BLANKS:
        end -= 1
    return (begin, end), trims


def _past(source: str, sought: str, position: int) -> int:
    found = source.find(sought, position)
    return found + len(sought) if found >= 0 else -1


def _end_of_output(source: str, begin: int) -> int:
    """Returns the offset after the `}}` that is not inside quotes, or -1."""
    for found in _QUOTED_OR_CLOSING.finditer(source, begin):
        if found.group() == "}}":
            return found.end()
        unquote(found.group())  # for the problems it may have, which come before all others
    return -1


def _end_of_raw(source: str, begin: int, raw_begin: int) -> tuple[int, int]:
    """Returns the end of the content of `raw`, and the end of the tag after it.

    `{%- endraw %}` does not end it (test_raw_is_not_closed_by_a_trimming_endraw), and an `endraw` counts
    only when no other tag opens before it closes.
    """
    reader = Reader(source, begin)
    reader.skip_past("{%")
    content_end = reader.position - 2
    while not reader.at_end():
        if reader.identifier() != "endraw":
            reader.skip_past("{%")
            content_end = reader.position - 2
            continue
        while reader.position <= reader.end:
            last_two = source[reader.position - 2 : reader.position]
            if last_two == "%}":
                return content_end, reader.position
            if last_two == "{%":
                break
            reader.position += 1
    raise Positioned(f"raw {shown(source[raw_begin:])} not closed{line_and_column(source, begin)}")


def _trimmed(source: str, found: list[OutputToken | TagToken | tuple[int, int]]) -> list[Token]:
    """Cuts the blanks of texts beside a trim marker; inside `raw` they stay."""
    left: dict[int, bool] = {}
    right: dict[int, bool] = {}
    in_raw = False
    for at, token in enumerate(found):
        if isinstance(token, tuple):
            continue
        if token.trims[0] and not in_raw:
            right[at - 1] = True
        if isinstance(token, TagToken):
            in_raw = token.name == "raw" or (in_raw and token.name != "endraw")
        if token.trims[1] and not in_raw:
            left[at + 1] = True
    tokens: list[Token] = []
    for at, token in enumerate(found):
        if not isinstance(token, tuple):
            tokens.append(token)
            continue
        whole = source[slice(*token)]
        text = whole.rstrip(BLANKS) if at in right else whole
        text = text.lstrip(BLANKS) if at in left else text
        tokens.append(Html(from_units(text), from_units(whole), line_and_column(source, token[0])))
    return tokens
