"""Property access: members, items, and Liquid's own `size`, `first` and `last`."""

from typing import Any

from destination.mapping.liquid.coerce import property_key
from destination.mapping.liquid.drops import Drop, plain
from destination.values import MISSING, get_property, is_number, utf16_length


def read_property(target: Any, key: Any) -> Any:
    """`target.key`, where nothing is found `MISSING`; of null it is null.

    Only members that the data have are found: no key reaches what JavaScript or Python objects inherit.

    Raises:
        Unplaced: A member of a drop that cannot be called.

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
