"""`@transform`: a mapping of what another mapping made.

Maps twice: `apply` maps the event, and `mapping` maps the payload of `apply`.

`apply` is a whole mapping. The paths in `mapping` read only its payload, not the event. Together with a `@path` that is
itself a directive this makes a lookup table.

Example:
    >>> from destination.mapping import path, template, transform, transformed
    >>> goals = {"Order Completed": "order", "Signed Up": "signup"}
    >>> goal = transformed(apply={"goals": goals, "name": path("$.event")}, mapping=path(template("goals.{{name}}")))
    >>> transform({"goal": goal}, {"event": "Signed Up"})
    {'goal': 'signup'}
"""

from collections.abc import Callable
from typing import Any

from destination.mapping.changes import options_changes
from destination.mapping.directive import EITHER, Directive, Knowledge, Resolver, Results, ResultsOf, Scope
from destination.mapping.validate import Checker, Key, MappingPath, object_or_directive
from destination.values import MISSING, truthy

_KEYS = (Key("apply", object_or_directive, required=True), Key("mapping", object_or_directive, required=True))


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    return _make(value, scope, scope.transform, scope.resolver)


def _compile_clean(value: Any, scope: Scope) -> Resolver:
    # The result is copied when it enters the payload; of a lookup table that is usually one value.
    reads_only = isinstance(value, dict) and scope.only_reads_paths(value.get("mapping"))
    return _make(value, scope, scope.transform_for_reading if reads_only else scope.transform, scope.payload)


def _make(
    value: Any, scope: Scope, compile_apply: Callable[..., Resolver], compile_mapping: Callable[..., Resolver]
) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@transform requires an object with an "apply" key and a "mapping" key')
    for key in ("mapping", "apply"):
        if not truthy(value.get(key, MISSING)):
            return scope.failure(f'@transform requires a "{key}" key')
    if not isinstance(value["apply"], dict):
        return scope.failure('@transform "apply" key should be an object')
    apply = compile_apply(value["apply"], "apply")
    mapping = compile_mapping(value["mapping"], "mapping")
    return lambda event: mapping(apply(event))


def _results(options: Any, _known: Knowledge, results_of: ResultsOf) -> Results:
    return results_of(options.get("mapping"), {}) if isinstance(options, dict) else EITHER


DIRECTIVE = Directive(
    "@transform",
    _validate,
    _compile,
    form={"apply": {"name": {"@path": "$.event"}}, "mapping": {"@path": "$.name"}},
    portable=True,
    foldable=False,
    compile_clean=_compile_clean,
    derived=(("mapping",),),
    results=_results,
    changes=options_changes("@transform", ("apply", "mapping"), {}),
)
