"""Finds where two JSON values, or two lists of requests, differ."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import orjson

from destination.request import Request
from destination.values import MISSING, strict_equals
from destination.values.pointers import pointer_part

MAX_DIFFERENCES: Final = 1_000
"""The maximum number of differences of an event that are kept; those beyond are one, at `(more)`."""

_CONTAINERS: Final = frozenset({dict, list})
_GLANCED_AT: Final = 8  # levels at which values are compared as a whole before the walk enters them

Alike = Callable[[Any, Any], bool]


class Difference(NamedTuple):
    """One location at which two values differ.

    Attributes:
        at: The JSON pointer, list positions included.
        before: The old value, or `MISSING`.
        after: The new value, or `MISSING`.
    """

    at: str
    before: Any
    after: Any


Differences = dict[str, Difference]
"""Differences by location: a JSON pointer in which `*` matches any position of a list."""


def value_differences(before: Any, after: Any, root: str = "") -> Differences:
    """Finds where two JSON values differ. Of locations that differ only in list positions, it keeps the first.

    Objects are compared by key and lists by position. The order of keys does not matter; `true` differs from 1, and 1
    equals 1.0.

    Args:
        before: A JSON value of any depth, or `MISSING`.
        after: The other.
        root: What each pointer begins with.

    Example:
        >>> value_differences({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}], "c/d": None})
        {'/a/*/b': Difference(at='/a/1/b', before=2, after=3),
         '/c~1d': Difference(at='/c~1d', before=MISSING, after=None)}
    """
    found: Differences = {}
    waiting = [(root, root, 0, before, after)]
    while waiting and len(found) < MAX_DIFFERENCES:
        location, at, level, one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            alike = _plainly_same if level < _GLANCED_AT else _unknown
            members = [
                (location + pointer, at + pointer, level + 1, value, new)
                for pointer, value, new in _members(one, other, alike)
            ]
            members.reverse()
            waiting += members
        elif isinstance(one, list) and isinstance(other, list):
            alike = _plainly_same if level < _GLANCED_AT else _unknown
            items = [
                (f"{location}/*", at + pointer, level + 1, value, new)
                for pointer, value, new in _items(one, other, alike)
            ]
            items.reverse()
            waiting += items
        elif not _same(one, other) and location not in found:
            found[location] = Difference(at, one, other)
    if waiting:
        more = f"{root}(more)"
        found[more] = Difference(more, before, after)
    return found


def _members(one: dict[str, Any], other: dict[str, Any], alike: Alike) -> Iterator[tuple[str, Any, Any]]:
    for key, value in one.items():
        new = other.get(key, MISSING)
        if value is not new and not alike(value, new):
            yield pointer_part(key), value, new
    if one.keys() != other.keys():
        for key, new in other.items():
            if key not in one:
                yield pointer_part(key), MISSING, new


def _items(one: list[Any], other: list[Any], alike: Alike) -> Iterator[tuple[str, Any, Any]]:
    for index, (value, new) in enumerate(zip_longest(one, other, fillvalue=MISSING)):
        if value is not new and not alike(value, new):
            yield f"/{index}", value, new


def _plainly_same(one: Any, other: Any) -> bool:
    """Whether two values are certainly the same, without a walk; False says nothing."""
    kind = one.__class__
    if kind is not other.__class__:
        return False
    if kind not in _CONTAINERS:
        return bool(one == other)
    try:
        # Python's `==`, by itself, takes `true` for 1.
        return bool(one == other) and orjson.dumps(one) == orjson.dumps(other)
    except (RecursionError, TypeError):  # they nest too deeply, or hold what is not JSON: the walk goes on
        return False


def _unknown(_one: Any, _other: Any) -> bool:
    return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float) and one != one and other != other:  # noqa: PLR0124  NaN
        return True
    return strict_equals(one, other)


def request_differences(before: tuple[Request, ...], after: tuple[Request, ...]) -> Differences:
    """Finds where the requests of two performs differ, one by one in the order they were made.

    Locations are `requests` (their numbers differ), `request/method`, `request/url`, `request/header/NAME`, and
    `request/body` with the JSON pointer into the body if that is JSON.

    Example:
        >>> old = Request("PUT", "https://h/", body=b'{"goals":[{"name":"a"}]}')
        >>> request_differences((old,), (Request("PUT", "https://h/", body=b'{"goals":[{"name":"b"}]}'),))
        {'request/body/goals/*/name': Difference(at='request/body/goals/0/name', before='a', after='b')}
        >>> request_differences((old,), ())
        {'requests': Difference(at='requests', before=1, after=0)}
    """
    if before == after:
        return {}
    found: Differences = {}
    if len(before) != len(after):
        found["requests"] = Difference("requests", len(before), len(after))
    for one, other in zip(before, after, strict=False):
        if one == other:
            continue
        parts = []
        if one.method != other.method:
            parts.append(value_differences(one.method, other.method, "request/method"))
        if one.url != other.url:
            parts.append(value_differences(one.url, other.url, "request/url"))
        if one.headers != other.headers:
            parts.append(value_differences(one.headers.unsorted, other.headers.unsorted, "request/header"))
        if one.body != other.body:
            parts.append(value_differences(one.data, other.data, "request/body"))
        for part in parts:
            for location, difference in part.items():
                found.setdefault(location, difference)
    return found
