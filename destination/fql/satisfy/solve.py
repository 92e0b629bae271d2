"""An event that some triggers match and others do not, or the proof that there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from destination.errors import DefinitionError
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition
from destination.fql.satisfy.changes import Change, changes_between
from destination.fql.satisfy.formula import Formula, all_of, verdicts_of
from destination.fql.satisfy.outcome import Barred, Found
from destination.fql.satisfy.place import solve_event
from destination.fql.satisfy.requirement import Requirement, sentence
from destination.fql.satisfy.search import Search, TooManyWaysError, value_at
from destination.fql.satisfy.subjects import Subject, subject_of, too_much
from destination.fql.trigger import Trigger
from destination.values import real_type_of

MAX_WAYS: Final = 3_000
_TRIES = 32
_MEMBERS = ("type", "event", "name", "userId", "anonymousId", "properties", "traits", "context")
_TYPES = ("track", "page", "identify", "screen", "group", "alias")
_NAMES = ("Order Completed", "Product Viewed", "Sign Up")


@dataclass(frozen=True, slots=True)
class Witness:
    """An event that does what was asked; the real predicates have said so.

    Attributes:
        event: It. What did not change is shared with the base.
        changes: What differs from the base, or from an empty event.
    """

    event: dict[str, Any]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    """There is no such event.

    Attributes:
        reason: The proof, as a sentence.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither an event was found nor a proof that there is none.

    Attributes:
        reason: Why, as a sentence.
    """

    reason: str


Satisfaction: TypeAlias = Witness | Impossible | Undecided


def satisfy(*wanted: Any, refused: Any = (), base: dict[str, Any] | None = None) -> Satisfaction:
    """Looks for an event that every wanted trigger matches and no refused one.

    Args:
        wanted: FQL text, a `Trigger`, an AST node or Segment's JSON of one, each.
        refused: The same, one or several.
        base: The event to change in as few places as can be found. Without one, the witness has no more than
            it needs, and a `type` (for a track event a name, too) where that does no harm.

    Returns:
        A `Witness`; `Impossible` with the proof, which holds for every event that is a JSON object; or
        `Undecided`: too many ways to go through, conditions on which the reference dies, or paths that meet
        in a list or text. A trigger that cannot be parsed matches nothing.

    Raises:
        DefinitionError: The base is no object.
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
    fail_these = [subject_of(trigger) for trigger in _several(refused)]
    for subject in pass_these:
        if subject.program is None:
            return Impossible(f"a trigger that cannot be parsed matches nothing: {subject.error}")
    if base is not None and is_witness(base, pass_these, fail_these):
        return Witness(base, ())
    reason = too_much([*pass_these, *fail_these])
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
    """`satisfy` for a formula.

    Args:
        formula: What must hold.
        wanted: What must match all the same.
        refused: What must not.
        base: The event to change.
        raises: Whether events on which the reference dies may be some that were asked for, which the formula
            does not know.
    """
    start = {} if base is None else base
    search = Search(start, limit=MAX_WAYS)
    best: Witness | None = None
    unsure = "a refused trigger on which the reference dies for some events" if raises else ""
    tries = 0
    try:
        for requirements in search.ways(formula):
            if best is not None and _broken(requirements, start) >= len(best.changes):
                continue
            outcome = solve_event(requirements, start)
            if isinstance(outcome, Barred):
                search.bar(outcome.requirements)
            elif isinstance(outcome, Found) and is_witness(outcome.value, wanted, refused):
                changes = tuple(changes_between(start, outcome.value))
                if best is None or len(changes) < len(best.changes):
                    best = Witness(outcome.value, changes)
                tries += 1
            else:
                unsure = outcome.reason if not isinstance(outcome, Found) else "paths that meet in one value"
            if best is not None and (len(best.changes) <= 1 or tries == _TRIES):
                break
    except TooManyWaysError:
        unsure = f"more than {MAX_WAYS} ways to go through"
    if best is not None:
        return best if base is not None else _dressed(best.event, wanted, refused)
    if unsure:
        return Undecided(f"not decided: {unsure}")
    return Impossible(_proof(search.barred))


def is_witness(event: dict[str, Any], wanted: list[Subject], refused: list[Subject]) -> bool:
    """Whether the real predicates agree."""
    return all(one.says(event) is True for one in wanted) and all(one.says(event) is False for one in refused)


def _formula(wanted: list[Subject], refused: list[Subject]) -> tuple[Formula, bool]:
    passing = [verdicts_of(one.program).true for one in wanted if one.program is not None]
    failing = [verdicts_of(one.program) for one in refused if one.program is not None]
    return all_of([*passing, *(one.false for one in failing)]), any(one.raises for one in failing)


def _several(refused: Any) -> Iterable[Any]:
    if isinstance(refused, (str, dict, Trigger, Condition, GroupCondition, ErrorCondition)):
        return (refused,)
    return tuple(refused)


def _broken(requirements: list[Requirement], event: dict[str, Any]) -> int:
    return sum(not one.passes(value_at(event, one.path)) for one in requirements)


def _dressed(event: dict[str, Any], wanted: list[Subject], refused: list[Subject]) -> Witness:
    """The event with what every event of Segment has, in the order in which Segment writes it."""
    for key, choices in (("type", _TYPES), ("event", _NAMES)):
        if key in event or (key == "event" and event.get("type") != "track"):
            continue
        for choice in choices:
            if is_witness({**event, key: choice}, wanted, refused):
                event = {**event, key: choice}
                break
    event = {key: event[key] for key in sorted(event, key=_rank)}
    return Witness(event, tuple(changes_between({}, event)) if event else ())


def _rank(key: str) -> int:
    return _MEMBERS.index(key) if key in _MEMBERS else len(_MEMBERS)


def _proof(barred: list[tuple[Requirement, ...]]) -> str:
    """The sentence for what excludes what."""
    cores = dict.fromkeys(sentence(_core(list(requirements))) for requirements in barred if requirements)
    return ", and ".join(cores) or "no condition is left that could match"


def _core(requirements: list[Requirement]) -> list[Requirement]:
    """The requirements without those that are not needed for the proof."""
    needed = list({(one.key, one.wanted): one for one in requirements}.values())
    for one in list(needed):
        fewer = [other for other in needed if other is not one]
        if fewer and isinstance(solve_event(fewer, {}), Barred):
            needed = fewer
    return needed
