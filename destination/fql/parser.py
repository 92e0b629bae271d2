"""Parses a trigger into an AST, as Segment's `parseFql` does, and records words that lost their meaning."""

import re
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from destination.errors import FQLSyntaxError
from destination.fql.lexer import Token, TokenType, tokenize
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition, Subscription
from destination.records import dataclass
from destination.values import MISSING, Missing, number_to_string, real_type_of, string_to_number, utf16_slice


class RemarkKind(StrEnum):
    """The kinds of remarks; Segment's parser behaves the same in each case."""

    CONDITION = "condition"
    """A comparison was parsed: field, operator and value."""
    MATCH = "match"
    """A call of `match` was parsed: field and argument."""
    VANISHED = "vanished"
    """Words without a meaning were dropped."""
    MIXED = "mixed"
    """One group has both `and` and `or`: the last operator applies to the whole group."""
    NEGATION = "negation"
    """A `!` without a function after it was dropped."""
    CUT = "cut"
    """A group ended at the closing parenthesis of a function in it; its other conditions are outside of it."""
    QUOTE = "quote"
    """A closing quote also opened the next string."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the parser did with some words of a trigger.

    Attributes:
        kind: The kind of remark.
        tokens: The words, in the order of the source.
    """

    kind: RemarkKind
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """Returns the offset of its first character in the source."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Returns the offset of the first character after it."""
        return self.tokens[-1].end


def _quotes_that_open_again(tokens: list[Token]) -> list[Remark]:
    """Finds the strings whose closing quote also opens the next string."""
    return [
        Remark(RemarkKind.QUOTE, (token, following))
        for token, following in pairwise(tokens)
        if token.type is TokenType.STRING and following.start < token.end
    ]


def _joined(remarks: list[Remark]) -> tuple[Remark, ...]:
    """Joins the remarks on neighbouring words that vanished."""
    runs: list[tuple[RemarkKind, list[Token]]] = []
    for remark in remarks:
        kind, tokens = runs[-1] if runs else (None, [])
        if kind is remark.kind is RemarkKind.VANISHED and remark.start - tokens[-1].end <= 1:
            tokens.extend(remark.tokens)
        else:
            runs.append((remark.kind, list(remark.tokens)))
    return tuple(Remark(kind, tuple(tokens)) for kind, tokens in runs)


_TYPES = {
    "type": "event-type",
    "event": "event",
    "name": "name",
    "userId": "userId",
    "context": "event-context",
    "properties": "event-property",
    "traits": "event-trait",
}
_PATH_ROOTS = {"event-property": "properties", "event-trait": "traits", "event-context": "context"}
_FUNCTIONS = ("contains", "match")
_FUNCTION_FIELDS = ("event", "name", "userId")
_FUNCTION_ROOTS = re.compile("properties|traits|context")
# Segment: its table of fields is a JavaScript object, so inherited names count as fields. They consume an operator
# and a value before they vanish (test_inherited_names_swallow_two_tokens)
_INHERITED = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
_Offsets: TypeAlias = list[tuple[int, int]] | None
_ENGINE_MESSAGE = "Cannot read properties of undefined (reading 'type')"
"""The message of V8 when the reference runs out of tokens or conditions; results contain it."""


def parse_fql(source: str) -> Subscription:
    """Parses a trigger; never raises.

    Args:
        source: The FQL text, such as `type = "track" and event = "Order Completed"`.

    Returns:
        The AST in Segment's shape: always a group, even for a single condition. A trigger that cannot be parsed
        becomes an `ErrorCondition`; its error has the reference's message, the offset if it is known, and notes.

    Example:
        >>> parse_fql('type = "track"')
        GroupCondition(operator='and', children=(Condition(type='event-type', operator='=', value='track', ...),))
        >>> parse_fql("type")
        ErrorCondition(error=FQLSyntaxError('Value token is missing'))
    """
    return _parse(source, None)


def parse_closely(source: str) -> tuple[Subscription, tuple[Remark, ...]]:
    """Parses a trigger and returns remarks on its words.

    Args:
        source: The FQL text.

    Returns:
        The result of `parse_fql`, and the remarks in the order of parsing. A trigger that cannot be parsed has the
        remarks up to the error.

    Example:
        >>> condition, remarks = parse_closely('foo = "x" and event = "a"')
        >>> len(condition.children), [remark.kind.value for remark in remarks]
        (1, ['vanished', 'condition'])
    """
    remarks: list[Remark] = []
    condition = _parse(source, remarks)
    return condition, _joined(remarks)


def parse_with_offsets(source: str) -> tuple[Subscription, tuple[tuple[int, int], ...]]:
    """Parses a trigger and returns where its conditions are in the text; see `condition_offsets`."""
    offsets: list[tuple[int, int]] = []
    return _parse(source, None, offsets), tuple(offsets)


def _parse(source: str, remarks: list[Remark] | None, offsets: _Offsets = None) -> Subscription:
    kind = real_type_of(source)
    if kind != "string":  # Segment: a value that is not text is an error, too (test_trigger_that_is_no_text)
        return ErrorCondition(_engine_error("", None, f"A trigger is text, but this is: {kind}"))
    try:
        tokens = tokenize(source)
    except FQLSyntaxError as cause:
        # Segment: the lexer's message is dropped, and parsing goes on with an empty list of tokens
        # (test_lexer_message_is_replaced_by_the_engines)
        lexical = _engine_error(source, cause.offset, str(cause))
        lexical.__cause__ = cause
        return ErrorCondition(lexical)
    if remarks is not None:
        remarks += _quotes_that_open_again(tokens)
    try:
        node = _Parser(source, _join_paths(tokens), remarks, offsets).parse()
    except FQLSyntaxError as error:
        return ErrorCondition(error.with_traceback(None))
    if node is None:
        note = "No condition is left: one begins with type, event, name, userId, properties, traits or context"
        return ErrorCondition(_engine_error(source, None, note))
    return node if isinstance(node, GroupCondition) else GroupCondition("and", (node,))


def _engine_error(source: str, offset: int | None, note: str) -> FQLSyntaxError:
    error = FQLSyntaxError(_ENGINE_MESSAGE, source, offset)
    error.add_note(note)
    return error


def _join_paths(tokens: list[Token]) -> list[Token]:
    """Joins the tokens of `a . b . c` into one identifier."""
    joined: list[Token] = []
    # The names of the path at the end of `joined`; they are joined once, so that a long path takes linear time.
    names: list[str] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if names and token.type is TokenType.DOT and tokens[index + 1].type is TokenType.IDENT:
            names += (token.value, tokens[index + 1].value)
            index += 2
            continue
        _close_path(joined, names, tokens[index - 1].end)
        joined.append(token)
        names = [token.value] if token.type is TokenType.IDENT else []
        index += 1
    return joined


def _close_path(joined: list[Token], names: list[str], end: int) -> None:
    if len(names) > 1:
        joined[-1] = Token(TokenType.IDENT, "".join(names), joined[-1].start, end)


class _Parser:
    def __init__(self, source: str, tokens: list[Token], remarks: list[Remark] | None, offsets: _Offsets) -> None:
        self._source = source
        self._tokens = tokens
        self._remarks = remarks
        self._offsets = offsets
        self._position = 0
        self._skipped_closings = 0  # closing parentheses that are still to come after their groups ended
        self._nodes: list[Condition | GroupCondition | None] = []

    def parse(self) -> Condition | GroupCondition | None:
        operator = "and"
        conjunctions: list[Token] = []
        while (token := self._shift()) is not None and token.type is not TokenType.EOS:
            if token.type is TokenType.IDENT:
                self._ident(token)
            elif token.type is TokenType.CONDITIONAL:
                # Segment: the last operator applies to the whole group (test_last_operator_of_a_group_wins)
                operator = token.value
                conjunctions.append(token)
            elif token.type is TokenType.PAREN_LEFT:
                self._group(token)
            elif token.value == "!" and token.type is TokenType.OPERATOR:
                self._negation(token)
            elif token.type is TokenType.PAREN_RIGHT and self._skipped_closings:
                self._skipped_closings -= 1
            else:  # Segment: everything else vanishes (test_unknown_identifiers_vanish)
                self._remark(RemarkKind.VANISHED, token)
        if len({token.value for token in conjunctions}) > 1:
            self._remark(RemarkKind.MIXED, *conjunctions)
        if len(self._nodes) > 1:
            return GroupCondition(operator, tuple(self._nodes))
        return self._nodes[0] if self._nodes else None

    def _ident(self, token: Token) -> None:
        if token.value in _FUNCTIONS:
            self._function(token.value, token.start, negated=False)
            return
        root = token.value.partition(".")[0]
        if root in _TYPES or root in _INHERITED:
            operator = self._required("Operator token is missing")
            value = self._required("Value token is missing")
            self._remark(RemarkKind.CONDITION if root in _TYPES else RemarkKind.VANISHED, token, operator, value)
            if root in _TYPES:
                self._add(_condition(_TYPES[root], token.value, operator, value), token.start)
        else:
            self._remark(RemarkKind.VANISHED, token)

    def _negation(self, bang: Token) -> None:
        # The lexer accepts `!` only before a letter or a parenthesis, so a token follows.
        following = self._tokens[self._position]
        if following.type is TokenType.IDENT and following.value in _FUNCTIONS:
            self._position += 1
            self._function(following.value, bang.start, negated=True)
        else:  # Segment: before anything but a function it is dropped (test_negation_of_a_group_is_dropped)
            self._remark(RemarkKind.NEGATION, bang, following)

    def _function(self, function: str, start: int, *, negated: bool) -> None:
        # Segment: the tokens in place of parentheses and comma are skipped without a look
        # (test_functions_take_any_punctuation)
        self._shift()
        field = self._required(f"{function}() is missing a 1st argument")
        self._shift()
        argument = self._required(f"{function}() is missing a 2nd argument")
        self._shift()
        operator, value = _match(argument) if function == "match" else ("contains", _text(argument))
        if negated:
            operator = f"not_{operator}"
        if field.value in _FUNCTION_FIELDS:
            self._add(Condition(field.value, operator, value), start)
        elif root := _FUNCTION_ROOTS.match(field.value):
            # Segment: a name that begins like a root counts as one (test_contains_takes_a_name_that_begins_like_a_root)
            name = _path(field.value, root.group())
            self._add(Condition(_TYPES[root.group()], operator, value, name), start)
        else:
            self._remark(RemarkKind.VANISHED, field, argument)
            return
        if function == "match":
            self._remark(RemarkKind.MATCH, field, argument)

    def _group(self, opening: Token) -> None:
        start = self._position
        for index in range(start, len(self._tokens)):
            if self._tokens[index].type is TokenType.PAREN_RIGHT:
                # Segment: a group ends at the first closing parenthesis, so groups do not nest
                # (test_group_ends_at_first_closing_paren)
                end = Token(TokenType.EOS, "eos", self._tokens[index].start, self._tokens[index].start)
                inner = self._tokens[start:index]
                group = _Parser(self._source, [*inner, end], self._remarks, self._offsets).parse()
                self._position = index + 1
                if group is None:
                    self._add(None, opening.start)
                else:
                    self._nodes.append(group)
                if any(token.type is TokenType.PAREN_LEFT for token in inner):
                    self._skipped_closings += 1
                    if self._tokens[index + 1].type is not TokenType.PAREN_RIGHT:
                        self._remark(RemarkKind.CUT, opening, self._tokens[index])
                return
        note = "The group that opens here does not end: groups do not nest, the first ) ends one"
        raise _engine_error(self._source, opening.start, note)

    def _add(self, condition: Condition | None, start: int) -> None:
        """Adds a condition whose last token was just consumed."""
        self._nodes.append(condition)
        if self._offsets is not None:
            last = self._tokens[self._position - 1]
            if last.type is TokenType.EOS:  # of the text, or of a group, which ends at a parenthesis
                is_function = self._tokens[self._position - 2].type is not TokenType.OPERATOR
                closing = int(is_function and last.start < len(self._source))
                end = last.end + 1 if closing else self._tokens[self._position - 2].end
                self._offsets.append((start, end))
                return
            self._offsets.append((start, last.end))

    def _remark(self, kind: RemarkKind, *tokens: Token) -> None:
        if self._remarks is not None:
            self._remarks.append(Remark(kind, tokens))

    def _shift(self) -> Token | None:
        if self._position == len(self._tokens):
            return None
        self._position += 1
        return self._tokens[self._position - 1]

    def _required(self, message: str) -> Token:
        token = self._shift()
        if token is None:
            raise FQLSyntaxError(message, self._source, self._tokens[-1].start)
        return token


def _condition(kind: str, field: str, operator: Token, value: Token) -> Condition:
    root = _PATH_ROOTS.get(kind)
    name: str | Missing = _path(field, root) if root else MISSING
    special = None
    # Segment: `event` and `type` compare only with text (test_event_and_type_have_no_exists_form)
    if kind not in ("event", "event-type"):
        special = _bare_operator(operator.value, value.value, booleans=kind != "name")
    if special:
        return Condition(kind, special, MISSING, name)
    if root is None:
        return Condition(kind, operator.value, _text(value))
    if value.type is TokenType.NUMBER and operator.value in ("=", "!="):
        return Condition(kind, "number_equals" if operator.value == "=" else "number_not_equals", _value(value), name)
    return Condition(kind, operator.value, _value(value), name)


def _bare_operator(operator: str, value: str, *, booleans: bool) -> str | None:
    """Returns the operator that replaces operator and value together, such as `exists`; None if there is none."""
    if value == "null":
        return {"=": "not_exists", "!=": "exists"}.get(operator)
    if booleans and operator == "=":
        return {"true": "is_true", "false": "is_false"}.get(value)
    return None


def _match(argument: Token) -> tuple[str, str]:
    text = _text(argument)
    if argument.value.endswith('*"'):
        return "starts_with", text[:-1]
    # Segment: the first character is cut, even if it is not a * (test_match_cuts_the_first_character_without_looking)
    return "ends_with", utf16_slice(text, 1, len(text) * 2)


def _path(field: str, root: str) -> str:
    return field.removeprefix(f"{root}.")


def _value(token: Token) -> str | bool | float:
    if token.type is TokenType.STRING:
        # Segment: only double quotes are removed (test_single_quotes_stay_in_the_value)
        return token.value[1:-1] if token.value[0] == '"' else token.value
    if token.type is TokenType.NUMBER:
        return string_to_number(token.value)
    if token.type is TokenType.IDENT and token.value in ("true", "false"):
        return token.value == "true"
    # Segment: the value of any other token is its text, even of the end of the text (test_end_of_text_is_a_value)
    return token.value


def _text(token: Token) -> str:
    value = _value(token)
    if isinstance(value, bool):
        return token.value
    return value if isinstance(value, str) else number_to_string(value)
