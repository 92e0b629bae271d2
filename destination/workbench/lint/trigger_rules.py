"""Rules T: traps in the text of a trigger, and triggers that are never or always true."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from destination.definition import LintFinding, LintRule
from destination.errors import FQLSyntaxError
from destination.fql import ErrorCondition, Impossible, TokenType, satisfy, tokenize
from destination.fql.lexer import Token
from destination.fql.parser import Remark, RemarkKind
from destination.workbench.lint.subject import Checked, Subject

_OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_POINTER = "subscribe"
_CAPITALS = frozenset({"AND", "OR", "And", "Or"})


def _unparsed(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        text = item.subscription.subscribe
        if not isinstance(text, str) or not text:
            yield _found(item, "there is no trigger: the subscription matches nothing", 'give one: type = "track"')
        elif isinstance(item.condition, ErrorCondition):
            error = item.condition.error
            notes = getattr(error, "__notes__", None)
            why = notes[0] if notes else str(error)
            span = None if error.offset is None else (error.offset, min(error.offset + 1, len(text)))
            yield _found(item, f"the trigger cannot be parsed, so it matches nothing: {why}", "mend the FQL", span)


def _mixed(subject: Subject) -> Iterator[LintFinding]:
    for item, remark in _remarks(subject, RemarkKind.MIXED):
        last = remark.tokens[-1].value
        yield _found(
            item,
            f"one group has both `and` and `or`: the last of them, `{last}`, counts for all of its conditions",
            "put parentheses around the conditions that belong together",
            (remark.start, remark.end),
        )


def _vanished(subject: Subject) -> Iterator[LintFinding]:
    for item, remark in _remarks(subject, RemarkKind.VANISHED):
        if _is_left_over(item, remark):
            continue
        for capital, words in groupby(remark.tokens, is_capital):
            tokens = tuple(words)
            span = (tokens[0].start, tokens[-1].end)
            if capital:
                continue
            if all(token.type is TokenType.PAREN_RIGHT for token in tokens):
                yield _found(
                    item,
                    "this closing parenthesis closes nothing and is ignored: a group ends at the first )",
                    "remove it, and check that each group ends where it should",
                    span,
                )
            else:
                yield _found(
                    item,
                    f"{_quoted(item, span)} means nothing here and is left out",
                    "a condition begins with type, event, name, userId, properties, traits or context",
                    span,
                )


def _capitals(subject: Subject) -> Iterator[LintFinding]:
    for item, remark in _remarks(subject, RemarkKind.VANISHED):
        for token in filter(is_capital, remark.tokens):
            yield _found(
                item,
                f"`{token.value}` is ignored: only `and` and `or` in lower case join conditions",
                "write `and` and `or` in lower case",
                (token.start, token.end),
            )


def _negation(subject: Subject) -> Iterator[LintFinding]:
    for item, remark in _remarks(subject, RemarkKind.NEGATION):
        before = "a group" if remark.tokens[1].type is TokenType.PAREN_LEFT else f"`{remark.tokens[1].value}`"
        yield _found(
            item,
            f"the `!` before {before} is ignored: only contains(…) and match(…) can be negated",
            "negate each condition of it: = becomes !=, and becomes or",
            (remark.start, remark.end),
        )


def _cut(subject: Subject) -> Iterator[LintFinding]:
    for item, remark in _remarks(subject, RemarkKind.CUT):
        yield _found(
            item,
            "the group ends at the first closing parenthesis, which is that of a function in it: "
            "the conditions after it are outside of the group",
            "put contains(…) or match(…) last in the group",
            (remark.start, remark.end),
        )


def _single_quotes(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        for token in single_quoted(item.source, item.remarks):
            yield _found(
                item,
                f"single quotes stay in the value: {token.value} is compared with its quotes",
                "use double quotes",
                (token.start, token.end),
            )


def single_quoted(source: str, remarks: Iterable[Remark]) -> list[Token]:
    """Returns the values of a trigger that are in single quotes, except for words that are left out anyway."""
    try:
        tokens = tokenize(source)
    except FQLSyntaxError:
        return []
    left_out = {token.start for remark in remarks if remark.kind is RemarkKind.VANISHED for token in remark.tokens}
    return [
        token
        for token in tokens
        if token.type is TokenType.STRING and token.value.startswith("'") and token.start not in left_out
    ]


def _quotes(subject: Subject) -> Iterator[LintFinding]:
    behind = -1  # the string that a quote opened has a closing quote of its own, which is not reported again
    for item, remark in _remarks(subject, RemarkKind.QUOTE):
        token = remark.tokens[0]
        known, behind = token.start == behind, remark.tokens[1].start
        if known:
            continue
        yield _found(
            item,
            f"the closing quote of {token.value} also opens the next string, which swallows what follows",
            "put a space after the quote, and no quotes inside a value: FQL has no escape for them",
            (token.start, token.end),
        )


def _keywords(subject: Subject) -> Iterator[LintFinding]:
    for item, (field, operator, value) in _conditions(subject):
        if _is_keyword_path(operator, value):
            yield _found(
                item,
                f"`{field.value}.{value.value}` is no path, since `{value.value}` is a word of the language: "
                "the condition matches nothing",
                "test another key of these events: no trigger can read this one",
                (field.start, value.end),
            )


def _operators(subject: Subject) -> Iterator[LintFinding]:
    for item, (field, operator, value) in _conditions(subject):
        doubled = operator.value in _OPERATORS and value.type is TokenType.OPERATOR
        if _is_keyword_path(operator, value) or (operator.value in _OPERATORS and not doubled):
            continue
        shown = f"`{operator.value}{value.value if doubled else ''}`"
        yield _found(
            item,
            f"{'the end of the text' if operator.type is TokenType.EOS else shown} is no operator: "
            f"the condition on `{field.value}` is not what it seems",
            "use one of = != < <= > >=",
            (field.start, value.end),
        )


def _values(subject: Subject) -> Iterator[LintFinding]:
    for item, (field, operator, value) in _conditions(subject):
        if operator.value not in _OPERATORS or value.type is TokenType.OPERATOR or _is_value(value):
            continue
        shown = "the end of the text" if value.type is TokenType.EOS else f"`{value.value}`"
        yield _found(
            item,
            f"{shown} is no value: `{field.value}` is compared with the text {value.value!r}",
            "write text in double quotes; a trigger cannot compare two values of an event",
            (field.start, value.end),
        )


def _bare_words(subject: Subject) -> Iterator[LintFinding]:
    for item, (field, operator, value) in _conditions(subject):
        if operator.value not in _OPERATORS or value.value not in ("null", "true", "false"):
            continue
        if field.value in ("type", "event"):
            known = False
        elif value.value == "null":
            known = operator.value in ("=", "!=")
        else:
            known = operator.value == "=" and field.value != "name"
        if not known:
            yield _found(
                item,
                f"`{field.value} {operator.value} {value.value}` compares with the text {value.value!r}, "
                "not with the value",
                "write text in quotes; `= null`, `!= null`, `= true` and `= false` work for properties, traits, "
                "context and userId",
                (field.start, value.end),
            )


def _starless(subject: Subject) -> Iterator[LintFinding]:
    for item, remark in _remarks(subject, RemarkKind.MATCH):
        text = remark.tokens[1].value
        if not (text.startswith('"*') or text.endswith('*"')):
            yield _found(
                item,
                f"match(…) without a star drops the first character of {text} and looks for the rest at the end",
                "write = for the whole text, or a star at its beginning or end",
                (remark.start, remark.end),
            )
        elif text.startswith('"*') and text.endswith('*"') and len(text) > 3:
            yield _found(
                item,
                f"match(…) knows one star: {text} looks for text that begins with the other one",
                "use contains(…)",
                (remark.start, remark.end),
            )


def _never(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        if not isinstance(item.condition, ErrorCondition) and item.never:
            yield _found(item, f"the trigger can never be true: {item.never}", "mend its conditions, or remove it")


def _always(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        if isinstance(item.condition, ErrorCondition):
            continue
        found = satisfy(refused=item.prepared)
        if isinstance(found, Impossible):
            yield _found(
                item,
                f"the trigger is true for every event: {found.reason}",
                "name the events that are meant, for example by their type",
            )


def _remarks(subject: Subject, kind: RemarkKind) -> Iterator[tuple[Checked, Remark]]:
    for item in subject.checked:
        for remark in item.remarks:
            if remark.kind is kind:
                yield item, remark


def _conditions(subject: Subject) -> Iterator[tuple[Checked, tuple[Token, Token, Token]]]:
    for item, remark in _remarks(subject, RemarkKind.CONDITION):
        field, operator, value = remark.tokens
        yield item, (field, operator, value)


def _is_left_over(item: Checked, remark: Remark) -> bool:
    """Whether an odd condition or a quote left the words over, which is reported already."""
    before = [other for other in item.remarks if other.end <= remark.start and other.kind is RemarkKind.CONDITION]
    if before and remark.start - before[-1].end <= 1:
        _, operator, value = before[-1].tokens
        if operator.value not in _OPERATORS or not _is_value(value):
            return True
    return any(
        other.kind is RemarkKind.QUOTE and other.start < remark.end and remark.start < other.end
        for other in item.remarks
    )


def is_capital(token: Token) -> bool:
    """Whether a word is `and` or `or` in capitals."""
    return token.type is TokenType.IDENT and token.value in _CAPITALS


def _is_value(token: Token) -> bool:
    if token.type is TokenType.IDENT:
        return token.value in ("true", "false")
    return token.type in (TokenType.STRING, TokenType.NUMBER, TokenType.NULL)


def _is_keyword_path(operator: Token, value: Token) -> bool:
    return operator.type is TokenType.DOT and value.type in (TokenType.CONDITIONAL, TokenType.NULL)


def _quoted(item: Checked, span: tuple[int, int]) -> str:
    return f"`{' '.join(item.source[slice(*span)].split())}`"


def _found(item: Checked, message: str, remedy: str, span: tuple[int, int] | None = None) -> LintFinding:
    return LintFinding(item.index, _POINTER, message, remedy, span)


RULES: tuple[LintRule[Subject], ...] = (
    LintRule("T001", "error", "A trigger that is missing or cannot be parsed.", _unparsed),
    LintRule("T002", "warning", "`and` beside `or` in one group: the last one counts for all.", _mixed),
    LintRule("T003", "error", "Words that mean nothing where they stand, and are left out.", _vanished),
    LintRule("T004", "warning", "`AND` or `OR` in capitals, which are left out.", _capitals),
    LintRule("T005", "error", "A `!` before a group or a comparison, which is left out.", _negation),
    LintRule("T006", "error", "A group that ends at the parenthesis of a function in it.", _cut),
    LintRule("T007", "error", "Single quotes, which stay in the value.", _single_quotes),
    LintRule("T008", "error", "A closing quote that opens the next string.", _quotes),
    LintRule("T009", "error", "A word of the language as a part of a path.", _keywords),
    LintRule("T010", "error", "An operator that does not exist.", _operators),
    LintRule("T011", "error", "A value that is none: a bare word, a parenthesis, the end of the text.", _values),
    LintRule("T012", "warning", "`null`, `true` or `false` where it is compared as text.", _bare_words),
    LintRule("T013", "warning", "`match` without one star at one end.", _starless),
    LintRule("T020", "error", "A trigger that can never be true, with the proof.", _never),
    LintRule("T021", "warning", "A trigger that is true for every event, with the proof.", _always),
)
