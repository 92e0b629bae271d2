"""Liquid's values: their members, how they become text, numbers and lists, and how operators compare them.

The values are those of JSON and four others, the drops: `nil`, `empty`, `blank`, and `block` inside a block.
Wherever a plain value is needed, a drop counts as its own plain value.
"""

import math
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeAlias

from destination.mapping.bounds import PER_MEMBER, spend, spend_on
from destination.mapping.liquid.problems import Unpositioned
from destination.values import (
    MISSING,
    as_double,
    compare,
    get_property,
    is_number,
    join_text,
    number_to_string,
    strict_equals,
    to_number,
    to_string,
    to_units,
    trim,
    utf16_length,
)

Filter: TypeAlias = Callable[..., Any]
"""Takes the context, the input and the arguments; superfluous arguments are ignored."""


# --- drops -----------------------------------------------------------------------------------------------

_INHERITED: Final[dict[str, Any]] = {
    # what these members of every JavaScript object return when they are called without arguments
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
    """A value that is not JSON, with members of its own. Unlike those of JSON, its inherited members can be called.

    Attributes:
        value: The plain value that it counts as, or the drop itself if it has none.
    """

    __slots__ = ("value",)
    name: ClassVar[str] = "Drop"
    members: ClassVar[dict[str, Any]] = {}

    def __init__(self, value: Any) -> None:
        self.value = value

    def member(self, key: str) -> Any:
        """Returns the result of the member `key`.

        Raises:
            Unpositioned: JavaScript cannot call it.
        """
        if key in ("__proto__", "valueOf"):
            return self if key == "__proto__" else self.value
        if key == "constructor":
            raise Unpositioned(f"Class constructor {self.name} cannot be invoked without 'new'")
        if key in _REFUSED:
            raise Unpositioned(_REFUSED[key])
        return self.members.get(key, _INHERITED.get(key, MISSING))


class Nil(Drop):
    """`nil` and `null`."""

    __slots__ = ()
    name = "NullDrop"
    members: ClassVar = {"equals": True, "gt": False, "geq": False, "lt": False, "leq": False}

    def equals(self, other: Any) -> bool:
        """Returns whether `==` holds."""
        return is_nil(plain(other))


class Empty(Drop):
    """`empty`: equal to empty texts, lists and objects."""

    __slots__ = ()
    name = "EmptyDrop"
    members: ClassVar = {"equals": False, "gt": False, "geq": False, "lt": False, "leq": False}

    def equals(self, other: Any) -> bool:
        """Returns whether `==` holds."""
        if isinstance(other, Empty):
            return False
        other = plain(other)
        return isinstance(other, (str, list, dict)) and not other


class Blank(Empty):
    """`blank`: equal to whatever equals `empty`, and to false, nil and white space."""

    __slots__ = ()
    name = "BlankDrop"
    members: ClassVar = {"equals": True, "gt": False, "geq": False, "lt": False, "leq": False}

    def equals(self, other: Any) -> bool:
        """Returns whether `==` holds."""
        if other is False or is_nil(plain(other)):
            return True
        return not trim(other) if isinstance(other, str) else super().equals(other)


class BlockDrop(Drop):
    """The value of `block` inside a block. Without a layout, its `super` is empty."""

    __slots__ = ()
    name = "BlockDrop"
    members: ClassVar = {"super": "", "superBlockRender": ""}

    def __init__(self) -> None:
        super().__init__(self)


Comparable: TypeAlias = Nil | Empty
"""Drops with a rule of their own for `==`. They are neither greater nor less than any value."""

NIL: Final = Nil(None)
EMPTY: Final = Empty("")
BLANK: Final = Blank("")


def plain(value: Any) -> Any:
    """Returns the plain value of a drop, and any other value unchanged."""
    return value.value if isinstance(value, Drop) else value


def is_nil(value: Any) -> bool:
    """Returns `value == null`."""
    return value is None or value is MISSING


# --- conversions -----------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    """Returns the text that an output writes: empty for nil, the joined items of a list.

    Example:
        >>> text_of([1, "a", None, [2, 3.0]]), text_of({}), text_of(False)
        ('1a23', '[object Object]', 'false')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        spend_on(value)
        return join_text(map(_item_text, value))
    value = plain(value)
    return "" if is_nil(value) else to_string(value)


def _item_text(value: Any) -> str:
    return join_text(map(_item_text, value)) if isinstance(value, list) else text_of(value)


def number_of(value: Any) -> float:
    """Returns the number for arithmetic: 0 for a value that is not a number.

    Example:
        >>> from destination.values import MISSING
        >>> [number_of(value) for value in ("12.5", "x", None, True, [], MISSING)]
        [12.5, 0, 0, 1, 0, 0]
    """
    if type(value) is int and -0xFFFFFFFFFFFF < value < 0xFFFFFFFFFFFF:
        return value
    number = numeric(value)
    return 0 if number == 0 or math.isnan(number) else number


def numeric(value: Any) -> float:
    """Returns `Number(value)`: NaN for a value that is not a number."""
    return to_number(plain(value))


def integer(value: Any) -> float:
    """Returns the number without its fraction: 0 for NaN; an infinity stays one."""
    number = numeric(value)
    if math.isnan(number):
        return 0
    return number if math.isinf(number) else int(number)


def index(value: Any, length: int) -> int:
    """Returns the index at which `slice` cuts a text or list of `length`. Negative numbers count from the end.

    Example:
        >>> index(2.7, 5), index(-1, 5), index("x", 5), index(math.inf, 5)
        (2, 4, 0, 5)
    """
    position = integer(value)
    return int(max(length + position, 0) if position < 0 else min(position, length))


def items_of(value: Any) -> list[Any]:
    """Returns the value as a list: a list unchanged, an empty list for nil, a list of one item for any other value."""
    value = plain(value)
    if isinstance(value, list):
        return value
    return [] if is_nil(value) else [value]


def property_key(value: Any) -> str:
    """Returns the name of the property that `object[value]` reads.

    Example:
        >>> from destination.values import MISSING
        >>> [property_key(value) for value in (1.0, None, True, [1, 2], MISSING)]
        ['1', 'null', 'true', '1,2', 'undefined']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_to_string(value)
    return "[object Object]" if isinstance(value, Drop) else to_string(value)


# --- members ---------------------------------------------------------------------------------------------


def read_property(target: Any, key: Any) -> Any:
    """Reads `target.key`: `MISSING` where there is no such member, and null where the target is null.

    Only members of the data are read, and `size`, `first` and `last`. No key reaches a member that JavaScript or
    Python objects inherit.

    Raises:
        Unpositioned: The member of a drop cannot be called.

    Example:
        >>> read_property([1, 2, 3], -1), read_property({"a": 1}, "size"), read_property("abc", "size")
        (3, 1, 3)
    """
    if isinstance(target, dict):
        found = target.get(property_key(plain(key)), MISSING)
        return len(target) if found is MISSING and key == "size" else found
    if isinstance(target, list):
        return _of_list(target, plain(key))
    if isinstance(target, str):
        return utf16_length(target) if key == "size" else get_property(target, property_key(plain(key)))
    if isinstance(target, Drop):
        return target.member(property_key(plain(key)))
    return None if target is None else MISSING


def _of_list(target: list[Any], key: Any) -> Any:
    if is_number(key):
        if key < 0:
            key = len(target) + key
        return get_property(target, property_key(key))
    if key == "size":
        return len(target)
    if key in ("first", "last"):
        return get_property(target, "0" if key == "first" else str(len(target) - 1))
    return get_property(target, property_key(key))


# --- operators -------------------------------------------------------------------------------------------


def is_truthy(value: Any) -> bool:
    """Returns whether a condition holds for a value. Only false and nil are false: `''`, 0 and NaN are true.

    Example:
        >>> [is_truthy(value) for value in ("", 0, [], False, None, MISSING)]
        [True, True, True, False, False, False]
    """
    value = plain(value)
    return not (value is False or value is None or value is MISSING)


def equals(left: Any, right: Any) -> bool:
    """Returns `left == right`: lists by their items, objects by identity; nil, empty and blank have their own rules."""
    if isinstance(left, Comparable):
        return left.equals(right)
    if isinstance(right, Comparable):
        return right.equals(left)
    if isinstance(left, list):
        if not isinstance(right, list) or len(left) != len(right):
            return False
        spend(PER_MEMBER * len(left))
        return all(map(equals, left, right))
    if type(left) is int and type(right) is int:
        return as_double(left) == as_double(right)
    return strict_equals(left, right)


def contains(left: Any, right: Any) -> bool:
    """Returns whether a list has an item that equals `right`, or a text contains its text; false otherwise."""
    left = plain(left)
    if isinstance(left, list):
        spend(2 * PER_MEMBER * len(left))
        return any(equals(item, right) for item in left)
    if not isinstance(left, str):
        return False
    sought = property_key(plain(right))
    spend_on(left)
    spend_on(sought)
    return sought in left or to_units(sought) in to_units(left)


def _decides_itself(left: Any, right: Any) -> bool:
    return isinstance(left, Comparable) or isinstance(right, Comparable)


def _compared(left: Any, right: Any) -> float:
    spend_on(left)
    spend_on(right)
    return compare(left, right)


def _greater(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) > 0


def _less(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) < 0


def _at_least(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) >= 0


def _at_most(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) <= 0


BINARY: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": equals,
    "!=": lambda left, right: not equals(left, right),
    ">": _greater,
    "<": _less,
    ">=": _at_least,
    "<=": _at_most,
    "contains": contains,
    "and": lambda left, right: is_truthy(left) and is_truthy(right),
    "or": lambda left, right: is_truthy(left) or is_truthy(right),
}
PRECEDENCE: Final = dict.fromkeys(BINARY, 2) | {"and": 0, "or": 0, "not": 1}
"""`and` and `or` have the same precedence: operators of one precedence group to the right."""
