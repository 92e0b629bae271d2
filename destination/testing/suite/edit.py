"""Putting values into an event, and taking them away, at the keys of a path."""

from itertools import pairwise
from typing import Any, TypeAlias

from destination.values import is_index

Keys: TypeAlias = tuple[str, ...]
"""Where in an event, as `split_path` gives it."""

_FARTHEST = 20
"""The highest index up to which a list is filled."""


def put(event: dict[str, Any], keys: Keys, value: Any) -> bool:
    """Puts a value in its place, and makes what has to be around it; tells whether that could be done.

    It cannot where something that holds nothing, such as a text, stands on the way, or the place is no member
    (`$.products.length`).

    Example:
        >>> event = {"properties": {"plan": "pro"}}
        >>> put(event, ("properties", "products", "0", "sku"), "a1"), put(event, ("properties", "plan", "x"), 1)
        (True, False)
        >>> event
        {'properties': {'plan': 'pro', 'products': [{'sku': 'a1'}]}}
    """
    if not keys or "__proto__" in keys:
        return False
    container: Any = event
    for key, following in pairwise(keys):
        if not _takes(container, key):
            return False
        inner = _get(container, key)
        if inner is None:
            inner = [] if is_index(following) and int(following) <= _FARTHEST else {}
            _set(container, key, inner)
        container = inner
    if not _takes(container, keys[-1]):
        return False
    _set(container, keys[-1], value)
    return True


def remove(event: dict[str, Any], keys: Keys) -> None:
    """Takes away what stands at the keys; an item of a list becomes null, so that the others keep their places.

    Example:
        >>> event = {"properties": {"plan": "pro", "tags": ["a", "b"]}}
        >>> remove(event, ("properties", "plan")); remove(event, ("properties", "tags", "0"))
        >>> event
        {'properties': {'tags': [None, 'b']}}
    """
    container: Any = event
    for key in keys[:-1]:
        container = _get(container, key)
    if isinstance(container, dict):
        container.pop(keys[-1], None)
    elif _takes(container, keys[-1]) and int(keys[-1]) < len(container):
        container[int(keys[-1])] = None


def _takes(container: Any, key: str) -> bool:
    if isinstance(container, list):
        return is_index(key) and int(key) <= _FARTHEST
    return isinstance(container, dict)


def _get(container: Any, key: str) -> Any:
    if isinstance(container, dict):
        return container.get(key)
    if isinstance(container, list) and is_index(key) and int(key) < len(container):
        return container[int(key)]
    return None


def _set(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
        return
    index = int(key)
    container.extend([None] * (index + 1 - len(container)))
    container[index] = value
