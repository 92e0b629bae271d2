"""Filters on lists. A value that is not a list counts as a list of one item."""

import math
from functools import lru_cache
from typing import Any, Final

from destination.mapping.bounds import FREE, PER_MEMBER, spend, spend_on
from destination.mapping.liquid.coerce import (
    Filter,
    equals,
    index,
    is_nil,
    is_truthy,
    items_of,
    numeric,
    plain,
    read_property,
    text_of,
)
from destination.mapping.liquid.compile_values import Getter, ValueCompiler
from destination.mapping.liquid.context import Context, as_scope
from destination.mapping.liquid.problems import MEMORY_IS_UP, Unpositioned
from destination.mapping.liquid.reader import Reader
from destination.values import (
    MISSING,
    add,
    as_double,
    compare,
    from_units,
    get_property,
    is_number,
    join_text,
    number_to_string,
    strict_equals,
    to_string,
    to_units,
    truthy,
    utf16_length,
)

_MAX_NESTED_ITEMS: Final = 1_000_000


def _join(context: Context, value: Any, separator: Any = MISSING, *_: Any) -> str:
    items = items_of(value)
    between = plain(separator)
    between = " " if is_nil(between) else text_of(between)
    spend_on(items)
    texts = [to_string(item) for item in items]
    context.use(utf16_length(between) * max(len(items) - 1, 0) + sum(map(utf16_length, texts)))
    return join_text([between.join("" if is_nil(item) else text for item, text in zip(items, texts, strict=True))])


def _size(_context: Context, value: Any, *_: Any) -> Any:
    length = get_property(value, "length")
    return length if truthy(length) else 0


def _first(_context: Context, value: Any, *_: Any) -> Any:
    return _item(plain(value), 0)


def _last(_context: Context, value: Any, *_: Any) -> Any:
    return _item(plain(value), -1)


def _item(value: Any, at: int) -> Any:
    length = get_property(value, "length")
    if value == "" or not is_number(length):
        return ""
    return get_property(value, number_to_string(length + at if at < 0 else at))


def _slice(context: Context, value: Any, begin: Any = MISSING, length: Any = MISSING, *_: Any) -> Any:
    value, begin, length = plain(value), plain(begin), 1 if length is MISSING else plain(length)
    if is_nil(value):
        return []
    items = value if isinstance(value, list) else to_units(text_of(value))
    if compare(begin, 0) < 0:
        begin = add(len(items), begin)
    if compare(begin, 0) < 0 or compare(length, 0) < 0:
        return [] if isinstance(items, list) else ""
    context.use(numeric(length))
    # JavaScript's +: with a text it concatenates (test_slice_adds_texts_as_texts)
    cut = items[index(begin, len(items)) : index(add(begin, length), len(items))]
    return cut if isinstance(cut, list) else from_units(cut)


def _compact(context: Context, value: Any, *_: Any) -> list[Any]:
    items = items_of(value)
    context.use(len(items))
    return [item for item in items if not is_nil(plain(item))]


def _sum(_context: Context, value: Any, key: Any = MISSING, *_: Any) -> float:
    total: float = 0
    path = text_of(key).split(".") if truthy(key) else []
    items = items_of(value)
    spend(PER_MEMBER * len(items) * (len(path) + 1))
    for item in items:
        for name in path:
            item = read_property(item, name)
        number = numeric(item)
        if not math.isnan(number):
            total = as_double(total + number)
    return total


def _push(context: Context, value: Any, item: Any = MISSING, *_: Any) -> list[Any]:
    items = items_of(value)
    context.use(len(items) + 1)
    return [*items, _checked(item)]


def _unshift(context: Context, value: Any, item: Any = MISSING, *_: Any) -> list[Any]:
    items = items_of(value)
    context.use(len(items))
    return [_checked(item), *items]


def _checked(item: Any) -> Any:
    """Refuses a list with too many nested items.

    A list that is pushed into itself repeatedly doubles each time, and liquidjs would never end writing it.
    """
    if isinstance(item, list) and _nested_items(item, {}) > _MAX_NESTED_ITEMS:
        raise Unpositioned(MEMORY_IS_UP)
    return item


def _nested_items(items: list[Any], known: dict[int, int]) -> int:
    count = known.get(id(items))
    if count is None:
        count = len(items) + sum(_nested_items(item, known) for item in items if isinstance(item, list))
        known[id(items)] = count
    return count


def _pop(context: Context, value: Any, *_: Any) -> list[Any]:
    items = items_of(value)
    context.use(len(items))
    return items[:-1]


def _shift(context: Context, value: Any, *_: Any) -> list[Any]:
    items = items_of(value)
    context.use(len(items))
    return items[1:]


def _sample(context: Context, value: Any, count: Any = MISSING, *_: Any) -> Any:
    value = plain(value)
    if is_nil(value):
        return []
    items = value if isinstance(value, list) else list(text_of(value))
    context.use(len(items))
    shuffled = context.surroundings.shuffled(items)
    if count is MISSING or strict_equals(count, 1):
        return shuffled[0] if shuffled else MISSING
    return shuffled[: index(count, len(shuffled))]


def _where(context: Context, value: Any, key: Any = MISSING, expected: Any = MISSING, *_: Any) -> list[Any]:
    """Returns the items whose path `key` has the expected value, or any true value without an expected one.

    Raises:
        Positioned: The path cannot be read; the line and column are inside the path.
    """
    items = items_of(value)
    context.use(len(items))
    path = text_of(key)
    spend(PER_MEMBER * (len(items) + 1) * (len(path) + 1))
    getter = _path_getter(path) if len(path) <= FREE else _compiled_path(path)
    inner = context.nested({})
    kept = []
    for item in items:
        inner.event = as_scope(item)
        found = getter(inner)
        if is_truthy(found) if expected is MISSING else equals(found, expected):
            kept.append(item)
    context.memory = inner.memory
    return kept


@lru_cache(maxsize=256)
def _path_getter(text: str) -> Getter:
    return _compiled_path(text)


def _compiled_path(text: str) -> Getter:
    access = Reader(to_units(text)).scope_value()
    return ValueCompiler({}, scoped=False).value(access)


FILTERS: Final[dict[str, Filter]] = {
    "compact": _compact,
    "first": _first,
    "join": _join,
    "last": _last,
    "pop": _pop,
    "push": _push,
    "sample": _sample,
    "shift": _shift,
    "size": _size,
    "slice": _slice,
    "sum": _sum,
    "unshift": _unshift,
    "where": _where,
}
