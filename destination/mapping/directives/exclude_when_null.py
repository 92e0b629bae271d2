"""`@excludeWhenNull`: a value without its nulls.

Returns its value without nulls: null itself becomes undefined, and objects lose the keys that are null.

Nested objects are cleaned too; lists and everything inside them are not.

Example:
    >>> from destination.mapping import exclude_when_null, path, transform
    >>> transform({"p": exclude_when_null(path("$.p"))}, {"p": {"a": None, "b": [None], "c": {"d": None}}})
    {'p': {'b': [None], 'c': {}}}
"""

from collections.abc import Iterator
from typing import Any

from destination.mapping.bounds import FREE, PER_MEMBER, PER_OBJECT, spend
from destination.mapping.changes import Change, ChangesOf
from destination.mapping.directive import Directive, Knowledge, Resolver, Results, ResultsOf, Scope
from destination.mapping.needs import passed_on
from destination.mapping.validate import Checker, MappingPath
from destination.values import MISSING


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.any(value, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    get = scope.resolver(value)

    def run(event: Any) -> Any:
        found = get(event)
        if found is None:
            return MISSING
        return _without_nulls(found) if isinstance(found, dict) else found

    return run


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    todo = [(value, cleaned)]
    steps = 0
    while todo:
        source, copy = todo.pop()
        steps += PER_OBJECT + PER_MEMBER * len(source)
        if steps > FREE:
            spend(steps)
            steps = 0
        for key, item in source.items():
            if key == "__proto__":
                continue  # an assignment to it sets a prototype in JavaScript
            # Segment: objects in lists keep their nulls (test_nulls_in_lists_stay)
            if isinstance(item, dict):
                inner: dict[str, Any] = {}
                copy[key] = inner
                todo.append((item, inner))
            else:
                copy[key] = MISSING if item is None else item
    return cleaned


def _results(options: Any, known: Knowledge, results_of: ResultsOf) -> Results:
    return results_of(options, known)


def _changes(options: Any, path: MappingPath, changes_of: ChangesOf) -> Iterator[Change]:
    if isinstance(options, (dict, list)):
        yield from changes_of(options, (*path, "@excludeWhenNull"))


DIRECTIVE = Directive(
    "@excludeWhenNull",
    _validate,
    _compile,
    form={"@path": "$.properties"},
    portable=True,
    wraps=(),
    results=_results,
    changes=_changes,
    inverse=passed_on(),
)
