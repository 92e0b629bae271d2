"""From tokens to the AST, as Segment's `parseFql` does it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from destination.errors import FQLSyntaxError
from destination.fql.lexer import Token, TokenType, tokenize
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition, Subscription
from destination.values import MISSING, Missing, number_to_string, real_type_of, string_to_number, utf16_slice


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


def _quotes_that_open_again(tokens: list[Token]) -> list[Remark]:
    """The strings whose closing quote is the opening one of the next string."""
    return [
        Remark(RemarkKind.QUOTE, (token, following))
        for token, following in pairwise(tokens)
        if token.type is TokenType.STRING and following.start < token.end
    ]


def _joined(remarks: list[Remark]) -> tuple[Remark, ...]:
    """The remarks, with words that vanished one beside the other as one."""
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
# Segment: a look-up finds what every JavaScript object inherits, so these words take an operator and a value
# with them before they vanish (test_inherited_names_swallow_two_tokens)
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
_ENGINE_MESSAGE = "Cannot read properties of undefined (reading 'type')"
"""What V8 says where the reference has run out of tokens or of conditions; it shows in results."""


def parse_fql(source: str) -> Subscription:
    """Parses a trigger; never raises.

    Args:
        source: The FQL text, such as `type = "track" and event = "Order Completed"`.

    Returns:
        The AST in Segment's shape: always a group, even for a single condition; or an `ErrorCondition`
        whose error has the reference's message, the place where one is known, and notes that say more.

    Example:
        >>> parse_fql('type = "track"')
        GroupCondition(operator='and', children=(Condition(type='event-type', operator='=', value='track', ...),))
        >>> parse_fql("type")
        ErrorCondition(error=FQLSyntaxError('Value token is missing'))
    """
    return _parse(source, None)


def parse_closely(source: str) -> tuple[Subscription, tuple[Remark, ...]]:
    """Parses a trigger, and tells what became of its words.

    Args:
        source: The FQL text.

    Returns:
        What `parse_fql` gives, and the remarks in the order in which the parser came by. Of a trigger that
        cannot be parsed, those made until then.

    Example:
        >>> condition, remarks = parse_closely('foo = "x" and event = "a"')
        >>> len(condition.children), [remark.kind.value for remark in remarks]
        (1, ['vanished', 'condition'])
    """
    remarks: list[Remark] = []
    condition = _parse(source, remarks)
    return condition, _joined(remarks)


def _parse(source: str, remarks: list[Remark] | None) -> Subscription:
    kind = real_type_of(source)
    if kind != "string":  # Segment: no trigger, and no bare error either (test_trigger_that_is_no_text)
        return ErrorCondition(_engine_error("", None, f"A trigger is text, but this is: {kind}"))
    try:
        tokens = tokenize(source)
    except FQLSyntaxError as cause:
        # Segment: the lexer's message is dropped, an empty list of tokens goes on
        # (test_lexer_message_is_replaced_by_the_engines)
        lexical = _engine_error(source, cause.offset, str(cause))
        lexical.__cause__ = cause
        return ErrorCondition(lexical)
    if remarks is not None:
        remarks += _quotes_that_open_again(tokens)
    try:
        node = _Parser(source, _join_paths(tokens), remarks).parse()
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
    """Makes one identifier of `a . b . c`."""
    joined: list[Token] = []
    # The names of the path that `joined` ends with; joined once, so that a long path takes linear time.
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
    def __init__(self, source: str, tokens: list[Token], remarks: list[Remark] | None) -> None:
        self._source = source
        self._tokens = tokens
        self._remarks = remarks
        self._position = 0
        self._skipped_closings = 0  # closing parentheses that their groups did without
        self._nodes: list[Condition | GroupCondition | None] = []

    def parse(self) -> Condition | GroupCondition | None:
        operator = "and"
        conjunctions: list[Token] = []
        while (token := self._shift()) is not None and token.type is not TokenType.EOS:
            if token.type is TokenType.IDENT:
                self._ident(token)
            elif token.type is TokenType.CONDITIONAL:
                # Segment: the last one wins for the whole group (test_last_operator_of_a_group_wins)
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
            self._function(token.value, negated=False)
            return
        root = token.value.partition(".")[0]
        if root in _TYPES or root in _INHERITED:
            operator = self._required("Operator token is missing")
            value = self._required("Value token is missing")
            self._remark(RemarkKind.CONDITION if root in _TYPES else RemarkKind.VANISHED, token, operator, value)
            if root in _TYPES:
                self._nodes.append(_condition(_TYPES[root], token.value, operator, value))
        else:
            self._remark(RemarkKind.VANISHED, token)

    def _negation(self, bang: Token) -> None:
        # The lexer makes `!` an operator only before a letter or a parenthesis, so a token follows.
        following = self._tokens[self._position]
        if following.type is TokenType.IDENT and following.value in _FUNCTIONS:
            self._position += 1
            self._function(following.value, negated=True)
        else:  # Segment: before anything else it is dropped (test_negation_of_a_group_is_dropped)
            self._remark(RemarkKind.NEGATION, bang, following)

    def _function(self, function: str, *, negated: bool) -> None:
        # Segment: parentheses and the comma are skipped, whatever stands there
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
            self._nodes.append(Condition(field.value, operator, value))
        elif root := _FUNCTION_ROOTS.match(field.value):
            # Segment: a name that only begins like a root is one (test_contains_takes_a_name_that_begins_like_a_root)
            self._nodes.append(Condition(_TYPES[root.group()], operator, value, _path(field.value, root.group())))
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
                self._nodes.append(_Parser(self._source, [*inner, end], self._remarks).parse())
                self._position = index + 1
                if any(token.type is TokenType.PAREN_LEFT for token in inner):
                    self._skipped_closings += 1
                    if self._tokens[index + 1].type is not TokenType.PAREN_RIGHT:
                        self._remark(RemarkKind.CUT, opening, self._tokens[index])
                return
        note = "The group that opens here does not end: groups do not nest, the first ) ends one"
        raise _engine_error(self._source, opening.start, note)

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
    # Segment: `event` and `type` know only text (test_event_and_type_have_no_exists_form)
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
    """The operator that stands for operator and value together, if there is one."""
    if value == "null":
        return {"=": "not_exists", "!=": "exists"}.get(operator)
    if booleans and operator == "=":
        return {"true": "is_true", "false": "is_false"}.get(value)
    return None


def _match(argument: Token) -> tuple[str, str]:
    text = _text(argument)
    if argument.value.endswith('*"'):
        return "starts_with", text[:-1]
    # Segment: the first character goes, be it a * or not (test_match_cuts_the_first_character_without_looking)
    return "ends_with", utf16_slice(text, 1, len(text) * 2)


def _path(field: str, root: str) -> str:
    return field.removeprefix(f"{root}.")


def _value(token: Token) -> str | bool | float:
    if token.type is TokenType.STRING:
        # Segment: only double quotes come off (test_single_quotes_stay_in_the_value)
        return token.value[1:-1] if token.value[0] == '"' else token.value
    if token.type is TokenType.NUMBER:
        return string_to_number(token.value)
    if token.type is TokenType.IDENT and token.value in ("true", "false"):
        return token.value == "true"
    # Segment: any other token is its text, the end of the text too (test_end_of_text_is_a_value)
    return token.value


def _text(token: Token) -> str:
    value = _value(token)
    if isinstance(value, bool):
        return token.value
    return value if isinstance(value, str) else number_to_string(value)
