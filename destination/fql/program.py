"""Compiles a tree of conditions into a program, and a program into a predicate.

A program is a list of steps in the order of evaluation. For each step it has the number of the next step when it is
true, and when it is false. So a predicate is a loop, however deeply groups nest, and it evaluates exactly the
conditions that the reference evaluates, in the same order.
"""

from dataclasses import field
from typing import Any, Final

from destination.errors import EngineTypeError
from destination.fql.nodes import members
from destination.fql.steps import Predicate, Step, as_object, constant, failing, make_step
from destination.records import dataclass
from destination.values import MISSING, get_property, truthy

_TRUE: Final = -1
_FALSE: Final = -2
"""The ends of a program, in place of the number of a step."""


@dataclass(slots=True)
class Branch:
    """A part of a program: one step, or a group of branches.

    Attributes:
        node: The AST node, or Segment's JSON of it.
        step: The step; None for a group with children.
        all: For a group: true when all children must match (`and`), false when one must (`or`).
        children: For a group: its branches.
        first: The number of the first step.
        size: The number of steps.
    """

    node: Any
    step: Step | None = None
    all: bool = False
    children: "list[Branch]" = field(default_factory=list)
    first: int = 0
    size: int = 1


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled tree of conditions.

    Attributes:
        branches: All branches, parents before children; the first one is the root.
        steps: The steps in the order of evaluation.
        if_true: For each step, the number of the next step when it is true; -1 ends the program with true, -2 with
            false.
        if_false: For each step, the number of the next step when it is false, or -1 or -2.
    """

    branches: tuple[Branch, ...]
    steps: tuple[Step, ...]
    if_true: tuple[int, ...]
    if_false: tuple[int, ...]


def make_program(condition: Any) -> Program:
    """Compiles a condition into a program.

    Args:
        condition: An AST node or Segment's JSON, well-formed or not. The root is treated as a group.

    Raises:
        EngineTypeError: The condition is null.
    """
    if condition is None or condition is MISSING:
        raise EngineTypeError("a subscription is an object, but this is null")
    branches = [Branch(condition)]
    for branch in branches:  # the list grows while it is walked: groups may nest deeply
        if branch.step is None:
            _expand(branch)
            branches.extend(branch.children)
    for branch in reversed(branches):
        if branch.children:
            branch.size = sum(child.size for child in branch.children)
    steps: list[Step] = [constant(verdict=False)] * branches[0].size
    if_true, if_false = [_TRUE] * len(steps), [_FALSE] * len(steps)
    targets = {id(branches[0]): (_TRUE, _FALSE)}
    for branch in branches:
        yes, no = targets.pop(id(branch))
        if branch.step is not None:
            steps[branch.first], if_true[branch.first], if_false[branch.first] = branch.step, yes, no
        following = branch.first
        for child in branch.children:
            child.first = following
            following += child.size
            if child is branch.children[-1]:
                targets[id(child)] = (yes, no)
            else:
                targets[id(child)] = (following, no) if branch.all else (yes, following)
    return Program(tuple(branches), tuple(steps), tuple(if_true), tuple(if_false))


def has_error(condition: Any) -> bool:
    """Returns whether a subscription is an error, which matches nothing."""
    return truthy(get_property(members(condition), "error"))


def compile_condition(condition: Any) -> Predicate:
    r"""Makes the predicate of a subscription, with the behaviour of Segment's `validate`.

    Args:
        condition: A result of `parse_fql`, or any JSON in Segment's form. A condition with an unknown operator or
            type matches nothing.

    Returns:
        The predicate. It accepts any JSON value. It raises `EngineTypeError` where the reference raises a
        TypeError: when it evaluates an undefined child, a group without a list of children or a name without any
        key (`properties.\.`), or reads a member of an event that is null.

    Raises:
        EngineTypeError: The condition is null.

    Example:
        >>> is_cheap = compile_condition({"operator": "and", "children": [
        ...     {"type": "event-property", "name": "price", "operator": "<", "value": 10}]})
        >>> is_cheap({"properties": {"price": 5}}), is_cheap({"properties": {"price": "5"}}), is_cheap("x")
        (True, False, False)
    """
    program = make_program(condition)
    return _no_match if has_error(condition) else predicate_of(program)


def matches(condition: Any, event: Any) -> bool:
    """Returns whether an event matches a subscription, as Segment's `validate` does.

    For many events use `compile_trigger` or `compile_condition`, which compile the condition once.

    Args:
        condition: A result of `parse_fql`, or any JSON in Segment's form.
        event: Any JSON value; `MISSING` matches nothing.

    Raises:
        EngineTypeError: The reference raises a TypeError (see `compile_condition`).

    Example:
        >>> from destination.fql import parse_fql
        >>> matches(parse_fql('type = "track"'), {"type": "track"})
        True
    """
    return compile_condition(condition)(event)


def predicate_of(program: Program) -> Predicate:
    """Makes the fastest predicate for the shape of a program."""
    root, steps = program.branches[0], program.steps
    runs = tuple(step.run for step in steps)
    is_flat = all(child.step is not None for child in root.children)
    if len(runs) == 1:
        general = _guard(runs[0])
    elif is_flat:
        general = _guard(_every(runs) if root.all else _some(runs))
    else:
        general = _guard(_jumps(runs, program.if_true, program.if_false))
    if is_flat and (root.all or len(runs) == 1):
        return _plain(steps, general) or general
    return general


def _expand(branch: Branch) -> None:
    """Adds the branches of a group, or the step that replaces a group without children."""
    view = members(branch.node)
    operator, children = get_property(view, "operator"), get_property(view, "children")
    if operator not in ("and", "or"):
        branch.step = constant(verdict=False)
    elif not isinstance(children, list):
        branch.step = failing("a group has no list of children")
    elif not children:
        branch.step = constant(verdict=operator == "and")
    else:
        branch.all = operator == "and"
        branch.children = [_branch(child) for child in children]


def _branch(node: Any) -> Branch:
    if node is None or node is MISSING:
        # Segment: a group whose words all vanished (test_reaching_an_undefined_child_is_an_engine_error)
        return Branch(node, failing("a condition is undefined: nothing was left of a group"))
    view = members(node)
    return Branch(node) if get_property(view, "type") == "group" else Branch(node, make_step(view))


def _no_match(_event: Any) -> bool:
    return False


def _guard(run: Predicate) -> Predicate:
    """Extends a predicate of objects to any JSON value."""

    def guarded(event: Any) -> bool:
        if type(event) is dict:
            return run(event)
        return event is not MISSING and run(as_object(event))

    return guarded


def _every(runs: tuple[Predicate, ...]) -> Predicate:
    def every(event: Any) -> bool:
        for run in runs:  # noqa: SIM110  a generator costs more than the loop
            if not run(event):
                return False
        return True

    return every


def _some(runs: tuple[Predicate, ...]) -> Predicate:
    def some(event: Any) -> bool:
        for run in runs:  # noqa: SIM110  a generator costs more than the loop
            if run(event):
                return True
        return False

    return some


def _jumps(runs: tuple[Predicate, ...], if_true: tuple[int, ...], if_false: tuple[int, ...]) -> Predicate:
    def jump(event: Any) -> bool:
        index = 0
        while index >= 0:
            index = if_true[index] if runs[index](event) else if_false[index]
        return index == _TRUE

    return jump


def _plain(steps: tuple[Step, ...], general: Predicate) -> Predicate | None:
    """Makes the predicate of the usual trigger, `type = "x"` and at most one more comparison, without calls."""
    first, second = steps[0], steps[-1]
    if len(steps) > 2 or first.equals is None or len(first.path) != 1 or len(second.path) != 1:
        return None
    field, text, other = first.path[0], first.equals, second.path[0]
    equal, different = second.equals, second.differs

    def one(event: Any) -> bool:
        if type(event) is dict:
            found: object = event.get(field)
            return found == text
        return general(event)

    def both(event: Any) -> bool:
        if type(event) is dict:
            return bool(event.get(field) == text and event.get(other) == equal)
        return general(event)

    def but_not(event: Any) -> bool:
        if type(event) is dict:
            return bool(event.get(field) == text and event.get(other) != different)
        return general(event)

    if len(steps) == 1:
        return one
    if equal is not None:
        return both
    return but_not if different is not None else None


# --- which events a program can match at all --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """Bounds of a set of events, all of which are objects.

    Attributes:
        types: The possible values of `type`; None when any value is possible.
        names: The possible values of `event`; None when any value is possible.
    """

    types: frozenset[str] | None
    names: frozenset[str] | None

    def and_(self, other: "Reach") -> "Reach":
        """Returns bounds of the events that are in both sets."""
        types, names = _intersection(self.types, other.types), _intersection(self.names, other.names)
        return NOWHERE if types == frozenset() or names == frozenset() else Reach(types, names)

    def or_(self, other: "Reach") -> "Reach":
        """Returns bounds of the events that are in at least one of the sets."""
        if NOWHERE in (self, other):
            return other if self == NOWHERE else self
        return Reach(_union(self.types, other.types), _union(self.names, other.names))


_EVERYWHERE: Final = Reach(None, None)
NOWHERE: Final = Reach(frozenset(), frozenset())


def reach_of(program: Program) -> Reach:
    """Returns bounds outside of which a program is never true and never raises an error.

    An index of triggers may skip a trigger for an event outside of its bounds, without missing an error.
    """
    # For each branch: the events for which it may be true, and those for which it may raise.
    found: dict[int, tuple[Reach, Reach]] = {}
    for branch in reversed(program.branches):
        if branch.step is not None:
            found[id(branch)] = _step_reach(branch.step)
            continue
        true, raises = (_EVERYWHERE if branch.all else NOWHERE), NOWHERE
        for child in branch.children:
            child_true, child_raises = found.pop(id(child))
            if branch.all:  # a child is evaluated only where all children before it are true
                raises = raises.or_(true.and_(child_raises))
                true = true.and_(child_true)
            else:
                raises = raises.or_(child_raises)
                true = true.or_(child_true)
        found[id(branch)] = (true, raises)
    true, raises = found[id(program.branches[0])]
    return true.or_(raises)


def _step_reach(step: Step) -> tuple[Reach, Reach]:
    if step.raises:
        return NOWHERE, _EVERYWHERE
    if step.always is False:
        return NOWHERE, NOWHERE
    if step.equals is not None and step.path in (("type",), ("event",)):
        only = frozenset({step.equals})
        return (Reach(only, None) if step.path == ("type",) else Reach(None, only)), NOWHERE
    return _EVERYWHERE, NOWHERE


def _intersection(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _union(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    return None if left is None or right is None else left | right
