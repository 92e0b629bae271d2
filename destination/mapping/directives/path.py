"""`@path`: one value of the event.

Returns the value at a path of the event, or undefined.

`{"@path": "$.properties.products[0].sku"}`. The path may itself be a directive that returns a string, for example to
look up a value in a table: `{"@path": {"@template": "$.prices.{{plan}}"}}`. `destination.mapping.paths` says how a path
is split.

If you see `@path: expected string, got undefined`, the directive that makes the path found nothing.

Example:
    >>> from destination.mapping import path, transform
    >>> transform({"sku": path("$.properties.products[0].sku")}, {"properties": {"products": [{"sku": "a1"}]}})
    {'sku': 'a1'}
"""

from collections.abc import Iterable
from typing import Any

from destination.mapping.changes import path_changes, text_changes
from destination.mapping.directive import Directive, Resolver, Scope, compile_string
from destination.mapping.needs import AtPath, Need, Something, Wanted
from destination.mapping.paths import path_keys
from destination.mapping.validate import Checker, MappingPath


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.string(value, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    # Segment: only the first `$.` is removed, wherever it is: `x$.p` reads `xp` (test_only_the_first_dollar_dot_goes)
    return compile_string(value, scope, "@path", lambda path: scope.getter(path.replace("$.", "", 1)))


def _only_reads_paths(options: Any) -> bool:
    # Quotes vanish from a path.
    return isinstance(options, str) and "__proto__" not in options.replace("'", "").replace('"', "")


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    path = path_keys(options)
    if path is None:
        return [Something({"@path": options}, "a path that a directive makes")]
    return [AtPath(path, wanted.value)]


DIRECTIVE = Directive(
    "@path",
    _validate,
    _compile,
    form="$.event",
    portable=True,
    foldable=False,
    event_path=path_keys,
    gives_path=True,
    only_reads_paths=_only_reads_paths,
    changes=text_changes("@path", path_changes),
    inverse=_inverse,
)
