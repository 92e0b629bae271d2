"""`@flatten`: nested keys made flat.

Makes one flat object of `value`: `{"a": {"b": 1}}` becomes `{"a.b": 1}` with the `separator` `.`.

Lists are flattened by index, or kept whole with `omitArrays`. Empty objects and lists are left out. The separator must
not be empty.

Example:
    >>> from destination.mapping import flatten, path, transform
    >>> transform({"flat": flatten(path("$.p"), "_")}, {"p": {"a": {"b": 1}, "c": [2, 3], "d": {}}})
    {'flat': {'a_b': 1, 'c_0': 2, 'c_1': 3}}
"""

from collections.abc import Iterable
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
    todo: list[tuple[str, Any, int]] = [("", value, 0)]
    steps = 0
    while todo:
        prefix, item, level = todo.pop()
        if level > MAX_DEPTH:
            raise EngineTypeError(f"@flatten: a value may nest {MAX_DEPTH:,} levels deep, but this one goes deeper")
        if isinstance(item, dict):
            entries = list(ordered_items(item))
        elif isinstance(item, list) and not keep_lists:
            entries = [(str(index), each) for index, each in enumerate(item)]
        else:
            # Segment: a scalar alone gets the key "" (test_flatten_of_a_scalar); a later equal key wins
            flat[prefix] = item
            continue
        # The keys grow with each level, so the result can be as large as the square of the event.
        steps += (PER_NEW_KEY + len(prefix)) * len(entries)
        if steps > FREE:
            spend(steps)
            steps = 0
        below = [(f"{prefix}{separator}{key}" if prefix else key, each, level + 1) for key, each in reversed(entries)]
        todo.extend(below)
    return flat


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    if not isinstance(options, dict):
        return []
    value = {"nested": wanted.value} if isinstance(wanted.value, dict) else wanted.value
    return [FromPart(("value",), options.get("value"), value, is_field=False)]


DIRECTIVE = Directive(
    "@flatten",
    _validate,
    _compile,
    portable=True,
    makes="object",
    always=True,
    wraps=("value",),
    changes=options_changes("@flatten", ("value",), {"separator": other_text, "omitArrays": flag(default=False)}),
    inverse=_inverse,
)
