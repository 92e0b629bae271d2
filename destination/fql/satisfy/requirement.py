"""One condition that must hold in an event, or must not."""

from dataclasses import dataclass, replace
from typing import Any, Final

from destination.errors import DestinationError
from destination.fql.generate import generate_fql
from destination.fql.nodes import members
from destination.fql.steps import PATH_ROOTS, Step
from destination.values import get_property, to_string

NUMERIC: Final = frozenset({"number_equals", "number_not_equals", "<", "<=", ">", ">="})
TEXTUAL: Final = frozenset(
    {"=", "!=", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"}
)
OPERATORS: Final = (*sorted(NUMERIC | TEXTUAL), "exists", "not_exists", "is_true", "is_false")


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """What one step must say.

    Attributes:
        node: The condition, an AST node or Segment's JSON.
        step: Its step.
        operator: Its operator; `""` for one that is no text.
        expected: What it compares with.
        wanted: Whether the step must be true, or false.
        key: The same for two requirements whose steps always agree.
    """

    node: Any
    step: Step
    operator: str
    expected: Any
    wanted: bool
    key: tuple[tuple[str, ...], str, str]

    @property
    def path(self) -> tuple[str, ...]:
        """Where in the event."""
        return self.step.path

    def passes(self, value: Any) -> bool:
        """Whether a value at the place fulfils it."""
        return self.step.test(value) is self.wanted

    def denied(self) -> "Requirement":
        """The opposite."""
        return replace(self, wanted=not self.wanted)


def make_requirement(node: Any, step: Step) -> Requirement | bool:
    """The requirement that a step is true; a bool where the event has no say."""
    if step.always is not None:
        return step.always
    view = members(node)
    if len(step.path) == 1 and get_property(view, "type") in PATH_ROOTS:
        return step.run({})  # a path without a name leads nowhere
    operator, expected = get_property(view, "operator"), get_property(view, "value")
    name = operator if isinstance(operator, str) else ""
    return Requirement(node, step, name, expected, True, (step.path, name, to_string(expected)))


def condition_text(node: Any) -> str:
    """A condition as FQL, for sentences.

    Example:
        >>> from destination.fql import Condition
        >>> condition_text(Condition("event-property", ">", 5, "price"))
        'properties.price > 5'
    """
    view = members(node)
    operator = get_property(view, "operator")
    if operator not in OPERATORS:
        return f"a condition with the operator {to_string(operator)!r}"
    try:
        return generate_fql({"type": "group", "operator": "and", "children": [node]})
    except DestinationError:
        return f"a condition on {to_string(get_property(view, 'type'))}"


def sentence(requirements: list[Requirement]) -> str:
    """That no event fulfils them, as half a sentence."""
    passed = _listed([condition_text(one.node) for one in requirements if one.wanted])
    failed = _listed([condition_text(one.node) for one in requirements if not one.wanted])
    if passed and failed:
        return f"no event passes {passed} and fails {failed}"
    return f"no event passes {passed}" if passed else f"no event fails {failed}"


def _listed(texts: list[str]) -> str:
    return " and ".join((", ".join(texts[:-1]), texts[-1])) if len(texts) > 1 else "".join(texts)
