"""Changes the text of a trigger so that it matches an event, and leaves the rest of the text as it is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from destination.errors import DestinationError
from destination.fql import Condition, GroupCondition, TokenType, Trigger, compile_trigger, generate_fql, tokenize
from destination.records import dataclass
from destination.values import MISSING, is_number
from destination.workbench.explain import TriggerNode
from destination.workbench.explain.trigger import explain_trigger

_MAX_EDITS: Final = 8
_AT_LEAST: Final = {">": ">=", ">=": ">=", "<": "<=", "<=": "<="}
_EQUALS: Final = ("=", "number_equals")


@dataclass(frozen=True, slots=True)
class TriggerEdit:
    """A changed trigger.

    Attributes:
        text: The new text.
        removed: What was removed from the old text, in pieces joined by `…`.
        added: What replaces it, or empty.

    Example:
        >>> widened("type = 'page'", {"type": "page"})
        TriggerEdit(text='type = "page"', removed="'page'", added='"page"')
    """

    text: str
    removed: str
    added: str


_Span: TypeAlias = tuple[int, int, str]
_Find: TypeAlias = Callable[[str, TriggerNode], _Span | None]


def widened(source: str, event: Any) -> TriggerEdit | None:
    """Changes the values of the conditions that stop an event to what the event has.

    Args:
        source: The trigger.
        event: An event that it does not match.

    Returns:
        The changed trigger, which matches the event; None if there is none.

    Example:
        >>> widened('type = "page" and properties.category = "catalog"', {
        ...     "type": "page", "properties": {"category": "Catalog"}})
        TriggerEdit(text='type = "page" and properties.category = "Catalog"', removed='"catalog"', added='"Catalog"')
        >>> widened('properties.n > 5', {"properties": {"n": 3}}).text
        'properties.n >= 3'
        >>> widened('event = "A" or event = "B"', {"event": "C"}).text
        'event = "A" or event = "B" or event = "C"'
    """
    return _until_it_matches(source, event, _other_value)


def narrowed(source: str, event: Any) -> TriggerEdit | None:
    """Drops the conditions that stop an event.

    Args:
        source: The trigger.
        event: An event that it does not match.

    Returns:
        The changed trigger, which matches the event; None if there is none.

    Example:
        >>> narrowed('type = "page" and properties.category = "catalog"', {"type": "page"})
        TriggerEdit(text='type = "page"', removed='and properties.category = "catalog"', added='')
        >>> narrowed('(event = "A" or event = "B") and type = "track"', {"type": "track"}).text
        'type = "track"'
        >>> narrowed('type = "page"', {"type": "track"}) is None
        True
    """
    return _until_it_matches(source, event, _nothing)


def _until_it_matches(source: str, event: Any, find: _Find) -> TriggerEdit | None:
    text = source
    removed: list[str] = []
    added: list[str] = []
    for _ in range(_MAX_EDITS):
        trigger = compile_trigger(text)
        tree = _tree(trigger, event)
        if tree is None:
            return None
        if tree.verdict:
            return TriggerEdit(text, " … ".join(filter(None, removed)), " … ".join(filter(None, added)))
        span = find(text, tree)
        if span is None:
            return None
        start, end, new = span
        old = text[start:end]
        text = text[:start] + new + text[end:]
        shown_old, shown_new = _difference(old, new)
        removed.append(shown_old)
        added.append(shown_new)
    return None


def _tree(trigger: Trigger, event: Any) -> TriggerNode | None:
    if trigger.error is not None:
        return None
    return explain_trigger(trigger.source, trigger, event, in_detail=False).tree


def _difference(old: str, new: str) -> tuple[str, str]:
    """Returns the words of two texts that differ, without those at their beginning that do not."""
    old_words, new_words = _words(old), _words(new)
    while old_words and new_words and old_words[0] == new_words[0]:
        old_words, new_words = old_words[1:], new_words[1:]
    return " ".join(old_words), " ".join(new_words)


def _words(text: str) -> list[str]:
    try:
        tokens = tokenize(text)
    except DestinationError:
        return [text.strip()]
    words: list[str] = []
    end = 0
    for token in tokens[:-1]:
        if words and token.start == end:  # a path is one word
            words[-1] += text[token.start : token.end]
        else:
            words.append(text[token.start : token.end])
        end = token.end
    return words


# --- another value ---------------------------------------------------------------------------------------


def _other_value(_text: str, tree: TriggerNode) -> _Span | None:
    deciding = list(tree.deciding())
    if not deciding:
        return None
    equal = [node for node in deciding if node.path == deciding[0].path and _is_equality(node)]
    if len(deciding) > 1 and len(equal) == len(deciding):  # one of several values: the event's is one more
        last = deciding[-1]
        new = _with_event_value(last)
        return None if new is None else (last.offsets[1], last.offsets[1], f" or {new}")
    for node in deciding:
        new = _with_event_value(node)
        if new is not None:
            return (*node.offsets, new)
    return None


def _is_equality(node: TriggerNode) -> bool:
    return isinstance(node.condition, Condition) and node.condition.operator in _EQUALS


def _with_event_value(node: TriggerNode) -> str | None:
    """Writes a condition with the event's own value; None if no such condition would be true."""
    condition, value = node.condition, node.value
    if not isinstance(condition, Condition) or value is MISSING or value is None or isinstance(value, (dict, list)):
        return None
    operator = condition.operator
    if operator in _EQUALS:
        if isinstance(value, bool):
            changed = replace(condition, operator="is_true" if value else "is_false", value=MISSING)
        elif is_number(value):
            changed = replace(condition, operator="number_equals", value=value)
        else:
            changed = replace(condition, operator="=", value=value)
    elif operator in _AT_LEAST and is_number(value):
        changed = replace(condition, operator=_AT_LEAST[operator], value=value)
    elif operator in ("contains", "starts_with", "ends_with") and isinstance(value, str) and value:
        changed = replace(condition, value=value)
    elif operator in ("is_true", "is_false") and isinstance(value, bool):
        changed = replace(condition, operator="is_true" if value else "is_false")
    else:
        return None
    return _written(changed)


def _written(condition: Condition) -> str | None:
    try:
        return generate_fql(GroupCondition("and", (condition,)))
    except DestinationError:
        return None


# --- without a condition ---------------------------------------------------------------------------------


def _nothing(text: str, tree: TriggerNode) -> _Span | None:
    """Finds the condition or group to drop: the first of an `and` that is false, with the `and` beside it."""
    if not tree.children or tree.text != "and":
        return None
    false = next((node for node in tree.children if node.verdict is False), None)
    if false is None:
        return None
    start, end = _with_parentheses(text, false.offsets)
    try:
        tokens = tokenize(text)
    except DestinationError:
        return None
    before = [token for token in tokens if token.end <= start]
    after = [token for token in tokens if token.start >= end]
    if before and before[-1].type is TokenType.CONDITIONAL:
        kept = before[-2].end if len(before) > 1 else 0
        return kept, end, ""
    if after and after[0].type is TokenType.CONDITIONAL:
        return start, after[1].start, ""
    return None


def _with_parentheses(text: str, offsets: tuple[int, int]) -> tuple[int, int]:
    """Widens the offsets of a group's conditions to its parentheses."""
    start, end = offsets
    while True:
        before, after = text[:start].rstrip(), text[end:].lstrip()
        if not before.endswith("(") or not after.startswith(")"):
            return start, end
        start, end = len(before) - 1, len(text) - len(after) + 1
