"""Descriptions of what an event needs so that a directive makes a wanted value.

The generated suite gets them from each directive of a mapping, and builds an event that fulfils them.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from destination.records import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """The value that a directive is to make.

    Attributes:
        value: The value.
        name: The key of the payload that gets it, or `object` at its root.
        branch: Which of the directive's `choices` is to be taken; empty for a directive without any.
        own_text: Makes a text that no other value of the event has, from names that distinguish it.
    """

    value: Any
    name: str
    branch: str
    own_text: Callable[..., str]


@dataclass(frozen=True, slots=True)
class AtPath:
    """The event has a value at a path.

    Attributes:
        path: The keys of the path.
        value: The value.
        is_field: Whether the value is the payload field's own, so that its members are that field's members.
    """

    path: tuple[str, ...]
    value: Any
    is_field: bool = True


@dataclass(frozen=True, slots=True)
class FromPart:
    """A part of the directive makes a value.

    Attributes:
        keys: The keys below the directive's own that lead to the part.
        part: The part.
        value: The value that it is to make.
        is_field: Whether the value is the payload field's own.
    """

    keys: tuple[str, ...]
    part: Any
    value: Any
    is_field: bool = True


@dataclass(frozen=True, slots=True)
class ItemsAtPath:
    """The event has a list at a path; from each item, as from an event, a part makes a value.

    Attributes:
        path: The keys of the path.
        keys: The keys below the directive's own that lead to the part.
        part: The part, a mapping of an item.
        values: The values that it is to make, one for each item.
    """

    path: tuple[str, ...]
    keys: tuple[str, ...]
    part: Any
    values: list[Any]


@dataclass(frozen=True, slots=True)
class Something:
    """The event has a value, whichever, at each path that a part of a mapping reads.

    Attributes:
        part: The part.
        maker: What makes the result, where it cannot be foreseen; empty where the result does not come from it.
    """

    part: Any
    maker: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The event has nothing, or a blank text, at each path that a part of a mapping reads.

    Attributes:
        part: The part.
        is_blank: Whether there is to be a blank text.
    """

    part: Any
    is_blank: bool


Need: TypeAlias = AtPath | FromPart | ItemsAtPath | Something | Nothing
Inverse: TypeAlias = Callable[[Any, Wanted], Iterable[Need]]
"""Takes a directive's value and the wanted result; returns what the event needs."""


def passed_on(*keys: str) -> Inverse:
    """Makes the inverse of a directive that slightly changes the result of its part under the keys."""

    def inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
        part = options
        for key in keys:
            if not isinstance(part, dict):
                return []
            part = part.get(key)
        return [FromPart(keys, part, wanted.value)]

    return inverse
