"""Triggers as a logical formula: when they are true, and when they are false, without an error on the way."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from destination.fql.program import Branch, Program
from destination.fql.satisfy.requirement import Requirement, make_requirement


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part does."""

    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when some part does."""

    parts: "tuple[Formula, ...]"


Formula: TypeAlias = Requirement | AllOf | AnyOf

TRUE: Final = AllOf(())
FALSE: Final = AnyOf(())


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A node's formulas.

    Attributes:
        true: When it is true.
        false: When it is false.
        raises: Whether there are events on which the reference may die.
    """

    true: Formula
    false: Formula
    raises: bool = False


def all_of(parts: list[Formula]) -> Formula:
    """The conjunction, without what says nothing."""
    if FALSE in parts:
        return FALSE
    kept = [part for part in parts if part != TRUE]
    return kept[0] if len(kept) == 1 else AllOf(tuple(kept))


def any_of(parts: list[Formula]) -> Formula:
    """The disjunction, without what says nothing."""
    if TRUE in parts:
        return TRUE
    kept = [part for part in parts if part != FALSE]
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def verdicts_of(program: Program, fixed: dict[int, bool] | None = None) -> Verdicts:
    """The formulas of a trigger.

    Args:
        program: The trigger, laid out.
        fixed: Steps whose verdict is set, by number.
    """
    found: dict[int, Verdicts] = {}
    for branch in reversed(program.branches):  # children stand behind their parents
        if branch.step is None:
            found[id(branch)] = _group(branch.all, [found.pop(id(child)) for child in branch.children])
        elif fixed and branch.first in fixed:
            found[id(branch)] = _constant(fixed[branch.first])
        else:
            found[id(branch)] = _single(branch)
    return found[id(program.branches[0])]


def _single(branch: Branch) -> Verdicts:
    assert branch.step is not None  # noqa: S101  the caller looked
    if branch.step.raises:
        return Verdicts(FALSE, FALSE, raises=True)
    requirement = make_requirement(branch.node, branch.step)
    return _constant(requirement) if isinstance(requirement, bool) else Verdicts(requirement, requirement.denied())


def _constant(verdict: bool) -> Verdicts:
    return Verdicts(TRUE, FALSE) if verdict else Verdicts(FALSE, TRUE)


def _group(conjoined: bool, children: list[Verdicts]) -> Verdicts:
    """`and` is false, and `or` is true, at the first child that is; those before it must not raise."""
    raises = any(child.raises for child in children)
    ways: list[Formula] = []
    before: list[Formula] = []
    for child in children:
        decisive, other = (child.false, child.true) if conjoined else (child.true, child.false)
        ways.append(all_of([*before, decisive]) if raises else decisive)
        before.append(other)
    decided, through = any_of(ways), all_of(before)
    return Verdicts(through, decided, raises) if conjoined else Verdicts(decided, through, raises)
