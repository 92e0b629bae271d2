"""Limits the cost of a Jinja template: filters, tests, comparisons and calls count their work before they do it."""

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from functools import wraps
from html import unescape
from typing import Any, Final

from destination.mapping.bounds import PER_MEMBER, spend
from destination.values import as_double

PER_NODE: Final = 10
"""Steps for an operator, a filter, a test or reading a member."""
_CHARACTERS_COMPARED: Final = 16
"""Characters that are compared or searched in a step."""
_MANY: Final = 1_000
_PER_CONTAINER: Final = 100
PER_UNDEFINED: Final = 150
"""Steps for reading a member that a value does not have."""
_SLOW: Final = {"title": 6, "wordcount": 2, "striptags": 2, "urlencode": 2}
"""Steps for each character in operations that take longer than others."""
_FEW_CHARACTERS: Final = 32
_BITS: Final = 64

_Wrapper = Callable[[Callable[..., Any]], Callable[..., Any]]


def names(text: str) -> frozenset[str]:
    """Matches the words of a text."""
    return frozenset(text.split())


_LAZY = names("map reject rejectattr select selectattr")
_AT_ONCE = names("abs count d default first last length round")
_SHALLOW = names("list items reverse")
_SORTING = names("dictsort groupby max min sort unique")
_COMPARING = names("== != < <= > >= eq equalto ne lt lessthan le gt greaterthan ge in lower upper")


def is_lazy(value: Any) -> bool:
    """Returns whether a value is made while it is read."""
    return isinstance(value, Iterator)


def counted(values: Iterable[Any]) -> Iterator[Any]:
    """Yields the items, and counts each."""
    for value in values:
        spend(PER_NODE)
        yield value


def spend_on_looking(value: Any, characters: int = _CHARACTERS_COMPARED) -> int:
    """Counts the work of comparing a value, or of looking at all of it.

    Args:
        value: The value; its members count too.
        characters: How many characters make a step.

    Returns:
        The steps.

    Raises:
        MappingError: It is more than is left.
    """
    steps, since = 0, 0
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            since += 1 + len(item) // characters
        elif isinstance(item, (Mapping, list, tuple, range, KeysView, ValuesView, ItemsView)):
            since += _PER_CONTAINER + len(item)
            kinds = set(map(type, item)) if isinstance(item, (list, tuple)) else {Mapping}
            if kinds <= {str}:
                since += sum(map(len, item)) // characters
            elif not kinds <= {int, float, bool, type(None)} and not isinstance(item, range):
                since += (PER_MEMBER - 1) * len(item)
                if isinstance(item, Mapping):
                    todo.extend(key for key in item if len(key) > _MANY)
                    todo.extend(item.values())
                else:
                    todo.extend(item)
        else:
            since += 1
        if since > _MANY:
            spend(since)
            steps, since = steps + since, 0
    spend(since)
    return steps + since


def sliced(value: Any) -> Any:
    """Counts a value of which a part is about to be copied."""
    spend(PER_NODE + (len(value) if isinstance(value, (str, list, tuple)) else 0))
    return value


def looked_at(value: Any) -> Any:
    """Counts a value that is about to be compared; a value that is made while it is read becomes a list."""
    if is_lazy(value):
        value = list(counted(value))
    spend_on_looking(value)
    return value


def spend_on_stripping(text: Any, members: Any) -> None:
    """Counts the work of stripping many characters from the ends of a text, which compares each with all of them."""
    if isinstance(text, str) and isinstance(members, str) and len(members) > _FEW_CHARACTERS:
        spend(len(text) * len(members) // _CHARACTERS_COMPARED)


def counting_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a filter of Jinja so that it counts its work.

    Args:
        name: Its name.
        function: The filter.
    """
    at = 0 if getattr(function, "jinja_pass_arg", None) is None else 1  # where its input stands

    def run(*arguments: Any, **options: Any) -> Any:
        spend(PER_NODE)
        given = list(arguments)
        value = given[at]
        if name in _LAZY:
            if is_lazy(value) or isinstance(value, (str, list, tuple, dict, range, KeysView, ValuesView, ItemsView)):
                given[at] = counted(value)
        elif name in _SHALLOW:
            spend(PER_MEMBER * _length(value))
            given[at] = counted(value) if is_lazy(value) else value
        elif name not in _AT_ONCE:
            given[at] = _prepared(name, value, [*given[at + 1 :], *options.values()])
        return function(*given, **options)

    return wraps(function)(run)  # which also keeps Jinja's mark of what it passes


def _prepared(name: str, value: Any, others: list[Any]) -> Any:
    if is_lazy(value):
        value = list(counted(value))
    steps = spend_on_looking(value, 1)
    if name in _SLOW:
        spend((_SLOW[name] - 1) * steps)
    if name in _SORTING:
        spend(steps * _length(value).bit_length())
    for other in others:
        spend_on_looking(other, 1)
        if name == "trim":
            spend_on_stripping(value, other)
    return value


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (str, list, tuple, Mapping, range, KeysView, ValuesView, ItemsView)) else 1


def counting_test(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a test of Jinja so that it counts its work.

    Args:
        name: Its name.
        function: The test.
    """

    def run(*arguments: Any, **options: Any) -> Any:
        spend(PER_NODE)
        if name in _COMPARING:
            arguments = tuple(map(looked_at, arguments))
        return function(*arguments, **options)

    return wraps(function)(run)


def spend_on_call(function: Any, arguments: Iterable[Any]) -> None:
    """Counts the work of calling a method or a function.

    Raises:
        MappingError: It is more than is left.
    """
    spend(PER_NODE)
    owner = getattr(function, "__self__", None)
    if isinstance(owner, (str, list)):
        steps = spend_on_looking(owner, 1)
        if getattr(function, "__name__", "") in ("split", "title"):
            spend(2 * steps)
    for argument in arguments:
        spend_on_looking(argument, 1)
        spend_on_stripping(owner, argument)


def bounded_number(number: Any) -> Any:
    """Returns the number; a whole number beyond 64 bits becomes a double, whose operations always take the same time.

    Example:
        >>> bounded_number(2**64 - 1), bounded_number(2**64), bounded_number(1.5)
        (18446744073709551615, 1.8446744073709552e+19, 1.5)
    """
    return as_double(number) if isinstance(number, int) and number.bit_length() > _BITS else number


def strip_tags(text: str) -> str:
    """Removes comments and tags from a text and makes spaces single, in linear time.

    Example:
        >>> strip_tags("<p>a <!-- b > --> <b>c</b>  d</p> < e")
        'a c d < e'
    """
    text = _without(_without(text, "<!--", "-->"), "<", ">")
    return unescape(" ".join(text.split()))


def _without(text: str, opening: str, closing: str) -> str:
    parts: list[str] = []
    done = 0
    while (start := text.find(opening, done)) >= 0:
        end = text.find(closing, start)
        if end < 0:
            break
        parts.append(text[done:start])
        done = end + len(closing)
    return "".join([*parts, text[done:]])
