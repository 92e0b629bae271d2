"""`@if`: one of two values, depending on whether something exists.

Returns `then` if `exists` is neither null nor undefined, otherwise `else`.

With `blank` instead of `exists`, the value must also not be blank: `""`, 0, false, `[]`, `[""]` and `[null]` are blank,
`" "` and `[0]` are not. If both are there, only `exists` is checked. If the chosen branch is missing, the result is
undefined.

An `else` of `""`, 0, false or null is ignored. To use it, wrap it: `{"@literal": ""}`.

Example:
    >>> from destination.mapping import if_exists, path, transform
    >>> agent = if_exists(path("$.context.library.name"), then=path("$.context.library.name"), else_="segment")
    >>> transform({"agent": agent}, {"context": {"library": {"name": "ios"}}}), transform({"agent": agent}, {})
    ({'agent': 'ios'}, {'agent': 'segment'})
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination.mapping.changes import Change, ChangesOf, in_object, shown
from destination.mapping.directive import Branches, Directive, Knowledge, Part, Resolver, Scope
from destination.mapping.needs import FromPart, Need, Nothing, Something, Wanted
from destination.mapping.paths import plain_path, single_key
from destination.mapping.validate import Checker, Key, MappingPath, raw
from destination.values import MISSING, deep_equals, equals_blank, truthy

_KEYS = (Key("exists", raw), Key("then", raw), Key("else", raw))


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)


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
    """Compiles the most frequent form: `exists` and `then` are the same path, which is read once."""
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


# --- what it knows of itself ---------------------------------------------------------------------------------


def _else(options: dict[str, Any]) -> Any:
    """Returns the `else`, unless it is ignored."""
    found = options.get("else", MISSING)
    return found if truthy(found) else MISSING


def _parts(options: Any) -> Iterable[Part]:
    if not isinstance(options, dict):
        return
    asked = "exists" if "exists" in options else "blank"
    path = plain_path(options.get(asked))
    found: Knowledge = {path: "value"} if path else {}
    lacks: Knowledge = {path: "nothing"} if path and asked == "exists" else {}
    yield from (Part((key,), options[key]) for key in ("exists", "blank") if key in options)
    yield Part(("then",), options.get("then", MISSING), found)
    yield Part(("else",), _else(options), lacks)


def _taken(resolved: Mapping[str, bool]) -> str | None:
    if "else" in resolved:  # it is resolved also where there is none
        return "else"
    return "then" if resolved.get("exists", resolved.get("blank", False)) else None


def _choices(options: Any) -> Mapping[str, str]:
    if not isinstance(options, dict):
        return {}
    choices = {"then": "finds something", "else": "finds nothing"}
    return choices if "exists" in options else {**choices, "blank": "finds a blank text"}


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    if not isinstance(options, dict):
        return
    condition = options.get("exists" if "exists" in options else "blank")
    if wanted.branch == "then":
        yield FromPart(("then",), options.get("then"), wanted.value)
        yield Something(condition)
        return
    if _else(options) is not MISSING:
        yield FromPart(("else",), options["else"], wanted.value)
    yield Nothing(condition, is_blank=wanted.branch == "blank")


def _changes(options: Any, path: MappingPath, changes_of: ChangesOf) -> Iterator[Change]:
    if not isinstance(options, dict):
        return
    then, else_ = options.get("then", MISSING), _else(options)
    rest = {key: item for key, item in options.items() if key not in ("then", "else")}
    if not deep_equals(then, else_):
        yield Change(path, "then and else are swapped", {**rest, **_given(then=else_, **{"else": then})})
    if else_ is not MISSING:
        yield Change((*path, "@if", "else"), f"the default {shown(else_)} is left out", {**rest, **_given(then=then)})
    for asked, other in (("exists", "blank"), ("blank", "exists")):
        if asked in options and other not in options:
            changed = {other if key == asked else key: item for key, item in options.items()}
            yield Change(path, f"{asked} becomes {other}", changed)
    for key in ("exists", "blank", "then", "else"):
        if key in options and (key != "else" or else_ is not MISSING):
            yield from in_object(key, options, changes_of(options[key], (*path, "@if", key)))


def _given(**members: Any) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not MISSING}


DIRECTIVE = Directive(
    "@if",
    _validate,
    _compile,
    form={"exists": {"@path": "$.userId"}, "then": {"@path": "$.userId"}, "else": {"@path": "$.anonymousId"}},
    portable=True,
    passes=(("then",), ("else",)),
    branches=Branches(names=("then", "else"), taken=_taken, choices=_choices),
    parts=_parts,
    changes=_changes,
    inverse=_inverse,
)
