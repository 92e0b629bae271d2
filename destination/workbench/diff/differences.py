"""Finds where two JSON values, or two lists of requests, differ."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import orjson

from destination.request import Request
from destination.values import MISSING, strict_equals
from destination.values.numbers import MAX_SAFE_INTEGER
from destination.values.pointers import pointer_part

MAX_DIFFERENCES: Final = 1_000
"""The maximum number of differences of an event that are kept; those beyond are one, at `(more)`."""

_CONTAINERS: Final = frozenset({dict, list})
_FEW: Final = 100
_INTEGER_LIKE: Final = re.compile("[0-9]").match
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
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


def written_differences(before: Any, after: Any, root: str = "") -> Differences | None:
    """Finds where the JSON of two values differs, without writing it; None if that takes more than a look.

    A value that both contain is not looked into: a perform passes the event's own values on.

    Example:
        >>> shared = {"plan": "pro"}
        >>> written_differences({"name": "a", "more": shared}, {"name": "b", "more": shared})
        {'/name': Difference(at='/name', before='a', after='b')}
        >>> written_differences({"price": 1.0}, {"price": 2}) is None
        True
    """
    if before is MISSING or after is MISSING:  # the body is text, or there is none
        return None
    found: Differences = {}
    waiting = [(root, root, 0, before, after)]
    while waiting:
        location, at, level, one, other = waiting.pop()
        kind = one.__class__
        if kind is not other.__class__ or level == _GLANCED_AT or len(found) == _FEW:
            return None
        if kind is dict:
            if not _have_plain_keys(one, other):
                return None
            members = _members(one, other, _plainly_same)
            inner = [(location + key, at + key, level + 1, value, new) for key, value, new in members]
        elif kind is list:
            if len(one) != len(other):
                return None
            items = _items(one, other, _plainly_same)
            inner = [(f"{location}/*", at + key, level + 1, value, new) for key, value, new in items]
        elif _is_plain(one) and _is_plain(other):
            if one != other and location not in found:
                found[location] = Difference(at, one, other)
            continue
        else:
            return None
        inner.reverse()
        waiting += inner
    return found


def _have_plain_keys(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Whether two objects have equal keys, which are written in the order that they have."""
    if one.keys() != other.keys():
        return False
    try:
        return not any(map(_INTEGER_LIKE, one))
    except TypeError:  # a key is not a text
        return False


def _is_plain(value: Any) -> bool:
    """Whether a value is a text, an integer or a boolean that is the same when it was written and read."""
    kind = value.__class__
    if kind is str:
        return value.isascii() or not _SURROGATE.search(value)
    return kind is bool or (kind is int and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER)


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


def request_differences(
    before: tuple[Request, ...], after: tuple[Request, ...], bodies: Iterable[tuple[Any, Any]] = ()
) -> Differences:
    """Finds where the requests of two performs differ, one by one in the order they were made.

    Locations are `requests` (their numbers differ), `request/method`, `request/url`, `request/header/NAME`, and
    `request/body` with the JSON pointer into the body if that is JSON.

    Args:
        before: The old requests.
        after: The new ones.
        bodies: The JSON values that their bodies were written from, if they are known; that saves reading them.

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
    known = list(bodies)
    for index, (one, other) in enumerate(zip(before, after, strict=False)):
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
            body = written_differences(*known[index], root="request/body") if index < len(known) else None
            parts.append(value_differences(one.data, other.data, "request/body") if body is None else body)
        for part in parts:
            for location, difference in part.items():
                found.setdefault(location, difference)
    return found
