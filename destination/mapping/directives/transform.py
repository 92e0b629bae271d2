"""`@transform`: a mapping of what another mapping gave.

Resolves `mapping` against what `apply` made of the event.

`apply` is a whole mapping: it is resolved first, and its payload takes the event's place for `mapping`, whose paths
see nothing else. With a `@path` that is itself a directive this makes a table look-up.

Example:
    >>> from destination.mapping import path, template, transform, transformed
    >>> goals = {"Order Completed": "order", "Signed Up": "signup"}
    >>> goal = transformed(apply={"goals": goals, "name": path("$.event")}, mapping=path(template("goals.{{name}}")))
    >>> transform({"goal": goal}, {"event": "Signed Up"})
    {'goal': 'signup'}
"""

from collections.abc import Callable
from typing import Any

from destination.mapping.directive import Directive, Place, Resolver, Scope
from destination.mapping.validate import Checker, Key, object_or_directive
from destination.values import MISSING, truthy

_KEYS = (Key("apply", object_or_directive, required=True), Key("mapping", object_or_directive, required=True))


def _validate(value: Any, place: Place, checker: Checker) -> None:
    checker.keys(value, _KEYS, place)


def _compile(value: Any, scope: Scope) -> Resolver:
    return _make(value, scope, scope.resolver)


def _compile_clean(value: Any, scope: Scope) -> Resolver:
    return _make(value, scope, scope.payload)


def _make(value: Any, scope: Scope, compile_mapping: Callable[..., Resolver]) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@transform requires an object with an "apply" key and a "mapping" key')
    for key in ("mapping", "apply"):
        if not truthy(value.get(key, MISSING)):
            return scope.failure(f'@transform requires a "{key}" key')
    if not isinstance(value["apply"], dict):
        return scope.failure('@transform "apply" key should be an object')
    apply = scope.transform(value["apply"], "apply")
    mapping = compile_mapping(value["mapping"], "mapping")
    return lambda event: mapping(apply(event))


DIRECTIVE = Directive("@transform", _validate, _compile, foldable=False, compile_clean=_compile_clean)
