"""`@jinja`: a Jinja2 template in a sandbox.

Renders a Jinja2 template to text, with the event's keys as variables and the event itself as `this`.

A missing value is empty text, at any depth (`{{ properties.plan.name }}` is `""` without properties). Values become
text as in `@template`, but lists and objects become JSON. A key of an object hides a method of that name.

Not portable: Segment does not know it. The sandbox has no includes, macros or imports, and no filters or methods that
could fill memory. Its limits: 4,000 characters a template, 100,000 characters or items a value, and 10,000 iterations
of all loops together.

Example:
    >>> from destination.mapping import jinja_template, transform
    >>> total = jinja_template("{{ (properties.price * properties.quantity) | round(2) }} EUR")
    >>> transform({"total": total}, {"properties": {"price": 2.5, "quantity": 3}})
    {'total': '7.5 EUR'}
"""

from typing import Any

from destination.mapping.changes import expression_changes, text_changes
from destination.mapping.directive import Directive, Resolver, Scope
from destination.mapping.validate import Checker, MappingPath, invalid, string


def _validate(value: Any, path: MappingPath, _checker: Checker) -> None:
    from destination.mapping.sandbox import TemplateError, compile_jinja

    string(value, path)
    try:
        compile_jinja(value)
    except TemplateError as error:
        raise invalid(f"should be a Jinja template but {error}", path) from None


def _compile(value: Any, scope: Scope) -> Resolver:
    from destination.mapping.sandbox import TemplateError, compile_jinja

    if not isinstance(value, str):
        return scope.failure("@jinja: the template must be a string")
    try:
        template = compile_jinja(value)
    except TemplateError as error:
        return scope.failure(f"@jinja: {error}")

    def run(event: Any) -> str:
        try:
            return template.render(event)
        except TemplateError as error:
            raise scope.error(f"@jinja: {error}") from None

    return scope.reading(run, *template.paths)


DIRECTIVE = Directive(
    "@jinja",
    _validate,
    _compile,
    form="{{ event }}",
    foldable=False,
    scalar=True,
    makes="text",
    always=True,
    has_placeholders=True,
    changes=text_changes("@jinja", expression_changes),
)
