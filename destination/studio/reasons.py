"""Says in one line what a subscription does with an event, and in sentences why a trigger does not match it."""

from typing import Any, Final, TypeAlias

from destination.fql import Condition
from destination.values import MISSING, stringify
from destination.workbench.explain import SubscriptionExplanation, TriggerExplanation, TriggerNode

Segments: TypeAlias = list[dict[str, str]]
"""A line in pieces: `{"text": …}` is said by the page, `{"code": …}` is data."""

_LONGEST: Final = 80
"""The maximum length of a value in a line, in characters."""
_SHOWN: Final = 3
_NOT: Final = {
    ">": "not greater than",
    ">=": "not at least",
    "<": "not less than",
    "<=": "not at most",
    "contains": "which does not contain",
    "not_contains": "which contains",
    "starts_with": "which does not begin with",
    "not_starts_with": "which begins with",
    "ends_with": "which does not end with",
    "not_ends_with": "which ends with",
    "=": "not",
    "number_equals": "not",
}
"""What joins the event's value and that of a condition that is false."""
_WANTS: Final = {
    ">": "a number greater than",
    ">=": "a number of at least",
    "<": "a number less than",
    "<=": "a number of at most",
    "contains": "a text that contains",
    "not_contains": "a text that does not contain",
    "starts_with": "a text that begins with",
    "not_starts_with": "a text that does not begin with",
    "ends_with": "a text that ends with",
    "not_ends_with": "a text that does not end with",
    "=": "",
    "number_equals": "",
    "!=": "anything but",
    "number_not_equals": "anything but",
}
_WITHOUT_VALUE: Final = {
    "exists": ("not there", "a value"),
    "not_exists": ("there", "no value"),
    "is_true": ("not true", "true"),
    "is_false": ("not false", "false"),
}
"""For the operators that compare with no value: what a false one says, and what it wants."""


def reason_of(explained: SubscriptionExplanation) -> Segments:
    """Says in one line why a subscription is in its state.

    Args:
        explained: The explanation of `explain_event` or `explain_subscription`.

    Example:
        >>> from destination.definition import find
        >>> from destination.definition.destination import placeholders
        >>> from destination.workbench.explain import explain_event
        >>> definition = find("actions-absmartly")
        >>> explained = explain_event(definition.instance(placeholders(definition)), {"type": "page"})
        >>> "".join(text for segment in reason_of(explained.subscriptions[0]) for text in segment.values())
        'type is "page", not "track"'
    """
    state, trigger = explained.state, explained.trigger
    if state == "disabled":
        return [_text("it is disabled")]
    if state == "opted out":
        return [_text("the event's "), _code("integrations"), _text(" exclude the destination")]
    if state == "matches":
        count = len(explained.requests)
        more = " or more" if explained.incomplete else ""
        return [_text(f"sends {count}{more} request{'' if count == 1 and not more else 's'}")]
    if explained.failures and state == "fails":
        failure = explained.failures[0]
        return [*([_code(failure.where), _text(": ")] if failure.where else []), _text(failure.message)]
    if trigger is None:
        return []
    if trigger.tree is None:
        return [_text("the trigger is not valid: "), _text(_fault(trigger))]
    return _of_tree(trigger.tree)


def _of_tree(tree: TriggerNode) -> Segments:
    deciding = list(tree.deciding())
    first = deciding[0] if deciding else tree
    line = _false(first)
    wanted = [node for node in deciding[1:] if _is_equality(node) and _is_equality(first) and node.path == first.path]
    if len(wanted) == len(deciding) - 1:  # one value, and several that it might be
        for node in wanted[:_SHOWN]:
            line += [_text(" or "), _code(show(node.condition.value))]
        rest = len(wanted) - _SHOWN
        return [*line, _text(f" or {rest} more")] if rest > 0 else line
    for node in deciding[1:_SHOWN]:
        line += [_text("; "), *_false(node)]
    rest = len(deciding) - _SHOWN
    return [*line, _text(f"; {rest} more conditions are false")] if rest > 0 else line


def _is_equality(node: TriggerNode) -> bool:
    return isinstance(node.condition, Condition) and node.condition.operator in ("=", "number_equals")


def _false(node: TriggerNode) -> Segments:
    """Says why a condition is false."""
    condition = node.condition
    if not isinstance(condition, Condition) or not node.path:
        return [_code(node.text), _text(" is never true")]
    path, operator = _code(".".join(node.path)), condition.operator
    there = [path, _text(" is missing")] if node.value is MISSING else [path, _text(" is "), _code(show(node.value))]
    if operator in _WITHOUT_VALUE:
        return there if operator == "exists" else [*there, _text(f", and must be {_WITHOUT_VALUE[operator][1]}")]
    if operator in ("!=", "number_not_equals"):
        return there
    if operator not in _NOT:
        return [_code(node.text), _text(" is never true")]
    return [*there, _text(f", {_NOT[operator]} "), _code(show(condition.value))]


def sentences_of(trigger: TriggerExplanation) -> tuple[list[str], str]:
    """Says in two sentences why a trigger does not match an event, and in a third one what to know about it.

    Args:
        trigger: The explanation of a trigger that does not match.

    Returns:
        The sentences, and the detail, which may be empty.

    Example:
        >>> from destination.fql import compile_trigger
        >>> from destination.workbench.explain.trigger import explain_trigger
        >>> source = 'properties.category = "catalog"'
        >>> explained = explain_trigger(source, compile_trigger(source), {"properties": {"category": "Catalog"}})
        >>> sentences, detail = sentences_of(explained)
        >>> sentences
        ['properties.category is "Catalog".', 'The trigger wants "catalog".']
        >>> detail
        'Text is compared letter for letter, capitals included.'
    """
    if trigger.tree is None:
        return [_sentence(_fault(trigger)), "A trigger that is not valid matches no event."], ""
    deciding = list(trigger.tree.deciding())
    if not deciding:
        return [], ""
    first = deciding[0]
    condition = first.condition
    if not isinstance(condition, Condition) or not first.path:
        return [f"{first.text} is never true.", "The trigger needs it."], ""
    path = ".".join(first.path)
    has = f"{path} is missing." if first.value is MISSING else f"{path} is {show(first.value)}."
    wanted = list(dict.fromkeys(_wanted(node) for node in deciding if node.path == first.path))
    wants = " or ".join(wanted[:_SHOWN]) + (f" or {len(wanted) - _SHOWN} more" if len(wanted) > _SHOWN else "")
    others = sum(node.path != first.path for node in deciding)
    more = [] if not others else [f"{others} more condition{'s are' if others > 1 else ' is'} false."]
    return [has, f"The trigger wants {wants}."], " ".join([*filter(None, [_detail(first)]), *more])


def _fault(trigger: TriggerExplanation) -> str:
    """Returns what is wrong with a trigger in one line: the note of the error, which says more than the message."""
    message, *more = (trigger.error or "").split("\n")
    notes = [line for line in more if not line.startswith("  ")]
    return notes[0] if notes else message


def _wanted(node: TriggerNode) -> str:
    condition = node.condition
    if not isinstance(condition, Condition):
        return node.text
    if condition.operator in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[condition.operator][1]
    words = _WANTS.get(condition.operator)
    return node.text if words is None else f"{words} {show(condition.value)}".strip()


def _detail(node: TriggerNode) -> str:
    """Says what a person may miss who compares the two values."""
    value, wanted = node.value, node.condition.value
    if not _is_equality(node) or value is MISSING:
        return ""
    if isinstance(value, str) and isinstance(wanted, str):
        if value.strip() == wanted.strip():
            return "Text is compared letter for letter, spaces included."
        if value.casefold() == wanted.casefold():
            return "Text is compared letter for letter, capitals included."
        if value.strip().casefold() == wanted.strip().casefold():
            return "Text is compared letter for letter, capitals and spaces included."
        return ""
    if isinstance(value, str) != isinstance(wanted, str) and _plain(value) == _plain(wanted):
        return "A number is never equal to a text."
    return ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else str(stringify(value))


def show(value: Any) -> str:
    """Writes a value as JSON in at most 80 characters.

    Example:
        >>> show("Catalog"), show({"a": [1]})
        ('"Catalog"', '{"a":[1]}')
    """
    if isinstance(value, (dict, list)) and len(value) > _LONGEST:
        return f"{len(value)} {'keys' if isinstance(value, dict) else 'items'}"
    text = "undefined" if value is MISSING else str(stringify(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _text(text: str) -> dict[str, str]:
    return {"text": text}


def _code(text: str) -> dict[str, str]:
    return {"code": text}
