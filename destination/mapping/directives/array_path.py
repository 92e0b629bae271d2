"""`@arrayPath`: a list of the event, each item in another shape.

Takes `[path, shape]`: resolves the shape against each item of the list that the path selects.

Inside the shape paths begin at the item, and the event around it is out of reach. An object in the place of the
list counts as a list of one; anything else (a string, null, nothing) is given as it is. Without a shape the list
itself is given.

Example:
    >>> from destination.mapping import array_path, path, transform
    >>> event = {"products": [{"sku": "a", "price": 3}, {"sku": "b"}]}
    >>> transform({"items": array_path("$.products", {"id": path("$.sku")})}, event)
    {'items': [{'id': 'a'}, {'id': 'b'}]}
"""

from collections.abc import Callable
from typing import Any

from destination.mapping.bounds import PER_MEMBER, count_parts, spend
from destination.mapping.clean import remove_undefined
from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.shape import Place
from destination.mapping.validate import Checker, array
from destination.values import MISSING, real_type_of


def _validate(value: Any, place: Place, checker: Checker) -> None:
    array(value, place)
    checker.string(value[0] if value else MISSING, place)
    checker.mapping(value[1] if len(value) > 1 else MISSING, place)


def _compile(value: Any, scope: Scope) -> Resolver:
    return _make(value, scope, scope.resolver, lambda get: get)


def _compile_clean(value: Any, scope: Scope) -> Resolver:
    # The items are new objects: only what is given as it is has to be copied.
    return _make(value, scope, scope.payload, lambda get: lambda event: remove_undefined(get(event)))


def _make(
    value: Any, scope: Scope, compile_shape: Callable[..., Resolver], as_it_is: Callable[[Resolver], Resolver]
) -> Resolver:
    if not isinstance(value, list):
        return scope.failure(f"@arrayPath expected array, got {real_type_of(value)}")
    path = value[0] if value else MISSING
    get = scope.getter(path.replace("$.", "", 1)) if isinstance(path, str) else scope.resolver(path, "0")
    shape = value[1] if len(value) > 1 else MISSING
    if not isinstance(shape, dict) or not shape:
        return as_it_is(get)  # Segment: an empty shape gives the root as it is (test_array_path_with_an_empty_shape)
    item = compile_shape(shape, "1")
    steps = PER_MEMBER * count_parts(shape)
    other = as_it_is(lambda root: root)

    def run(event: Any) -> Any:
        root = get(event)
        if isinstance(root, list):
            spend(steps * len(root))
            return [item(each) for each in root]
        if isinstance(root, dict):
            return [item(root)]  # Segment: an object is a list of one (test_array_path_wraps_an_object)
        return other(root)

    return run


DIRECTIVE = Directive("@arrayPath", _validate, _compile, foldable=False, compile_clean=_compile_clean)
