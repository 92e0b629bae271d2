"""`@liquid`: a Liquid template.

Renders a Liquid template (liquidjs 10, without its loops and includes) with the event's keys as variables.

Templates have at most 1,000 characters. What a template can do, and where it differs from Ruby's Liquid, stands in
the documentation of the Liquid engine.

Example:
    >>> from destination.mapping import liquid_template, transform
    >>> transform({"name": liquid_template("{{ event | downcase }}")}, {"event": "Order Completed"})
    {'name': 'order completed'}
"""

from typing import Any

from destination.mapping.directive import Constant, Directive, Place, Resolver, Scope
from destination.mapping.validate import Checker, string
from destination.values import utf16_length

MAX_TEMPLATE_LENGTH = 1000
"""In UTF-16 code units."""


def _validate(value: Any, place: Place, _checker: Checker) -> None:
    string(value, place)


def _compile(value: Any, scope: Scope) -> Resolver:
    # The template is never resolved: a directive in its place is an error.
    if not isinstance(value, str):
        return scope.failure("liquid template value must be a string")
    if not value:
        return Constant("")
    if utf16_length(value) > MAX_TEMPLATE_LENGTH:
        return scope.failure(f"liquid template values are limited to {MAX_TEMPLATE_LENGTH} characters")
    from destination.mapping.liquid import compile_liquid

    return scope.reading(compile_liquid(value))


DIRECTIVE = Directive("@liquid", _validate, _compile, foldable=False)
