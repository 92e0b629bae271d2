"""Makes other values to try in a payload, and recognises a value in a request."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote as url_quote
from urllib.parse import quote_plus

from destination.values import deep_equals, is_number, parse_date, stringify, to_string, trim

_TAILS: Final = ("q7x", "z9kv")
_HEADS: Final = ("A7q", "09kv")
"""Texts with heads sort before most texts, and texts with tails after them: that reveals a perform that sorts."""


def other_values(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yields values of the same kind, in families: perform most likely treats all values of a family alike.

    Example:
        >>> list(other_values("a1"))
        [('a1q7x', 'a1z9kv'), ('A7qa1', '09kva1'), ('q7xq7x', 'z9kvz9kv')]
        >>> list(other_values(True)), list(other_values(7))
        ([(False,)], [(7926, 104736), (8, 9), (-7919, -104729)])
    """
    if isinstance(value, bool):
        yield (not value,)
    elif is_number(value):
        yield value + 7919, value + 104_729
        yield value + 1, value + 2
        yield -7919, -104_729
    elif isinstance(value, str):
        yield from _other_texts(value)
    elif value is None:
        yield _TAILS
        yield 7919, 104_729
    elif isinstance(value, (dict, list)):
        yield tuple(_marked(value, mark, behind=True) for mark in _TAILS)
        yield tuple(_marked(value, mark, behind=False) for mark in _HEADS)


def _other_texts(value: str) -> Iterator[tuple[str, ...]]:
    yield tuple(value + tail for tail in _TAILS)
    yield tuple(head + value for head in _HEADS)
    yield tuple(tail * 2 for tail in _TAILS)
    if value.isdigit():
        yield tuple(value + digits for digits in ("7", "93"))
    elif value[:4].isdigit() and parse_date(value) is not None:
        yield "2031-03-07T05:11:13.000Z", "2032-05-09T02:07:04.000Z"


def _marked(value: Any, mark: str, *, behind: bool) -> Any:
    """Returns a container with every value in it changed, each differently; an empty one gets a value."""
    far = 7919 if mark in (_TAILS[0], _HEADS[0]) else 104_729
    root = [value]
    todo: list[tuple[Any, Any]] = [(root, 0)]
    for number, (container, at) in enumerate(todo):  # grows while it is walked: payloads may nest deeply
        item = container[at]
        if isinstance(item, dict):
            container[at] = dict(item) or {mark: mark}
            todo.extend((container[at], key) for key in item)
        elif isinstance(item, list):
            container[at] = list(item) or [mark]
            todo.extend((container[at], index) for index in range(len(item)))
        elif isinstance(item, bool):
            container[at] = not item
        elif is_number(item):
            container[at] = item + far + number if behind else -item - far - number
        else:
            text = item or ""
            container[at] = f"{text}{mark}{number}" if behind else f"{mark}{number}{text}"
    return root[0]


_FORMS: Final[tuple[Callable[[Any], str], ...]] = (
    to_string,
    lambda value: trim(to_string(value)),
    lambda value: to_string(value).lower(),
    lambda value: to_string(value).upper(),
    lambda value: url_quote(to_string(value)),
    lambda value: url_quote(to_string(value), safe=""),
    lambda value: quote_plus(to_string(value)),
    lambda value: stringify(value)[1:-1] if isinstance(value, str) else str(stringify(value)),
    str,
)
_CONTAINER_FORMS = _FORMS[-2:]


def carries(found: Any, value: Any, others: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a location holds a value, unchanged or within a text.

    Args:
        found: The content of the location.
        value: The value.
        others: For each run with another value: the content of the location, and the other value. The text around
            the value must be equal in all runs.

    Example:
        >>> carries("Page: Home", "Home", [("Page: q7x", "q7x")]), carries("Home", "Home", [("Home", "q7x")])
        (True, False)
    """
    if isinstance(found, (dict, list)) and not isinstance(value, found.__class__):
        return False
    if deep_equals(found, value):
        return all(deep_equals(then, other) for then, other in others)
    if not isinstance(found, str) or not all(isinstance(then, str) for then, _ in others):
        return False
    forms = _FORMS
    if isinstance(value, (dict, list)):
        if "{" not in found and "[" not in found:
            return False  # the quick answer: otherwise a large container would be written once for each text
        forms = _CONTAINER_FORMS
    return any(_carries_as(form, found, value, others) for form in forms)


def _carries_as(form: Callable[[Any], str], found: str, value: Any, others: Sequence[tuple[Any, str]]) -> bool:
    around: list[str] | None = None
    for then, other in others:
        written = form(other)
        pieces = then.split(written) if written else [then]
        if len(pieces) < 2 or (around is not None and pieces != around):
            return False
        around = pieces
    return around is not None and form(value).join(around) == found


def appears(value: Any, everywhere: list[Any]) -> bool:
    """Whether a value is among others, unchanged or within a text.

    Example:
        >>> appears("q7x", ["a", "b q7x"]), appears(7919, [1])
        (True, False)
    """
    texts = [found for found in everywhere if isinstance(found, str)]
    if any(deep_equals(found, value) for found in everywhere):
        return True
    if isinstance(value, (bool, dict, list)) or value is None:
        return False
    return any((written := form(value)) and written in text for text in texts for form in _FORMS[:4])
