"""Why a trigger is true or false for an event."""

from typing import Any

from destination.errors import DestinationError, EngineTypeError
from destination.event import Event
from destination.fql import GroupCondition, Trace, Trigger, generate_fql
from destination.workbench.explain.model import TriggerExplanation, TriggerNode
from destination.workbench.explain.nearest import nearest_change
from destination.workbench.explain.reading import reading_notes

_NO_TRIGGER = "Failed to validate subscription"
_NOTHING = "nothing (an empty group)"


def explain_trigger(source: Any, trigger: Trigger | None, event: Event) -> TriggerExplanation:
    """The trigger as a tree, each condition with its verdict and with what was there.

    Args:
        source: What the subscription has as its trigger.
        trigger: The same, compiled; None where it is no text.
        event: The event.

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
    notes = reading_notes(trigger)
    try:
        tree = _node(trigger.trace(event))
    except EngineTypeError as error:
        # Segment: an undefined condition throws when it is asked
        return TriggerExplanation(trigger.source, None, f"it cannot be asked: {error}", notes)
    if tree.verdict:
        return TriggerExplanation(trigger.source, tree, notes=notes)
    changes, impossible = nearest_change(trigger, event)
    return TriggerExplanation(trigger.source, tree, None, notes, changes, impossible)


def _node(trace: Trace) -> TriggerNode:
    """Groups of a trigger do not nest deeply: a group ends at the first closing parenthesis."""
    condition = trace.condition
    if trace.children:
        children = tuple(map(_node, trace.children))
        if len(children) == 1 and trace.verdict == children[0].verdict:
            return children[0]  # a single condition is a group in Segment's AST, and nothing more
        return TriggerNode(condition.operator, trace.verdict, trace.reached, children=children)
    return TriggerNode(_text(condition), trace.verdict, trace.reached, trace.path, trace.value)


def _text(condition: Any) -> str:
    if condition is None:
        return _NOTHING
    try:
        return generate_fql(GroupCondition("and", (condition,)))
    except DestinationError:
        return str(condition)
