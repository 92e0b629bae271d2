"""Which events a subscription can match at all: the bounds that an index of triggers needs."""

from dataclasses import dataclass
from typing import Final

from destination.fql.program import Program
from destination.fql.steps import Step


@dataclass(frozen=True, slots=True)
class Reach:
    """A set of events that are objects, bounded by two of their members.

    Attributes:
        types: The values of `type` that occur in it; None when any may.
        names: The values of `event` that occur in it; None when any may.
    """

    types: frozenset[str] | None
    names: frozenset[str] | None

    def and_(self, other: "Reach") -> "Reach":
        """The events that are in both."""
        types, names = _intersection(self.types, other.types), _intersection(self.names, other.names)
        return NOWHERE if types == frozenset() or names == frozenset() else Reach(types, names)

    def or_(self, other: "Reach") -> "Reach":
        """Bounds of the events that are in one or the other."""
        if NOWHERE in (self, other):
            return other if self == NOWHERE else self
        return Reach(_union(self.types, other.types), _union(self.names, other.names))


EVERYWHERE: Final = Reach(None, None)
NOWHERE: Final = Reach(frozenset(), frozenset())


def reach_of(program: Program) -> Reach:
    """The bounds outside which a program neither is true nor raises.

    Raising counts, so that who skips a trigger by its bounds skips no error of it either.
    """
    # For each branch: where it may be true, and where it may raise.
    found: dict[int, tuple[Reach, Reach]] = {}
    for branch in reversed(program.branches):
        if branch.step is not None:
            found[id(branch)] = _step_reach(branch.step)
            continue
        true, raises = (EVERYWHERE if branch.all else NOWHERE), NOWHERE
        for child in branch.children:
            child_true, child_raises = found.pop(id(child))
            if branch.all:  # a child is reached only where all before it are true
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
        return NOWHERE, EVERYWHERE
    if step.always is False:
        return NOWHERE, NOWHERE
    if step.equals is not None and step.path in (("type",), ("event",)):
        only = frozenset({step.equals})
        return (Reach(only, None) if step.path == ("type",) else Reach(None, only)), NOWHERE
    return EVERYWHERE, NOWHERE


def _intersection(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _union(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    return None if left is None or right is None else left | right
