"""`@merge`: several objects made one.

Assigns the `objects` one after the other to a new object, as JavaScript's `Object.assign`.

With the `direction` `right` a later object wins, with `left` an earlier one. Only the top level is merged. What is
null or no object is skipped, but lists and strings count by index: `"ab"` is `{"0": "a", "1": "b"}`.

`direction` is not asked for by the validation, but without it every event fails: `@merge requires a "direction" key`.

Example:
    >>> from destination.mapping import merge, path, transform
    >>> event = {"traits": {"plan": "free", "age": 3}, "properties": {"plan": "pro"}}
    >>> transform({"all": merge(path("$.traits"), path("$.properties"))}, event)
    {'all': {'plan': 'pro', 'age': 3}}
"""

from typing import Any

from destination.mapping.bounds import FREE, PER_MEMBER, PER_NEW_KEY, spend
from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.shape import Place
from destination.mapping.validate import Checker, Key, array, one_of
from destination.values import MISSING, spread, truthy, type_of

_KEYS = (Key("direction", one_of("left", "right")), Key("objects", array, required=True))


def _validate(value: Any, place: Place, checker: Checker) -> None:
    checker.keys(value, _KEYS, place)
    for item in value["objects"]:
        checker.object_of(
            item, ()
        )  # Segment: the place is lost here: `/ should be …` (test_errors_of_merged_objects_lose_their_place)


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


DIRECTIVE = Directive("@merge", _validate, _compile)
