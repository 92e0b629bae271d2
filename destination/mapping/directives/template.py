"""`@template`: text with values of the event.

Replaces each `{{path}}` with the value at that path, as text. Null and undefined become empty text.

Values become text as in JavaScript: `[1, [2, null], "x"]` becomes `1,2,,x`, an object `[object Object]`, and 3.0 `3`.
Unlike in `@path`, `$.` is *not* removed: write `{{properties.plan}}`. `{{{path}}}` is replaced first, and the result is
searched again. `{{}}` stays as it is; `{{ }}` is the whole event.

Example:
    >>> from destination.mapping import template, transform
    >>> transform({"name": template("Page: {{ name }}")}, {"name": "Home"})
    {'name': 'Page: Home'}
"""

from collections.abc import Iterable
from typing import Any

from destination.mapping.bounds import FREE, MAX_TEXT_LENGTH, check_length, spend, spend_on
from destination.mapping.changes import template_changes, text_changes
from destination.mapping.directive import Constant, Directive, Resolver, Scope, compile_string
from destination.mapping.needs import AtPath, Need, Something, Wanted
from destination.mapping.paths import single_key, split_path
from destination.mapping.validate import Checker, MappingPath
from destination.values import MISSING, from_units, to_string, trim

_TRIPLE, _DOUBLE = 3, 2
"""The number of braces on each side of a path."""
_PER_PLACEHOLDER = 100
"""Steps for each placeholder of a template that comes from an event, since it is compiled for that event."""


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.string(value, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    return compile_string(value, scope, "@template", lambda template: _template(template, scope))


def _template(template: str, scope: Scope) -> Resolver:
    if len(_split(template, _TRIPLE)) == 1:
        return _render(template, _DOUBLE, scope)
    first = _render(template, _TRIPLE, scope)

    def run(event: Any) -> str:
        # Segment: the result of `{{{a}}}` is searched for `{{b}}` (test_output_of_triple_braces_is_scanned_again)
        return _rendered(first(event), event, scope)

    return run


def _rendered(template: str, event: Any, scope: Scope) -> str:
    """Renders a template that comes from an event."""
    spend(_PER_PLACEHOLDER * template.count("{" * _DOUBLE))
    text: str = _render(template, _DOUBLE, scope)(event)
    return text


def _text(value: Any) -> str:
    """Returns `String(value)`; refuses lists that are too long."""
    if value.__class__ is list:
        spend_on(value)
    return to_string(value)


def _bounded(text: str) -> str:
    if len(text) > FREE:
        check_length(len(text), "@template")
    return text


def _split(template: str, braces: int) -> list[str]:
    """Splits a template into texts and the paths between them, as `/{{([^}]+)}}/` does, in linear time.

    A regular expression would look from each of many opening braces to the end (`test_hostile_sizes.py`).
    """
    opening, closing = "{" * braces, "}" * braces
    pieces = []
    done = 0
    start = template.find(opening)
    while start >= 0:
        end = template.find("}", start)
        if end < 0:
            break
        if template.startswith(closing, end) and end > start + braces:
            pieces += [template[done:start], template[start + braces : end]]
            done = end + braces
        # Every opening before this brace ends at it, well or badly.
        start = template.find(opening, max(done, end + 1))
    return [*pieces, template[done:]]


def _render(template: str, braces: int, scope: Scope) -> Resolver:
    pieces = _split(template, braces)
    texts, getters = pieces[::2], [_getter(trim(path), scope) for path in pieces[1::2]]
    if not getters:
        return Constant(template)
    if len(getters) == 2:
        return _two(getters, texts)
    if len(getters) > 2:
        return _several(texts[0], list(zip(getters, texts[1:], strict=True)))
    (get,), (before, after) = getters, texts

    def run(event: Any) -> str:
        value = get(event)
        if value is None or value is MISSING:
            return before + after
        text = before + (value if value.__class__ is str else _text(value)) + after
        if len(text) > FREE:
            check_length(len(text), "@template")
        return from_units(text)

    return run


def _two(getters: list[Resolver], texts: list[str]) -> Resolver:
    (get_first, get_second), (start, middle, end) = getters, texts
    first_key, second_key = map(single_key, getters)

    def run(event: Any) -> str:
        return joined(get_first(event), get_second(event))

    def run_keys(event: Any) -> str:
        if event.__class__ is not dict:
            return run(event)
        first, second = event.get(first_key), event.get(second_key)
        if first.__class__ is not str or second.__class__ is not str:
            return joined(first, second)
        text = f"{start}{first}{middle}{second}{end}"
        if len(text) > FREE:
            check_length(len(text), "@template")
        return text if text.isascii() else from_units(text)

    def joined(first: Any, second: Any) -> str:
        if first.__class__ is not str:
            first = "" if first is None or first is MISSING else _text(first)
        if second.__class__ is not str:
            second = "" if second is None or second is MISSING else _text(second)
        text = f"{start}{first}{middle}{second}{end}"
        if len(text) > FREE:
            check_length(len(text), "@template")
        return text if text.isascii() else from_units(text)

    return run if first_key is None or second_key is None else run_keys


def _several(start: str, parts: list[tuple[Resolver, str]]) -> Resolver:
    def run(event: Any) -> str:
        text = start
        for get, after in parts:
            value = get(event)
            if value is not None and value is not MISSING:
                text += value if value.__class__ is str else _text(value)
            text += after
            if len(text) > MAX_TEXT_LENGTH:
                break
        return from_units(_bounded(text))

    return run


def _getter(path: str, scope: Scope) -> Resolver:
    get = scope.getter(path)
    if split_path(path):
        return get
    # Without an event (an undefined item under `@arrayPath`) `{{ }}` is the reference's default, an empty object.
    return lambda event: {} if event is MISSING else get(event)


def _only_reads_paths(options: Any) -> bool:
    # The text of `{{{a}}}` is scanned again; quotes vanish from a path.
    if not isinstance(options, str) or "{{{" in options:
        return False
    return "__proto__" not in options.replace("'", "").replace('"', "")


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    paths = _paths(options) if isinstance(options, str) else []
    if len(paths) == 1 and isinstance(wanted.value, (str, int, float)):
        return [AtPath(paths[0], wanted.value, is_field=False)]
    return [Something({"@template": options}, "@template")]


def _paths(template: str) -> list[tuple[str, ...]]:
    """Returns the paths in the placeholders, each once."""
    pieces = _split(template, _TRIPLE)
    found = pieces[1::2] + _split("".join(pieces[::2]), _DOUBLE)[1::2]
    return [path for path in dict.fromkeys(split_path(trim(text)) for text in found) if path]


DIRECTIVE = Directive(
    "@template",
    _validate,
    _compile,
    form="{{ event }}",
    portable=True,
    scalar=True,
    makes="text",
    always=True,
    has_placeholders=True,
    only_reads_paths=_only_reads_paths,
    changes=text_changes("@template", template_changes),
    inverse=_inverse,
)
