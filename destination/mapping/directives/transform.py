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

from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.shape import Place, directive_name, is_directive
from destination.mapping.validate import Checker, Key, object_or_directive
from destination.values import MISSING, truthy

_KEYS = (Key("apply", object_or_directive, required=True), Key("mapping", object_or_directive, required=True))


def _validate(value: Any, place: Place, checker: Checker) -> None:
    checker.keys(value, _KEYS, place)


def _compile(value: Any, scope: Scope) -> Resolver:
    return _make(value, scope, scope.transform, scope.resolver)


def _compile_clean(value: Any, scope: Scope) -> Resolver:
    # What comes out is copied where it enters the payload: of what was looked up, most often next to nothing.
    reads_only = isinstance(value, dict) and _reads_only(value.get("mapping"))
    return _make(value, scope, scope.transform_for_reading if reads_only else scope.transform, scope.payload)


def _reads_only(mapping: Any) -> bool:
    """Whether a mapping consists of paths, and of templates of paths, that no event can change."""
    if isinstance(mapping, list):
        return all(map(_reads_only, mapping))
    if not isinstance(mapping, dict):
        return True
    if not is_directive(mapping):
        return all(map(_reads_only, mapping.values()))
    name = directive_name(mapping)
    text = mapping[name]
    if not isinstance(text, str):
        return False
    # The text of `{{{a}}}` is scanned again; quotes vanish from a path.
    plain = text.replace("'", "").replace('"', "")
    return "__proto__" not in plain and (name == "@path" or (name == "@template" and "{{{" not in text))


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


DIRECTIVE = Directive("@transform", _validate, _compile, foldable=False, compile_clean=_compile_clean)
