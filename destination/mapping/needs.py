"""What an event needs so that a directive gives a wanted value: the answers with which a directive reads backwards.

The generated suite asks each directive of a mapping and writes the answers into an event.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Wanted:
    """The value that a directive is to give.

    Attributes:
        value: The value.
        name: The key of the payload that gets it, or `object` at its root.
        branch: Which of the directive's `choices` is to be taken; empty for a directive without any.
        own_text: Makes a text that no other value of the event has, from names that tell it apart.
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
    """A part of the directive gives a value.

    Attributes:
        keys: The keys below the directive's own that lead to the part.
        part: The part.
        value: The value that it is to give.
        is_field: Whether the value is the payload field's own.
    """

    keys: tuple[str, ...]
    part: Any
    value: Any
    is_field: bool = True


@dataclass(frozen=True, slots=True)
class ItemsAtPath:
    """The event has a list at a path; each item is an event of its own, of which a part gives a value.

    Attributes:
        path: The keys of the path.
        keys: The keys below the directive's own that lead to the part.
        part: The part, a mapping of an item.
        values: What it is to give, item by item.
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
"""Takes a directive's value and what it is to give."""


def passed_on(*keys: str) -> Inverse:
    """Makes the inverse of a directive that gives, changed a little, what its part under the keys gives."""

    def inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
        part = options
        for key in keys:
            if not isinstance(part, dict):
                return []
            part = part.get(key)
        return [FromPart(keys, part, wanted.value)]

    return inverse
