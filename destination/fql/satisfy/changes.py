"""What differs between two events, place by place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from destination.values import MISSING, strict_equals


@dataclass(frozen=True, slots=True)
class Change:
    """One place of an event that differs.

    Attributes:
        path: Where: keys from the event's root; an item of a list by its index, as text.
        before: What stood there; `MISSING` when nothing did.
        after: What stands there now; `MISSING` when it was removed.

    Example:
        >>> from destination.fql import satisfy
        >>> satisfy("properties.price > 5", base={"properties": {"price": 3, "currency": "EUR"}}).changes
        (Change(path=('properties', 'price'), before=3, after=6),)
    """

    path: tuple[str, ...]
    before: Any
    after: Any


def changes_between(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[Change]:
    """The changes that make one JSON value of the other; what they share is told by identity or by value.

    Example:
        >>> list(changes_between({"a": 1}, {"a": 1, "b": {"c": [2]}}))
        [Change(path=('b', 'c', '0'), before=MISSING, after=2)]
    """
    if before is after:
        return
    old, new = _members(before), _members(after)
    inside = new is not None and bool(new) and (before is MISSING or (old is not None and type(before) is type(after)))
    if inside and new is not None:
        for key, value in (old or {}).items():
            yield from changes_between(value, new.get(key, MISSING), (*path, key))
        for key, value in new.items():
            if old is None or key not in old:
                yield from changes_between(MISSING, value, (*path, key))
    elif not (strict_equals(before, after) or (old == new == {} and type(before) is type(after))):
        yield Change(path, before, after)


def _members(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    return {str(index): item for index, item in enumerate(value)} if isinstance(value, list) else None
