"""Where Segment reads a trigger otherwise than one may think."""

from typing import Any, Final

from destination.definition import DestinationDefinition, Subscription
from destination.errors import DestinationError
from destination.fql import Token, TokenType, Trigger, generate_fql, tokenize
from destination.values import string_to_number
from destination.workbench.lint import lint

_RULES: Final = ("T00", "T01")
"""The rules of `destination lint` about how a trigger is read."""
_ANY: Final[DestinationDefinition[Any]] = DestinationDefinition(name="", slug="", actions={})
_PARENTHESES = (TokenType.PAREN_LEFT, TokenType.PAREN_RIGHT)


def reading_notes(trigger: Trigger) -> tuple[str, ...]:
    """What `destination lint` says of how a trigger is read, and how it is read where that is not as it is written.

    Args:
        trigger: A trigger that can be parsed.

    Example:
        >>> from destination.fql import compile_trigger
        >>> reading_notes(compile_trigger('type = "track" and event = "A"'))
        ()
        >>> for note in reading_notes(compile_trigger("type = 'track' and plan")):
        ...     print(note)
        `plan` means nothing here and is left out; a condition begins with type, event, ... (T003)
        single quotes stay in the value: 'track' is compared with its quotes; use double quotes (T007)
        so it is read as: type = "'track'"
    """
    asked = Subscription(subscribe=trigger.source, partner_action="")
    found = lint(_ANY, [asked], select=_RULES).findings
    notes = [f"{finding.message}; {finding.remedy} ({finding.code})" for finding in found]
    read = _read_as(trigger)
    return tuple(notes) if read is None else (*notes, f"so it is read as: {read}")


def _read_as(trigger: Trigger) -> str | None:
    """The text that the AST would be written as, where it has other words than the trigger's own."""
    try:
        read = generate_fql(trigger.condition)
        return None if _words(tokenize(trigger.source)) == _words(tokenize(read)) else read
    except DestinationError:
        return None


def _words(tokens: list[Token]) -> list[object]:
    """What counts of the tokens: parentheses that make no difference come off when a trigger is written."""
    kept = [token for token in tokens if token.type not in (*_PARENTHESES, TokenType.EOS)]
    return [string_to_number(token.value) if token.type is TokenType.NUMBER else token.value for token in kept]
