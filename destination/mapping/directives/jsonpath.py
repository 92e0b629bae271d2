"""`@jsonpath`: everything that a full JSONPath query selects.

Returns the list of all matches of a JSONPath query (jsonpath-ng, with its extensions).

`{"@jsonpath": "$.products[?(@.price > 10)].sku"}`. With `{"path": …, "mode": "first"}` the result is the first match,
or undefined. If nothing matches, the list is empty, not undefined.

Not portable: Segment does not know it. A query has at most 1,000 characters and two `..`. The regular expressions of
`=~` and `sub` run on RE2, in linear time; RE2 has no look-around and no backreferences.

Example:
    >>> from destination.mapping import jsonpath, transform
    >>> event = {"products": [{"sku": "a", "price": 3}, {"sku": "b", "price": 30}]}
    >>> transform({"skus": jsonpath("$.products[?(@.price > 10)].sku"), "one": jsonpath("$..sku", first=True)}, event)
    {'skus': ['b'], 'one': 'a'}
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from destination.errors import MappingError
from destination.mapping.bounds import spend_on
from destination.mapping.changes import Change, ChangesOf, path_changes
from destination.mapping.directive import EITHER, VALUE, Directive, Knowledge, Resolver, Results, ResultsOf, Scope
from destination.mapping.validate import Checker, Key, MappingPath, invalid, kind_of, one_of, string, with_article
from destination.values import MISSING, utf16_length

MAX_QUERY_LENGTH = 1000
"""In UTF-16 code units."""
MAX_DESCENTS = 2
"""The maximum number of `..` in a query; each one multiplies the work by the size of the event."""

_KEYS = (Key("path", string, required=True), Key("mode", one_of("all", "first")))


class _QueryError(Exception):
    """The query cannot be used; the message says why."""


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    kind = kind_of(value)
    if kind == "object":
        checker.keys(value, _KEYS, path)
    elif kind != "string":
        raise invalid(f'should be a JSONPath query or an object with a "path" key but it is {with_article(kind)}', path)
    query = value["path"] if kind == "object" else value
    try:
        _parse(query)
    except _QueryError as error:
        raise invalid(f"{error}", path) from None


def _compile(value: Any, scope: Scope) -> Resolver:
    options = value if isinstance(value, dict) else {"path": value}
    query, mode = options.get("path", MISSING), options.get("mode", "all")
    if not isinstance(query, str) or mode not in ("all", "first"):
        return scope.failure('@jsonpath requires a query, or an object with a "path" and a "mode" of "all" or "first"')
    try:
        expression = _parse(query)
    except _QueryError as error:
        return scope.failure(f"@jsonpath {error}")

    def find(event: Any) -> Any:
        try:
            found = expression.find(event)
        except MappingError:
            raise
        except Exception as error:  # noqa: BLE001  the library raises whatever its operators met in the event
            raise scope.error(f"@jsonpath: the query {query!r} failed on this event: {error}") from None
        matches = found if isinstance(found, list) else [found]
        if mode == "first":
            return matches[0].value if matches else MISSING
        values = [match.value for match in matches]
        if len(values) > 1:
            spend_on(values)  # with `..` one part of the event may be in many of them
        return values

    return scope.reading(find, _beginning(expression))


@lru_cache(maxsize=256)
def _parse(query: str) -> Any:
    from jsonpath_ng.ext.parser import parse

    from destination.mapping.jsonpath_work import PatternError, count_work, nodes_of

    if utf16_length(query) > MAX_QUERY_LENGTH:
        raise _QueryError(f"should be a JSONPath query of at most {MAX_QUERY_LENGTH} characters")
    try:
        expression = parse(query)
    except Exception as error:  # noqa: BLE001  the library's parts raise errors of no common kind
        raise _QueryError(f"should be a JSONPath query but {query!r} is none: {error}") from None
    if sum(type(node).__name__ == "Descendants" for node in nodes_of(expression)) > MAX_DESCENTS:
        raise _QueryError(f'should be a JSONPath query with at most {MAX_DESCENTS} ".."')
    try:
        count_work(expression)
    except PatternError as error:
        raise _QueryError(f"should be a JSONPath query but in {query!r} {error}") from None
    return expression


def _beginning(expression: Any) -> tuple[str, ...]:
    """Returns the keys with which every match of a query begins."""
    from jsonpath_ng import Child, Fields, Root, This

    steps: list[Any] = []
    while isinstance(expression, Child):
        steps.append(expression.right)
        expression = expression.left
    if not isinstance(expression, (Root, This)):
        steps.append(expression)
    keys: list[str] = []
    for step in reversed(steps):
        if not isinstance(step, Fields) or len(step.fields) > 1 or step.fields[0] == "*":
            break
        keys.append(str(step.fields[0]))
    return tuple(keys)


def _results(options: Any, _known: Knowledge, _results_of: ResultsOf) -> Results:
    return EITHER if isinstance(options, dict) and options.get("mode") == "first" else VALUE


def _changes(options: Any, path: MappingPath, _changes_of: ChangesOf) -> Iterator[Change]:
    given = options if isinstance(options, dict) else {"path": options}
    if isinstance(given.get("path"), str):
        for change in path_changes(given["path"]):
            yield Change(path, change.what, {**given, "path": change.text})
        mode = given.get("mode", "all")
        other = "all" if mode == "first" else "first"
        yield Change(path, f"mode: {mode} becomes {other}", {**given, "mode": other})


DIRECTIVE = Directive(
    "@jsonpath",
    _validate,
    _compile,
    form="$.properties.products[*].product_id",
    foldable=False,
    results=_results,
    changes=_changes,
)
