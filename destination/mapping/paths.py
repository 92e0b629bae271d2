"""The strings of `@path`, compiled to functions.

Segment splits a path at every `.`, at a `[` before a quote or a digit, and at a `]` after one. Empty parts are dropped,
and quotes are removed from the others. So `p['dot.key']` is split at its dot too, `$.it's` is the key `its`, and `p[a]`
is one key, `p[a]`.
"""

import re
from functools import lru_cache
from typing import Any

from destination.mapping.bounds import FREE, spend
from destination.mapping.directive import Resolver
from destination.values import MISSING, get_property, is_index, truthy

_CUTS = re.compile(r"""\[(?=["'0-9])|\.|(?<=["'0-9])\]+""")
_QUOTES = str.maketrans("", "", "'\"")
_KEY = "single_key"
_LONG = 500
"""The longest path, in characters, that is cached; a longer one probably comes from an event."""
_PLAIN_KEY = re.compile(r"[^\s.\[\]'\"]+")


def split_path(path: str) -> tuple[str, ...]:
    """Splits a path into its keys.

    Example:
        >>> split_path("products[0]['sku']"), split_path("it's"), split_path(".")
        (('products', '0', 'sku'), ('its',), ())
    """
    return tuple(part.translate(_QUOTES) for part in _CUTS.split(path) if part)


def path_keys(path: Any) -> tuple[str, ...] | None:
    """Splits the value of a `@path` into its keys; None if it is not a text.

    Example:
        >>> path_keys("$.traits.plan"), path_keys({"@template": "traits.{{ name }}"})
        (('traits', 'plan'), None)
    """
    # Segment: only the first `$.` goes, wherever it stands: `x$.p` reads `xp` (test_only_the_first_dollar_dot_goes)
    return split_path(path.replace("$.", "", 1)) if isinstance(path, str) else None


def plain_path(value: Any) -> tuple[str, ...] | None:
    """Returns the keys of a part of a mapping that is a `@path` with a text; None for anything else.

    Example:
        >>> plain_path({"@path": "$.event"}), plain_path({"@template": "{{ event }}"})
        (('event',), None)
    """
    return path_keys(value["@path"]) if isinstance(value, dict) and value.keys() == {"@path"} else None


def join_path(keys: tuple[str | int, ...]) -> str:
    """Writes keys as a path for people: `$.products[0].sku`.

    Example:
        >>> join_path(("products", "0", "unit price")), join_path(())
        ("$.products[0]['unit price']", '$')
    """
    text = "$"
    for key in map(str, keys):
        if is_index(key):
            text += f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            text += f".{key}"
        else:
            text += f"['{key}']"
    return text


def compile_path(path: str) -> Resolver:
    """Makes a function that returns what the path selects in an event, or `MISSING`.

    Properties are read as in JavaScript: `length` and indexes of lists and strings work. A falsy value on the
    way ends it and is the result: `p.x` of `{"p": 0}` is 0.

    The path must not begin with `$.`: `@path` removes it before (`@template` does not).

    Example:
        >>> get = compile_path("properties.products[0].sku")
        >>> get({"properties": {"products": [{"sku": "a1"}]}}), get({})
        ('a1', MISSING)
        >>> compile_path("p.x")({"p": 0})
        0
    """
    return _compile(path) if len(path) <= _LONG else compile_keys(split_path(path))


@lru_cache(maxsize=4096)
def _compile(path: str) -> Resolver:
    return compile_keys(split_path(path))


def compile_keys(keys: tuple[str, ...]) -> Resolver:
    """Makes a function that reads one key after the other, as `compile_path` does."""
    if not keys:
        return _whole
    if len(keys) == 1:
        return _one(keys[0])
    if len(keys) == 2:
        return _two(*keys)
    if len(keys) == 3:
        return _three(*keys)
    return _many(keys)


def single_key(get: Resolver) -> str | None:
    """Returns the key of an event that a getter reads, if it does no more, so that a caller can save the call.

    Example:
        >>> single_key(compile_path("event")), single_key(compile_path("properties.plan"))
        ('event', None)
    """
    return getattr(get, _KEY, None)


def _whole(event: Any) -> Any:
    return event


def _walk(value: Any, *keys: str) -> Any:
    for key in keys:
        if not truthy(value):
            return value
        if value.__class__ is str and len(value) > FREE:
            spend(len(value))  # its length and items are counted in code units
        value = get_property(value, key)
    return value


# Nearly every path runs through objects alone. The closures below take that way without a loop, and leave
# everything else (lists, strings, what is falsy) to `_walk`, at the key where it begins.


def _one(key: str) -> Resolver:
    def get(event: Any) -> Any:
        if event.__class__ is dict:
            return event.get(key, MISSING)
        return _walk(event, key)

    setattr(get, _KEY, key)
    return get


def _two(first: str, second: str) -> Resolver:
    def get(event: Any) -> Any:
        if event.__class__ is dict:
            value = event.get(first, MISSING)
            if value.__class__ is dict:
                return value.get(second, MISSING)
            return _walk(value, second)
        return _walk(event, first, second)

    return get


def _three(first: str, second: str, third: str) -> Resolver:
    def get(event: Any) -> Any:
        if event.__class__ is dict:
            value = event.get(first, MISSING)
            if value.__class__ is dict:
                value = value.get(second, MISSING)
                if value.__class__ is dict:
                    return value.get(third, MISSING)
                return _walk(value, third)
            return _walk(value, second, third)
        return _walk(event, first, second, third)

    return get


def _many(keys: tuple[str, ...]) -> Resolver:
    def get(event: Any) -> Any:
        for index, key in enumerate(keys):
            if event.__class__ is not dict:
                return _walk(event, *keys[index:])
            event = event.get(key, MISSING)
        return event

    return get
