"""The points of a subscription: what events can reach in it, found when it is compiled."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from destination.errors import DestinationError
from destination.fql import Condition, GroupCondition, Trigger, generate_fql
from destination.mapping import CompiledMapping
from destination.mapping.compiler import effective_mapping
from destination.mapping.directive import Expression, Expressive, Knowledge, Resolver
from destination.mapping.knowledge import directive_of, known_at, possible_results
from destination.mapping.paths import split_path
from destination.mapping.trace import TracingCompiler
from destination.mapping.validate import MappingPath, is_directive
from destination.records import dataclass
from destination.workbench.coverage.trigger_knowledge import known_when_matched

Kind: TypeAlias = Literal["trigger", "condition", "directive", "branch", "placeholder"]


PointKey: TypeAlias = tuple[MappingPath, str, str]
"""The path, the text of a placeholder or condition of a template (else empty), and the result."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that events can reach.

    Attributes:
        kind: What it belongs to.
        path: The keys that lead to it: `("subscribe",)`, `("subscribe", "0")` for the first condition, or
            `("mapping", …)`.
        text: Its text, such as `type = "track"`, `@path` or `{{ name }}`.
        result: `matched`, `not matched`, `true`, `false`, `value`, `nothing`, `then`, `else`, `filled`, `empty` or
            `rendered`.

    Example:
        >>> str(Point("trigger", ("subscribe",), 'type = "page"', "matched"))
        'subscribe type = "page": matched'
    """

    kind: Kind
    path: MappingPath
    text: str
    result: str

    def __str__(self) -> str:
        return f"{'/'.join(self.path)} {self.text}: {self.result}"


def points_of(trigger: Trigger | None, mapping: CompiledMapping) -> tuple[Point, ...]:
    """Finds the points of a subscription, in its own order.

    What can never happen is not a point: a `@template` always makes text, a `@literal` of text is never nothing, and
    in the `then` of an `@if` the path that it checks is present.

    Args:
        trigger: The trigger; without one, or with one that cannot be parsed, nothing can be reached but that.
        mapping: The mapping; one that is not valid has no points.

    Example:
        >>> from destination.fql import compile_trigger
        >>> from destination.mapping import compile_mapping
        >>> for point in points_of(compile_trigger('type = "page"'), compile_mapping({"n": {"@path": "$.name"}})):
        ...     print(point)
        subscribe type = "page": matched
        subscribe type = "page": not matched
        mapping/n @path: value
        mapping/n @path: nothing
    """
    found = list(_trigger_points(trigger))
    if not mapping.problems:
        known = {} if trigger is None else known_when_matched(trigger)
        found += _mapping_points(mapping.raw, known)
    return tuple(dict.fromkeys(found))


def _trigger_points(trigger: Trigger | None) -> Iterator[Point]:
    source = "" if trigger is None else trigger.source
    for result in ("matched", "not matched"):
        yield Point("trigger", ("subscribe",), source, result)
    if trigger is None or not isinstance(trigger.condition, GroupCondition):
        return
    conditions = list(conditions_of(trigger.condition))
    if len(conditions) > 1:  # a single one is the trigger itself
        for path, condition in conditions:
            yield from (Point("condition", path, condition_text(condition), each) for each in ("true", "false"))


def conditions_of(group: GroupCondition) -> Iterator[tuple[MappingPath, Condition]]:
    """Yields the conditions of a trigger with their paths: `("subscribe", "1", "0")` is the first in the group 1."""
    todo: list[tuple[MappingPath, Any]] = [(("subscribe",), group)]
    while todo:
        path, node = todo.pop()
        if isinstance(node, Condition):
            yield path, node
        elif isinstance(node, GroupCondition):
            inner = [((*path, str(index)), child) for index, child in enumerate(node.children)]
            todo.extend(reversed(inner))


def condition_text(condition: Condition) -> str:
    """Returns a condition as FQL, or its type and operator where FQL cannot express it."""
    try:
        return generate_fql(GroupCondition("and", (condition,)))
    except DestinationError:
        return f"{condition.type} {condition.operator}"


# --- mappings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A directive that the compiler met, the paths of the event that it reads, and the expressions in its template."""

    path: MappingPath
    value: dict[str, Any]
    reads: list[tuple[str, ...]]
    expressions: list[Expression]


class _Listing(TracingCompiler):
    """Compiles as the traced variant does, and lists the directives that it meets.

    So the points are exactly what a trace can report.
    """

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self._open: list[_Part | None] = [None]

    def resolver(self, value: Any, path: MappingPath) -> Resolver:
        part = _Part(path, value, [], []) if isinstance(value, dict) and is_directive(value) else None
        if part is not None:
            self.parts.append(part)
        self._open.append(part)
        try:
            return super().resolver(value, path)
        finally:
            self._open.pop()

    def getter(self, path: str) -> Resolver:
        part = self._open[-1]
        if part is not None:
            part.reads.append(split_path(path))
        return super().getter(path)

    def reading(self, run: Resolver, paths: tuple[MappingPath, ...]) -> Resolver:
        part = self._open[-1]
        if part is not None:
            part.reads.extend(paths)
            if isinstance(run, Expressive):
                part.expressions.extend(run.expressions())
        return super().reading(run, paths)


def _mapping_points(mapping: Any, matched: Knowledge) -> Iterator[Point]:
    listing = _Listing()
    listing.program(mapping)
    effective = effective_mapping(mapping)
    for part in listing.parts:
        directive, path = directive_of(part.value), ("mapping", *part.path)
        if directive is None:
            continue
        name = directive.name
        known = known_at(effective, part.path, matched)
        if directive.branches is not None:
            yield from (Point("branch", path, name, result) for result in directive.branches.names)
        else:
            results = possible_results(part.value, known)
            yield from (Point("directive", path, name, each) for each in ("value", "nothing") if each in results)
        if directive.has_placeholders:
            for read in part.reads:
                yield from _placeholder(path, read, known)
        if any(expression.kind == "condition" for expression in part.expressions):
            # Without a condition all outputs are rendered with the template.
            for expression in part.expressions:
                yield from _expression(path, expression)


def _expression(path: MappingPath, expression: Expression) -> Iterator[Point]:
    text = expression_text(expression)
    if expression.kind == "output":
        yield Point("placeholder", path, text, "rendered")
    elif expression.reads:
        yield from (Point("condition", path, text, result) for result in ("true", "false"))


def expression_text(expression: Expression) -> str:
    """Returns an expression of a template with its delimiters."""
    return f"{{{{ {expression.text} }}}}" if expression.kind == "output" else f"{{% {expression.text} %}}"


def _placeholder(path: MappingPath, read: tuple[str, ...], known: Knowledge) -> Iterator[Point]:
    text = placeholder_text(read)
    if not read:
        yield Point("placeholder", path, text, "filled")  # the event itself is always there
        return
    expected = known.get(read)
    for result, of in (("filled", "value"), ("empty", "nothing")):
        if expected in (None, of):
            yield Point("placeholder", path, text, result)


def placeholder_text(path: tuple[str, ...]) -> str:
    """Returns a placeholder as a template has it: `{{ properties.plan }}`."""
    return f"{{{{ {'.'.join(path)} }}}}" if path else "{{ }}"
