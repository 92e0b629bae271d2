"""Builds the nodes of a template from its tokens."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from destination.mapping.liquid import nodes
from destination.mapping.liquid.nodes import Body, Branch, Filtered, Node
from destination.mapping.liquid.problems import Positioned, Unpositioned
from destination.mapping.liquid.scanner import Html, OutputToken, TagToken, Token, lines, scan
from destination.values import WHITESPACE, quote, to_units

DISABLED_TAGS: Final = frozenset({"case", "for", "include", "layout", "render", "tablerow"})
"""The tags that Segment disables: a template that has one fails, unless it is inside `comment` or `raw`."""

_WORD: Final = re.compile(r"\w+", re.ASCII)
_UNMARKED_LINE: Final = re.compile(rf"\n[{WHITESPACE}]*[^#{WHITESPACE}]")


def parse(template: str) -> Body:
    """Parses a template into nodes.

    Raises:
        Positioned: The template is malformed; the message is liquidjs's.
        Unpositioned: The template is malformed, and liquidjs names no line and column.

    Example:
        >>> [node.action for node in parse("Hi")]
        [Text(text='Hi')]
    """
    return _Parser(scan(to_units(template))).all()


class _Parser:
    """Takes tokens from the left; a tag with a body takes its body's."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.tokens = deque(tokens)

    def all(self) -> Body:
        """Returns the nodes of all tokens."""
        found: list[Node] = []
        while self.tokens:
            found += self.nodes(self.tokens.popleft())
        return tuple(found)

    def nodes(self, token: Token) -> tuple[Node, ...]:
        """Returns the node of a token with everything that belongs to it; none for a comment."""
        if isinstance(token, Html):
            return (Node(nodes.Text(token.text), token.line_and_column),)
        try:
            if isinstance(token, OutputToken):
                return (Node(nodes.Output(token.reader().filtered()), token.line_and_column),)
            if token.name in DISABLED_TAGS:
                raise Unpositioned(f'tag "{token.name}" is disabled')
            build = _TAGS.get(token.name)
            if build is None:
                raise Unpositioned(f'tag "{token.name}" not found')
            action = build(self, token)
        except Unpositioned as problem:
            raise Positioned(problem.message + token.line_and_column) from None
        return () if action is None else (Node(action, token.line_and_column),)

    def until(self, end: str, tag: TagToken) -> Body:
        """Takes the nodes up to the tag `end`, and that tag.

        Raises:
            Unpositioned: There is no such tag.
        """
        found: list[Node] = []
        while self.tokens:
            token = self.tokens.popleft()
            if isinstance(token, TagToken) and token.name == end:
                return tuple(found)
            found += self.nodes(token)
        raise _not_closed(tag)

    def tokens_until(self, end: str, tag: TagToken) -> Iterator[Token]:
        """Takes the tokens up to the tag `end`, and that tag. It reads none of them.

        Raises:
            Unpositioned: There is no such tag.
        """
        while self.tokens:
            token = self.tokens.popleft()
            if isinstance(token, TagToken) and token.name == end:
                return
            yield token
        raise _not_closed(tag)


def _not_closed(tag: TagToken) -> Unpositioned:
    return Unpositioned(f"tag {tag.whole} not closed")


# --- tags without a body ---------------------------------------------------------------------------------


def _assign(_parser: _Parser, tag: TagToken) -> nodes.Action:
    name = tag.reader.identifier()
    if not name:
        raise tag.reader.problem("expected variable name")
    tag.reader.skip_blank()
    if tag.reader.peek() != "=":
        raise tag.reader.problem('expected "="')
    tag.reader.position += 1
    return nodes.Assign(name, tag.reader.filtered())


def _increment(_parser: _Parser, tag: TagToken) -> nodes.Action:
    return nodes.Counter(tag.reader.identifier(), 1)


def _decrement(_parser: _Parser, tag: TagToken) -> nodes.Action:
    return nodes.Counter(tag.reader.identifier(), -1)


def _cycle(_parser: _Parser, tag: TagToken) -> nodes.Action:
    reader = tag.reader
    candidates: list[nodes.Value] = []
    group = reader.value()
    reader.skip_blank()
    if group is not None and reader.peek() == ":":
        reader.position += 1
    elif group is not None:
        candidates.append(group)
        group = None
    while not reader.at_end():
        if candidate := reader.value():
            candidates.append(candidate)
        reader.skip_past(",")
    if not candidates:
        raise reader.problem(f'empty candidates: "{tag.whole}"')
    return nodes.Cycle(group, tuple(candidates))


def _echo(_parser: _Parser, tag: TagToken) -> nodes.Action | None:
    tag.reader.skip_blank()
    return None if tag.reader.at_end() else nodes.Output(tag.reader.filtered())


def _stop(_parser: _Parser, _tag: TagToken) -> nodes.Action:
    return nodes.Stop()


def _liquid(_parser: _Parser, tag: TagToken) -> nodes.Action:
    return nodes.Group(_Parser(lines(tag.reader)).all())


def _inline_comment(_parser: _Parser, tag: TagToken) -> None:
    if _UNMARKED_LINE.search(tag.arguments):
        raise Unpositioned("every line of an inline comment must start with a '#' character")


# --- tags with a body ------------------------------------------------------------------------------------


def _capture(parser: _Parser, tag: TagToken) -> nodes.Action:
    name = tag.reader.identifier()
    if not name:
        quoted = tag.reader.quoted()
        if quoted is None:
            raise tag.reader.problem("invalid capture name")
        name = quoted.value
    return nodes.Capture(name, parser.until("endcapture", tag))


def _block(parser: _Parser, tag: TagToken) -> nodes.Action:
    name = _WORD.search(tag.arguments)
    return nodes.Block(name.group() if name else "", parser.until("endblock", tag))


def _raw(parser: _Parser, tag: TagToken) -> nodes.Action:
    return nodes.Text("".join(token.whole for token in parser.tokens_until("endraw", tag)))


def _comment(parser: _Parser, tag: TagToken) -> None:
    deque(parser.tokens_until("endcomment", tag), maxlen=0)


def _if(parser: _Parser, tag: TagToken) -> nodes.Action:
    choice = _Choice(tag.reader.filtered(), expected=True)
    while parser.tokens:
        token = parser.tokens.popleft()
        name = token.name if isinstance(token, TagToken) else ""
        if isinstance(token, TagToken) and name in ("elsif", "else", "endif"):
            if name == "elsif" and choice.otherwise is not None:
                raise Unpositioned("unexpected elsif after else")
            if name == "elsif":
                choice.branch(token.reader.filtered())
                continue
            if token.arguments:
                raise Unpositioned(f"unexpected {quote(token.arguments)}")
            if name == "endif":
                return choice.done()
            if choice.otherwise is not None:
                raise Unpositioned("duplicated else")
            choice.fallback()
        else:
            choice.body += parser.nodes(token)
    raise _not_closed(tag)


def _unless(parser: _Parser, tag: TagToken) -> nodes.Action:
    choice = _Choice(tag.reader.filtered(), expected=False)
    while parser.tokens:
        token = parser.tokens.popleft()
        name = token.name if isinstance(token, TagToken) else ""
        if isinstance(token, TagToken) and name == "elsif" and choice.otherwise is None:
            choice.branch(token.reader.filtered())
        elif name == "else" and choice.otherwise is None:
            choice.fallback()
        elif name in ("elsif", "else"):
            choice.body = []  # liquidjs: read and forgotten (test_unless_ignores_what_follows_a_second_else)
        elif name == "endunless":
            return choice.done()
        else:
            choice.body += parser.nodes(token)
    raise _not_closed(tag)


class _Choice:
    """An `if` or `unless` as it is read; `body` is where the next nodes go."""

    def __init__(self, condition: Filtered, *, expected: bool) -> None:
        self.branches: list[tuple[Filtered, bool, list[Node]]] = []
        self.otherwise: list[Node] | None = None
        self.branch(condition, expected=expected)

    def branch(self, condition: Filtered, *, expected: bool = True) -> None:
        """Starts a new branch; the next nodes belong to it."""
        self.body: list[Node] = []
        self.branches.append((condition, expected, self.body))

    def fallback(self) -> None:
        """Starts `else`; the next nodes belong to it."""
        self.body = self.otherwise = []

    def done(self) -> nodes.Choice:
        """Returns the finished node."""
        branches = tuple(Branch(condition, expected, tuple(body)) for condition, expected, body in self.branches)
        return nodes.Choice(branches, tuple(self.otherwise or ()))


_TAGS: Final[dict[str, Callable[[_Parser, TagToken], nodes.Action | None]]] = {
    "#": _inline_comment,
    "assign": _assign,
    "block": _block,
    "break": _stop,
    "capture": _capture,
    "comment": _comment,
    "continue": _stop,
    "cycle": _cycle,
    "decrement": _decrement,
    "echo": _echo,
    "if": _if,
    "increment": _increment,
    "liquid": _liquid,
    "raw": _raw,
    "unless": _unless,
}
ENABLED_TAGS: Final = frozenset(_TAGS)
