"""`@case`: text in lower or upper case.

Changes `value` to the case that `operator` names, `lower` or `upper`. A value that is not a string stays unchanged.

If you see `operator key should have a value of "lower" or "upper"`, check the operator's own case: `Upper` is not
valid.

Example:
    >>> from destination.mapping import case, path, transform
    >>> mapping = {"code": case(path("$.code"), "upper")}
    >>> transform(mapping, {"code": "straße"}), transform(mapping, {"code": 5})
    ({'code': 'STRASSE'}, {'code': 5})
"""

from collections.abc import Callable
from typing import Any

from destination.mapping.bounds import FREE, check_length
from destination.mapping.changes import one_for_the_other, options_changes
from destination.mapping.directive import (
    EITHER,
    NOTHING,
    Constant,
    Directive,
    Knowledge,
    Resolver,
    Results,
    ResultsOf,
    Scope,
)
from destination.mapping.needs import passed_on
from destination.mapping.paths import single_key
from destination.mapping.validate import Checker, Key, MappingPath, string, string_or_directive
from destination.values import MISSING, to_lower, to_upper, truthy

_KEYS = (Key("operator", string), Key("value", string_or_directive))


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@case requires an object with a "operator" key')
    operator = value.get("operator", MISSING)
    if not truthy(operator):
        return scope.failure('@case requires a "operator" key')
    text = value.get("value", MISSING)
    if not truthy(text):
        return Constant(MISSING)
    get = scope.resolver(text, "value")
    # Segment: a bad operator matters only when a string comes (test_case_passes_non_strings_with_any_operator)
    if operator == "lower":
        return _converted(get, str.lower, to_lower)
    if operator == "upper":
        return _converted(get, str.upper, to_upper)

    def run(event: Any) -> Any:
        found = get(event)
        if isinstance(found, str):
            raise scope.error('operator key should have a value of "lower" or "upper"')
        return found

    return run


def _converted(get: Resolver, ascii_case: Callable[[str], str], convert: Callable[[str], str]) -> Resolver:
    key = single_key(get)

    def run(event: Any) -> Any:
        found = event.get(key, MISSING) if key is not None and event.__class__ is dict else get(event)
        if found.__class__ is not str:
            return found
        if len(found) > FREE:
            check_length(len(found), "@case")
        return ascii_case(found) if found.isascii() else convert(found)

    return run


def _results(options: Any, known: Knowledge, results_of: ResultsOf) -> Results:
    if not isinstance(options, dict):
        return EITHER
    text = options.get("value", MISSING)
    return results_of(text, known) if truthy(text) else NOTHING


DIRECTIVE = Directive(
    "@case",
    _validate,
    _compile,
    form={"operator": "lower", "value": {"@path": "$.event"}},
    portable=True,
    wraps=("value",),
    results=_results,
    changes=options_changes("@case", ("value",), {"operator": one_for_the_other("lower", "upper")}),
    inverse=passed_on("value"),
)
