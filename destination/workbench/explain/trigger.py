"""Explains why a trigger is true or false for an event."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from destination.definition import DestinationDefinition, Subscription
from destination.errors import DestinationError, EngineTypeError
from destination.event import Event
from destination.fql import (
    Change,
    GroupCondition,
    Token,
    TokenType,
    Trace,
    Trigger,
    Undecided,
    Witness,
    condition_offsets,
    generate_fql,
    satisfy,
    tokenize,
)
from destination.fql.satisfy.solve import Subject, subject_of
from destination.values import string_to_number
from destination.workbench.explain.model import TriggerExplanation, TriggerNode
from destination.workbench.lint import lint

_NO_TRIGGER = "Failed to validate subscription"
_NOTHING = "nothing (an empty group)"
_RULES: Final = ("T00", "T01")
"""The rules of `destination lint` about how a trigger is read."""
_ANY: Final[DestinationDefinition[Any]] = DestinationDefinition(name="", slug="", actions={})
_PARENTHESES = (TokenType.PAREN_LEFT, TokenType.PAREN_RIGHT)


def explain_trigger(
    source: Any, trigger: Trigger | None, event: Event, *, in_detail: bool = True
) -> TriggerExplanation:
    """Explains a trigger as a tree: each condition with its verdict and the value that the event has.

    Args:
        source: The trigger as the subscription has it.
        trigger: The compiled trigger; None if `source` is not a string.
        event: The event.
        in_detail: Whether to look for the smallest change of the event that makes a false trigger true, and for notes.

    Example:
        >>> from destination.fql import compile_trigger
        >>> source = 'type = "track" and properties.n > 5'
        >>> explained = explain_trigger(source, compile_trigger(source), {"type": "page", "properties": {"n": 6}})
        >>> [(node.text, node.verdict, node.asked, node.value) for node in explained.tree.children]
        [('type = "track"', False, True, 'page'), ('properties.n > 5', True, False, 6)]
    """
    if trigger is None:
        shown = source if isinstance(source, str) else ""
        return TriggerExplanation(shown, None, f'{_NO_TRIGGER}: give the trigger as FQL text, such as type = "track"')
    if trigger.error is not None:
        return TriggerExplanation(trigger.source, None, trigger.error.describe())
    notes = _reading_notes(trigger) if in_detail else ()
    try:
        tree = _node(trigger.trace(event), iter(_offsets(trigger)))
    except EngineTypeError as error:
        # Segment: an undefined condition throws when it is evaluated
        return TriggerExplanation(trigger.source, None, f"it cannot be evaluated: {error}", notes)
    if tree.verdict or not in_detail:
        return TriggerExplanation(trigger.source, tree, notes=notes)
    changes, impossible = _nearest_change(trigger, event)
    return TriggerExplanation(trigger.source, tree, None, notes, changes, impossible)


@lru_cache(maxsize=256)
def _offsets(trigger: Trigger) -> tuple[tuple[int, int], ...]:
    return condition_offsets(trigger.source)


def _node(trace: Trace, offsets: Iterator[tuple[int, int]]) -> TriggerNode:
    """Returns the tree of a trace; the recursion is shallow, because a group ends at its first closing parenthesis."""
    condition = trace.condition
    if trace.children:
        children = tuple(_node(child, offsets) for child in trace.children)
        if len(children) == 1 and trace.verdict == children[0].verdict:
            return children[0]  # a single condition is a group in Segment's AST, and nothing more
        around = (children[0].offsets[0], children[-1].offsets[1])
        return TriggerNode(condition.operator, trace.verdict, trace.reached, children=children, offsets=around)
    at = next(offsets, (0, 0))  # a trigger that replaces the subscription's own may have no text
    return TriggerNode(_text(condition), trace.verdict, trace.reached, trace.path, trace.value, (), at, condition)


def _text(condition: Any) -> str:
    if condition is None:
        return _NOTHING
    try:
        return generate_fql(GroupCondition("and", (condition,)))
    except DestinationError:
        return str(condition)


# --- how Segment reads it --------------------------------------------------------------------------------


@lru_cache(maxsize=256)  # one event after the other comes to the same triggers
def _reading_notes(trigger: Trigger) -> tuple[str, ...]:
    """Returns how Segment reads a trigger if that differs from its text, and the findings of `destination lint`.

    Args:
        trigger: A trigger that can be parsed.

    Example:
        >>> from destination.fql import compile_trigger
        >>> _reading_notes(compile_trigger('type = "track" and event = "A"'))
        ()
        >>> for note in _reading_notes(compile_trigger("type = 'track' and plan")):
        ...     print(note)
        `plan` means nothing here and is left out; a condition begins with type, event, ... (T003)
        single quotes stay in the value: 'track' is compared with its quotes; use double quotes (T007)
        Segment reads it as: type = "'track'"
    """
    subscription = Subscription(subscribe=trigger.source, partner_action="")
    findings = lint(_ANY, [subscription], select=_RULES).findings
    notes = [f"{finding.message}; {finding.remedy} ({finding.code})" for finding in findings]
    read = _read_as(trigger)
    return tuple(notes) if read is None else (*notes, f"Segment reads it as: {read}")


def _read_as(trigger: Trigger) -> str | None:
    """Returns the FQL of the trigger's AST if its words differ from those of the trigger's text."""
    try:
        read = generate_fql(trigger.condition)
        return None if _words(tokenize(trigger.source)) == _words(tokenize(read)) else read
    except DestinationError:
        return None


def _words(tokens: list[Token]) -> list[object]:
    """Returns the values of all tokens but parentheses, because generated FQL may have fewer of these."""
    kept = [token for token in tokens if token.type not in (*_PARENTHESES, TokenType.EOS)]
    return [string_to_number(token.value) if token.type is TokenType.NUMBER else token.value for token in kept]


# --- what would make it true -----------------------------------------------------------------------------


def _nearest_change(trigger: Trigger, event: Any) -> tuple[tuple[Change, ...], str | None]:
    """Returns the smallest change of an event that makes a trigger true, or the reason why there is none.

    Args:
        trigger: A trigger that is false for the event.
        event: The event.

    Returns:
        The changes and None, or no changes and the reason as a sentence.

    Example:
        >>> from destination.fql import compile_trigger
        >>> _nearest_change(compile_trigger('type = "track"'), {"type": "page"})
        ((Change(path=('type',), before='page', after='track'),), None)
        >>> _nearest_change(compile_trigger('type = "track" and type = "page"'), {})[1]
        'no event makes it true: ...'
    """
    if not isinstance(event, dict):
        return (), "the event is not an object, so no change of it is proposed"
    found = satisfy(_prepared(trigger), base=event)
    if isinstance(found, Witness):
        return found.changes, None
    is_open = isinstance(found, Undecided)
    reason = "it is not known which event makes it true" if is_open else "no event makes it true"
    return (), f"{reason}: {found.reason}"


@lru_cache(maxsize=256)
def _prepared(trigger: Trigger) -> Subject:
    return subject_of(trigger)
