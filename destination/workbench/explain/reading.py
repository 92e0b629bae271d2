"""Where Segment reads a trigger otherwise than one may think."""

from difflib import SequenceMatcher

from destination.errors import DestinationError
from destination.fql import Token, TokenType, Trigger, generate_fql, tokenize
from destination.values import string_to_number

_PARENTHESES = (TokenType.PAREN_LEFT, TokenType.PAREN_RIGHT)
_LAST_WINS = "and/or are mixed: within a group the last one counts for all; write groups, or two subscriptions"


def reading_notes(trigger: Trigger) -> tuple[str, ...]:
    """Sentences about what a trigger that parses has and its AST has not, and about the reverse.

    The text is compared, word by word, with the text that the AST would be written as.

    Example:
        >>> from destination.fql import compile_trigger
        >>> reading_notes(compile_trigger('type = "track" and event = "A"'))
        ()
        >>> for note in reading_notes(compile_trigger("type = 'track' and plan")):
        ...     print(note)
        single quotes stay in the value: write "track"
        this is dropped: and plan
        so it is read as: type = "'track'"
    """
    try:
        written, read = tokenize(trigger.source), generate_fql(trigger.condition)
        meant = tokenize(read)
    except DestinationError:
        return ()
    words, others = _words(written), _words(meant)
    left, right = [value for value, _ in words], [value for value, _ in others]
    if left == right:
        return ()
    notes: list[str] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        tokens = [token for _, token in words[start:end]]
        changed = [token for _, token in others[other_start:other_end]]
        notes += _notes(trigger.source, tokens, changed)
    return (*dict.fromkeys(notes), f"so it is read as: {read}")


def _words(tokens: list[Token]) -> list[tuple[object, Token]]:
    """What counts of the tokens: parentheses that make no difference come off when a trigger is written."""
    kept = [token for token in tokens if token.type not in (*_PARENTHESES, TokenType.EOS)]
    return [(string_to_number(one.value) if one.type is TokenType.NUMBER else one.value, one) for one in kept]


def _notes(source: str, tokens: list[Token], changed: list[Token]) -> list[str]:
    notes = []
    for token, other in zip(tokens, changed, strict=False):
        if token.type is TokenType.STRING and token.value.startswith("'"):
            notes.append(f'single quotes stay in the value: write "{token.value[1:-1]}"')
        elif token.type is TokenType.CONDITIONAL and other.type is TokenType.CONDITIONAL:
            notes.append(_LAST_WINS)
    dropped = tokens[len(changed) :]
    if dropped:
        notes.append(f"this is dropped: {source[dropped[0].start : dropped[-1].end]}")
    return notes
