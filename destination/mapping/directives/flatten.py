"""`@flatten`: nested keys made flat.

Makes one flat object of `value`: `{"a": {"b": 1}}` becomes `{"a.b": 1}` with the `separator` `.`.

Lists are flattened by index, or kept whole with `omitArrays`. Empty objects and lists disappear. The separator must
not be empty.

Example:
    >>> from destination.mapping import flatten, path, transform
    >>> transform({"flat": flatten(path("$.p"), "_")}, {"p": {"a": {"b": 1}, "c": [2, 3], "d": {}}})
    {'flat': {'a_b': 1, 'c_0': 2, 'c_1': 3}}
"""

from typing import Any

from destination.mapping.directive import Directive, Place, Resolver, Scope
from destination.mapping.validate import Checker, Key, raw, string
from destination.values import MISSING, ordered_items, truthy

_KEYS = (Key("separator", string), Key("value", raw, required=True))


def _validate(value: Any, place: Place, checker: Checker) -> None:
    checker.keys(value, _KEYS, place)


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
    todo: list[tuple[str, Any]] = [("", value)]
    while todo:
        prefix, item = todo.pop()
        if isinstance(item, dict):
            entries = list(ordered_items(item))
        elif isinstance(item, list) and not keep_lists:
            entries = [(str(index), each) for index, each in enumerate(item)]
        else:
            # Segment: a scalar alone gets the key "" (test_flatten_of_a_scalar); a later equal key wins
            flat[prefix] = item
            continue
        todo.extend((f"{prefix}{separator}{key}" if prefix else key, each) for key, each in reversed(entries))
    return flat


DIRECTIVE = Directive("@flatten", _validate, _compile)
