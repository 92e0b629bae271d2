"""`@liquid`: a Liquid template.

Renders a Liquid template (liquidjs 10, without its loops and includes) with the event's keys as variables.

Templates have at most 1,000 characters. `docs/directives/liquid.md` describes the language.

Example:
    >>> from destination.mapping import liquid_template, transform
    >>> transform({"name": liquid_template("{{ event | downcase }}")}, {"event": "Order Completed"})
    {'name': 'order completed'}
"""

from dataclasses import fields, is_dataclass
from typing import Any

from destination.mapping.changes import expression_changes, text_changes
from destination.mapping.directive import Constant, Directive, Resolver, Scope
from destination.mapping.validate import Checker, MappingPath, string
from destination.values import to_string, utf16_length

MAX_TEMPLATE_LENGTH = 1000
"""In UTF-16 code units."""


def _validate(value: Any, path: MappingPath, _checker: Checker) -> None:
    string(value, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    # The template is never resolved: a directive that makes it is an error.
    if not isinstance(value, str):
        return scope.failure("liquid template value must be a string")
    if not value:
        return Constant("")
    if utf16_length(value) > MAX_TEMPLATE_LENGTH:
        return scope.failure(f"liquid template values are limited to {MAX_TEMPLATE_LENGTH} characters")
    from destination.mapping.liquid import compile_liquid

    template = compile_liquid(value, alone=False)
    return scope.reading(template, *_paths(template.body))


def _paths(body: Any) -> list[MappingPath]:
    """Returns the keys that a template may read, as far as they are written in it."""
    from destination.mapping.liquid import nodes

    paths: dict[MappingPath, None] = {}
    own: set[str] = set()
    todo: list[Any] = [body]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(reversed(node))
            continue
        if isinstance(node, (nodes.Assign, nodes.Capture, nodes.Counter)):
            own.add(node.name)
        elif isinstance(node, nodes.Access) and node.root is None:
            paths[_leading_keys(node.keys)] = None
        if is_dataclass(node):
            todo.append(tuple(getattr(node, field.name) for field in fields(node)))
    return [path for path in paths if path and path[0] not in own]


def _leading_keys(keys: tuple[Any, ...]) -> MappingPath:
    from destination.mapping.liquid import nodes

    leading: list[str] = []
    for key in keys:
        if isinstance(key, nodes.Word) and key.name not in ("size", "first", "last"):
            leading.append(key.name)
        elif isinstance(key, nodes.Constant):
            leading.append(to_string(key.value))
        else:
            break
    return tuple(leading)


DIRECTIVE = Directive(
    "@liquid",
    _validate,
    _compile,
    form="{{ event | downcase }}",
    portable=True,
    foldable=False,
    scalar=True,
    makes="text",
    always=True,
    has_placeholders=True,
    is_timed=True,
    changes=text_changes("@liquid", expression_changes),
)
