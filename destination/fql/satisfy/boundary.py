"""Finds events on both sides of each condition of a trigger."""

from collections.abc import Iterator
from typing import Any

from destination.fql.program import Program
from destination.fql.satisfy.event_tree import solve_value
from destination.fql.satisfy.requirement import (
    NUMERIC,
    TEXTUAL,
    Requirement,
    Solution,
    condition_text,
    make_requirement,
)
from destination.fql.satisfy.search import FALSE, Formula, all_of, value_at, verdicts_of
from destination.fql.satisfy.solve import Subject, Witness, find_event, limit_exceeded, satisfy, subject_of
from destination.records import dataclass
from destination.values import MISSING, stringify, to_number, to_string


@dataclass(frozen=True, slots=True)
class BoundaryEvent:
    """An event just inside a condition, or just outside.

    Attributes:
        event: The event.
        matches: Whether the trigger matches it.
        condition: The deciding condition, an AST node or Segment's JSON.
        note: A sentence with the condition and the value.

    Example:
        >>> from destination.fql import boundary_events
        >>> for found in boundary_events('type = "track" and properties.price > 10')[2:4]:
        ...     print(found.matches, found.event["properties"])
        True {'price': 11}
        False {'price': 10}
    """

    event: dict[str, Any]
    matches: bool
    condition: Any
    note: str


def boundary_events(trigger: Any, base: dict[str, Any] | None = None) -> tuple[BoundaryEvent, ...]:
    """Finds an event just inside and one just outside of each condition that can decide a trigger.

    Where possible, the two events differ only in the value that the condition reads: a number by one, a string by
    one character, other values by being there. A condition that never decides (another one implies it, or the
    trigger does not depend on it) has no events.

    Args:
        trigger: FQL text, a `Trigger`, an AST node or Segment's JSON of one.
        base: The event to start from; the search looks for few changes.

    Raises:
        EngineTypeError: The trigger is null.

    Example:
        >>> for one in boundary_events('type = "track" and properties.price > 5'):
        ...     print(one.matches, one.note)
        True type = "track": "track" is just inside
        False type = "track": "trac" is just outside
        True properties.price > 5: 6 is just inside
        False properties.price > 5: 5 is just outside
    """
    subject = subject_of(trigger)
    if subject.program is None or limit_exceeded([subject]):
        return ()
    if base is None:
        usual = satisfy(trigger)
        base = usual.event if isinstance(usual, Witness) else {}
    steps = [branch for branch in subject.program.branches if branch.step is not None]
    found: list[BoundaryEvent] = []
    for branch in sorted(steps, key=lambda branch: branch.first):
        assert branch.step is not None  # noqa: S101  for the type checker
        if not branch.step.raises:
            requirement = make_requirement(branch.node, branch.step)
            if isinstance(requirement, Requirement):
                found.extend(_events_around(subject, subject.program, branch.first, requirement, base))
    return tuple(found)


def _events_around(
    subject: Subject, program: Program, number: int, one: Requirement, base: dict[str, Any]
) -> Iterator[BoundaryEvent]:
    true, false = verdicts_of(program, {number: True}), verdicts_of(program, {number: False})
    for inside, outside, wanted in ((true.true, false.false, one), (false.true, true.false, one.negated())):
        decides = all_of([wanted, inside, outside])
        if decides == FALSE:
            continue
        start = _with_boundary_value(wanted, base)
        matching = find_event(decides, [subject], [], start)
        if not isinstance(matching, Witness):
            matching = find_event(decides, [subject], [], base)
        if not isinstance(matching, Witness):
            continue
        yield _boundary_event(matching.event, one, matches=True)
        other = _event_outside(subject, program, matching.event, wanted.negated())
        if other is not None:
            yield _boundary_event(other, one, matches=False)
        return


def _with_boundary_value(one: Requirement, base: dict[str, Any]) -> dict[str, Any]:
    """Returns the base with the boundary value set, where the objects on its path allow that."""
    if one.operator not in NUMERIC and one.operator not in TEXTUAL:
        return base
    edge = to_number(one.expected) if one.operator in NUMERIC else to_string(one.expected)
    found = solve_value([one], edge)
    if not isinstance(found, Solution):
        return base
    start = dict(base)
    parent = start
    for key in one.path[:-1]:
        below = parent.get(key, {})
        if not isinstance(below, dict):
            return base
        parent[key] = dict(below)
        parent = parent[key]
    parent[one.path[-1]] = found.value
    return start


def _event_outside(
    subject: Subject, program: Program, inside: dict[str, Any], negated: Requirement
) -> dict[str, Any] | None:
    """Finds an event that does not match; the other conditions keep their verdicts where possible."""
    others: list[Formula] = []
    for branch in program.branches:
        if branch.step is not None and not branch.step.raises:
            other = make_requirement(branch.node, branch.step)
            if isinstance(other, Requirement) and other.key != negated.key:
                holds = other.passes(value_at(inside, other.path))
                others.append(other if holds else other.negated())
    fails = verdicts_of(program).false
    for formula in (all_of([negated, *others, fails]), all_of([negated, fails])):
        outside = find_event(formula, [], [subject], inside)
        if isinstance(outside, Witness):
            return outside.event
    return None


def _boundary_event(event: dict[str, Any], one: Requirement, *, matches: bool) -> BoundaryEvent:
    value = value_at(event, one.path)
    shown = "a missing value" if value is MISSING else stringify(value)
    side = "inside" if matches else "outside"
    return BoundaryEvent(event, matches, one.condition, f"{condition_text(one.condition)}: {shown} is just {side}")
