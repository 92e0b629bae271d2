"""Small changes of a mapping."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from destination.mapping.compiler import ROOT_KEY
from destination.mapping.shape import Place, directive_name, is_directive
from destination.values import MISSING, deep_equals, is_number, truthy
from destination.workbench.mutate.mutant import Change, in_list, in_object, shown
from destination.workbench.mutate.text_changes import (
    TextChange,
    expression_changes,
    path_changes,
    template_changes,
)

_KEPT: Final = ("__segment_internal_", "enable_batching", "batch_size", "batch_keys", "batch_bytes")
"""What keys begin with that Segment puts there, or that say how events are sent and not what."""


def mapping_changes(mapping: Any) -> Iterator[Change]:
    """The mapping with one thing changed.

    A key left out, a literal, a part of a path, the branches of an `@if`, a default left out, an option of a
    directive, a directive left out around its value, a placeholder or a filter of a template.

    Example:
        >>> for change in mapping_changes({"name": {"@path": "$.event"}, "source": "web"}):
        ...     print("/".join(change.path), "|", change.text)
        name | the key "name" is left out
        name | $.event becomes $.event_
        source | the key "source" is left out
        source | "web" becomes "web_"
    """
    return _of(mapping, ())


def _of(value: Any, place: Place) -> Iterator[Change]:
    if isinstance(value, dict):
        if is_directive(value):
            yield from _of_directive(value, place)
            return
        for key, item in value.items():
            if key == ROOT_KEY:
                yield from in_object(key, value, _of(item, (*place, key)))
            elif not key.startswith(_KEPT):
                rest = {other: each for other, each in value.items() if other != key}
                yield Change((*place, key), f"the key {shown(key)} is left out", rest)
                yield from in_object(key, value, _of(item, (*place, key)))
    elif isinstance(value, list):
        yield from _of_list(value, place)
    else:
        yield from _of_literal(value, place)


def _of_list(value: list[Any], place: Place) -> Iterator[Change]:
    for index, item in enumerate(value):
        at = (*place, str(index))
        yield Change(at, f"{shown(item)} is left out", [*value[:index], *value[index + 1 :]])
        yield from in_list(index, value, _of(item, at))


def _of_literal(value: Any, place: Place) -> Iterator[Change]:
    other: Any
    if isinstance(value, bool):
        other = not value
    elif isinstance(value, str):
        other = f"{value}_" if value else "changed"
    elif is_number(value):
        other = value + 1 if value + 1 != value else 0
    else:
        other = "changed"
    yield Change(place, f"{shown(value)} becomes {shown(other)}", other)


def _of_directive(value: dict[str, Any], place: Place) -> Iterator[Change]:
    name = directive_name(value)
    options = value[name]
    make = _DIRECTIVES.get(name)
    if make is not None:
        yield from in_object(name, value, make(options, place))
    inner = options.get("value", MISSING) if isinstance(options, dict) else MISSING
    if name == "@excludeWhenNull":
        inner = options
    if name in _WRAPPERS and inner is not MISSING:
        yield Change(place, f"{name} is left out, its value stays", inner)


_WRAPPERS: Final = ("@case", "@replace", "@json", "@flatten", "@excludeWhenNull")


def _texts(changes: Callable[[str], Iterator[TextChange]], name: str) -> Callable[[Any, Place], Iterator[Change]]:
    """The changes of a directive that is a text, or another directive that gives one."""

    def make(options: Any, place: Place) -> Iterator[Change]:
        if isinstance(options, str):
            yield from (Change(place, change.what, change.text) for change in changes(options))
        elif isinstance(options, dict):
            yield from _of(options, (*place, name))

    return make


def _literal(options: Any, place: Place) -> Iterator[Change]:
    yield from _of(options, (*place, "@literal"))


def _exclude(options: Any, place: Place) -> Iterator[Change]:
    if isinstance(options, (dict, list)):
        yield from _of(options, (*place, "@excludeWhenNull"))


def _if(options: Any, place: Place) -> Iterator[Change]:
    if not isinstance(options, dict):
        return
    then, else_ = options.get("then", MISSING), options.get("else", MISSING)
    if not truthy(else_):
        else_ = MISSING  # Segment: it is dropped
    rest = {key: item for key, item in options.items() if key not in ("then", "else")}
    if not deep_equals(then, else_):
        yield Change(place, "then and else are swapped", {**rest, **_given(then=else_, **{"else": then})})
    if else_ is not MISSING:
        yield Change((*place, "@if", "else"), f"the default {shown(else_)} is left out", {**rest, **_given(then=then)})
    for asked, other in (("exists", "blank"), ("blank", "exists")):
        if asked in options and other not in options:
            changed = {other if key == asked else key: item for key, item in options.items()}
            yield Change(place, f"{asked} becomes {other}", changed)
    for key in ("exists", "blank", "then", "else"):
        if key in options and (key != "else" or else_ is not MISSING):
            yield from in_object(key, options, _of(options[key], (*place, "@if", key)))


def _given(**members: Any) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not MISSING}


def _options(
    name: str, live: tuple[str, ...], others: dict[str, Callable[[Any], Any]]
) -> Callable[[Any, Place], Iterator[Change]]:
    """The changes of a directive with options.

    Args:
        name: The directive.
        live: The options that are mappings themselves.
        others: What becomes of the other ones; `MISSING` where one cannot be changed.
    """

    def make(options: Any, place: Place) -> Iterator[Change]:
        if not isinstance(options, dict):
            return
        for key, change in others.items():
            before = options.get(key, MISSING)
            after = change(before)
            if after is not MISSING:
                was = "the default" if before is MISSING else shown(before)
                yield Change((*place, name, key), f"{key}: {was} becomes {shown(after)}", {**options, key: after})
        for key in live:
            if key in options:
                yield from in_object(key, options, _of(options[key], (*place, name, key)))

    return make


def _one_for_the_other(first: str, second: str) -> Callable[[Any], Any]:
    return lambda value: {first: second, second: first}.get(value, MISSING) if isinstance(value, str) else MISSING


def _other_text(value: Any) -> Any:
    return f"{value}_" if isinstance(value, str) else MISSING


def _flag(default: bool) -> Callable[[Any], Any]:
    return lambda value: not (default if value is MISSING else truthy(value))


def _array_path(options: Any, place: Place) -> Iterator[Change]:
    if not isinstance(options, list) or not options:
        return
    root, at = options[0], (*place, "@arrayPath")
    if isinstance(root, str):
        changed = (Change((*at, "0"), change.what, change.text) for change in path_changes(root))
        yield from in_list(0, options, changed)
    else:
        yield from in_list(0, options, _of(root, (*at, "0")))
    if len(options) > 1 and isinstance(options[1], dict) and options[1]:
        yield from in_list(1, options, _of(options[1], (*at, "1")))


def _jsonpath(options: Any, place: Place) -> Iterator[Change]:
    given = options if isinstance(options, dict) else {"path": options}
    if isinstance(given.get("path"), str):
        for change in path_changes(given["path"]):
            yield Change(place, change.what, {**given, "path": change.text})
        mode = given.get("mode", "all")
        other = "all" if mode == "first" else "first"
        yield Change(place, f"mode: {mode} becomes {other}", {**given, "mode": other})


_DIRECTIVES: Final[dict[str, Callable[[Any, Place], Iterator[Change]]]] = {
    "@arrayPath": _array_path,
    "@case": _options("@case", ("value",), {"operator": _one_for_the_other("lower", "upper")}),
    "@excludeWhenNull": _exclude,
    "@flatten": _options("@flatten", ("value",), {"separator": _other_text, "omitArrays": _flag(default=False)}),
    "@if": _if,
    "@jinja": _texts(expression_changes, "@jinja"),
    "@json": _options("@json", ("value",), {"mode": _one_for_the_other("encode", "decode")}),
    "@jsonpath": _jsonpath,
    "@liquid": _texts(expression_changes, "@liquid"),
    "@literal": _literal,
    "@merge": _options("@merge", ("objects",), {"direction": _one_for_the_other("left", "right")}),
    "@path": _texts(path_changes, "@path"),
    "@replace": _options(
        "@replace",
        ("value",),
        {
            "pattern": _other_text,
            "replacement": _other_text,
            "global": _flag(default=True),
            "ignorecase": _flag(default=False),
        },
    ),
    "@template": _texts(template_changes, "@template"),
    "@transform": _options("@transform", ("apply", "mapping"), {}),
}
