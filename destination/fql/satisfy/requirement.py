"""One condition that must hold in an event or must fail, and the outcome of a search for a value."""

from dataclasses import replace
from typing import Any, Final, TypeAlias

from destination.errors import DestinationError
from destination.fql.generate import generate_fql
from destination.fql.nodes import members
from destination.fql.steps import PATH_ROOTS, Step
from destination.records import dataclass
from destination.values import get_property, to_string

NUMERIC: Final = frozenset({"number_equals", "number_not_equals", "<", "<=", ">", ">="})
TEXTUAL: Final = frozenset(
    {"=", "!=", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"}
)
_OPERATORS: Final = (*sorted(NUMERIC | TEXTUAL), "exists", "not_exists", "is_true", "is_false")


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """A compiled condition, and the verdict that it must have.

    Attributes:
        condition: The condition, an AST node or Segment's JSON.
        step: The compiled condition.
        operator: The condition's operator; `""` when it is not a string.
        expected: The value that the condition compares with.
        wanted: True when the condition must hold, false when it must fail.
        key: Equal for two requirements whose conditions have the same verdict for every event.
    """

    condition: Any
    step: Step
    operator: str
    expected: Any
    wanted: bool
    key: tuple[tuple[str, ...], str, str]

    @property
    def path(self) -> tuple[str, ...]:
        """Returns the path that the condition reads, from the event's root."""
        return self.step.path

    def passes(self, value: Any) -> bool:
        """Returns whether a value at the path meets the requirement."""
        return self.step.test(value) is self.wanted

    def negated(self) -> "Requirement":
        """Returns the requirement with the opposite verdict."""
        return replace(self, wanted=not self.wanted)


def make_requirement(condition: Any, step: Step) -> Requirement | bool:
    """Returns the requirement that a condition holds, or its verdict where that is the same for every event."""
    if step.always is not None:
        return step.always
    view = members(condition)
    if len(step.path) == 1 and get_property(view, "type") in PATH_ROOTS:
        return step.run({})  # a condition without a name reads a missing value
    operator, expected = get_property(view, "operator"), get_property(view, "value")
    name = operator if isinstance(operator, str) else ""
    return Requirement(condition, step, name, expected, True, (step.path, name, to_string(expected)))


def condition_text(condition: Any) -> str:
    """Writes a condition as FQL, for messages.

    Example:
        >>> from destination.fql import Condition
        >>> condition_text(Condition("event-property", ">", 5, "price"))
        'properties.price > 5'
    """
    view = members(condition)
    operator = get_property(view, "operator")
    if operator not in _OPERATORS:
        return f"a condition with the operator {to_string(operator)!r}"
    try:
        return generate_fql({"type": "group", "operator": "and", "children": [condition]})
    except DestinationError:
        return f"a condition on {to_string(get_property(view, 'type'))}"


def conflict_text(requirements: list[Requirement]) -> str:
    """Writes that no event meets the requirements, as a clause without a full stop."""
    passed = _listed([condition_text(one.condition) for one in requirements if one.wanted])
    failed = _listed([condition_text(one.condition) for one in requirements if not one.wanted])
    if passed and failed:
        return f"no event passes {passed} and fails {failed}"
    return f"no event passes {passed}" if passed else f"no event fails {failed}"


def _listed(texts: list[str]) -> str:
    return " and ".join((", ".join(texts[:-1]), texts[-1])) if len(texts) > 1 else "".join(texts)


# --- outcomes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Solution:
    """A value that meets the requirements.

    Attributes:
        value: The value; `MISSING` when the key must be absent.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """A proof that no value meets the requirements.

    Attributes:
        requirements: Requirements that exclude each other; some of them may not be needed for the proof.
    """

    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither a value nor a proof was found.

    Attributes:
        reason: A clause that says why, such as `a list that is very long`.
    """

    reason: str


Outcome: TypeAlias = Solution | Unsatisfiable | Unknown
