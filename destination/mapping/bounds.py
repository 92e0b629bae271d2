"""How much a mapping may do for one event: bounds that count work and never time.

A mapping and an event come from outside, and a few lines of either can ask for work without end. Everything that can
grow counts its work here, in steps: a step is about what 50 nanoseconds do, such as one character of a text that is
made. The same mapping and event take the same number of steps on every machine, so what becomes of an event never
depends on how fast or how busy the machine is.

What is small is not counted (`FREE`): its number is bounded by the mapping's parts and by the items of lists, which
are. A mapping that uses parts of the event seldom (`MAX_FREE_COPIES`) copies them without counting, since that work is
linear in the event.
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
"""How many times the event a payload may be at most before copies are counted."""

FREE: Final = 1_000
"""Characters or items up to which a value is not worth counting."""
PER_OBJECT: Final = 40
"""Steps for an object or a list that is made or copied, without its members."""
PER_MEMBER: Final = 10
"""Steps for a member of an object or an item of a list that is copied or looked at."""
PER_NEW_KEY: Final = 25
"""Steps for a member whose key is made, too."""
_AT_ONCE: Final = 10_000
_HARD: Final = MAX_WORK // 20


class _Budget(threading.local):
    """What is left for the mapping that this thread resolves."""

    left: float = MAX_WORK


WORK: Final = _Budget()
"""The budget of the mapping that is being resolved. A mapping begins by setting `left` to `MAX_WORK`."""


def begin_work() -> None:
    """Begins a mapping's budget anew."""
    WORK.left = MAX_WORK


def worked_hard() -> bool:
    """Whether this thread's last mapping took so long that others should get their turn."""
    return WORK.left < MAX_WORK - _HARD


def is_exhausted() -> bool:
    """Whether this thread's last mapping has no work left: it would fail again."""
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
    """Counts the work of copying or writing a whole value; what it holds more than once counts each time.

    Raises:
        MappingError: It is more than is left.
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
    """Refuses a text before it is made, and counts it.

    Args:
        length: Its length, in characters.
        name: The directive that makes it.

    Raises:
        MappingError: It is longer than `MAX_TEXT_LENGTH`, or more than is left.

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
    """The objects, lists and directives of a mapping; counting ends beyond `most`.

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
