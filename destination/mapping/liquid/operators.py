"""Liquid's operators. There is no precedence among `and` and `or`; the reader has put them in order."""

from collections.abc import Callable
from typing import Any, Final

from destination.mapping.bounds import PER_MEMBER, spend, spend_on
from destination.mapping.liquid.coerce import property_key
from destination.mapping.liquid.drops import Comparable, plain
from destination.values import MISSING, as_double, compare, strict_equals, to_units


def is_truthy(value: Any) -> bool:
    """Only false and nil are false: `''`, 0 and NaN are true.

    Example:
        >>> [is_truthy(value) for value in ("", 0, [], False, None, MISSING)]
        [True, True, True, False, False, False]
    """
    value = plain(value)
    return not (value is False or value is None or value is MISSING)


def equals(left: Any, right: Any) -> bool:
    """`left == right`: lists item by item, objects by identity; nil, empty and blank decide themselves."""
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
    """Whether a list has the item, or a text the text of it; false for everything else."""
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


def _above(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) > 0


def _below(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) < 0


def _at_least(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) >= 0


def _at_most(left: Any, right: Any) -> bool:
    return not _decides_itself(left, right) and _compared(left, right) <= 0


BINARY: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": equals,
    "!=": lambda left, right: not equals(left, right),
    ">": _above,
    "<": _below,
    ">=": _at_least,
    "<=": _at_most,
    "contains": contains,
    "and": lambda left, right: is_truthy(left) and is_truthy(right),
    "or": lambda left, right: is_truthy(left) or is_truthy(right),
}
PRECEDENCE: Final = dict.fromkeys(BINARY, 2) | {"and": 0, "or": 0, "not": 1}
