"""The ways in which a formula can hold, each a list of requirements."""

from collections.abc import Iterator
from typing import Any

from destination.fql.satisfy.formula import AllOf, AnyOf, Formula
from destination.fql.satisfy.outcome import Barred
from destination.fql.satisfy.place import solve_value
from destination.fql.satisfy.requirement import Requirement
from destination.values import get_property, truthy

_REASONS = 3


class TooManyWaysError(Exception):
    """The search was given up."""


class Search:
    """One search.

    Attributes:
        barred: The first few sets of requirements that exclude each other.
    """

    def __init__(self, base: dict[str, Any], *, limit: int) -> None:
        self._base = base
        self._left = limit
        self.barred: list[tuple[Requirement, ...]] = []

    def ways(self, formula: Formula) -> Iterator[list[Requirement]]:
        """The lists of requirements of which one must be fulfilled; those close to the base come early.

        Lists in which requirements on one and the same path exclude each other are left out.

        Raises:
            TooManyWaysError: The limit was reached.
        """
        yield from self._extend(_Chosen({}, {}), [formula])

    def bar(self, requirements: tuple[Requirement, ...]) -> None:
        """Notes a proof."""
        if len(self.barred) < _REASONS and requirements not in self.barred:
            self.barred.append(requirements)

    def cost(self, formula: Formula) -> int:
        """How many requirements the base breaks, at least."""
        if isinstance(formula, Requirement):
            return 0 if formula.passes(value_at(self._base, formula.path)) else 1
        costs = [self.cost(part) for part in formula.parts]
        return sum(costs) if isinstance(formula, AllOf) else min(costs, default=0)

    def _extend(self, chosen: "_Chosen", pending: list[Formula]) -> Iterator[list[Requirement]]:
        self._left -= 1
        if self._left < 0:
            raise TooManyWaysError
        choices = self._settle(chosen, pending)
        if choices is None:
            return
        if not choices:
            yield chosen.all()
            return
        choice = min(choices, key=lambda one: len(one.parts))
        others = [one for one in choices if one is not choice]
        for part in sorted(choice.parts, key=self.cost):
            yield from self._extend(chosen.copy(), [part, *others])

    def _settle(self, chosen: "_Chosen", pending: list[Formula]) -> list[AnyOf] | None:
        """Chooses all that has no alternative; what is left to choose, or None when it cannot hold."""
        choices: list[AnyOf] = []
        while True:
            touched = set()
            while pending:
                formula = pending.pop()
                if isinstance(formula, AllOf):
                    pending.extend(reversed(formula.parts))
                elif isinstance(formula, AnyOf):
                    choices.append(formula)
                elif chosen.opposes(formula):
                    self.bar((chosen.keys[formula.key], formula))
                    return None
                elif chosen.add(formula):
                    touched.add(formula.path)
            for path in touched:
                if not self._possible(chosen, path):
                    return None
            open_choices = []
            for choice in choices:
                left = self._left_of(chosen, choice)
                if left is None:
                    continue
                if not left:
                    return None
                if len(left) == 1:
                    pending.append(left[0])
                else:
                    open_choices.append(AnyOf(tuple(left)))
            choices = open_choices
            if not pending:
                return choices

    def _possible(self, chosen: "_Chosen", path: tuple[str, ...]) -> bool:
        requirements = chosen.by_path[path]
        outcome = solve_value(requirements, value_at(self._base, path))
        if isinstance(outcome, Barred):
            self.bar(tuple(requirements))
            return False
        return True

    def _left_of(self, chosen: "_Chosen", choice: AnyOf) -> list[Formula] | None:
        """The parts that may still hold; None when one holds already."""
        left: list[Formula] = []
        for part in choice.parts:
            verdict = chosen.verdict(part) if isinstance(part, Requirement) else None
            if verdict:
                return None
            if verdict is None:
                left.append(part)
            elif isinstance(part, Requirement):
                self.bar(chosen.against(part))
        return left


class _Chosen:
    """Requirements, by key and by path."""

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

    def opposes(self, requirement: Requirement) -> bool:
        known = self.keys.get(requirement.key)
        return known is not None and known.wanted is not requirement.wanted

    def verdict(self, requirement: Requirement) -> bool | None:
        """Whether what is chosen settles the requirement."""
        known = self.keys.get(requirement.key)
        if known is not None:
            return known.wanted is requirement.wanted
        fixed = self._fixed.get(requirement.path)
        return requirement.passes(_fixed_text(fixed)) if fixed is not None else None

    def against(self, requirement: Requirement) -> tuple[Requirement, ...]:
        """What settles it, and it."""
        known = self.keys.get(requirement.key) or self._fixed[requirement.path]
        return known, requirement


def value_at(event: Any, path: tuple[str, ...]) -> Any:
    """What a condition with that path gets."""
    value = event
    for key in path:
        if not truthy(value):
            break
        value = get_property(value, key)
    return value


def _fixed_text(requirement: Requirement) -> str | None:
    """The one text that a requirement leaves."""
    if requirement.operator == ("=" if requirement.wanted else "!="):
        return requirement.key[2]
    return None
