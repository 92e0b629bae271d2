"""Finds an event that some triggers match and others do not, or proves that there is none."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final, TypeAlias

from destination.errors import DefinitionError, EngineTypeError
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition
from destination.fql.parser import parse_fql
from destination.fql.program import Program, has_error, make_program, predicate_of
from destination.fql.satisfy.event_tree import solve_event
from destination.fql.satisfy.requirement import Requirement, Solution, Unsatisfiable, conflict_text
from destination.fql.satisfy.search import (
    Formula,
    Search,
    TooManyAlternativesError,
    Verdicts,
    all_of,
    value_at,
    verdicts_of,
)
from destination.fql.steps import Predicate
from destination.fql.trigger import Trigger
from destination.records import dataclass
from destination.values import MISSING, real_type_of, strict_equals

# --- differences between events --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs between two events.

    Attributes:
        path: The keys from the event's root; an index of a list is written as text.
        before: The value in the first event; `MISSING` when it was absent.
        after: The value in the second event; `MISSING` when it was removed.

    Example:
        >>> from destination.fql import satisfy
        >>> satisfy("properties.price > 5", base={"properties": {"price": 3, "currency": "EUR"}}).changes
        (Change(path=('properties', 'price'), before=3, after=6),)
    """

    path: tuple[str, ...]
    before: Any
    after: Any


def changes_between(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[Change]:
    """Yields the changes that turn one JSON value into another; values are compared by identity, then by value.

    Example:
        >>> list(changes_between({"a": 1}, {"a": 1, "b": {"c": [2]}}))
        [Change(path=('b', 'c', '0'), before=MISSING, after=2)]
    """
    if before is after:
        return
    old, new = _members(before), _members(after)
    inside = new is not None and bool(new) and (before is MISSING or (old is not None and type(before) is type(after)))
    if inside and new is not None:
        for key, value in (old or {}).items():
            yield from changes_between(value, new.get(key, MISSING), (*path, key))
        for key, value in new.items():
            if old is None or key not in old:
                yield from changes_between(MISSING, value, (*path, key))
    elif not (strict_equals(before, after) or (old == new == {} and type(before) is type(after))):
        yield Change(path, before, after)


def _members(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    return {str(index): item for index, item in enumerate(value)} if isinstance(value, list) else None


# --- triggers --------------------------------------------------------------------------------------------

_MAX_CONDITIONS: Final = 2_000
_MAX_DEPTH: Final = 40
_MAX_PATH: Final = 60


@dataclass(frozen=True)
class Subject:
    """A trigger prepared for the analysis. One that is analysed several times needs to be prepared only once.

    Attributes:
        program: The compiled trigger; None when it cannot be parsed and so matches nothing.
        predicate: The trigger's predicate of events.
        error: The reason why it cannot be parsed; empty otherwise.
    """

    program: Program | None
    predicate: Predicate
    error: str = ""

    @cached_property
    def verdicts(self) -> Verdicts:
        """The formulas for the events for which it is true, and false."""
        assert self.program is not None  # noqa: S101  it can be parsed
        return verdicts_of(self.program)

    def verdict(self, event: Any) -> bool | None:
        """Returns the trigger's verdict on an event; None where the reference raises an error."""
        try:
            return bool(self.predicate(event))
        except EngineTypeError:
            return None


def subject_of(trigger: Any) -> Subject:
    """Prepares FQL text, a `Trigger`, an AST node or Segment's JSON of one.

    Raises:
        EngineTypeError: The trigger is null.
    """
    if isinstance(trigger, Subject):
        return trigger
    condition = trigger.condition if isinstance(trigger, Trigger) else trigger
    if isinstance(condition, str):
        condition = parse_fql(condition)
    if isinstance(condition, ErrorCondition):
        return Subject(None, _no_match, str(condition.error))
    if has_error(condition):
        return Subject(None, _no_match, str(ErrorCondition.from_json(condition).error))
    if isinstance(condition, Condition):
        condition = GroupCondition("and", (condition,))
    program = make_program(condition)
    return Subject(program, predicate_of(program))


def limit_exceeded(subjects: list[Subject]) -> str:
    """Returns the limit that the triggers exceed, as a clause; empty when they exceed none."""
    programs = [subject.program for subject in subjects if subject.program is not None]
    if sum(len(program.steps) for program in programs) > _MAX_CONDITIONS:
        return f"more than {_MAX_CONDITIONS} conditions"
    if any(len(step.path) > _MAX_PATH for program in programs for step in program.steps):
        return f"a path of more than {_MAX_PATH} keys"
    for program in programs:
        depths = {id(program.branches[0]): 0}
        for branch in program.branches:  # parents come before their children
            depths.update((id(child), depths[id(branch)] + 1) for child in branch.children)
        if max(depths.values()) > _MAX_DEPTH:
            return f"groups that nest more than {_MAX_DEPTH} deep"
    return ""


def _no_match(_event: Any) -> bool:
    return False


# --- solving ---------------------------------------------------------------------------------------------

_MAX_ALTERNATIVES: Final = 3_000
_MAX_WITNESSES = 32
_MEMBERS = ("type", "event", "name", "userId", "anonymousId", "properties", "traits", "context")
_TYPES = ("track", "page", "identify", "screen", "group", "alias")
_NAMES = ("Order Completed", "Product Viewed", "Sign Up")


@dataclass(frozen=True, slots=True)
class Witness:
    """An event that every wanted trigger matches and no refused one, checked with the triggers' predicates.

    Attributes:
        event: The event. Values that did not change are shared with the base.
        changes: The differences from the base, or from an empty event.

    Example:
        >>> from destination.fql import satisfy
        >>> witness = satisfy('type = "track" and properties.price > 10')
        >>> witness.event
        {'type': 'track', 'event': 'Order Completed', 'properties': {'price': 11}}
        >>> [change.path for change in witness.changes]
        [('type',), ('event',), ('properties', 'price')]
    """

    event: dict[str, Any]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    """A proof that no such event exists.

    Attributes:
        reason: The proof, as a clause.

    Example:
        >>> from destination.fql import satisfy
        >>> satisfy('type = "track" and type = "page"')
        Impossible(reason='no event passes type = "track" and type = "page"')
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither an event nor a proof was found.

    Attributes:
        reason: The reason, as a clause.

    Example:
        >>> from destination.fql import satisfy
        >>> type(satisfy('event = "a"', refused='event = "a" and ("b")')).__name__
        'Undecided'
    """

    reason: str


Satisfaction: TypeAlias = Witness | Impossible | Undecided


def satisfy(*wanted: Any, refused: Any = (), base: dict[str, Any] | None = None) -> Satisfaction:
    """Finds an event that every wanted trigger matches and no refused one.

    Args:
        wanted: Triggers: FQL text, a `Trigger`, an AST node or Segment's JSON of one, or a `Subject` of any.
        refused: One trigger, or several.
        base: The event to start from; the search looks for few changes. Without a base, the witness has only the
            members that it needs, and a `type` (a track event also a name) where the triggers allow one.

    Returns:
        A `Witness`; `Impossible` with a proof, which holds for every event that is a JSON object; or `Undecided`:
        there were too many alternatives, conditions on which the reference raises an error, or paths that meet in
        a list or string. A trigger that cannot be parsed matches nothing.

    Raises:
        DefinitionError: The base is not an object.
        EngineTypeError: A trigger is null.

    Example:
        >>> satisfy('type = "track"', 'event != "Sign Up"', base={"type": "track", "event": "Sign Up"}).event
        {'type': 'track', 'event': 'Sign U'}
        >>> satisfy('type = "track" and properties.price > 5', "properties.price < 3")
        Impossible(reason='no event passes properties.price > 5 and properties.price < 3')
    """
    if base is not None and not isinstance(base, dict):
        raise DefinitionError(f"a base is an event, an object, but this is: {real_type_of(base)}")
    pass_these = [subject_of(trigger) for trigger in wanted]
    fail_these = [subject_of(trigger) for trigger in _as_triggers(refused)]
    for subject in pass_these:
        if subject.program is None:
            return Impossible(f"a trigger that cannot be parsed matches nothing: {subject.error}")
    if base is not None and _is_witness(base, pass_these, fail_these):
        return Witness(base, ())
    reason = limit_exceeded([*pass_these, *fail_these])
    if reason:
        return Undecided(f"too much to look into: {reason}")
    formula, raises = _formula(pass_these, fail_these)
    return find_event(formula, pass_these, fail_these, base, raises=raises)


def find_event(
    formula: Formula,
    wanted: list[Subject],
    refused: list[Subject],
    base: dict[str, Any] | None = None,
    *,
    raises: bool = False,
) -> Satisfaction:
    """Finds an event for which a formula holds.

    Args:
        formula: The formula that must hold.
        wanted: Triggers that must match the event, too.
        refused: Triggers that must not match it.
        base: The event to start from.
        raises: Whether the reference may raise an error for some events. The formula does not cover those, so a
            missing event is no proof.
    """
    # An alternative is a set of requirements that makes the formula true. Each results in an event or in a
    # conflict, which the search then avoids. If all alternatives end in conflicts, these are the proof.
    start = {} if base is None else base
    search = Search(start, limit=_MAX_ALTERNATIVES)
    best: Witness | None = None
    unknown = "a refused trigger on which the reference raises an error for some events" if raises else ""
    witnesses = 0
    try:
        for requirements in search.alternatives(formula):
            if best is not None and _count_broken(requirements, start) >= len(best.changes):
                continue
            outcome = solve_event(requirements, start)
            if isinstance(outcome, Unsatisfiable):
                search.add_conflict(outcome.requirements)
            elif isinstance(outcome, Solution) and _is_witness(outcome.value, wanted, refused):
                changes = tuple(changes_between(start, outcome.value))
                if best is None or len(changes) < len(best.changes):
                    best = Witness(outcome.value, changes)
                witnesses += 1
            else:
                unknown = outcome.reason if not isinstance(outcome, Solution) else "paths that meet in one value"
            if best is not None and (len(best.changes) <= 1 or witnesses == _MAX_WITNESSES):
                break
    except TooManyAlternativesError:
        unknown = f"more than {_MAX_ALTERNATIVES} ways to go through"
    if best is not None:
        return best if base is not None else _with_usual_members(best.event, wanted, refused)
    if unknown:
        return Undecided(f"not decided: {unknown}")
    return Impossible(_conflicts_text(search.conflicts))


def _is_witness(event: dict[str, Any], wanted: list[Subject], refused: list[Subject]) -> bool:
    """Returns whether the triggers' own predicates agree."""
    return all(one.verdict(event) is True for one in wanted) and all(one.verdict(event) is False for one in refused)


def _formula(wanted: list[Subject], refused: list[Subject]) -> tuple[Formula, bool]:
    passing = [one.verdicts.true for one in wanted if one.program is not None]
    failing = [one.verdicts for one in refused if one.program is not None]
    return all_of([*passing, *(one.false for one in failing)]), any(one.raises for one in failing)


def _as_triggers(refused: Any) -> Iterable[Any]:
    if isinstance(refused, (str, dict, Subject, Trigger, Condition, GroupCondition, ErrorCondition)):
        return (refused,)
    return tuple(refused)


def _count_broken(requirements: list[Requirement], event: dict[str, Any]) -> int:
    return sum(not one.passes(value_at(event, one.path)) for one in requirements)


def _with_usual_members(event: dict[str, Any], wanted: list[Subject], refused: list[Subject]) -> Witness:
    """Adds the members that every event of Segment has, and puts all in the order in which Segment writes them."""
    for key, choices in (("type", _TYPES), ("event", _NAMES)):
        if key in event or (key == "event" and event.get("type") != "track"):
            continue
        for choice in choices:
            if _is_witness({**event, key: choice}, wanted, refused):
                event = {**event, key: choice}
                break
    event = {key: event[key] for key in sorted(event, key=_rank)}
    return Witness(event, tuple(changes_between({}, event)) if event else ())


def _rank(key: str) -> int:
    return _MEMBERS.index(key) if key in _MEMBERS else len(_MEMBERS)


def _conflicts_text(conflicts: list[tuple[Requirement, ...]]) -> str:
    """Writes the requirements that exclude each other as a clause."""
    cores = dict.fromkeys(
        conflict_text(_minimal_conflict(list(requirements))) for requirements in conflicts if requirements
    )
    return ", and ".join(cores) or "no condition is left that could match"


def _minimal_conflict(requirements: list[Requirement]) -> list[Requirement]:
    """Returns the requirements without those that the proof does not need."""
    needed = list({(one.key, one.wanted): one for one in requirements}.values())
    for one in list(needed):
        fewer = [other for other in needed if other is not one]
        if fewer and isinstance(solve_event(fewer, {}), Unsatisfiable):
            needed = fewer
    return needed
