"""How Liquid turns values into text, numbers and lists; drops count as the values they stand for."""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from destination.mapping.bounds import spend_on
from destination.mapping.liquid.drops import Drop, is_nil, plain
from destination.values import join_text, number_to_string, to_number, to_string

Filter: TypeAlias = Callable[..., Any]
"""Takes the context, the input and the arguments; superfluous arguments are ignored."""


def text_of(value: Any) -> str:
    """The text that an output writes: nothing for nil, the items of a list one after the other.

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
    """The number that arithmetic takes: 0 for what is none.

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
    """`Number(value)`, NaN for what is none."""
    return to_number(plain(value))


def integer(value: Any) -> float:
    """A number without its fraction, 0 for NaN; an infinity stays."""
    number = numeric(value)
    if math.isnan(number):
        return 0
    return number if math.isinf(number) else int(number)


def index(value: Any, length: int) -> int:
    """Where `slice` cuts a text or list of `length`: negative numbers count from the end.

    Example:
        >>> index(2.7, 5), index(-1, 5), index("x", 5), index(math.inf, 5)
        (2, 4, 0, 5)
    """
    position = integer(value)
    return int(max(length + position, 0) if position < 0 else min(position, length))


def items_of(value: Any) -> list[Any]:
    """The value as a list: a list as it is, nothing for nil, anything else as the one item."""
    value = plain(value)
    if isinstance(value, list):
        return value
    return [] if is_nil(value) else [value]


def property_key(value: Any) -> str:
    """The name of the property that `object[value]` means.

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
