"""The outputs and conditions of a template, and a variant of it that tells what came of them."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from destination.mapping.directive import Expression
from destination.mapping.liquid import nodes
from destination.mapping.liquid.coerce import Filter
from destination.mapping.liquid.compile_values import Getter, ValueCompiler
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.nodes import Body, Filtered, Operator, Pair


def expressions_of(body: Body) -> dict[int, Expression]:
    """The outputs and conditions that stand in a template, by the identity of their nodes, in the order of writing."""
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


def _expression(kind: Literal["output", "condition"], value: Filtered) -> Expression:
    reads = any(not isinstance(part, (Operator, nodes.Constant)) for part in value.postfix)
    return Expression(kind, expression_text(value), reads)


def expression_text(value: Filtered) -> str:
    """An expression as people write it."""
    operands: list[str] = []
    for part in value.postfix:
        if not isinstance(part, Operator):
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
        if isinstance(argument, Pair)
        else argument.text
        for argument in call.arguments
    ]
    return f"{call.name}: {', '.join(arguments)}" if arguments else call.name


class WatchingCompiler(ValueCompiler):
    """Compiles the values of a template so that they tell what came of them.

    Args:
        filters: The filters by name.
        scoped: As in `ValueCompiler`.
        expressions: What to tell of.
        tell: Takes an expression and its value.
    """

    def __init__(
        self,
        filters: Mapping[str, Filter],
        *,
        scoped: bool,
        expressions: Mapping[int, Expression],
        tell: Callable[[Expression, Any], None],
    ) -> None:
        super().__init__(filters, scoped=scoped)
        self._expressions = expressions
        self._tell = tell

    def filtered(self, value: Filtered) -> Getter:
        """The function of an expression with its filters."""
        get, tell, expression = super().filtered(value), self._tell, self._expressions.get(id(value))
        if expression is None:
            return get

        def told(context: Context) -> Any:
            found = get(context)
            tell(expression, found)
            return found

        return told
