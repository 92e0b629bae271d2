"""Compiled templates: they render, and report their outputs and conditions."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Final, Literal

from destination.errors import MappingError
from destination.mapping.bounds import FREE, begin_work, check_length
from destination.mapping.directive import Expression
from destination.mapping.liquid import nodes
from destination.mapping.liquid.compile_nodes import Renderer, compile_body
from destination.mapping.liquid.compile_values import Getter, ValueCompiler
from destination.mapping.liquid.context import SURROUNDINGS, Buffer, Context, Surroundings, as_scope
from destination.mapping.liquid.filters import FILTERS
from destination.mapping.liquid.nodes import Body
from destination.mapping.liquid.parser import parse
from destination.mapping.liquid.problems import LiquidProblem, StopRendering
from destination.values import from_units, utf16_length

MAX_TEMPLATE_LENGTH: Final = 1000
"""Segment's limit, in UTF-16 units."""

_SETTING: Final = (nodes.Assign, nodes.Block, nodes.Capture, nodes.Counter)
_TOO_DEEP: Final = "liquid template or value nests too deeply"


class LiquidTemplate:
    """A compiled template. Call it with an event.

    Attributes:
        source: The text of the template.
        body: Its nodes, empty if it cannot be parsed.
        problem: The message of the error that every call raises, or None.
    """

    __slots__ = ("_alone", "_guarded", "_render", "_surroundings", "body", "problem", "source")

    def __init__(self, source: Any, surroundings: Surroundings = SURROUNDINGS, *, alone: bool = True) -> None:
        self.source = source
        self._alone = alone
        self.body: Body = ()
        self.problem = _refusal(source)
        self._surroundings = surroundings
        self._render: Renderer = compile_body((), ValueCompiler({}, scoped=False))
        self._guarded = False
        if self.problem is None:
            try:
                self.body = parse(source)
                self._guarded = sets_variables(self.body)
                self._render = compile_body(self.body, ValueCompiler(FILTERS, scoped=self._guarded))
            except LiquidProblem as problem:
                self.problem = problem.message
            except RecursionError:
                self.problem = _TOO_DEEP

    def __call__(self, event: Any) -> str:
        """Renders the template for an event (or for an item that another directive resolves it with).

        Raises:
            MappingError: The template cannot be parsed, a disabled filter ran, or a limit is exceeded.
                The message is liquidjs's.

        Example:
            >>> LiquidTemplate("Hi {{ name | upcase }}")({"name": "ada"})
            'Hi ADA'
        """
        if self.problem is not None:
            raise MappingError(self.problem, "@liquid")
        if self._alone:
            begin_work()
        context = Context(event if type(event) is dict else as_scope(event), self._surroundings)
        parts: list[str] = []
        write = parts.append
        if self._guarded:
            # Only a template that sets variables can grow without bound.
            buffer = Buffer()
            parts, write = buffer.parts, buffer.write
        try:
            self._render(context, write)
        except StopRendering:
            pass
        except LiquidProblem as problem:
            raise MappingError(problem.message, "@liquid") from None
        except RecursionError:
            raise MappingError(_TOO_DEEP, "@liquid") from None
        length = sum(map(len, parts))
        if length > FREE:
            check_length(length, "@liquid")
        return from_units("".join(parts))

    def expressions(self) -> tuple[Expression, ...]:
        """Returns the outputs and conditions of the template, in the order of writing.

        Example:
            >>> template = compile_liquid("{% if plan == 'pro' %}{{ name | upcase }}{% endif %}")
            >>> [expression.text for expression in template.expressions()]
            ["plan == 'pro'", 'name | upcase']
        """
        return tuple(_expressions_of(self.body).values())

    def watched(self, notify: Callable[[Expression, Any], None]) -> "LiquidTemplate":
        """Makes a variant of the template that reports the value of each output and condition.

        Args:
            notify: Takes the expression, and its value after all filters.

        Example:
            >>> compile_liquid("{{ name | upcase }}").watched(lambda expression, value: print(value))({"name": "ada"})
            ADA
            'ADA'
        """
        variant = copy(self)
        values = _WatchingCompiler(scoped=self._guarded, expressions=_expressions_of(self.body), notify=notify)
        variant._render = compile_body(self.body, values)  # noqa: SLF001  one of its own kind
        return variant


def compile_liquid(template: Any, *, surroundings: Surroundings = SURROUNDINGS, alone: bool = True) -> LiquidTemplate:
    """Compiles a template. An error in it is raised when it is called.

    Args:
        template: The text. Any other value is an error when the template is called, as on Segment.
        surroundings: The clock and the source of randomness.
        alone: Whether each rendering has its own budget of work, instead of that of the mapping around it.

    Example:
        >>> compile_liquid("{{ name | slugify | replace: '-', '_' }}_page")({"name": "Sign up!"})
        'sign_up_page'
        >>> compile_liquid("{% for x in y %}")({})
        Traceback (most recent call last):
        destination.errors.MappingError: tag "for" is disabled, line:1, col:1
    """
    return LiquidTemplate(template, surroundings, alone=alone)


def sets_variables(body: Body) -> bool:
    """Returns whether a template has tags that set variables, at any depth."""
    for node in body:
        action = node.action
        if isinstance(action, _SETTING):
            return True
        if isinstance(action, nodes.Group) and sets_variables(action.body):
            return True
        if isinstance(action, nodes.Choice) and (
            sets_variables(action.otherwise) or any(sets_variables(branch.body) for branch in action.branches)
        ):
            return True
    return False


def _refusal(source: Any) -> str | None:
    if not isinstance(source, str):
        return "liquid template value must be a string"
    if utf16_length(source) > MAX_TEMPLATE_LENGTH:
        return f"liquid template values are limited to {MAX_TEMPLATE_LENGTH} characters"
    return None


# --- outputs and conditions --------------------------------------------------------------------------------


def _expressions_of(body: Body) -> dict[int, Expression]:
    """Returns the outputs and conditions of a template, by the identity of their nodes, in the order of writing."""
    found: dict[int, Expression] = {}
    todo: list[Any] = list(reversed(body))
    while todo:
        item = todo.pop()
        if isinstance(item, nodes.Branch):
            found[id(item.condition)] = _expression("condition", item.condition)
            todo.extend(reversed(item.body))
            continue
        action = item.action
        if isinstance(action, nodes.Output):
            found[id(action.value)] = _expression("output", action.value)
        elif isinstance(action, nodes.Choice):
            todo.extend(reversed([*action.branches, *action.otherwise]))
        elif isinstance(action, (nodes.Capture, nodes.Block, nodes.Group)):
            todo.extend(reversed(action.body))
    return found


def _expression(kind: Literal["output", "condition"], value: nodes.Filtered) -> Expression:
    reads = any(not isinstance(part, (nodes.Operator, nodes.Constant)) for part in value.postfix)
    return Expression(kind, _expression_text(value), reads)


def _expression_text(value: nodes.Filtered) -> str:
    """Writes an expression as people do, with single spaces."""
    operands: list[str] = []
    for part in value.postfix:
        if not isinstance(part, nodes.Operator):
            operands.append(part.text)
            continue
        right = operands.pop() if operands else ""
        if part.name == "not":
            operands.append(f"not {right}")
        else:
            left = operands.pop() if operands else ""
            operands.append(f"{left} {part.name} {right}")
    return " | ".join([" ".join(operands), *map(_filter_text, value.filters)])


def _filter_text(call: nodes.FilterCall) -> str:
    arguments = [
        f"{argument.key}: {argument.value.text if argument.value else ''}"
        if isinstance(argument, nodes.Pair)
        else argument.text
        for argument in call.arguments
    ]
    return f"{call.name}: {', '.join(arguments)}" if arguments else call.name


class _WatchingCompiler(ValueCompiler):
    """Compiles the values of a template into functions that report each value that they find.

    Args:
        scoped: As in `ValueCompiler`.
        expressions: The expressions to report, by the identity of their nodes.
        notify: Takes an expression and its value.
    """

    def __init__(
        self, *, scoped: bool, expressions: Mapping[int, Expression], notify: Callable[[Expression, Any], None]
    ) -> None:
        super().__init__(FILTERS, scoped=scoped)
        self._expressions = expressions
        self._notify = notify

    def filtered(self, value: nodes.Filtered) -> Getter:
        """Returns the function of an expression with its filters."""
        get, notify, expression = super().filtered(value), self._notify, self._expressions.get(id(value))
        if expression is None:
            return get

        def watched(context: Context) -> Any:
            found = get(context)
            notify(expression, found)
            return found

        return watched
