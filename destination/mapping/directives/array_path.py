"""`@arrayPath`: a list of the event, each item mapped.

Takes `[path, shape]`: maps each item of the list at the path with the shape.

Paths in the shape begin at the item; they cannot read the rest of the event. An object instead of the list counts as a
list of one. Any other value (a string, null, nothing) is returned unchanged, and so is the list if there is no shape.

Example:
    >>> from destination.mapping import array_path, path, transform
    >>> event = {"products": [{"sku": "a", "price": 3}, {"sku": "b"}]}
    >>> transform({"items": array_path("$.products", {"id": path("$.sku")})}, event)
    {'items': [{'id': 'a'}, {'id': 'b'}]}
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from destination.mapping.bounds import PER_MEMBER, count_parts, spend
from destination.mapping.changes import Change, ChangesOf, in_list, path_changes
from destination.mapping.directive import Directive, Knowledge, Resolver, Results, ResultsOf, Scope
from destination.mapping.needs import AtPath, ItemsAtPath, Need, Something, Wanted
from destination.mapping.paths import path_keys
from destination.mapping.resolvers import remove_undefined
from destination.mapping.validate import Checker, MappingPath, array
from destination.values import MISSING, real_type_of


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    array(value, path)
    checker.string(value[0] if value else MISSING, path)
    checker.mapping(value[1] if len(value) > 1 else MISSING, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    return _make(value, scope, scope.resolver, lambda get: get)


def _compile_clean(value: Any, scope: Scope) -> Resolver:
    # The items are new objects: only values that are returned unchanged must be copied.
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
        return as_it_is(
            get
        )  # Segment: with an empty shape the root is returned unchanged (test_array_path_with_an_empty_shape)
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


def _root(options: Any) -> Any:
    return options[0] if isinstance(options, list) and options else None


def _shape(options: Any) -> dict[str, Any] | None:
    shape = options[1] if isinstance(options, list) and len(options) > 1 else None
    return shape if isinstance(shape, dict) and shape else None


def _results(options: Any, known: Knowledge, results_of: ResultsOf) -> Results:
    root = _root(options)
    return results_of({"@path": root} if isinstance(root, str) else root, known)


def _changes(options: Any, path: MappingPath, changes_of: ChangesOf) -> Iterator[Change]:
    if not isinstance(options, list) or not options:
        return
    root, shape, at = options[0], _shape(options), (*path, "@arrayPath")
    if isinstance(root, str):
        changed = (Change((*at, "0"), change.what, change.text) for change in path_changes(root))
        yield from in_list(0, options, changed)
    else:
        yield from in_list(0, options, changes_of(root, (*at, "0")))
    if shape is not None:
        yield from in_list(1, options, changes_of(shape, (*at, "1")))


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    path, shape = path_keys(_root(options)), _shape(options)
    if path is None:
        return [Something({"@arrayPath": options}, "a path that a directive makes")]
    items = wanted.value if isinstance(wanted.value, list) else [wanted.value]
    return [AtPath(path, items) if shape is None else ItemsAtPath(path, ("1",), shape, items)]


DIRECTIVE = Directive(
    "@arrayPath",
    _validate,
    _compile,
    form=["$.properties.products", {"id": {"@path": "$.product_id"}}],
    portable=True,
    foldable=False,
    compile_clean=_compile_clean,
    makes="list",
    derived=(("1",),),
    event_path=lambda options: path_keys(_root(options)),
    results=_results,
    changes=_changes,
    inverse=_inverse,
)
