"""`@if`: one value or another, by whether something exists.

Gives `then` when `exists` is neither null nor undefined, else `else`.

With `blank` in the place of `exists`, the value must also not be blank: `""`, 0, false, `[]`, `[""]` and `[null]`
are blank, `" "` and `[0]` are not. Where both are given, `exists` counts. Without a matching branch the result is
undefined.

An `else` of `""`, 0, false or null is dropped: wrap it, `{"@literal": ""}`.

Example:
    >>> from destination.mapping import if_exists, path, transform
    >>> agent = if_exists(path("$.context.library.name"), then=path("$.context.library.name"), else_="segment")
    >>> transform({"agent": agent}, {"context": {"library": {"name": "ios"}}}), transform({"agent": agent}, {})
    ({'agent': 'ios'}, {'agent': 'segment'})
"""

from typing import Any

from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.paths import single_key
from destination.mapping.shape import Place
from destination.mapping.validate import Checker, Key, raw
from destination.values import MISSING, deep_equals, equals_blank, truthy

_KEYS = (Key("exists", raw), Key("then", raw), Key("else", raw))


def _validate(value: Any, place: Place, checker: Checker) -> None:
    checker.keys(value, _KEYS, place)


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@if requires an object with an "exists" key')
    exists, blank, then = (value.get(key, MISSING) for key in ("exists", "blank", "then"))
    if not truthy(exists) and not truthy(blank):
        return scope.failure('@if requires an "exists" key or a "blank" key')
    # Segment: a falsy `else` is dropped, a falsy `then` is kept (test_falsy_else_is_dropped)
    else_ = value.get("else", MISSING)
    otherwise = scope.resolver(else_ if truthy(else_) else MISSING, "else")
    if exists is MISSING:
        return _unless_blank(scope.resolver(blank, "blank"), scope.resolver(then, "then"), otherwise)
    condition = scope.resolver(exists, "exists")
    if isinstance(then, dict) and then.keys() == {"@path"} and deep_equals(then, exists):
        return _value_or(condition, otherwise)
    return _if_exists(condition, scope.resolver(then, "then"), otherwise)


def _if_exists(condition: Resolver, then: Resolver, otherwise: Resolver) -> Resolver:
    def run(event: Any) -> Any:
        value = condition(event)
        return otherwise(event) if value is None or value is MISSING else then(event)

    return run


def _value_or(condition: Resolver, otherwise: Resolver) -> Resolver:
    """The most frequent form, `exists` and `then` the same path: it is read once."""
    key = single_key(condition)

    def run(event: Any) -> Any:
        value = event.get(key) if key is not None and event.__class__ is dict else condition(event)
        return otherwise(event) if value is None or value is MISSING else value

    return run


def _unless_blank(condition: Resolver, then: Resolver, otherwise: Resolver) -> Resolver:
    def run(event: Any) -> Any:
        value = condition(event)
        # Segment: blank is `!= ""` loosely: 0, false, [] and [""] are (test_blank_is_javascripts_loose_equality)
        if value is None or value is MISSING or equals_blank(value):
            return otherwise(event)
        return then(event)

    return run


DIRECTIVE = Directive("@if", _validate, _compile)
