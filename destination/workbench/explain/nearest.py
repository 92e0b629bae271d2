"""The smallest change of an event that makes a trigger true."""

from typing import Any

from destination.fql import Change, Trigger, Undecided, Witness, satisfy


def nearest_change(trigger: Trigger, event: Any) -> tuple[tuple[Change, ...], str | None]:
    """The fewest changes found that make a trigger true, or why there are none.

    Args:
        trigger: A trigger that is false for the event.
        event: The event.

    Returns:
        The changes and None; or no changes and a sentence.

    Example:
        >>> from destination.fql import compile_trigger
        >>> nearest_change(compile_trigger('type = "track"'), {"type": "page"})
        ((Change(path=('type',), before='page', after='track'),), None)
        >>> nearest_change(compile_trigger('type = "track" and type = "page"'), {})[1]
        'no event makes it true: ...'
    """
    if not isinstance(event, dict):
        return (), "no change of an event that is no object is looked for"
    found = satisfy(trigger, base=event)
    if isinstance(found, Witness):
        return found.changes, None
    told = "it cannot be said which event makes it true" if isinstance(found, Undecided) else "no event makes it true"
    return (), f"{told}: {found.reason}"
