"""`@merge`: several objects merged into one.

Assigns the `objects` one after the other to a new object, as JavaScript's `Object.assign` does.

With the `direction` `right` a later object wins, with `left` an earlier one. Only the top level is merged. Null,
numbers and booleans are skipped. Lists and strings are merged by index: `"ab"` is `{"0": "a", "1": "b"}`.

Validation does not require `direction`, but without it every event fails: `@merge requires a "direction" key`.

Example:
    >>> from destination.mapping import merge, path, transform
    >>> event = {"traits": {"plan": "free", "age": 3}, "properties": {"plan": "pro"}}
    >>> transform({"all": merge(path("$.traits"), path("$.properties"))}, event)
    {'all': {'plan': 'pro', 'age': 3}}
"""

from collections.abc import Iterable
from typing import Any

from destination.mapping.bounds import FREE, PER_MEMBER, PER_NEW_KEY, spend
from destination.mapping.changes import one_for_the_other, options_changes
from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.needs import FromPart, Need, Wanted
from destination.mapping.validate import Checker, Key, MappingPath, array, is_directive, one_of
from destination.values import MISSING, spread, truthy, type_of

_KEYS = (Key("direction", one_of("left", "right")), Key("objects", array, required=True))


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)
    for item in value["objects"]:
        # Segment: the path is lost here: `/ should be …` (test_errors_of_merged_objects_lose_their_place)
        checker.object_of(item, ())


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@merge requires an object with an "objects" key and a "direction" key')
    if not truthy(value.get("direction", MISSING)):
        return scope.failure('@merge requires a "direction" key')
    direction = scope.resolver(value["direction"], "direction")
    objects = value.get("objects", MISSING)
    if not truthy(objects):
        return _after(direction, scope.failure('@merge requires a "objects" key'))
    if not isinstance(objects, list):
        return _after(direction, scope.failure(f"@merge: expected opts.array, got {type_of(objects)}"))
    parts = [scope.resolver(item, "objects", str(index)) for index, item in enumerate(objects)]

    def run(event: Any) -> dict[str, Any]:
        # Segment: compared exactly, so that `LEFT`, which validates, acts as right (test_direction_is_compared_exactly)
        to_the_left = direction(event) == "left"
        values = [part(event) for part in parts]
        if to_the_left:
            values.reverse()
        merged: dict[str, Any] = {}
        for item in values:
            if item.__class__ is dict:
                if len(item) > FREE:
                    spend(PER_MEMBER * len(item))
                merged.update(item)
            else:
                if isinstance(item, (str, list)):
                    spend(PER_NEW_KEY * len(item))
                merged.update(spread(item))
        merged.pop("__proto__", None)  # an assignment to it sets a prototype in JavaScript
        return merged

    return run


def _after(first: Resolver, then: Resolver) -> Resolver:
    def run(event: Any) -> Any:
        first(event)
        return then(event)

    return run


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    """Returns the needs of the first object; each other object gets a key of its own, to show that it is used."""
    objects = options.get("objects") if isinstance(options, dict) else None
    for index, part in enumerate(objects if isinstance(objects, list) else ()):
        key = f"{wanted.name}{index}"
        value = wanted.value if index == 0 else {key: wanted.own_text(key)}
        if isinstance(part, dict) and not is_directive(part) and isinstance(wanted.value, dict):
            value = {key: wanted.value.get(key, wanted.own_text(key)) for key in part}
        yield FromPart(("objects", str(index)), part, value)


DIRECTIVE = Directive(
    "@merge",
    _validate,
    _compile,
    form={"direction": "right", "objects": [{"@path": "$.traits"}, {"@path": "$.properties"}]},
    portable=True,
    makes="object",
    always=True,
    changes=options_changes("@merge", ("objects",), {"direction": one_for_the_other("left", "right")}),
    inverse=_inverse,
)
