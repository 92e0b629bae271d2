"""`@coalesce`: the first of several parts that is there.

A directive as somebody would add one: its validation and its resolution, and nothing about any tool.
"""

from typing import Any

from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.validate import Checker, MappingPath, array
from destination.values import MISSING


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    array(value, path)
    for index, part in enumerate(value):
        checker.any(part, (*path, str(index)))


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, list):
        return scope.failure("@coalesce requires an array")
    parts = [scope.resolver(part, str(index)) for index, part in enumerate(value)]

    def run(event: Any) -> Any:
        found = (part(event) for part in parts)
        return next((one for one in found if one is not None and one is not MISSING), MISSING)

    return run


DIRECTIVE = Directive("@coalesce", _validate, _compile)
