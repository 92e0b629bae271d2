"""The filter `where`, whose first argument is a path that is read when it runs."""

from functools import lru_cache
from typing import Any

from destination.mapping.bounds import FREE, PER_MEMBER, spend
from destination.mapping.liquid.coerce import items_of, text_of
from destination.mapping.liquid.compile_values import Getter, ValueCompiler
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.operators import equals, is_truthy
from destination.mapping.liquid.reader import Reader
from destination.mapping.liquid.scope import as_scope
from destination.values import MISSING, to_units


def where(context: Context, value: Any, key: Any = MISSING, expected: Any = MISSING, *_: Any) -> list[Any]:
    """The items whose path `key` has the expected value, or any true value where none is expected.

    Raises:
        Placed: The path cannot be read; the place is one inside the path.
    """
    items = items_of(value)
    context.use(len(items))
    path = text_of(key)
    spend(PER_MEMBER * (len(items) + 1) * (len(path) + 1))
    getter = _path(path) if len(path) <= FREE else _compile(path)
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
def _path(text: str) -> Getter:
    return _compile(text)


def _compile(text: str) -> Getter:
    access = Reader(to_units(text)).scope_value()
    return ValueCompiler({}, scoped=False).value(access)
