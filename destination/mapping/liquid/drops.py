"""The values of Liquid that are no JSON: `nil`, `empty`, `blank`, and `block` inside a block."""

from typing import Any, ClassVar, Final, TypeAlias

from destination.mapping.liquid.problems import Unplaced
from destination.values import MISSING, trim

_INHERITED: Final[dict[str, Any]] = {
    # what every JavaScript object answers when such a member is called without arguments
    "toString": "[object Object]",
    "toLocaleString": "[object Object]",
    "hasOwnProperty": False,
    "isPrototypeOf": False,
    "propertyIsEnumerable": False,
}
_REFUSED: Final = {
    "__defineGetter__": "Object.prototype.__defineGetter__: Expecting function",
    "__defineSetter__": "Object.prototype.__defineSetter__: Expecting function",
}


class Drop:
    """A value with members of its own; unlike a JSON object its inherited members can be called.

    Attributes:
        value: What it counts as where a plain value is needed; the drop itself where there is none.
    """

    __slots__ = ("value",)
    name: ClassVar[str] = "Drop"
    members: ClassVar[dict[str, Any]] = {}

    def __init__(self, value: Any) -> None:
        self.value = value

    def member(self, key: str) -> Any:
        """The result of the member `key`.

        Raises:
            Unplaced: JavaScript cannot call it.
        """
        if key in ("__proto__", "valueOf"):
            return self if key == "__proto__" else self.value
        if key == "constructor":
            raise Unplaced(f"Class constructor {self.name} cannot be invoked without 'new'")
        if key in _REFUSED:
            raise Unplaced(_REFUSED[key])
        return self.members.get(key, _INHERITED.get(key, MISSING))


class Nil(Drop):
    """`nil` and `null`."""

    __slots__ = ()
    name = "NullDrop"
    members: ClassVar = {"equals": True, "gt": False, "geq": False, "lt": False, "leq": False}

    def equals(self, other: Any) -> bool:
        """Whether `==` holds."""
        return is_nil(plain(other))


class Empty(Drop):
    """`empty`: equal to texts, lists and objects that are."""

    __slots__ = ()
    name = "EmptyDrop"
    members: ClassVar = {"equals": False, "gt": False, "geq": False, "lt": False, "leq": False}

    def equals(self, other: Any) -> bool:
        """Whether `==` holds."""
        if isinstance(other, Empty):
            return False
        other = plain(other)
        return isinstance(other, (str, list, dict)) and not other


class Blank(Empty):
    """`blank`: what is empty, and also false, nil and white space."""

    __slots__ = ()
    name = "BlankDrop"
    members: ClassVar = {"equals": True, "gt": False, "geq": False, "lt": False, "leq": False}

    def equals(self, other: Any) -> bool:
        """Whether `==` holds."""
        if other is False or is_nil(plain(other)):
            return True
        return not trim(other) if isinstance(other, str) else super().equals(other)


class BlockDrop(Drop):
    """What `block` names inside a block; without a layout its `super` is empty."""

    __slots__ = ()
    name = "BlockDrop"
    members: ClassVar = {"super": "", "superBlockRender": ""}

    def __init__(self) -> None:
        super().__init__(self)


Comparable: TypeAlias = Nil | Empty
"""Drops that decide comparisons themselves: they are neither above nor below anything."""

NIL: Final = Nil(None)
EMPTY: Final = Empty("")
BLANK: Final = Blank("")


def plain(value: Any) -> Any:
    """The value that a drop stands for; any other value as it is."""
    return value.value if isinstance(value, Drop) else value


def is_nil(value: Any) -> bool:
    """`value == null`."""
    return value is None or value is MISSING
