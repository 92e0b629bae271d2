"""`@literal`: a value as it is written.

Returns its value, which may be any JSON.

Segment: directives in it are still resolved (test_directives_in_a_literal_are_live): `{"@literal": {"a": {"@path":
"$.event"}}}` reads the event.

Example:
    >>> from destination.mapping import literal, transform
    >>> transform({"source": literal("segment")}, {})
    {'source': 'segment'}
"""

from collections.abc import Iterator
from typing import Any

from destination.mapping.changes import Change, ChangesOf
from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.needs import passed_on
from destination.mapping.validate import Checker, MappingPath


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.any(value, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    return scope.resolver(value)


def _changes(options: Any, path: MappingPath, changes_of: ChangesOf) -> Iterator[Change]:
    return changes_of(options, (*path, "@literal"))


DIRECTIVE = Directive(
    "@literal", _validate, _compile, form="text", portable=True, passes=((),), changes=_changes, inverse=passed_on()
)
