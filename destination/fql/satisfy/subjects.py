"""What the analysis takes as a trigger, and when it is too much for it."""

from dataclasses import dataclass
from typing import Any, Final

from destination.errors import EngineTypeError
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition
from destination.fql.parser import parse_fql
from destination.fql.program import Program, has_error, make_program, predicate_of
from destination.fql.steps import Predicate
from destination.fql.trigger import Trigger

MAX_CONDITIONS: Final = 2_000
MAX_DEPTH: Final = 40
MAX_PATH: Final = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """A trigger, ready to be looked into.

    Attributes:
        program: It laid out; None when it cannot be parsed and so matches nothing.
        predicate: What it says of an event.
        error: Why it cannot be parsed.
    """

    program: Program | None
    predicate: Predicate
    error: str = ""

    def says(self, event: Any) -> bool | None:
        """Its verdict; None where the reference dies."""
        try:
            return bool(self.predicate(event))
        except EngineTypeError:
            return None


def subject_of(trigger: Any) -> Subject:
    """Makes one of FQL text, a `Trigger`, an AST node or Segment's JSON of one.

    Raises:
        EngineTypeError: It is null.
    """
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


def too_much(subjects: list[Subject]) -> str:
    """Why the analysis does not begin; empty when it does."""
    programs = [subject.program for subject in subjects if subject.program is not None]
    if sum(len(program.steps) for program in programs) > MAX_CONDITIONS:
        return f"more than {MAX_CONDITIONS} conditions"
    if any(len(step.path) > MAX_PATH for program in programs for step in program.steps):
        return f"a path of more than {MAX_PATH} keys"
    for program in programs:
        depths = {id(program.branches[0]): 0}
        for branch in program.branches:  # parents stand before their children
            depths.update((id(child), depths[id(branch)] + 1) for child in branch.children)
        if max(depths.values()) > MAX_DEPTH:
            return f"groups that nest more than {MAX_DEPTH} deep"
    return ""


def _no_match(_event: Any) -> bool:
    return False
