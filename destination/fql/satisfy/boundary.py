"""The events on both sides of each condition of a trigger."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from destination.fql.program import Program
from destination.fql.satisfy.formula import FALSE, Formula, all_of, verdicts_of
from destination.fql.satisfy.outcome import Found
from destination.fql.satisfy.place import solve_value
from destination.fql.satisfy.requirement import NUMERIC, TEXTUAL, Requirement, condition_text, make_requirement
from destination.fql.satisfy.search import value_at
from destination.fql.satisfy.solve import Witness, find_event, satisfy
from destination.fql.satisfy.subjects import Subject, subject_of, too_much
from destination.values import MISSING, stringify, to_number, to_string


@dataclass(frozen=True, slots=True)
class BoundaryEvent:
    """An event just inside a condition, or just outside.

    Attributes:
        event: It.
        matches: Whether the trigger matches it.
        condition: The condition that decides, as it stands in the AST.
        note: The condition and the value, as a sentence.
    """

    event: dict[str, Any]
    matches: bool
    condition: Any
    note: str


def boundary_events(trigger: Any, base: dict[str, Any] | None = None) -> tuple[BoundaryEvent, ...]:
    """For each condition that can decide about a trigger, an event that just matches and one that just does not.

    The two differ only in what that condition looks at, where that can be: a number by one, a text by one
    character, a value by being there. A condition that decides nothing (another one says the same, or the
    trigger does not depend on it) has no events.

    Args:
        trigger: FQL text, a `Trigger`, an AST node or Segment's JSON of one.
        base: The event to change in as few places as can be found.

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
    if subject.program is None or too_much([subject]):
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
                found.extend(_around(subject, subject.program, branch.first, requirement, base))
    return tuple(found)


def _around(
    subject: Subject, program: Program, number: int, one: Requirement, base: dict[str, Any]
) -> Iterator[BoundaryEvent]:
    true, false = verdicts_of(program, {number: True}), verdicts_of(program, {number: False})
    for inside, outside, wanted in ((true.true, false.false, one), (false.true, true.false, one.denied())):
        decides = all_of([wanted, inside, outside])
        if decides == FALSE:
            continue
        start = _just(wanted, base)
        matching = find_event(decides, [subject], [], start)
        if not isinstance(matching, Witness):
            matching = find_event(decides, [subject], [], base)
        if not isinstance(matching, Witness):
            continue
        yield _event(matching.event, one, matches=True)
        other = _beyond(subject, program, matching.event, wanted.denied())
        if other is not None:
            yield _event(other, one, matches=False)
        return


def _just(one: Requirement, base: dict[str, Any]) -> dict[str, Any]:
    """The base with the value at the boundary already in it, where that is easily done."""
    if one.operator not in NUMERIC and one.operator not in TEXTUAL:
        return base
    edge = to_number(one.expected) if one.operator in NUMERIC else to_string(one.expected)
    found = solve_value([one], edge)
    if not isinstance(found, Found):
        return base
    start = dict(base)
    place = start
    for key in one.path[:-1]:
        below = place.get(key, {})
        if not isinstance(below, dict):
            return base
        place[key] = dict(below)
        place = place[key]
    place[one.path[-1]] = found.value
    return start


def _beyond(subject: Subject, program: Program, inside: dict[str, Any], denied: Requirement) -> dict[str, Any] | None:
    """The event that does not match: with the other conditions as they are, or as near to that as can be."""
    others: list[Formula] = []
    for branch in program.branches:
        if branch.step is not None and not branch.step.raises:
            other = make_requirement(branch.node, branch.step)
            if isinstance(other, Requirement) and other.key != denied.key:
                holds = other.passes(value_at(inside, other.path))
                others.append(other if holds else other.denied())
    fails = verdicts_of(program).false
    for formula in (all_of([denied, *others, fails]), all_of([denied, fails])):
        outside = find_event(formula, [], [subject], inside)
        if isinstance(outside, Witness):
            return outside.event
    return None


def _event(event: dict[str, Any], one: Requirement, *, matches: bool) -> BoundaryEvent:
    value = value_at(event, one.path)
    shown = "a missing value" if value is MISSING else stringify(value)
    side = "inside" if matches else "outside"
    return BoundaryEvent(event, matches, one.node, f"{condition_text(one.node)}: {shown} is just {side}")
