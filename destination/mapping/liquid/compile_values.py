"""Makes functions of values, expressions and filters."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from destination.mapping.bounds import FREE, check_length, spend
from destination.mapping.liquid.coerce import BINARY, Filter, is_truthy, numeric, read_property
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.nodes import Access, Constant, FilterCall, Filtered, Operator, Pair, Range, Value, Word
from destination.mapping.liquid.problems import MEMORY_IS_UP, LiquidProblem, Positioned, Unpositioned
from destination.values import MISSING, trim

Getter: TypeAlias = Callable[[Context], Any]

MAX_RANGE_ITEMS: Final = 1_000_000
_PER_NUMBER: Final = 6
"""Steps for each number of a range, besides the one for its memory."""
_SIZED: Final = frozenset({str, list, dict})
_EXACT: Final = 2**53


class ValueCompiler:
    """Compiles the values of one template.

    Attributes:
        filters: The filters by name.
        scoped: Whether the template has tags that set variables; without them every variable is the event's.
    """

    def __init__(self, filters: Mapping[str, Filter], *, scoped: bool) -> None:
        self.filters = filters
        self.scoped = scoped

    def filtered(self, value: Filtered) -> Getter:
        """Returns the function of an expression with its filters."""
        getter = self._expression(value.postfix)
        for call in value.filters:
            getter = self._filter(getter, call)
        return getter

    def value(self, value: Value | Word | None) -> Getter:
        """Returns the function of a value, or of undefined for None.

        Inner values are compiled first, without recursion: brackets can nest hundreds deep.
        """
        made: dict[int, Getter] = {}
        waiting = [value]
        while waiting:
            inner = [part for part in _parts_of(waiting[-1]) if id(part) not in made]
            waiting += inner
            if not inner:
                part = waiting.pop()
                made[id(part)] = self._one_value(part, made)
        return made[id(value)]

    def _one_value(self, value: Value | Word | None, made: dict[int, Getter]) -> Getter:
        if isinstance(value, Access):
            return self._access(value, made)
        if isinstance(value, Range):
            low, high = made[id(value.low)], made[id(value.high)]
            return lambda context: _numbers(context, low(context), high(context))
        return _constant(MISSING if value is None else value.name if isinstance(value, Word) else value.value)

    # --- expressions ---

    def _expression(self, postfix: tuple[Value | Operator, ...]) -> Getter:
        operands: list[Getter | Constant] = []
        for part in postfix:
            if not isinstance(part, Operator):
                operands.append(part if isinstance(part, Constant) else self.value(part))
                continue
            right = operands.pop() if operands else _NOTHING
            if part.name == "not":
                operands.append(_negation(_getter(right)))
            else:
                left = operands.pop() if operands else _NOTHING
                operands.append(_operation(part.name, left, right))
        first = _getter(operands[0])
        others = [operand for operand in operands[1:] if not isinstance(operand, Constant)]
        return _first_of(first, others) if others else first

    # --- paths ---

    def _access(self, access: Access, made: dict[int, Getter]) -> Getter:
        names = [_static_key(key) for key in access.keys]
        static = [name for name in names if isinstance(name, str)]
        if access.root is None and len(static) == len(names):
            if self.scoped or "size" in static:
                return _scoped_path(static, access.line_and_column)
            return _event_path(static)
        root = None if access.root is None else made[id(access.root)]
        return _computed_path(root, [made[id(key)] for key in access.keys], access.line_and_column)

    # --- filters ---

    def _filter(self, value: Getter, call: FilterCall) -> Getter:
        function = _counted(self.filters.get(call.name, _unchanged))
        constants = [argument.value for argument in call.arguments if isinstance(argument, Constant)]
        if len(constants) == len(call.arguments):
            return _with_constants(function, value, tuple(constants))
        getters = [self._argument(argument) for argument in call.arguments]
        if len(getters) == 1:
            only = getters[0]
            return lambda context: function(context, value(context), only(context))
        return lambda context: function(context, value(context), *[getter(context) for getter in getters])

    def _argument(self, argument: Value | Pair) -> Getter:
        if not isinstance(argument, Pair):
            return self.value(argument)
        # liquidjs: a named argument is a list of its name and its value
        key, getter = argument.key, self.value(argument.value)
        return lambda context: [key, getter(context)]


_NOTHING: Final = Constant(MISSING, "literal", "")


def _constant(value: Any) -> Getter:
    return lambda _context: value


def _getter(operand: Getter | Constant) -> Getter:
    return _constant(operand.value) if isinstance(operand, Constant) else operand


def _parts_of(value: Value | Word | None) -> list[Value | Word | None]:
    if isinstance(value, Access):
        return [*value.keys] if value.root is None else [value.root, *value.keys]
    return [value.low, value.high] if isinstance(value, Range) else []


def _static_key(key: Value | Word) -> Any:
    return key.name if isinstance(key, Word) else key.value if isinstance(key, Constant) else None


def _first_of(first: Getter, others: list[Getter]) -> Getter:
    """Returns `{{ a b }}`: the first value. The others are read too, because that may fail."""

    def found(context: Context) -> Any:
        value = first(context)
        for getter in others:
            getter(context)
        return value

    return found


def _negation(value: Getter) -> Getter:
    return lambda context: not is_truthy(value(context))


def _operation(name: str, left: Getter | Constant, right: Getter | Constant) -> Getter:
    one = _getter(left)
    if name in ("==", "!=") and isinstance(right, Constant) and isinstance(right.value, str) and trim(right.value):
        # Nothing but the same text equals a text that is not blank.
        text = right.value
        return (lambda context: one(context) == text) if name == "==" else (lambda context: one(context) != text)
    function, other = BINARY[name], _getter(right)
    return lambda context: function(one(context), other(context))


# --- paths -----------------------------------------------------------------------------------------------


def _event_path(names: list[str]) -> Getter:
    """Returns a path of plain names into the event, none of them `size`."""
    root, *rest = names
    if not rest:
        return lambda context: context.event.get(root, MISSING)
    if len(rest) == 1:
        key = rest[0]

        def member(context: Context) -> Any:
            found = context.event.get(root, MISSING)
            return found.get(key, MISSING) if type(found) is dict else read_property(found, key)

        return member

    def path(context: Context) -> Any:
        found = context.event.get(root, MISSING)
        for key in rest:
            found = found.get(key, MISSING) if type(found) is dict else read_property(found, key)
        return found

    return path


def _scoped_path(names: list[str], line_and_column: str) -> Getter:
    """Returns a path of plain names from any variable."""
    root, *rest = names
    if not rest:
        return lambda context: context.named(root)

    def path(context: Context) -> Any:
        found = context.named(root)
        try:
            for key in rest:
                found = read_property(found, key)
        except LiquidProblem as problem:
            raise Positioned(problem.message + line_and_column) from None
        return found

    return path


def _computed_path(root: Getter | None, keys: list[Getter], line_and_column: str) -> Getter:
    """Returns a path with computed keys, or one that starts at a value. The keys are computed first.

    A problem with a later step has the line and column of the path.
    """

    def path(context: Context) -> Any:
        found_keys = []
        for key in keys:
            found_keys.append(key(context))  # noqa: PERF401  a comprehension would double the depth of the stack
        try:
            found = context.variable(found_keys.pop(0)) if root is None else root(context)
            for key in found_keys:
                found = read_property(found, key)
        except LiquidProblem as problem:
            raise Positioned(problem.message + line_and_column) from None
        return found

    return path


def _numbers(context: Context, low: Any, high: Any) -> list[float]:
    """Returns `(low..high)`: steps of 1 from `low`."""
    first, last = numeric(low), numeric(high)
    if last - first >= MAX_RANGE_ITEMS:  # liquidjs: up to 10^8 items
        raise Unpositioned(MEMORY_IS_UP)
    context.use(last - first + 1)
    if last > first:
        spend(_PER_NUMBER * (last - first))
    number, stop = float(first), float(last) + 1
    if not number < stop:
        return []
    if number < -_EXACT or stop > _EXACT:  # liquidjs: an endless loop where adding 1 changes nothing
        raise Unpositioned(MEMORY_IS_UP)
    if number.is_integer():
        return list(range(int(number), math.ceil(stop)))
    numbers = []
    while number < stop:
        numbers.append(number)
        number += 1
    return numbers


# --- filters ---------------------------------------------------------------------------------------------


def _counted(function: Filter) -> Filter:
    """Returns the filter, with the work for a large input or result counted."""

    def run(context: Context, value: Any, *arguments: Any) -> Any:
        steps = len(value) if value.__class__ in _SIZED else 0
        for argument in arguments:
            steps += len(argument) if argument.__class__ in _SIZED else 0
        if steps > FREE:
            spend(2 * steps)
        found = function(context, value, *arguments)
        if found.__class__ is str and len(found) > FREE:
            check_length(len(found), "@liquid")
        return found

    return run


def _unchanged(_context: Context, value: Any, *_: Any) -> Any:
    return value


def _with_constants(function: Filter, value: Getter, arguments: tuple[Any, ...]) -> Getter:
    if not arguments:
        return lambda context: function(context, value(context))
    if len(arguments) == 1:
        only = arguments[0]
        return lambda context: function(context, value(context), only)
    return lambda context: function(context, value(context), *arguments)
