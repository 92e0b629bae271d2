"""The limit of a mapping's work for one event, counted in steps and not in time.

A mapping and an event come from outside, and a few lines of either can cause endless work. Everything that can grow
counts its work here, in steps. A step is about 50 nanoseconds of work, such as one character of a new text. The same
mapping and event take the same number of steps on every machine, so the outcome never depends on how fast or how busy a
machine is.

Small values are not counted (`FREE`): the parts of the mapping and the items of lists, which are counted, limit their
number. A mapping that makes few copies of the event (`MAX_FREE_COPIES`) does not count them, because that work is
linear in the size of the event.
"""

import threading
from typing import Any, Final

from destination.errors import MappingError

MAX_WORK: Final = 10_000_000
"""Steps of one mapping for one event, about half a second."""
MAX_TEXT_LENGTH: Final = 2_000_000
"""Characters of any text that a directive makes, or reads as JSON."""
MAX_PARTS: Final = 10_000
"""Objects, lists and directives of one mapping."""
MAX_FREE_COPIES: Final = 100
"""The size of a payload, as a multiple of the event, above which copies are counted."""

FREE: Final = 1_000
"""The size, in characters or items, up to which a value is not counted."""
PER_OBJECT: Final = 40
"""Steps for an object or a list that is made or copied, without its members."""
PER_MEMBER: Final = 10
"""Steps for a member of an object or an item of a list that is copied or looked at."""
PER_NEW_KEY: Final = 25
"""Steps for a member with a new key."""
_AT_ONCE: Final = 10_000
_HARD: Final = MAX_WORK // 20


class _Budget(threading.local):
    """The remaining steps of the mapping that this thread resolves."""

    left: float = MAX_WORK


WORK: Final = _Budget()
"""The budget of the mapping that is being resolved. A mapping begins by setting `left` to `MAX_WORK`."""


def begin_work() -> None:
    """Resets the budget at the start of a mapping."""
    WORK.left = MAX_WORK


def worked_hard() -> bool:
    """Returns whether this thread's last mapping took so long that other tasks should run next."""
    return WORK.left < MAX_WORK - _HARD


def is_exhausted() -> bool:
    """Returns whether this thread's last mapping used up its steps, so that it would fail again."""
    return WORK.left < 0


def spend(steps: float) -> None:
    """Counts steps of work.

    Raises:
        MappingError: The mapping takes more than `MAX_WORK` steps for this event.

    Example:
        >>> begin_work()
        >>> spend(MAX_WORK)
        >>> spend(1)
        Traceback (most recent call last):
        destination.errors.MappingError: the mapping takes more than 10,000,000 steps of work for this event
    """
    WORK.left = left = WORK.left - steps
    if left < 0:
        raise MappingError(f"the mapping takes more than {MAX_WORK:,} steps of work for this event")


def spend_on(value: Any) -> None:
    """Counts the work of copying or writing a whole value; what it contains more than once counts each time.

    Raises:
        MappingError: Not enough steps are left.
    """
    if value.__class__ is str:
        if len(value) > FREE:
            spend(len(value))
        return
    steps = 0
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            steps += PER_OBJECT + 2 * PER_MEMBER * len(item)
            parts: Any = item.values()
        elif isinstance(item, (list, tuple)):
            steps += PER_OBJECT + PER_MEMBER * len(item)
            parts = item
        else:
            steps += len(item) if item.__class__ is str else 1
            continue
        for part in parts:
            if part.__class__ is str:
                steps += len(part)
            elif isinstance(part, (dict, list, tuple)):
                todo.append(part)
        if steps > _AT_ONCE:
            spend(steps)
            steps = 0
    spend(steps)


def check_length(length: float, name: str) -> None:
    """Counts a text before it is made, and refuses one that is too long.

    Args:
        length: Its length, in characters.
        name: The directive that makes it.

    Raises:
        MappingError: It is longer than `MAX_TEXT_LENGTH`, or not enough steps are left.

    Example:
        >>> check_length(3_000_000, "@replace")
        Traceback (most recent call last):
        destination.errors.MappingError: @replace: a text has at most 2,000,000 characters, but this one has more
    """
    if length > MAX_TEXT_LENGTH:
        message = f"{name}: a text has at most {MAX_TEXT_LENGTH:,} characters, but this one has more"
        raise MappingError(message, name)
    spend(length)


def count_parts(mapping: Any, most: int = MAX_PARTS) -> int:
    """Counts the objects, lists and directives of a mapping; stops above `most`.

    Example:
        >>> count_parts({"a": {"@path": "$.a"}, "b": [1, 2, 3]})
        3
    """
    count = 0
    todo = [mapping]
    while todo and count <= most:
        part = todo.pop()
        if isinstance(part, (dict, list)):
            count += 1
            todo.extend(part.values() if isinstance(part, dict) else part)
    return count
