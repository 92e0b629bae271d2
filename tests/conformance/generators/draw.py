"""What every generator draws from: choices, odd JSON values, small mutations.

A generator is a function of a `random.Random` and nothing else. A seeded one gives the committed vectors; the
live test hands in Hypothesis's own, so that a difference shrinks.
"""

import copy
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 2, 5, 42, 100, 2.5, -0.5, 0.1, 1e21, 1.5e-7, 12345678901234567890, 9007199254740993,
    1672531200000, 0.30000000000000004, 123456.789,
    "", " ", "a", "A", "b", "abc", "track", "Order Completed", "5", "05", "5.0", "-3", "0", "1e3", "0x10", " 7 ", "NaN",
    "Infinity", "true", "false", "null", "undefined", "é", "ÄÖÜ", "ß", "İ", "日本", "🎉", "🎉x", "x\ny", "a b", "a.b",
    "it's", 'say "hi"', "<b>bold</b>", "a & b", "2023-01-01", "2023-05-06T07:08:09.123Z", "a,b,c", "$&", "{{x}}",
    "user@example.com", "https://example.com/a?b=c", "\u00a0x\ufeff", "a\\b", "[1,2]", '{"k":[1,{"z":null}]}',
]  # fmt: skip
KEYS = [
    "a", "b", "c", "x", "y", "id", "name", "value", "size", "first", "length", "0", "1", "10", "a b", "a.b", "it's",
    "é", "", "Key", "key", "event",
]  # fmt: skip


def pick(draw: Random, *options: T) -> T:
    """One of the options."""
    return draw.choice(options)


def chance(draw: Random, probability: float) -> bool:
    """True with a probability."""
    return draw.random() < probability


def weighted(draw: Random, *options: tuple[int, Callable[[Random], Any]]) -> Any:
    """What one of the functions draws, chosen by weight."""
    place = draw.randrange(sum(weight for weight, _ in options))
    for weight, function in options:
        if place < weight:
            return function(draw)
        place -= weight
    raise AssertionError("weights are positive")


def scalar(draw: Random) -> Any:
    """A JSON value that is no list and no object."""
    return draw.choice(SCALARS)


def json_value(draw: Random, depth: int = 2) -> Any:
    """Any JSON value."""
    kind = draw.randrange(10)
    if depth <= 0 or kind < 6:
        return scalar(draw)
    if kind < 8:
        return [json_value(draw, depth - 1) for _ in range(draw.randrange(4))]
    return json_object(draw, depth)


def json_object(draw: Random, depth: int = 2) -> dict[str, Any]:
    """A JSON object."""
    return {draw.choice(KEYS): json_value(draw, depth - 1) for _ in range(draw.randrange(4))}


def subset(draw: Random, options: dict[str, Callable[[Random], Any]], probability: float) -> dict[str, Any]:
    """An object with each of the keys present with a probability."""
    return {key: function(draw) for key, function in options.items() if chance(draw, probability)}


def mutate_text(draw: Random, text: str, alphabet: Sequence[str], times: int = 1) -> str:
    """The text with pieces removed, doubled, replaced or put in."""
    for _ in range(times):
        place = draw.randrange(len(text) + 1)
        end = min(len(text), place + 1 + draw.randrange(3))
        kind = draw.randrange(4)
        if kind == 0:
            text = text[:place] + text[end:]
        elif kind == 1:
            text = text[:place] + draw.choice(alphabet) + text[place:]
        elif kind == 2:
            text = text[:place] + draw.choice(alphabet) + text[end:]
        else:
            text = text[:end] + text[place:end] + text[end:]
    return text


def places(value: Any, trail: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place inside a JSON value, as keys and indexes from the root."""
    found = [trail] if trail else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*trail, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*trail, index))
    return found


def mutate_json(draw: Random, value: Any, times: int = 1) -> Any:
    """A copy of the value with some inner places removed or replaced by any JSON value."""
    value = copy.deepcopy(value)
    for _ in range(times):
        trails = places(value)
        if not trails:
            return value
        trail = draw.choice(trails)
        parent = value
        for step in trail[:-1]:
            parent = parent[step]
        if chance(draw, 0.3):
            del parent[trail[-1]]
        else:
            parent[trail[-1]] = json_value(draw)
    return value
