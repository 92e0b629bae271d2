"""Property access and key order."""

import re
from collections.abc import ItemsView, Iterable, KeysView
from typing import Any

from destination.values.missing import MISSING
from destination.values.text import to_units, utf16_length

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_MAX_INDEX = 2**32 - 2


def is_index(key: str) -> bool:
    """Returns whether a key is integer-like: such keys come first in an object, in ascending order.

    Example:
        >>> is_index("10"), is_index("01"), is_index("a")
        (True, False, False)
    """
    return key.isdigit() and key.isascii() and bool(_INDEX.fullmatch(key)) and int(key) <= _MAX_INDEX


def ordered_keys(value: dict[str, Any]) -> KeysView[str] | list[str]:
    """Returns `Object.keys(value)`.

    Example:
        >>> list(ordered_keys({"b": 1, "10": 2, "9": 3}))
        ['9', '10', 'b']
    """
    # Nearly always every key begins with a letter, which sorts behind all digits.
    if not value or min(value) > ":" or not any(map(str.isdigit, value)):
        return value.keys()
    indexes = sorted((key for key in value if is_index(key)), key=int)
    return indexes + [key for key in value if not is_index(key)]


def ordered_items(value: dict[str, Any]) -> ItemsView[str, Any] | Iterable[tuple[str, Any]]:
    """Returns `Object.entries(value)`.

    Example:
        >>> list(ordered_items({"b": 1, "2": 2}))
        [('2', 2), ('b', 1)]
    """
    if value and min(value) > ":":  # nearly always; see `ordered_keys`
        return value.items()
    keys = ordered_keys(value)
    return ((key, value[key]) for key in keys) if isinstance(keys, list) else value.items()


def ordered(value: Any) -> Any:
    """Copies a value with the keys of its objects in JavaScript's order, at every depth.

    Example:
        >>> ordered([{"b": {"2": None, "1": None}, "0": None}])
        [{'0': None, 'b': {'1': None, '2': None}}]
    """
    root = [value]
    pending: list[Any] = [root]
    while pending:  # no recursion: any depth will do
        copy = pending.pop()
        for key, item in list(copy.items() if isinstance(copy, dict) else enumerate(copy)):
            if isinstance(item, dict):
                copy[key] = dict(ordered_items(item))
            elif isinstance(item, list):
                copy[key] = list(item)
            else:
                continue
            pending.append(copy[key])
    return root[0]


def get_property(value: Any, key: str) -> Any:
    """Reads `value[key]` of a JSON value: a member, an item or character by index, or `length`.

    Keys that objects inherit from a prototype (`constructor`, `toString`, …) are `MISSING`.

    Example:
        >>> get_property(["a", "b"], "1"), get_property("héllo", "length"), get_property(5, "x")
        ('b', 5, MISSING)
    """
    if isinstance(value, dict):
        return value.get(key, MISSING)
    if isinstance(value, list):
        if key == "length":
            return len(value)
        if is_index(key) and int(key) < len(value):
            return value[int(key)]
        return MISSING
    if isinstance(value, str):
        if key == "length":
            return utf16_length(value)
        if is_index(key):
            units = to_units(value)
            if int(key) < len(units):
                return units[int(key)]
    return MISSING


def spread(value: Any) -> dict[str, Any]:
    """Makes `{...value}`: lists and strings by index, other scalars as an empty object.

    Example:
        >>> spread("ab"), spread([1]), spread(5)
        ({'0': 'a', '1': 'b'}, {'0': 1}, {})
    """
    if isinstance(value, dict):
        return value.copy()
    if isinstance(value, str):
        return {str(index): unit for index, unit in enumerate(to_units(value))}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}
