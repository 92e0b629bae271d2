"""Turns triggers into logical formulas, and a formula into lists of requirements.

A trigger has one formula for being true and one for being false. An event on which the reference raises an error
meets neither. A formula holds for an event when the event meets every requirement in one of its lists.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from destination.fql.program import Branch, Program
from destination.fql.satisfy.event_tree import solve_value
from destination.fql.satisfy.requirement import Requirement, Unsatisfiable, make_requirement
from destination.records import dataclass
from destination.values import get_property, truthy

# --- formulas --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds."""

    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one part holds."""

    parts: "tuple[Formula, ...]"


Formula: TypeAlias = Requirement | AllOf | AnyOf

TRUE: Final = AllOf(())
FALSE: Final = AnyOf(())


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The formulas of a trigger or of a part of it.

    Attributes:
        true: Holds for the events for which the part is true.
        false: Holds for the events for which the part is false.
        raises: Whether the reference may raise an error for some events.
    """

    true: Formula
    false: Formula
    raises: bool = False


def all_of(parts: list[Formula]) -> Formula:
    """Returns the conjunction of the parts, without those that always hold."""
    if FALSE in parts:
        return FALSE
    kept = [part for part in parts if part != TRUE]
    return kept[0] if len(kept) == 1 else AllOf(tuple(kept))


def _any_of(parts: list[Formula]) -> Formula:
    """Returns the disjunction of the parts, without those that never hold."""
    if TRUE in parts:
        return TRUE
    kept = [part for part in parts if part != FALSE]
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


def verdicts_of(program: Program, fixed: dict[int, bool] | None = None) -> Verdicts:
    """Makes the formulas of a trigger.

    Args:
        program: The compiled trigger.
        fixed: Verdicts to assume, by the number of the step.
    """
    found: dict[int, Verdicts] = {}
    for branch in reversed(program.branches):  # parents come before their children
        if branch.step is None:
            found[id(branch)] = _group_verdicts(branch.all, [found.pop(id(child)) for child in branch.children])
        elif fixed and branch.first in fixed:
            found[id(branch)] = _constant_verdicts(fixed[branch.first])
        else:
            found[id(branch)] = _step_verdicts(branch)
    return found[id(program.branches[0])]


def _step_verdicts(branch: Branch) -> Verdicts:
    assert branch.step is not None  # noqa: S101  the caller looked
    if branch.step.raises:
        return Verdicts(FALSE, FALSE, raises=True)
    requirement = make_requirement(branch.node, branch.step)
    return (
        _constant_verdicts(requirement)
        if isinstance(requirement, bool)
        else Verdicts(requirement, requirement.negated())
    )


def _constant_verdicts(verdict: bool) -> Verdicts:
    return Verdicts(TRUE, FALSE) if verdict else Verdicts(FALSE, TRUE)


def _group_verdicts(conjoined: bool, children: list[Verdicts]) -> Verdicts:
    """Combines the formulas of a group, whose first decisive child ends the evaluation.

    The children before the decisive one must not raise.
    """
    raises = any(child.raises for child in children)
    alternatives: list[Formula] = []
    before: list[Formula] = []
    for child in children:
        decisive, other = (child.false, child.true) if conjoined else (child.true, child.false)
        alternatives.append(all_of([*before, decisive]) if raises else decisive)
        before.append(other)
    decided, through = _any_of(alternatives), all_of(before)
    return Verdicts(through, decided, raises) if conjoined else Verdicts(decided, through, raises)


# --- search ----------------------------------------------------------------------------------------------

_MAX_CONFLICTS = 3


class TooManyAlternativesError(Exception):
    """The search reached its limit."""


class Search:
    """Enumerates the lists of requirements under which a formula holds.

    Args:
        base: The event to start from; lists that it nearly meets come early.
        limit: The maximum number of steps of the search.

    Attributes:
        conflicts: The first few lists of requirements that exclude each other.
    """

    def __init__(self, base: dict[str, Any], *, limit: int) -> None:
        self._base = base
        self._left = limit
        self.conflicts: list[tuple[Requirement, ...]] = []
        self._texts: dict[int, tuple[AnyOf, _Texts | None]] = {}

    def alternatives(self, formula: Formula) -> Iterator[list[Requirement]]:
        """Yields the lists of requirements; the formula holds for an event that meets all of one list.

        Lists in which requirements on the same path exclude each other are left out.

        Raises:
            TooManyAlternativesError: The search reached its limit.
        """
        yield from self._extend(_Chosen({}, {}), [formula])

    def add_conflict(self, requirements: tuple[Requirement, ...]) -> None:
        """Records requirements that exclude each other."""
        if len(self.conflicts) < _MAX_CONFLICTS and requirements not in self.conflicts:
            self.conflicts.append(requirements)

    def _cost(self, formula: Formula) -> int:
        """Returns the minimum number of requirements that the base does not meet."""
        if isinstance(formula, Requirement):
            return 0 if formula.passes(value_at(self._base, formula.path)) else 1
        costs = [self._cost(part) for part in formula.parts]
        return sum(costs) if isinstance(formula, AllOf) else min(costs, default=0)

    def _extend(self, chosen: "_Chosen", pending: list[Formula]) -> Iterator[list[Requirement]]:
        self._left -= 1
        if self._left < 0:
            raise TooManyAlternativesError
        choices = self._settle(chosen, pending)
        if choices is None:
            return
        if not choices:
            yield chosen.all()
            return
        choice = min(choices, key=lambda one: len(one.parts))
        others = [one for one in choices if one is not choice]
        for part in sorted(choice.parts, key=self._cost):
            yield from self._extend(chosen.copy(), [part, *others])

    def _settle(self, chosen: "_Chosen", pending: list[Formula]) -> list[AnyOf] | None:
        """Adds every requirement that has no alternative.

        Returns:
            The disjunctions that are still open, or None when the formula cannot hold.
        """
        choices: list[AnyOf] = []
        while True:
            touched = set()
            while pending:
                formula = pending.pop()
                if isinstance(formula, AllOf):
                    pending.extend(reversed(formula.parts))
                elif isinstance(formula, AnyOf):
                    choices.append(formula)
                elif chosen.contradicts(formula):
                    self.add_conflict((chosen.keys[formula.key], formula))
                    return None
                elif chosen.add(formula):
                    touched.add(formula.path)
            for path in touched:
                if not self._is_possible(chosen, path):
                    return None
            open_choices = []
            for choice in choices:
                left = self._open_parts(chosen, choice)
                if left is None:
                    continue
                if not left:
                    return None
                if len(left) == 1:
                    pending.append(left[0])
                else:
                    open_choices.append(choice if len(left) == len(choice.parts) else AnyOf(tuple(left)))
            choices = open_choices
            if not pending:
                return choices

    def _is_possible(self, chosen: "_Chosen", path: tuple[str, ...]) -> bool:
        requirements = chosen.by_path[path]
        outcome = solve_value(requirements, value_at(self._base, path))
        if isinstance(outcome, Unsatisfiable):
            self.add_conflict(tuple(requirements))
            return False
        return True

    def _open_parts(self, chosen: "_Chosen", choice: AnyOf) -> list[Formula] | None:
        """Returns the parts that may still hold; None when one holds already."""
        if len(self.conflicts) == _MAX_CONFLICTS:
            # Nothing more is recorded. Of two long lists of names, each of the one meets all of the other.
            texts = self._texts_of(choice)
            fixed = None if texts is None else chosen.fixed_text(texts.path)
            if texts is not None and fixed is not None:
                return None if fixed in texts.values else []
        left: list[Formula] = []
        for part in choice.parts:
            verdict = chosen.verdict(part) if isinstance(part, Requirement) else None
            if verdict:
                return None
            if verdict is None:
                left.append(part)
            elif isinstance(part, Requirement):
                self.add_conflict(chosen.conflict_with(part))
        return left

    def _texts_of(self, choice: AnyOf) -> "_Texts | None":
        if id(choice) not in self._texts:
            # With the choice itself, so that its id is not used again.
            self._texts[id(choice)] = choice, _texts_of(choice)
        return self._texts[id(choice)][1]


class _Texts(NamedTuple):
    """A choice between texts at one path.

    Attributes:
        path: The path.
        values: The texts.
    """

    path: tuple[str, ...]
    values: frozenset[str]


def _texts_of(choice: AnyOf) -> _Texts | None:
    """Returns the texts at one path that a choice is about; None if it is about anything else."""
    values, paths = set(), set()
    for part in choice.parts:
        text = _fixed_text(part) if isinstance(part, Requirement) else None
        if text is None or not isinstance(part, Requirement):
            return None
        values.add(text)
        paths.add(part.path)
    return _Texts(paths.pop(), frozenset(values)) if len(paths) == 1 else None


class _Chosen:
    """The requirements that one branch of the search has settled on, by key and by path."""

    def __init__(
        self,
        keys: dict[tuple[tuple[str, ...], str, str], Requirement],
        by_path: dict[tuple[str, ...], list[Requirement]],
    ) -> None:
        self.keys = keys
        self.by_path = by_path
        self._fixed = {
            path: one for path, requirements in by_path.items() for one in requirements if _fixed_text(one) is not None
        }

    def copy(self) -> "_Chosen":
        return _Chosen(dict(self.keys), {path: list(ones) for path, ones in self.by_path.items()})

    def all(self) -> list[Requirement]:
        return list(self.keys.values())

    def add(self, requirement: Requirement) -> bool:
        if requirement.key in self.keys:
            return False
        self.keys[requirement.key] = requirement
        self.by_path.setdefault(requirement.path, []).append(requirement)
        if _fixed_text(requirement) is not None:
            self._fixed[requirement.path] = requirement
        return True

    def contradicts(self, requirement: Requirement) -> bool:
        known = self.keys.get(requirement.key)
        return known is not None and known.wanted is not requirement.wanted

    def verdict(self, requirement: Requirement) -> bool | None:
        """Returns whether the chosen requirements imply this one (True), exclude it (False), or neither (None)."""
        known = self.keys.get(requirement.key)
        if known is not None:
            return known.wanted is requirement.wanted
        fixed = self._fixed.get(requirement.path)
        return requirement.passes(_fixed_text(fixed)) if fixed is not None else None

    def fixed_text(self, path: tuple[str, ...]) -> str | None:
        """Returns the only text that the chosen requirements allow at a path; None if they allow more."""
        fixed = self._fixed.get(path)
        return None if fixed is None else _fixed_text(fixed)

    def conflict_with(self, requirement: Requirement) -> tuple[Requirement, ...]:
        """Returns the chosen requirement that excludes this one, and this one."""
        known = self.keys.get(requirement.key) or self._fixed[requirement.path]
        return known, requirement


def value_at(event: Any, path: tuple[str, ...]) -> Any:
    """Returns the value that a condition with this path reads."""
    value = event
    for key in path:
        if not truthy(value):
            break
        value = get_property(value, key)
    return value


def _fixed_text(requirement: Requirement) -> str | None:
    """Returns the only string that meets the requirement; None when others do, too."""
    if requirement.operator == ("=" if requirement.wanted else "!="):
        return requirement.key[2]
    return None
