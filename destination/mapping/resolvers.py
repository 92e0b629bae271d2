"""Resolvers for the objects and lists of a mapping, and the cleaning of their results.

A payload has no undefined keys, and copies of the event's values.
"""

from gc import is_tracked
from itertools import chain
from typing import Any, Final, TypeGuard

from destination.mapping.bounds import MAX_WORK, WORK
from destination.mapping.directive import Constant, Resolver
from destination.mapping.paths import plain_path
from destination.values import MISSING, Missing

PROTO: Final = "__proto__"
"""A key that JavaScript drops: assigning to it sets the object's prototype."""

Item = tuple[str, str | None, Resolver, bool]
"""A key, the event's key that it copies (if it does), its resolver, and whether the results are clean."""


ATOMS: Final = frozenset({str, int, float, bool, type(None), Missing})
"""Types of values that have no parts."""

_PLAIN = ATOMS - {Missing}
_ONLY_DICTS = frozenset({dict})
_MANY: Final = 4


def plain_object(items: list[tuple[str, Resolver]]) -> Resolver:
    """Resolves an object without cleaning: undefined keys stay."""
    if all(isinstance(run, Constant) for _, run in items):
        return Constant({key: run(MISSING) for key, run in items if key != PROTO})
    return _without_proto(lambda event: {key: run(event) for key, run in items}, [key for key, _ in items])


def _without_proto(build: Resolver, keys: list[str]) -> Resolver:
    if PROTO not in keys:
        return build

    def run(event: Any) -> Any:
        built = build(event)
        built.pop(PROTO, None)  # Segment: it is resolved, and then lost (test_proto_key_vanishes)
        return built

    return run


def plain_list(items: list[Resolver]) -> Resolver:
    """Resolves a list without cleaning."""
    if all(isinstance(run, Constant) for run in items):
        return Constant([run(MISSING) for run in items])
    return lambda event: [run(event) for run in items]


def clean_object(items: list[Item]) -> Resolver:
    """Resolves an object of a payload: without undefined keys, sharing nothing."""
    keys = [key for key, _, _, _ in items]
    fixed = {key: run.value for key, _, run, _ in items if _is_fixed(run)}
    begin, variable = _beginning(keys, fixed), [item for item in items if item[0] not in fixed]
    build = _all_clean(begin, variable) if all(item[3] for item in variable) else _cleaned(begin, variable)
    return _without_proto(build, keys)


def _is_fixed(run: Resolver) -> TypeGuard[Constant]:
    return isinstance(run, Constant) and run.value.__class__ in ATOMS and run.value is not MISSING


def _beginning(keys: list[str], fixed: dict[str, Any]) -> dict[str, Any]:
    """Makes the start of every payload: the constants, with null for the keys before them, to keep the order."""
    count = max((index for index, key in enumerate(keys, 1) if key in fixed), default=0)
    return {key: fixed.get(key) for key in keys[:count]}


def _cleaned(begin: dict[str, Any], items: list[Item]) -> Resolver:
    others: list[Item] = [(key, None, run, clean) for key, _, run, clean in items]
    atoms, missing = ATOMS, MISSING  # a local name is read faster than one of the module

    def build(event: Any) -> dict[str, Any]:
        payload = begin.copy()
        for key, source, run, clean in items if event.__class__ is dict else others:
            value = run(event) if source is None else event.get(source, missing)
            if clean or value.__class__ in atoms:
                if value is not missing:
                    payload[key] = value
                elif key in begin:
                    del payload[key]
            else:
                payload[key] = remove_undefined(value)
        return payload

    return build


def _all_clean(begin: dict[str, Any], items: list[Item]) -> Resolver:
    sources = [(key, source, run) for key, source, run, _ in items]
    others = [(key, None, run) for key, _, run, _ in items]

    def build(event: Any) -> dict[str, Any]:
        payload = begin.copy()
        for key, source, run in sources if event.__class__ is dict else others:
            value = run(event) if source is None else event.get(source, MISSING)
            if value is not MISSING:
                payload[key] = value
            elif key in begin:
                del payload[key]
        return payload

    return build


def uncoerced_object(items: list[tuple[str, str | None, Resolver, type, bool]]) -> Resolver:
    """Resolves a payload whose values must have certain types; None for any other payload.

    Args:
        items: A key, the event's key that it is, how it is resolved, the type that its value must have (text that is
            not blank), and whether it must be there.
    """
    fixed = {
        key: run.value
        for key, _, run, kind, _ in items
        if _is_fixed(run) and run.value.__class__ is kind and run.value != ""
    }
    begin = _beginning([item[0] for item in items], fixed)
    variable = [item for item in items if item[0] not in fixed]

    def build(event: dict[str, Any]) -> dict[str, Any] | None:
        WORK.left = MAX_WORK
        payload = begin.copy()
        for key, source, run, kind, is_required in variable:
            value = run(event) if source is None else event.get(source, MISSING)
            if value.__class__ is kind and (value or kind is not str):
                payload[key] = value
            elif is_required or value is not MISSING:
                return None
            elif key in begin:
                del payload[key]
        return payload

    return build


def event_key(value: Any) -> str | None:
    """Returns the key of the event that a part of a mapping copies, if it does no more, to save a call."""
    keys = plain_path(value)
    return keys[0] if keys is not None and len(keys) == 1 else None


def clean_list(items: list[tuple[Resolver, bool]]) -> Resolver:
    """Resolves a list of a payload from resolvers, each with whether its results are clean; undefined items stay."""

    def build(event: Any) -> list[Any]:
        values = []
        for run, clean in items:
            value = run(event)
            values.append(value if clean or value.__class__ in ATOMS else remove_undefined(value))
        return values

    return build


def remove_undefined(value: Any) -> Any:
    """Copies a value without undefined keys, at every depth; the copy shares nothing.

    `MISSING` in a list stays (it is null in JSON), and so does `MISSING` itself.

    Example:
        >>> from destination.values import MISSING, Missing
        >>> remove_undefined({"a": MISSING, "b": [MISSING, {"c": MISSING}]})
        {'b': [MISSING, {}]}
    """
    if value.__class__ in ATOMS:
        return value
    try:
        return _copy(value)
    except RecursionError:
        return _copy_deep(value)


def _copy(value: Any) -> Any:
    # Most of a mapping's time is spent here: a copy at C speed, then only values that have parts or are undefined.
    # CPython's collector of cycles does not track a dict of nothing but scalars (up to 3.13; later it tracks all). So
    # a dict that it does not track has no parts and nothing undefined (test_dict_that_is_not_tracked_is_flat).
    kind = value.__class__
    if kind is dict or isinstance(value, dict):
        copy = value.copy() if kind is dict else dict(value)
        if not is_tracked(copy):
            if PROTO in copy:
                del copy[PROTO]
            return copy
        for key, item in value.items():
            if item.__class__ not in ATOMS:
                copy[key] = _copy(item)
            elif item is MISSING:
                del copy[key]
        if PROTO in copy:
            # Segment: assigned to an object it sets the prototype and is no key (test_proto_key_vanishes)
            del copy[PROTO]
        return copy
    if kind is list or isinstance(value, list):
        if len(value) >= _MANY and _ONLY_DICTS.issuperset(map(type, value)):
            every_value = chain.from_iterable(map(dict.values, value))
            if not any(map(is_tracked, value)) or _PLAIN.issuperset(map(type, every_value)):
                # Lists of flat objects, such as products: checked in C only.
                copies = [item.copy() for item in value]
                for copy in copies:
                    if PROTO in copy:
                        del copy[PROTO]
                return copies
        return [item if item.__class__ in ATOMS else _copy(item) for item in value]
    return value


def _copy_deep(value: Any) -> Any:
    """Copies without recursion, for events nested deeper than Python's stack."""
    result: list[Any] = []
    todo: list[tuple[Any, Any, Any]] = [(value, result, None)]
    while todo:
        source, parent, key = todo.pop()
        copy: Any
        if isinstance(source, dict):
            kept = {name: item for name, item in source.items() if item is not MISSING and name != PROTO}
            copy = kept
            todo.extend((item, kept, name) for name, item in kept.items() if item.__class__ not in ATOMS)
        elif isinstance(source, list):
            items = list(source)
            copy = items
            todo.extend((item, items, index) for index, item in enumerate(items) if item.__class__ not in ATOMS)
        else:
            copy = source
        if parent is result:
            result.append(copy)
        else:
            parent[key] = copy
    return result[0]
