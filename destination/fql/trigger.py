"""Compiles the trigger of a subscription, and traces how it decides about an event."""

from typing import Any, final

from destination.errors import EngineTypeError, FQLSyntaxError
from destination.fql.nodes import ErrorCondition, Subscription
from destination.fql.parser import parse_fql, parse_with_offsets
from destination.fql.program import NOWHERE, Branch, Program, has_error, make_program, predicate_of, reach_of
from destination.fql.steps import as_object
from destination.records import dataclass
from destination.values import MISSING


@dataclass(frozen=True, slots=True)
class Trace:
    """The verdict of a condition on an event; it is truthy when the condition holds.

    Attributes:
        condition: The AST node; None for an undefined child.
        verdict: Whether the condition holds; None if evaluating it would raise an error.
        reached: Whether the reference evaluates the condition. It skips the rest of a group once a child has
            decided it; a skipped condition has a verdict nevertheless.
        path: For a single condition: the path that it reads, such as `("properties", "price")`.
        value: For a single condition: the value at the path, or `MISSING`.
        children: For a group: the traces of its conditions, in their order.

    Example:
        >>> from destination.fql import compile_trigger
        >>> trigger = compile_trigger('type = "track" and properties.n > 5')
        >>> trace = trigger.trace({"type": "page", "properties": {"n": 6}})
        >>> trace.verdict, [(child.path, child.verdict, child.reached) for child in trace.children]
        (False, [(('type',), False, True), (('properties', 'n'), True, False)])
    """

    condition: Any
    verdict: bool | None
    reached: bool = True
    path: tuple[str, ...] = ()
    value: Any = MISSING
    children: "tuple[Trace, ...]" = ()

    def __bool__(self) -> bool:
        return self.verdict is True


@final
class Trigger:
    """The compiled predicate of a subscription; call it with an event.

    A trigger that cannot be parsed matches nothing and raises nothing. Other triggers raise `EngineTypeError` where
    the reference raises a TypeError (see `compile_condition`).

    Attributes:
        source: The FQL text.
        condition: The AST.
        error: The reason why the text cannot be parsed, or None.
        predicate: The function that a call runs, for hot loops.
        event_types: The values of an event's `type` for which the trigger may match or raise an error; None when
            any value is possible. Valid for events that are objects.
        event_names: The values of an event's `event` for which the trigger may match or raise an error; None when
            any value is possible. Valid for events that are objects.

    Example:
        >>> trigger = compile_trigger('type = "track" and event != "Experiment Viewed"')
        >>> trigger({"type": "track", "event": "Sign Up"}), trigger({"type": "page"})
        (True, False)
        >>> sorted(trigger.event_types), trigger.event_names
        (['track'], None)
    """

    __slots__ = ("_program", "condition", "error", "event_names", "event_types", "predicate", "source")

    def __init__(self, source: str, condition: Subscription) -> None:
        self.source = source
        self.condition = condition
        self.error: FQLSyntaxError | None = condition.error if isinstance(condition, ErrorCondition) else None
        self._program = make_program(condition)
        self.predicate = predicate_of(self._program)
        reach = NOWHERE if self.error else reach_of(self._program)
        self.event_types = reach.types
        self.event_names = reach.names

    def __call__(self, event: Any) -> bool:
        return self.predicate(event)

    def __repr__(self) -> str:
        return f"compile_trigger({self.source!r})"

    @property
    def program(self) -> Program:
        """The compiled conditions, for tools that evaluate them one by one."""
        return self._program

    def trace(self, event: Any) -> Trace:
        """Returns the verdict on an event, with the verdict of every condition.

        Raises:
            EngineTypeError: The reference raises a TypeError for this event.

        Example:
            >>> trace = compile_trigger('type = "track" and properties.price > 5').trace({"type": "track"})
            >>> bool(trace), [(child.path, child.value, child.verdict) for child in trace.children]
            (False, [(('type',), 'track', True), (('properties', 'price'), MISSING, False)])
        """
        return _trace_program(self._program, event)


def compile_trigger(source: str) -> Trigger:
    """Compiles FQL text; text that cannot be parsed becomes a trigger with an `error`, which matches nothing.

    Example:
        >>> compile_trigger("type").error
        FQLSyntaxError('Value token is missing')
    """
    return Trigger(source, parse_fql(source))


def condition_offsets(source: str) -> tuple[tuple[int, int], ...]:
    """Returns the start and end of each condition in a trigger's text, in characters.

    Args:
        source: The FQL text.

    Returns:
        One pair for each condition, in the order of evaluation: that of the steps of a compiled trigger and of the
        leaves of a trace. A group whose words all vanished counts as one, with its parentheses. Empty for a trigger
        that cannot be parsed.

    Example:
        >>> source = 'type = "track" and (event = "A" or !contains(event, "B"))'
        >>> [source[start:end] for start, end in condition_offsets(source)]
        ['type = "track"', 'event = "A"', '!contains(event, "B")']
    """
    parsed, offsets = parse_with_offsets(source)
    return () if isinstance(parsed, ErrorCondition) else offsets


def trace_condition(condition: Any, event: Any) -> Trace:
    """Traces how an AST node, or Segment's JSON of one, decides about an event.

    Raises:
        EngineTypeError: The reference raises a TypeError for this event.

    Example:
        >>> bool(trace_condition({"operator": "or", "children": []}, {}))
        False
    """
    if has_error(condition):
        return Trace(condition, verdict=False)
    return _trace_program(make_program(condition), event)


def _trace_program(program: Program, event: Any) -> Trace:
    """Evaluates the steps in the reference's order, and then the steps that it skips."""
    if event is MISSING:
        return Trace(program.branches[0].node, verdict=False, reached=False)
    verdicts: list[bool | None] = [None] * len(program.steps)
    reached = [False] * len(program.steps)
    values: list[Any] = [MISSING] * len(program.steps)
    subject = as_object(event)
    index = 0
    while index >= 0:
        step = program.steps[index]
        values[index] = step.get(subject)
        verdict = step.test(values[index])
        verdicts[index], reached[index] = verdict, True
        index = program.if_true[index] if verdict else program.if_false[index]
    for number, step in enumerate(program.steps):
        if not reached[number]:
            try:
                values[number] = step.get(subject)
                verdicts[number] = step.test(values[number])
            except EngineTypeError:
                continue  # its verdict stays None
    traces: dict[int, Trace] = {}
    for branch in reversed(program.branches):
        if branch.step is None:
            children = tuple(traces.pop(id(child)) for child in branch.children)
            reached_any = any(child.reached for child in children)
            traces[id(branch)] = Trace(branch.node, _group_verdict(branch, children), reached_any, children=children)
        else:
            number = branch.first
            traces[id(branch)] = Trace(branch.node, verdicts[number], reached[number], branch.step.path, values[number])
    return traces[id(program.branches[0])]


def _group_verdict(branch: Branch, children: tuple[Trace, ...]) -> bool | None:
    """Returns the verdict of the first child that decides the group or has none."""
    for child in children:
        if child.verdict is not branch.all:
            return child.verdict
    return branch.all
