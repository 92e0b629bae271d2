"""A template that is ready to render."""

from collections.abc import Callable
from copy import copy
from typing import Any, Final

from destination.errors import MappingError
from destination.mapping.bounds import FREE, begin_work, check_length
from destination.mapping.directive import Expression
from destination.mapping.liquid import nodes
from destination.mapping.liquid.compile_nodes import Renderer, compile_body
from destination.mapping.liquid.compile_values import ValueCompiler
from destination.mapping.liquid.context import SURROUNDINGS, Buffer, Context, Surroundings
from destination.mapping.liquid.expressions import WatchingCompiler, expressions_of
from destination.mapping.liquid.filters import FILTERS
from destination.mapping.liquid.nodes import Body
from destination.mapping.liquid.parser import parse
from destination.mapping.liquid.problems import LiquidProblem, StopRendering
from destination.mapping.liquid.scope import as_scope
from destination.mapping.liquid.where import where
from destination.values import from_units, utf16_length

MAX_TEMPLATE_LENGTH: Final = 1000
"""Segment's limit, in UTF-16 units."""

_FILTERS: Final = {**FILTERS, "where": where}
_SETTING: Final = (nodes.Assign, nodes.Block, nodes.Capture, nodes.Counter)
_TOO_DEEP: Final = "liquid template or value nests too deeply"


class LiquidTemplate:
    """A compiled template. Call it with an event.

    Attributes:
        source: The text it was made of.
        body: Its nodes, empty where it cannot be parsed.
        problem: Why it cannot be rendered at all, or None. Calling it raises this.
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
                self._render = compile_body(self.body, ValueCompiler(_FILTERS, scoped=self._guarded))
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
            # Only what sets variables can grow without bound.
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
        """The outputs and conditions of the template, in the order of writing.

        Example:
            >>> template = compile_liquid("{% if plan == 'pro' %}{{ name | upcase }}{% endif %}")
            >>> [expression.text for expression in template.expressions()]
            ["plan == 'pro'", 'name | upcase']
        """
        return tuple(expressions_of(self.body).values())

    def watched(self, tell: Callable[[Expression, Any], None]) -> "LiquidTemplate":
        """The template in a variant that tells what came of each output and condition.

        Args:
            tell: Takes the expression, and its value with all filters.

        Example:
            >>> compile_liquid("{{ name | upcase }}").watched(lambda expression, value: print(value))({"name": "ada"})
            ADA
            'ADA'
        """
        variant = copy(self)
        values = WatchingCompiler(_FILTERS, scoped=self._guarded, expressions=expressions_of(self.body), tell=tell)
        variant._render = compile_body(self.body, values)  # noqa: SLF001  one of its own kind
        return variant


def compile_liquid(template: Any, *, surroundings: Surroundings = SURROUNDINGS, alone: bool = True) -> LiquidTemplate:
    """Compiles a template; what is wrong with it is raised when it is called.

    Args:
        template: The text; anything else is refused at the call, as on Segment.
        surroundings: Where now and chance come from.
        alone: Whether a rendering has a budget of work of its own, and not that of the mapping around it.

    Example:
        >>> compile_liquid("{{ name | slugify | replace: '-', '_' }}_page")({"name": "Sign up!"})
        'sign_up_page'
        >>> compile_liquid("{% for x in y %}")({})
        Traceback (most recent call last):
        destination.errors.MappingError: tag "for" is disabled, line:1, col:1
    """
    return LiquidTemplate(template, surroundings, alone=alone)


def sets_variables(body: Body) -> bool:
    """Whether a template has tags that set variables, at any depth."""
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
