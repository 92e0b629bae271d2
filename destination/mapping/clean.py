"""A payload's last step: what is undefined goes, and what is shared is copied."""

from gc import is_tracked
from itertools import chain
from typing import Any, Final

from destination.values import MISSING, Missing

ATOMS: Final = frozenset({str, int, float, bool, type(None), Missing})
"""Types of values that have no parts."""

_PROTO = "__proto__"
_PLAIN = ATOMS - {Missing}
_ONLY_DICTS = frozenset({dict})
_MANY: Final = 4


def remove_undefined(value: Any) -> Any:
    """The value without the keys that are undefined, at every depth, as a copy that shares nothing.

    `MISSING` in a list stays (it is null in JSON), and so does `MISSING` itself.

    Example:
        >>> from destination.values import MISSING
        >>> remove_undefined({"a": MISSING, "b": [MISSING, {"c": MISSING}]})
        {'b': [MISSING, {}]}
    """
    if value.__class__ in ATOMS:
        return value
    try:
        return _copy(value)
    except RecursionError:
        return _copy_deep(value)


def _copy(value: Any) -> Any:
    # This is where most of a mapping's time goes: a copy at C speed, then only what has parts or goes.
    # CPython's collector of cycles does not track a dict of nothing but scalars (up to 3.13; later it tracks all). So
    # one that it does not track has no parts and nothing undefined (test_dict_that_is_not_tracked_is_flat).
    kind = value.__class__
    if kind is dict or isinstance(value, dict):
        copy = value.copy() if kind is dict else dict(value)
        if not is_tracked(copy):
            if _PROTO in copy:
                del copy[_PROTO]
            return copy
        for key, item in value.items():
            if item.__class__ not in ATOMS:
                copy[key] = _copy(item)
            elif item is MISSING:
                del copy[key]
        if _PROTO in copy:
            # Segment: assigned to an object it sets the prototype and is no key (test_proto_key_vanishes)
            del copy[_PROTO]
        return copy
    if kind is list or isinstance(value, list):
        if len(value) >= _MANY and _ONLY_DICTS.issuperset(map(type, value)):
            every_value = chain.from_iterable(map(dict.values, value))
            if not any(map(is_tracked, value)) or _PLAIN.issuperset(map(type, every_value)):
                # Lists of flat objects, such as products: looked at in C alone.
                copies = [item.copy() for item in value]
                for copy in copies:
                    if _PROTO in copy:
                        del copy[_PROTO]
                return copies
        return [item if item.__class__ in ATOMS else _copy(item) for item in value]
    return value


def _copy_deep(value: Any) -> Any:
    """The same without recursion, for events nested deeper than Python's stack."""
    result: list[Any] = []
    todo: list[tuple[Any, Any, Any]] = [(value, result, None)]
    while todo:
        source, parent, key = todo.pop()
        copy: Any
        if isinstance(source, dict):
            kept = {name: item for name, item in source.items() if item is not MISSING and name != _PROTO}
            copy = kept
            todo.extend((item, kept, name) for name, item in kept.items() if item.__class__ not in ATOMS)
        elif isinstance(source, list):
            items = list(source)
            copy = items
            todo.extend((item, items, index) for index, item in enumerate(items) if item.__class__ not in ATOMS)
        else:
            copy = source
        if parent is result:
            result.append(copy)
        else:
            parent[key] = copy
    return result[0]
