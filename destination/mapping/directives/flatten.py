"""`@flatten`: nested keys made flat.

Makes one flat object of `value`: `{"a": {"b": 1}}` becomes `{"a.b": 1}` with the `separator` `.`.

Lists are flattened by index, or kept whole with `omitArrays`. Empty objects and lists are left out. The separator must
not be empty.

Example:
    >>> from destination.mapping import flatten, path, transform
    >>> transform({"flat": flatten(path("$.p"), "_")}, {"p": {"a": {"b": 1}, "c": [2, 3], "d": {}}})
    {'flat': {'a_b': 1, 'c_0': 2, 'c_1': 3}}
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, Final

from destination.errors import EngineTypeError
from destination.mapping.bounds import FREE, PER_NEW_KEY, spend
from destination.mapping.changes import flag, options_changes, other_text
from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.needs import FromPart, Need, Wanted
from destination.mapping.validate import Checker, Key, MappingPath, raw, string
from destination.values import MISSING, ordered_items, truthy

MAX_DEPTH: Final = 2_000
"""The maximum number of levels of a value. The reference runs out of stack at about this depth."""

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_KEYS = (Key("separator", string), Key("value", raw, required=True))


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@flatten requires an object with a "separator" key')
    if not truthy(value.get("separator", MISSING)):
        return scope.failure('@flatten requires a "separator" key')
    separator = scope.resolver(value["separator"], "separator")
    get = scope.resolver(value.get("value", MISSING), "value")
    keep_lists = truthy(value.get("omitArrays", MISSING))

    def run(event: Any) -> dict[str, Any]:
        between = separator(event)
        if not isinstance(between, str):
            raise scope.error("@flatten requires a string separator")
        return _flatten(get(event), between, keep_lists)

    return run


def _flatten(value: Any, separator: str, keep_lists: bool) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    outer: list[tuple[Iterator[tuple[str, Any]], str, int]] = []  # not by recursion: of any depth
    # Segment: a scalar alone gets the key "" (test_flatten_of_a_scalar); a later equal key wins
    entries, start, level = iter((("", value),)), "", 0
    steps = 0
    while True:
        for key, item in entries:
            if item.__class__ in _SCALARS:
                flat[start + key] = item
                continue
            prefix, depth = start + key, level
            while item.__class__ is dict and len(item) == 1:  # it needs no iterator
                steps += PER_NEW_KEY + len(prefix)
                if steps > FREE:
                    spend(steps)
                    steps = 0
                depth = _deeper(depth)
                [(key, item)] = item.items()
                prefix = f"{prefix}{separator}{key}" if prefix else key
            inner = _entries(item, keep_lists)
            if inner is None:
                flat[prefix] = item
            elif item:
                # The keys grow with each level, so the result can be as large as the square of the event.
                steps += (PER_NEW_KEY + len(prefix)) * len(item)
                if steps > FREE:
                    spend(steps)
                    steps = 0
                outer.append((entries, start, level))
                entries, start, level = inner, prefix and prefix + separator, _deeper(depth)
                break
        else:
            if not outer:
                return flat
            entries, start, level = outer.pop()


def _entries(item: Any, keep_lists: bool) -> Iterator[tuple[str, Any]] | None:
    """Returns the keys and values of an object, or of a list that is not kept whole; None for any other value."""
    if isinstance(item, dict):
        # Nearly always every key begins with a letter; `ordered_items` returns them in the same order then.
        return iter(item.items() if item and min(item) > ":" else ordered_items(item))
    return zip(map(str, count()), item) if isinstance(item, list) and not keep_lists else None  # noqa: B905  endless


def _deeper(level: int) -> int:
    if level == MAX_DEPTH:
        raise EngineTypeError(f"@flatten: a value may nest {MAX_DEPTH:,} levels deep, but this one goes deeper")
    return level + 1


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    if not isinstance(options, dict):
        return []
    value = {"nested": wanted.value} if isinstance(wanted.value, dict) else wanted.value
    return [FromPart(("value",), options.get("value"), value, is_field=False)]


DIRECTIVE = Directive(
    "@flatten",
    _validate,
    _compile,
    form={"separator": ".", "value": {"@path": "$.properties"}},
    portable=True,
    makes="object",
    always=True,
    wraps=("value",),
    changes=options_changes("@flatten", ("value",), {"separator": other_text, "omitArrays": flag(default=False)}),
    inverse=_inverse,
)
